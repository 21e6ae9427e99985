/** The graph of a view in columns: what `<fairlead-graph>` draws. */
import type { NodeSummary } from "../../topology/mod.ts";

/** Shapes of nodes; a node's shape code is the place in this list. */
export const SHAPES = [
  "circle",
  "square",
  "hexagon",
  "heptagon",
  "octagon",
  "pentagon",
  "triangle",
  "cylinder",
  "sheet",
  "cloud",
] as const;

const NAMES: readonly string[] = SHAPES;

/** Name of a shape. */
export type ShapeName = (typeof SHAPES)[number];

/** Bits of {@linkcode GraphData.flags}. */
export const NODE_FLAGS = {
  /** Stands for several: drawn as shifted copies. */
  stack: 1,
  /** The internet, what no container holds, and the like: grey. */
  pseudo: 2,
  /** Its outline is dotted. */
  dotted: 4,
} as const;

/**
 * A graph in columns; row i of each is node i.
 *
 * Shapes: n nodes, g groups, e edges.
 */
export interface GraphData {
  readonly ids: readonly string[];
  readonly labels: readonly string[];
  /** Second lines of the labels. */
  readonly minors: readonly string[];
  /** What colours are made of. */
  readonly ranks: readonly string[];
  /** Small marks beside nodes; "" for none. */
  readonly tags: readonly string[];
  /** n codes: places in {@linkcode SHAPES}. */
  readonly shapes: Uint8Array;
  /** n unions of {@linkcode NODE_FLAGS}. */
  readonly flags: Uint8Array;
  /** n places in `groupNames`. */
  readonly groups: Uint32Array;
  /** g names; "" is the group of those without one, each of which stands for itself. */
  readonly groupNames: readonly string[];
  /** n ratios from 0 to 1; NaN where there is none. */
  readonly fills: Float32Array;
  /** What stands in the middle of nodes: the metric in words; "" for nothing. */
  readonly texts: readonly string[];
  /** 2e places of nodes: from, to, from, to … without loops. */
  readonly edges: Uint32Array;
  /** e connections behind each edge. */
  readonly counts: Uint32Array;
}

/** What {@linkcode graphOf} takes from a node; by default nodes are not grouped, nor filled. */
export interface GraphOptions {
  /** Name of the node's group; "" for none. */
  groupOf?(node: NodeSummary): string;
  /** How full it is, from 0 to 1. */
  fillOf?(node: NodeSummary): number | undefined;
  /** The words in its middle. */
  textOf?(node: NodeSummary): string;
  /** Connections behind an edge. @default 1 */
  countOf?(from: NodeSummary, to: string): number;
}

/** A graph of nothing. */
export const EMPTY_GRAPH: GraphData = graphOf([]);

/**
 * Turn the nodes of a view into columns, in their order; edges to nodes that are not there are
 * left out, so are a node's edges to itself.
 *
 * Cost: O(n + e), one string look-up an edge.
 */
export function graphOf(nodes: Iterable<NodeSummary>, options: GraphOptions = {}): GraphData {
  const list = [...nodes];
  const groups = new Map<string, number>();
  const place = (name: string) => {
    const known = groups.get(name) ?? groups.size;
    groups.set(name, known);
    return known;
  };
  return {
    ids: list.map(({ id }) => id),
    labels: list.map(({ label }) => label),
    minors: list.map(({ labelMinor }) => labelMinor),
    ranks: list.map(({ rank }) => rank),
    tags: list.map(({ tag = "" }) => tag),
    shapes: Uint8Array.from(list, ({ shape }) => shapeCode(shape)),
    flags: Uint8Array.from(list, flagsOf),
    groups: Uint32Array.from(list, (node) => place(options.groupOf?.(node) ?? "")),
    groupNames: [...groups.keys()],
    fills: Float32Array.from(list, (node) => options.fillOf?.(node) ?? Number.NaN),
    texts: list.map((node) => options.textOf?.(node) ?? ""),
    ...edgesOf(list, options),
  };
}

/** The code of a shape by Scope's name, dotted or not; a circle when it is unknown. */
export function shapeCode(name = ""): number {
  return Math.max(0, NAMES.indexOf(name.replace(/^dotted/, "")));
}

function flagsOf({ shape = "", stack, pseudo }: NodeSummary): number {
  const dotted = shape.startsWith("dotted") ? NODE_FLAGS.dotted : 0;
  return (stack ? NODE_FLAGS.stack : 0) | (pseudo ? NODE_FLAGS.pseudo : 0) | dotted;
}

function edgesOf(list: readonly NodeSummary[], options: GraphOptions) {
  const places = new Map(list.map(({ id }, at) => [id, at]));
  const edges: number[] = [];
  const counts: number[] = [];
  for (const [from, node] of list.entries()) {
    for (const id of node.adjacency ?? []) {
      const to = places.get(id);
      if (to === undefined || to === from) continue;
      edges.push(from, to);
      counts.push(options.countOf?.(node, id) ?? 1);
    }
  }
  return { edges: Uint32Array.from(edges), counts: Uint32Array.from(counts) };
}
