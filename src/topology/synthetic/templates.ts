/** How the nodes of a synthetic report are shown: what Scope's own probe sends. */
import type { MetadataTemplate, MetricTemplate, Topology } from "../report/report.ts";

type Head = Omit<Topology, "nodes">;

function byId<T extends { readonly id: string }>(
  ...templates: readonly T[]
): ReadonlyMap<string, T> {
  return new Map(templates.map((each) => [each.id, each]));
}

const row = (
  id: string,
  label: string,
  priority: number,
  more: Partial<MetadataTemplate> = {},
): MetadataTemplate => ({ id, label, priority, from: "latest", ...more });

const metric = (id: string, label: string, format: string, priority: number): MetricTemplate => ({
  id,
  label,
  format,
  priority,
});

/** Of hosts. */
export const HOST_HEAD: Head = {
  shape: "circle",
  label: "host",
  labelPlural: "hosts",
  metadataTemplates: byId(
    row("kernel_version", "Kernel version", 1),
    row("uptime", "Uptime", 2, { dataType: "duration" }),
    row("host_name", "Hostname", 11),
    row("os", "OS", 12),
    row("local_networks", "Local networks", 13, { from: "sets" }),
    row("host_scope_version", "Scope version", 14),
  ),
  metricTemplates: byId(
    metric("host_cpu_usage_percent", "CPU", "percent", 1),
    metric("host_mem_usage_bytes", "Memory", "filesize", 2),
    { id: "load1", label: "Load (1m)", group: "load", priority: 11 },
  ),
};

/** Of processes. */
export const PROCESS_HEAD: Head = {
  shape: "square",
  label: "process",
  labelPlural: "processes",
  metadataTemplates: byId(
    row("pid", "PID", 1, { dataType: "number" }),
    row("cmdline", "Command", 2),
    row("ppid", "Parent PID", 3, { dataType: "number" }),
    row("threads", "# Threads", 4, { dataType: "number" }),
  ),
  metricTemplates: byId(
    metric("process_cpu_usage_percent", "CPU", "percent", 1),
    metric("process_memory_usage_bytes", "Memory", "filesize", 2),
    metric("open_files_count", "Open files", "integer", 3),
  ),
};

/** Of containers. */
export const CONTAINER_HEAD: Head = {
  shape: "hexagon",
  label: "container",
  labelPlural: "containers",
  metadataTemplates: byId(
    row("docker_image_tag", "Image tag", 1),
    row("docker_image_name", "Image name", 2),
    row("docker_container_command", "Command", 3),
    row("docker_container_state_human", "State", 4),
    row("docker_container_uptime", "Uptime", 5, { dataType: "duration" }),
    row("docker_container_restart_count", "Restart #", 6),
    row("docker_container_networks", "Networks", 7, { from: "sets" }),
    row("docker_container_ips", "IPs", 8, { from: "sets" }),
    row("docker_container_ports", "Ports", 9, { from: "sets" }),
    row("docker_container_created", "Created", 10, { dataType: "datetime" }),
    row("docker_container_id", "ID", 11, { truncate: 12 }),
  ),
  metricTemplates: byId(
    metric("docker_cpu_total_usage", "CPU", "percent", 1),
    metric("docker_memory_usage", "Memory", "filesize", 2),
  ),
  tableTemplates: byId({
    id: "docker_label_",
    label: "Docker labels",
    prefix: "docker_label_",
    type: "property-list",
    columns: [],
    fixedRows: new Map<string, string>(),
  }),
};

/** Of images. */
export const IMAGE_HEAD: Head = {
  shape: "hexagon",
  label: "image",
  labelPlural: "images",
  metadataTemplates: byId(
    row("container", "# Containers", 2, { dataType: "number", from: "counters" }),
  ),
};

const KUBERNETES_ROWS = byId(
  row("kubernetes_state", "State", 2),
  row("kubernetes_ip", "IP", 3, { dataType: "ip" }),
  row("kubernetes_namespace", "Namespace", 5),
  row("kubernetes_created", "Created", 6, { dataType: "datetime" }),
);

/** Of pods, services and deployments. */
export const KUBERNETES_HEADS = {
  Pod: {
    shape: "heptagon",
    label: "pod",
    labelPlural: "pods",
    metadataTemplates: KUBERNETES_ROWS,
  },
  Service: { shape: "heptagon", label: "service", labelPlural: "services" },
  Deployment: { shape: "heptagon", label: "deployment", labelPlural: "deployments" },
} as const satisfies Record<string, Head>;
