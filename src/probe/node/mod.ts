/**
 * The reporters that read this machine, and the probe that publishes what they see.
 *
 * @example
 * ```ts
 * import { ProcFiles, ProcessTable, processReporter } from "fairlead/probe/node";
 *
 * const files = new ProcFiles();
 * const table = new ProcessTable(files);
 * const reporter = processReporter({ hostId: "here", files, table });
 * const { signal } = new AbortController();
 * const report = await reporter.report({ tick: 1, nowMs: Date.now(), signal });
 * console.assert(report.topologies.Process !== undefined);
 * files.close();
 * ```
 *
 * @module
 */

export { AgentReporter, type AgentReporterOptions } from "./agents/agents.ts";
export { CgroupUsage, type CgroupUsageOptions } from "./cgroups/usage.ts";
export { reportCodec } from "./codec.ts";
export {
  ContainerReporter,
  type ContainerReporterOptions,
  type UsageFallback,
} from "./containers/reporter.ts";
export type { ContainerRuntime } from "./containers/runtime.ts";
export { type NameReporterOptions, nameReporter } from "./dns/reporter.ts";
export { containerEngine } from "./docker/open.ts";
export type { Engine, EngineAsk } from "./docker/port.ts";
export { DockerRuntime, type DockerRuntimeOptions } from "./docker/runtime.ts";
export { EngineUsage, type EngineUsageOptions } from "./docker/usage.ts";
export { type KubeServer, kubeApi } from "./kubernetes/api.ts";
export { KubernetesReporter, type KubernetesReporterOptions } from "./kubernetes/reporter.ts";
export { OciRuntime, type OciRuntimeOptions } from "./oci/runtime.ts";
export { PluginReporter, type PluginReporterOptions } from "./plugins/plugins.ts";
export { ProcFiles } from "./proc/files.ts";
export { type KnownProcess, ProcessTable, type ProcessTableOptions } from "./proc/process_table.ts";
export {
  type CollectorTls,
  HttpCollector,
  type HttpCollectorOptions,
  type PublisherIdentity,
} from "./publisher/http_collector.ts";
export { readCollectorUrl, resolveCollectors } from "./publisher/resolve.ts";
export { type EndpointReporterOptions, endpointReporter } from "./reporters/endpoints.ts";
export { type HostReporterOptions, hostReporter } from "./reporters/host.ts";
export { type ProcessReporterOptions, processReporter } from "./reporters/processes.ts";
export { type RunningProbe, type StartProbeOptions, startProbe } from "./start.ts";
