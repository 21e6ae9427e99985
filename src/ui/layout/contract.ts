/** What the layout takes and gives: columns only, so that it runs in a worker or on a server. */

/** A graph to be laid out: n nodes in g groups, e edges. */
export interface LayoutInput {
  /** n different integers up to 2^53: what the nodes are known by. */
  readonly nodeKeys: Float64Array;
  /** n places of groups. */
  readonly groups: Uint32Array;
  /** g different integers up to 2^53. */
  readonly groupKeys: Float64Array;
  /** 2e places of nodes: from, to, from, to … */
  readonly edges: Uint32Array;
}

/** Where everything stands; units are those of the picture at scale 1, y grows downwards. */
export interface Layout {
  readonly nodeKeys: Float64Array;
  readonly groups: Uint32Array;
  readonly groupKeys: Float64Array;
  /** 2n: the centres of the nodes. */
  readonly positions: Float32Array;
  /** 4g: left, top, width and height of the groups' boxes. */
  readonly boxes: Float32Array;
  /** n: the slot of each node in its box. */
  readonly slots: Uint32Array;
  /** 2g: columns and rows of slots of each box. */
  readonly spans: Uint32Array;
  /** Left, top, right, bottom of everything. */
  readonly bounds: readonly [number, number, number, number];
  /** Where the next new box goes: left and top of free room in the last row, and its height. */
  readonly shelf: readonly [number, number, number];
  /** How many nodes there were when it was made from nothing. */
  readonly begunWith: number;
}

/** Measures of the picture. */
export const MEASURES = {
  /** Radius of a node. */
  radius: 20,
  /** Width and height of a slot in a box. */
  cell: [76, 80],
  /** Width and height of the box of a node that stands for itself. */
  single: [136, 104],
  /** From the edge of a box to its slots. */
  padding: 18,
  /** Room for a box's name. */
  head: 30,
  /** Between boxes of a row, and between rows. */
  gaps: [44, 64],
} as const;
