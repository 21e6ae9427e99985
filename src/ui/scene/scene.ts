/** What is drawn: one scene in typed arrays, and how the reader looks at it. */
import type { Rgb } from "../topology/colours.ts";

/**
 * A graph ready to be drawn: n nodes, e edges, g boxes, b bundles of edges between boxes.
 *
 * Units are those of the layout; y grows downwards.
 */
export interface Scene {
  /** 2n centres; whoever moves nodes writes here and calls for another frame. */
  readonly positions: Float32Array;
  /** n radii. */
  readonly radii: Float32Array;
  /** n colours. */
  readonly colours: Uint32Array;
  /** n places in `SHAPES`. */
  readonly shapes: Uint8Array;
  /** n unions of `NODE_FLAGS`. */
  readonly flags: Uint8Array;
  /** n ratios from 0 to 1 of how full a node is; NaN without a metric. */
  readonly fills: Float32Array;
  readonly labels: readonly string[];
  readonly minors: readonly string[];
  readonly texts: readonly string[];
  readonly tags: readonly string[];
  /** 2e nodes: from, to, from, to … */
  readonly edges: Uint32Array;
  /** e connections. */
  readonly counts: Uint32Array;
  /** 4g: left, top, width, height. */
  readonly boxes: Float32Array;
  /** g names; a box without one is not drawn. */
  readonly names: readonly string[];
  /** g: how many nodes each box holds. */
  readonly members: Uint32Array;
  /** 2b boxes: from, to; the heaviest first. */
  readonly bundles: Uint32Array;
  /** b sums of connections. */
  readonly weights: Float64Array;
  /** n nodes, the most connected first: who is named where there is no room for all. */
  readonly prominent: Uint32Array;
  /** Left, top, right, bottom. */
  readonly bounds: readonly [number, number, number, number];
}

/** What is pointed at, chosen and found; nodes by place, -1 for none. */
export interface Marks {
  readonly selected: number;
  readonly hovered: number;
  /** Where the keyboard is. */
  readonly focused: number;
  /** n: 1 for nodes that are drawn faintly; absent when none is. */
  readonly faded: Uint8Array | undefined;
}

/** Nothing is marked. */
export const NO_MARKS: Marks = { selected: -1, hovered: -1, focused: -1, faded: undefined };

/** Colours that are not the nodes' own. */
export interface SceneTheme {
  readonly background: Rgb;
  readonly surface: Rgb;
  readonly text: Rgb;
  readonly muted: Rgb;
  readonly line: Rgb;
  readonly accent: Rgb;
  readonly font: string;
  /** Stronger lines and outlines, nothing faint. */
  readonly contrast: boolean;
}

/** How much is drawn of what there is: said to the reader where something is left out. */
export interface DrawCounts {
  /** 0: groups and their bundles; 1: nodes; 2: nodes and edges. */
  readonly level: 0 | 1 | 2;
  readonly nodes: number;
  readonly nodesDrawn: number;
  readonly edges: number;
  /** Single edges drawn. */
  readonly edgesDrawn: number;
  readonly bundles: number;
  readonly bundlesDrawn: number;
}
