/**
 * What runs where and speaks to whom: reports in Weave Scope's format, merged, and rendered as
 * topologies.
 *
 * @module
 */
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
