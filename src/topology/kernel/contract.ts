/** The seam between the columns of a datacenter and the kernel that connects them. */

/** How much a kernel has to hold; every number is a count of elements. */
export interface KernelSizes {
  /** Pairs of endpoints as probes report them, repeated or not. */
  readonly pairs: number;
  /** Statements of probes about the process of an endpoint. */
  readonly facts: number;
  readonly endpoints: number;
  /** Statements about which node has an address, over all joins. */
  readonly addresses: number;
  /** Handles of addresses: each is below this. */
  readonly ips: number;
  readonly processes: number;
  /** All tables of all lifts together. */
  readonly tables: number;
  /** How many maps from endpoints to nodes are held at once. */
  readonly maps: number;
  /** The most nodes of any level, pseudo nodes counted. */
  readonly nodes: number;
}

/**
 * Columns of a kernel. Where a value may be absent it is stored plus one, and 0 means none.
 *
 * The first group is filled by the caller, the second by the kernel.
 */
export interface KernelColumns {
  /** Endpoint rows: who speaks to whom. */
  readonly aFrom: Uint32Array;
  readonly aTo: Uint32Array;
  /** What probes say of endpoints: row, host plus one, pid plus one. The last one of a row wins. */
  readonly xRow: Uint32Array;
  readonly xHost: Uint32Array;
  readonly xPid: Uint32Array;
  /** Of endpoints: handle of the scoped address, and of address and port; 0: joins nothing. */
  readonly eIp: Uint32Array;
  readonly eIpPort: Uint32Array;
  /** Of endpoints: 0: of a local network; 1: of the internet; 2 + s: known service s. */
  readonly eOutside: Uint32Array;
  /** Who has an address: handle and node. */
  readonly iIp: Uint32Array;
  readonly iNode: Uint32Array;
  /** Of processes: host plus one (0: the row is free) and pid. */
  readonly pHost: Uint32Array;
  readonly pPid: Uint32Array;
  /** What lifts look up: one table after the other, each of group plus one by node. */
  readonly tables: Uint32Array;
  /** One map after the other, each of node plus one by endpoint. */
  readonly maps: Uint32Array;

  /** Of endpoints, merged from the facts: host plus one, pid plus one. */
  readonly eHost: Uint32Array;
  readonly ePid: Uint32Array;
  /** Of endpoints: to how many others they speak. */
  readonly eDegree: Uint32Array;
  /** Pairs of endpoints, each once, by `uFrom`. */
  readonly uFrom: Uint32Array;
  readonly uTo: Uint32Array;
  /** Which node has an address: plus one; 0: none or several. */
  readonly owner: Uint32Array;
  /** The table of processes: four words a slot. */
  readonly slots: Uint32Array;
  /** Edges of a level: those of node n are `start[n]` to `start[n + 1]` of `oTo` and `oCount`. */
  readonly start: Uint32Array;
  readonly oTo: Uint32Array;
  /** How many pairs of endpoints an edge stands for. */
  readonly oCount: Uint32Array;
  /** How many edges come in, by node. */
  readonly inDegree: Uint32Array;
  /** Scratch; contents mean nothing outside a call. */
  readonly sTo: Uint32Array;
  readonly stamp: Uint32Array;
  readonly place: Uint32Array;
}

/** How nodes of one level become nodes of the next. */
export interface Lift {
  /** Maps, by their number: from, to. */
  readonly source: number;
  readonly target: number;
  /** Where the table of groups begins in `tables`. */
  readonly table: number;
  /** Where the table begins that serves nodes without a group, or -1: they are dropped. */
  readonly fallback: number;
  /** How many nodes of the source level are no pseudo nodes. */
  readonly size: number;
  /** How many groups; what the fallback names stands behind them. */
  readonly groups: number;
  /** Where pseudo nodes of the source level stand in the target level. */
  readonly pseudo: number;
}

/**
 * Maps endpoints to processes, containers, images … and counts the edges between those.
 *
 * A level numbers its nodes densely: first those of the topology, behind them the pseudo nodes.
 * On the level of processes these are: in from the internet, out to it, known services.
 * Both implementations leave the same bits in the columns of the second group.
 */
export interface TopologyKernel {
  readonly name: "wasm" | "typed";
  /** Lay out columns, all zero; what `open` gave before is void. */
  open(sizes: KernelSizes): KernelColumns;
  /**
   * Merge what several probes say of the same endpoints: facts, and pairs each once.
   *
   * @returns How many pairs are left.
   */
  gather(pairs: number, facts: number, endpoints: number): number;
  /**
   * Fill a map with the nodes of endpoints on the level of processes: of the same host and pid,
   * else a pseudo node. An endpoint that speaks to several others belongs to no process.
   */
  processes(endpoints: number, processes: number, map: number): void;
  /**
   * Fill a map by address: an endpoint belongs to the one node that has its address, or its
   * address and port. Endpoints of no host and outside become pseudo nodes from `pseudo` on.
   *
   * @param first The first row of `iIp` and `iNode` that counts, and how many.
   */
  join(endpoints: number, first: number, count: number, pseudo: number, map: number): void;
  /** Fill a map with the groups of another one's nodes. */
  lift(endpoints: number, lift: Lift): void;
  /**
   * Count the edges of a level: pairs of endpoints by the nodes of one map, and where a second
   * map says otherwise also by its nodes.
   *
   * @param second A map, or -1.
   * @returns How many edges; they are in `start`, `oTo`, `oCount`, `inDegree`.
   * Cost: O(pairs + nodes), about 5 ns a pair.
   */
  connect(pairs: number, map: number, second: number, nodes: number): number;
}
