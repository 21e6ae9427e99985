/**
 * A report in plain form: what one probe saw, or what several reports say together. Names are those
 * of Scope's format; empty parts are absent. This is what reporters build, what plugins answer and
 * what tests compare; the collector keeps the same things as columns.
 */

/** An instant in nanoseconds since 1970-01-01T00:00:00Z; `undefined` where Scope writes year 1. */
export type Instant = bigint;

/** The topologies of a report, by the key that they have in Scope's format. */
export const TOPOLOGY_KEYS = [
  "Endpoint",
  "Process",
  "Container",
  "Pod",
  "Service",
  "Deployment",
  "ReplicaSet",
  "DaemonSet",
  "StatefulSet",
  "CronJob",
  "Namespace",
  "ContainerImage",
  "Host",
  "ECSTask",
  "ECSService",
  "SwarmService",
  "Overlay",
  "PersistentVolume",
  "PersistentVolumeClaim",
  "StorageClass",
  "VolumeSnapshot",
  "VolumeSnapshotData",
  "Job",
] as const;
/** One of {@linkcode TOPOLOGY_KEYS}. */
export type TopologyKey = (typeof TOPOLOGY_KEYS)[number];

/** What one or several probes saw. */
export interface Report {
  /** Earliest instant that the report speaks of. */
  readonly ts?: Instant;
  readonly id: string;
  /** How long was looked, in nanoseconds; merged reports add theirs up. */
  readonly windowNs: number;
  /** Published at once, between two regular ones. */
  readonly isShortcut: boolean;
  readonly sampling: { readonly count: number; readonly total: number };
  readonly topologies: Readonly<Partial<Record<TopologyKey, Topology>>>;
  /** Names by IP address. */
  readonly dns: ReadonlyMap<string, DnsNames>;
  readonly plugins: readonly PluginSpec[];
}

/** Names of one address: asked for, and found by reverse lookup. Sorted, each once. */
export interface DnsNames {
  readonly forward: readonly string[];
  readonly reverse: readonly string[];
}

/** Nodes of one kind and how they are shown. */
export interface Topology {
  readonly shape?: string;
  readonly tag?: string;
  readonly label?: string;
  readonly labelPlural?: string;
  readonly nodes: ReadonlyMap<string, ReportNode>;
  readonly controls?: ReadonlyMap<string, Control>;
  readonly metadataTemplates?: ReadonlyMap<string, MetadataTemplate>;
  readonly metricTemplates?: ReadonlyMap<string, MetricTemplate>;
  readonly tableTemplates?: ReadonlyMap<string, TableTemplate>;
}

/** A host, process, container, endpoint … */
export interface ReportNode {
  readonly id: string;
  /** `host`, `process`, `container` …; "" in a delta, until it is merged into a full report. */
  readonly topology: string;
  /** Values with the instant at which they were read; the newest wins. */
  readonly latest: ReadonlyMap<string, LatestEntry>;
  /** Sorted, each once. */
  readonly sets: ReadonlyMap<string, readonly string[]>;
  /** Ids of nodes of the same topology that this one speaks to. Sorted, each once. */
  readonly adjacency: readonly string[];
  readonly metrics: ReadonlyMap<string, Metric>;
  /** Ids by topology: `host`, `container_image`, `pod` … Sorted, each once. */
  readonly parents: ReadonlyMap<string, readonly string[]>;
  /** Never sent by a probe. */
  readonly children: readonly ReportNode[];
}

/** A value and when it was read. */
export interface LatestEntry {
  readonly timestamp: Instant;
  readonly value: string;
}

/** Samples in the order of time. */
export interface Metric {
  readonly samples: readonly Sample[];
  readonly min: number;
  /** The capacity, where there is one: total memory, 100 × processors. */
  readonly max: number;
}

/** A measured value. */
export interface Sample {
  readonly date: Instant;
  readonly value: number;
}

/** What a person may do to a node. */
export interface Control {
  readonly id: string;
  readonly human: string;
  /** A Font Awesome class. */
  readonly icon: string;
  readonly confirmation?: string;
  readonly rank: number;
  readonly probeId?: string;
}

/** How a row of a node's information is shown. */
export interface MetadataTemplate {
  readonly id: string;
  readonly label?: string;
  readonly truncate?: number;
  readonly dataType?: string;
  readonly priority?: number;
  /** `latest`, `sets` or `counters`. */
  readonly from?: string;
}

/** How a metric is shown. */
export interface MetricTemplate {
  readonly id: string;
  readonly label?: string;
  /** "", `filesize`, `integer` or `percent`. */
  readonly format?: string;
  readonly group?: string;
  readonly priority?: number;
}

/** How keys with one prefix become a table. */
export interface TableTemplate {
  readonly id: string;
  readonly label: string;
  readonly prefix: string;
  /** `property-list` or `multicolumn-table`. */
  readonly type: string;
  readonly columns: readonly TableColumn[];
  /** Labels by the latest key. */
  readonly fixedRows: ReadonlyMap<string, string>;
}

/** A column of a table. */
export interface TableColumn {
  readonly id: string;
  readonly label: string;
  readonly dataType?: string;
}

/** What a plugin says of itself. */
export interface PluginSpec {
  readonly id: string;
  readonly label: string;
  readonly description?: string;
  readonly interfaces: readonly string[];
  readonly apiVersion?: string;
  readonly status?: string;
}
