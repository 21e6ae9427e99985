/**
 * What one host sees of itself: its processes, connections and containers, as reports in Weave
 * Scope's format, and when they are published to whom. Nothing here reads a file or opens a socket:
 * `fairlead/probe/node` does, and hands over what it found.
 *
 * @example
 * ```ts
 * import { makeNode, makeReport, makeTopology, measured, instantOf } from "fairlead/probe";
 *
 * const queue = makeNode("jobs;<queue>", "process", {
 *   metrics: new Map([["depth", measured(instantOf(1_000), 7)]]),
 * });
 * const report = makeReport({ Process: makeTopology([queue]) });
 * console.assert(report.topologies.Process?.nodes.size === 1);
 * ```
 *
 * @module
 */
export { type Connection, isLocalServer, pairKey } from "./connections/connection.ts";
export { type Folded, foldConnections } from "./connections/folding.ts";
export { EndpointScopes, type ScopeOptions } from "./connections/scopes.ts";
export { ConnectionTracker, type NamespaceScan } from "./connections/tracker.ts";
export type {
  ControlAnswer,
  ControlCall,
  ControlContext,
  ControlHandler,
  PipeEnd,
} from "./controls/call.ts";
export {
  type ControlAudit,
  type ControlEntry,
  ControlRegistry,
  type ControlRegistryOptions,
} from "./controls/registry.ts";
export { AddressNames, type AddressNamesOptions } from "./dns/names.ts";
export type { KubeKind, KubeObject } from "./kubernetes/objects.ts";
export { type KubeApi, KubeWatch, type KubeWatchOptions } from "./kubernetes/watch.ts";
export {
  type ControlCounts,
  OPEN_METRICS,
  openMetrics,
  type ProbeState,
  type ProcessUse,
} from "./metrics.ts";
export {
  Probe,
  type ProbeCounts,
  type ProbeOptions,
  type ProbeTrouble,
} from "./probe.ts";
export { containerIdOf } from "./proc/cgroup_path.ts";
export { type Direction, type Flow, parseConntrack } from "./proc/conntrack.ts";
export { type ProcessStat, parseProcessStat } from "./proc/process_stat.ts";
export type { ProcessLimits } from "./proc/process_texts.ts";
export {
  parseSocketTable,
  readPair,
  type SocketAddress,
  type SocketPair,
  type SocketRow,
  type SocketTable,
} from "./proc/socket_table.ts";
export { DeltaCycle, type Publication, type ReportCodec } from "./publisher/cycle.ts";
export { Publisher, type PublisherOptions } from "./publisher/publisher.ts";
export {
  type Claims,
  type Collector,
  Target,
  type TargetCounts,
  type TargetOptions,
} from "./publisher/target.ts";
export {
  instantOf,
  latestAt,
  makeNode,
  makeReport,
  makeTopology,
  measured,
  type NodeParts,
  type ReportHead,
  sortedSet,
} from "./report/build.ts";
export type { Reporter, SpyContext, Tagger } from "./reporter.ts";
export {
  type ContainerFacts,
  type ContainerReportOptions,
  type ContainerState,
  type ContainerUse,
  containerReport,
  type ImageFacts,
} from "./reporters/containers.ts";
export { EndpointReport, type EndpointScan } from "./reporters/endpoints.ts";
export { type HostFacts, type HostIdentity, HostReport } from "./reporters/host.ts";
export { kubernetesReport, podTagger } from "./reporters/kubernetes.ts";
export {
  type ProcessFacts,
  ProcessReport,
  type ProcessReportOptions,
  type ProcessScan,
} from "./reporters/processes.ts";
export { type TaskFacts, taskReport, taskRoot, taskTagger } from "./reporters/tasks.ts";
export type { ReporterCounts } from "./spy.ts";
export { type ContainerRoot, containerTagger } from "./taggers/container.ts";
export { hostTagger } from "./taggers/host.ts";
