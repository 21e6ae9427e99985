/** How the nodes of each topology are shown: labels, shapes, rows and metrics, as Scope has them. */
import type { MetadataTemplate, MetricTemplate, Topology } from "../../topology/mod.ts";

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
