import { KEYS } from "../report/keys.ts";
import { mergeMaps, mergeNodes } from "../report/merge_node.ts";
import type { LatestEntry, ReportNode } from "../report/report.ts";

/** The topology of nodes that nobody reported: the internet, what no container holds … */
export const PSEUDO = "pseudo";

/** A node on its way through the views: a node of a report with what was gathered below it. */
export interface RenderNode extends Omit<ReportNode, "children"> {
  /** By id. */
  readonly children: ReadonlyMap<string, RenderNode>;
  /** How many nodes of each topology were mapped here, by the topology's name. */
  readonly counts: ReadonlyMap<string, number>;
  /** Has an edge to or from another node. Known in views of processes only. */
  readonly isConnected: boolean;
}

/** What a step of the views makes. */
export interface RenderNodes {
  readonly nodes: ReadonlyMap<string, RenderNode>;
  /** How many nodes were left out. */
  readonly filtered: number;
}

/** Nothing. */
export const NO_NODES: RenderNodes = { nodes: new Map(), filtered: 0 };

const NO_CHILDREN: ReadonlyMap<string, RenderNode> = new Map();
const NO_COUNTS: ReadonlyMap<string, number> = new Map();

/** A node of a report before anything was gathered below it. */
export function renderNodeOf(node: ReportNode): RenderNode {
  const children =
    node.children.length === 0
      ? NO_CHILDREN
      : new Map(node.children.map((child) => [child.id, renderNodeOf(child)]));
  return { ...node, children, counts: NO_COUNTS, isConnected: false };
}

/** A node that only the view knows. */
export function bareNode(id: string, topology: string): RenderNode {
  return {
    id,
    topology,
    latest: new Map(),
    sets: new Map(),
    adjacency: [],
    metrics: new Map(),
    parents: new Map(),
    children: NO_CHILDREN,
    counts: NO_COUNTS,
    isConnected: false,
  };
}

/** Two nodes of one id in one: what is known is merged, children united, counts added up. */
export function mergeRenderNodes(a: RenderNode, b: RenderNode): RenderNode {
  return {
    ...mergeNodes({ ...a, children: [] }, { ...b, children: [] }),
    children: mergeMaps(a.children, b.children, (child) => child),
    counts: mergeMaps(a.counts, b.counts, (left, right) => left + right),
    isConnected: a.isConnected || b.isConnected,
  };
}

/** The outcome of several views as one. */
export function uniteNodes(all: readonly RenderNodes[]): RenderNodes {
  const nodes = new Map<string, RenderNode>();
  let filtered = 0;
  for (const part of all) {
    filtered += part.filtered;
    for (const [id, node] of part.nodes) {
      const other = nodes.get(id);
      nodes.set(id, other === undefined ? node : mergeRenderNodes(other, node));
    }
  }
  return { nodes, filtered };
}

/** The newest value of a key. */
export function latestOf(
  node: { readonly latest: ReadonlyMap<string, LatestEntry> },
  key: string,
): string | undefined {
  return node.latest.get(key)?.value;
}

/**
 * How many nodes of a topology are below a node: those that the view mapped here, and those that an
 * old report or a plugin counted.
 */
export function countOf(node: RenderNode, topology: string): number | undefined {
  const mapped = node.counts.get(topology);
  const reported = latestOf(node, `${KEYS.countPrefix}${topology}`);
  if (reported === undefined) return mapped;
  const count = /^[+-]?\d+$/.test(reported) ? Number(reported) : 0;
  return count + (mapped ?? 0);
}

/** The id of the host that a node says to be on. */
export function hostIdOf(node: RenderNode): string {
  const id = latestOf(node, KEYS.hostNodeId) ?? "";
  return id.endsWith(";<host>") ? id.slice(0, id.indexOf(";")) : "";
}
