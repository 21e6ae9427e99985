/**
 * What runs where and speaks to whom: reports in Weave Scope's format, merged, and rendered as
 * topologies.
 *
 * @module
 */
export type { KernelColumns, KernelSizes, Lift, TopologyKernel } from "./kernel/contract.ts";
export { createKernel as createTopologyKernel, provideKernel } from "./kernel/wasm.ts";
export {
  type Control,
  type DnsNames,
  type Instant,
  type LatestEntry,
  type MetadataTemplate,
  type Metric,
  type MetricTemplate,
  type PluginSpec,
  type Report,
  type ReportNode,
  type Sample,
  type TableColumn,
  type TableTemplate,
  TOPOLOGY_KEYS,
  type Topology,
  type TopologyKey,
} from "./report/report.ts";
export { type SyntheticDatacenter, syntheticDatacenter } from "./synthetic/datacenter.ts";
export type { SyntheticOptions, SyntheticPlan } from "./synthetic/options.ts";
export type {
  ChildGroup,
  Column,
  ConnectionGroup,
  ConnectionRow,
  ControlInstance,
  DetailedNode,
  MetadataRow,
  MetricRow,
  NodeSummary,
  NodeTable,
  ParentLink,
  TopologyDescriptor,
  TopologyOption,
  TopologyStats,
} from "./view/summary.ts";
