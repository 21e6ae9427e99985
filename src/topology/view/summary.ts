/** What the topology API says of a node: types on the wire, with Scope's names. */

/** A node in a list. */
export interface NodeSummary {
  readonly id: string;
  readonly label: string;
  readonly labelMinor: string;
  /** What its colour is made of. */
  readonly rank: string;
  readonly shape?: string;
  readonly tag?: string;
  /** Stands for several. */
  readonly stack?: boolean;
  /** The internet, what no container holds, and the like. */
  readonly pseudo?: boolean;
  readonly metadata?: readonly MetadataRow[];
  readonly parents?: readonly ParentLink[];
  readonly metrics?: readonly MetricRow[];
  readonly tables?: readonly NodeTable[];
  /** Ids of the nodes of this view that it speaks to. */
  readonly adjacency?: readonly string[];
}

/** A line of what is known. */
export interface MetadataRow {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly priority?: number;
  readonly dataType?: string;
  readonly truncate?: number;
}

/** A node of another topology that this one belongs to. */
export interface ParentLink {
  readonly id: string;
  readonly label: string;
  readonly topologyId: string;
}

/** A metric, with its samples in details and without in lists. */
export interface MetricRow {
  readonly id: string;
  readonly label: string;
  readonly format?: string;
  readonly group?: string;
  readonly value: number;
  readonly valueEmpty?: boolean;
  readonly priority?: number;
  /** Dates in RFC 3339. */
  readonly samples: readonly { readonly date: string; readonly value: number }[] | null;
  readonly min: number;
  readonly max: number;
  readonly url: string;
}

/** A table of a node: labels, environment … */
export interface NodeTable {
  readonly id: string;
  readonly label: string;
  readonly type: string;
  readonly columns:
    | readonly { readonly id: string; readonly label: string; readonly dataType: string }[]
    | null;
  readonly rows: readonly {
    readonly id: string;
    readonly entries: Readonly<Record<string, string>>;
  }[];
  readonly truncationCount?: number;
}

/** One node, whole. */
export interface DetailedNode extends NodeSummary {
  readonly controls: readonly ControlInstance[];
  readonly children?: readonly ChildGroup[];
  readonly connections: readonly ConnectionGroup[];
}

/** A control that can be used now. */
export interface ControlInstance {
  readonly probeId: string;
  readonly nodeId: string;
  readonly id: string;
  readonly human: string;
  readonly icon: string;
  readonly confirmation?: string;
  readonly rank: number;
}

/** A column of a list of nodes. */
export interface Column {
  readonly id: string;
  readonly label: string;
  readonly defaultSort: boolean;
  readonly dataType: string;
}

/** Nodes of one topology below this one. */
export interface ChildGroup {
  readonly id: string;
  readonly label: string;
  readonly topologyId: string;
  readonly columns: readonly Column[];
  readonly nodes: readonly NodeSummary[];
}

/** Who speaks to this node, or whom it speaks to. */
export interface ConnectionGroup {
  readonly id: string;
  readonly topologyId: string;
  readonly label: string;
  readonly columns: readonly Column[];
  readonly connections: readonly ConnectionRow[];
}

/** One remote node and port. */
export interface ConnectionRow {
  readonly id: string;
  readonly nodeId: string;
  readonly label: string;
  readonly labelMinor?: string;
  readonly metadata: readonly {
    readonly id: string;
    /** "", as Scope has it. */
    readonly label?: string;
    readonly value: string;
  }[];
}

/** A topology in the list of them. */
export interface TopologyDescriptor {
  readonly name: string;
  readonly rank: number;
  readonly hide_if_empty: boolean;
  readonly url: string;
  readonly options: readonly TopologyOption[];
  readonly sub_topologies?: readonly TopologyDescriptor[];
  readonly stats: TopologyStats;
}

/** A choice of filters. */
export interface TopologyOption {
  readonly id: string;
  readonly defaultValue: string;
  readonly options: readonly { readonly value: string; readonly label: string }[];
  readonly selectType?: string;
  readonly noneLabel?: string;
}

/** Counts of a view. */
export interface TopologyStats {
  readonly node_count: number;
  readonly nonpseudo_node_count: number;
  readonly edge_count: number;
  readonly filtered_nodes: number;
}
