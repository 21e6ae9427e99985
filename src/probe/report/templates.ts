/** How the nodes of each topology are shown: labels, shapes, rows and metrics, as Scope has them. */
import type {
  MetadataTemplate,
  MetricTemplate,
  TableTemplate,
  Topology,
} from "../../topology/mod.ts";

type About = Omit<Topology, "nodes">;
type Row = Omit<MetadataTemplate, "id" | "priority">;
type Gauge = Omit<MetricTemplate, "id">;

/** Rows in the order of their priority; they come out of `latest` unless they say otherwise. */
export function rows(byId: Readonly<Record<string, Row>>): ReadonlyMap<string, MetadataTemplate> {
  return new Map(
    Object.entries(byId).map(([id, row], index) => [
      id,
      { id, from: "latest", ...row, priority: index + 1 },
    ]),
  );
}

/** Metrics in the order of their priority. */
export function gauges(byId: Readonly<Record<string, Gauge>>): ReadonlyMap<string, MetricTemplate> {
  return new Map(
    Object.entries(byId).map(([id, gauge], index) => [id, { id, priority: index + 1, ...gauge }]),
  );
}

/** Where a host's node says which of its reporters fail. */
export const FAILING_REPORTERS = "probe_failing_reporters";

/** Of hosts. */
export const HOST: About = {
  shape: "circle",
  label: "host",
  labelPlural: "hosts",
  metadataTemplates: rows({
    kernel_version: { label: "Kernel version" },
    uptime: { label: "Uptime", dataType: "duration" },
    host_name: { label: "Hostname" },
    os: { label: "OS" },
    local_networks: { label: "Local networks", from: "sets" },
    host_scope_version: { label: "Scope version" },
    [FAILING_REPORTERS]: { label: "Failing reporters" },
  }),
  metricTemplates: gauges({
    host_cpu_usage_percent: { label: "CPU", format: "percent" },
    host_mem_usage_bytes: { label: "Memory", format: "filesize" },
    load1: { label: "Load (1m)", group: "load", priority: 11 },
  }),
};

/** Of processes. */
export const PROCESS: About = {
  shape: "square",
  label: "process",
  labelPlural: "processes",
  metadataTemplates: rows({
    pid: { label: "PID", dataType: "number" },
    cmdline: { label: "Command" },
    ppid: { label: "Parent PID", dataType: "number" },
    threads: { label: "# Threads", dataType: "number" },
  }),
  metricTemplates: gauges({
    process_cpu_usage_percent: { label: "CPU", format: "percent" },
    process_memory_usage_bytes: { label: "Memory", format: "filesize" },
    open_files_count: { label: "Open files", format: "integer" },
  }),
};

/** Prefixes of tables: a row for each key that begins so. */
export const LABEL_PREFIX = "docker_label_";
/** Variables of a container's environment; only where they may be told. */
export const ENV_PREFIX = "docker_env_";
/** Labels of an image. */
export const IMAGE_LABEL_PREFIX = "docker_image_label_";

/** A table of keys and values. */
function properties(prefix: string, label: string): TableTemplate {
  return { id: prefix, label, prefix, type: "property-list", columns: [], fixedRows: new Map() };
}

function tables(...all: readonly TableTemplate[]): ReadonlyMap<string, TableTemplate> {
  return new Map(all.map((table) => [table.id, table]));
}

/** Of containers. */
export const CONTAINER: About = {
  shape: "hexagon",
  label: "container",
  labelPlural: "containers",
  metadataTemplates: rows({
    docker_image_tag: { label: "Image tag" },
    docker_image_name: { label: "Image name" },
    docker_container_command: { label: "Command" },
    docker_container_state_human: { label: "State" },
    docker_container_uptime: { label: "Uptime", dataType: "duration" },
    docker_container_restart_count: { label: "Restart #" },
    docker_container_networks: { label: "Networks", from: "sets" },
    docker_container_ips: { label: "IPs", from: "sets" },
    docker_container_ports: { label: "Ports", from: "sets" },
    docker_container_created: { label: "Created", dataType: "datetime" },
    docker_container_id: { label: "ID", truncate: 12 },
  }),
  metricTemplates: gauges({
    docker_cpu_total_usage: { label: "CPU", format: "percent" },
    docker_memory_usage: { label: "Memory", format: "filesize" },
  }),
  tableTemplates: tables(
    properties(LABEL_PREFIX, "Docker labels"),
    properties(ENV_PREFIX, "Environment variables"),
  ),
};

/** Of images. */
export const IMAGE: About = {
  shape: "hexagon",
  label: "image",
  labelPlural: "images",
  metadataTemplates: rows({
    docker_image_id: { label: "Image ID", truncate: 12 },
    container: { label: "# Containers", dataType: "number", from: "counters" },
  }),
  tableTemplates: tables(properties(IMAGE_LABEL_PREFIX, "Docker labels")),
};

/** Of all that Kubernetes has; each shows the rows for which it has values. */
export const KUBERNETES: About = {
  metadataTemplates: rows({
    kubernetes_type: { label: "Type" },
    kubernetes_state: { label: "State" },
    kubernetes_ip: { label: "IP", dataType: "ip" },
    kubernetes_public_ip: { label: "Public IP", dataType: "ip" },
    kubernetes_ports: { label: "Ports" },
    kubernetes_namespace: { label: "Namespace" },
    kubernetes_created: { label: "Created", dataType: "datetime" },
    kubernetes_restart_count: { label: "Restart #", dataType: "number" },
    kubernetes_observed_generation: { label: "Observed gen.", dataType: "number" },
    kubernetes_desired_replicas: { label: "Desired replicas", dataType: "number" },
    kubernetes_replicas: { label: "Current replicas", dataType: "number" },
    kubernetes_misscheduled_replicas: { label: "Misscheduled replicas", dataType: "number" },
    kubernetes_strategy: { label: "Strategy" },
    kubernetes_schedule: { label: "Schedule" },
    kubernetes_last_scheduled: { label: "Last scheduled", dataType: "datetime" },
    kubernetes_suspended: { label: "Suspended" },
    kubernetes_active_jobs: { label: "# Jobs", dataType: "number" },
  }),
  tableTemplates: tables(properties("kubernetes_labels_", "Kubernetes labels")),
};
