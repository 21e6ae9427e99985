/**
 * What runs where and speaks to whom: reports in Weave Scope's format, merged, and rendered as
 * topologies.
 *
 * @module
 */

export type { ApiRules, CollectorIdentity, Inflate } from "./api/context.ts";
export { CollectorMetrics } from "./api/metrics.ts";
export { type Collector, type CollectorOptions, createCollector } from "./collector/collector.ts";
export { ColumnStore } from "./collector/column_store.ts";
export { PlainStore } from "./collector/plain_store.ts";
export type {
  HeldReport,
  ReportHistory,
  ReportRelay,
  ReportStore,
  ReportUpload,
  UploadOutcome,
} from "./collector/report_store.ts";
export { ReportWindow, type WindowOptions } from "./collector/window.ts";
export {
  type Ingested,
  TopologyColumns,
  type TopologyColumnsOptions,
} from "./columns/columns.ts";
export {
  COLUMNAR_VIEWS,
  type ColumnarView,
  type ColumnarViewId,
  summariesOf,
} from "./columns/view.ts";
export type { Audit, AuditLine } from "./control/audit.ts";
export type { KernelColumns, KernelSizes, Lift, TopologyKernel } from "./kernel/contract.ts";
export { createKernel as createTopologyKernel, provideKernel } from "./kernel/wasm.ts";
export {
  emptyReport,
  makeMetric,
  makeNode,
  makeReport,
  makeTopology,
  type NodeParts,
  type ReportHead,
  TOPOLOGY_TERMS,
} from "./report/build.ts";
export {
  type DecodeBodyOptions,
  type DecodeOptions,
  decodeInflatedReport,
  decodeReport,
  type EncodeOptions,
  encodeReport,
  gzip,
  REPORT_CONTENT_TYPES,
} from "./report/codec.ts";
export { deltaOf, withoutOrphans } from "./report/delta.ts";
export {
  formatInstant,
  instantOf,
  instantOfMs,
  msOfInstant,
  parseInstant,
  ZERO_INSTANT,
} from "./report/instant.ts";
export { CONTROL_KEYS, KEYS, METRIC_KEYS } from "./report/keys.ts";
export { mergeReports } from "./report/merge.ts";
export { mergeMetrics, mergeNodes } from "./report/merge_node.ts";
export { mergeTopologies } from "./report/merge_topology.ts";
export { murmur3 } from "./report/murmur3.ts";
export {
  ecsServiceNodeId,
  endpointNodeId,
  nameInNodeId,
  nodeIdOf,
  partsOfEndpointId,
  processNodeId,
  TOPOLOGY_NAMES,
  topologyKeyOf,
} from "./report/names.ts";
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
export type { ReportLimits } from "./report/source.ts";
export { upgradeReport } from "./report/upgrade.ts";
export { Shards } from "./shards/shards.ts";
export { type ScopeDelta, scopeDelta } from "./stream/deltas.ts";
export { StreamEncoder } from "./stream/encoder.ts";
export type {
  ColumnPart,
  FieldsPart,
  Floats,
  ParentsPart,
  SizedUints,
  StreamField,
  StreamFrame,
  StringsPart,
  TablesPart,
  Uints,
} from "./stream/frame.ts";
export { type SyntheticDatacenter, syntheticDatacenter } from "./synthetic/datacenter.ts";
export type { SyntheticOptions, SyntheticPlan } from "./synthetic/options.ts";
export { type Censoring, censorReport } from "./view/censor.ts";
export type { OptionValues } from "./view/registry.ts";
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
export {
  listProbes,
  type ProbeDescriptor,
  ReportViews,
  renderDetails,
  renderTopologies,
  renderTopology,
  VIEW_IDS,
  type ViewQuery,
  viewQueryOf,
} from "./view/topologies.ts";
