/** A view as columns. */
import { INCOMING_INTERNET, OUTGOING_INTERNET, SERVICE_PREFIX } from "../view/endpoints.ts";
import type { NodeSummary } from "../view/summary.ts";

/** The views that columns give; others are for the renderer of objects. */
export const COLUMNAR_VIEWS = [
  "processes",
  "processes-by-name",
  "containers",
  "containers-by-hostname",
  "containers-by-image",
  "pods",
  "kube-controllers",
  "services",
  "hosts",
] as const;
/** One of {@linkcode COLUMNAR_VIEWS}. */
export type ColumnarViewId = (typeof COLUMNAR_VIEWS)[number];

/** Nodes and edges of a view; columns of equal length belong together. */
export interface ColumnarView {
  readonly id: ColumnarViewId;
  readonly generation: number;
  readonly ids: readonly string[];
  readonly labels: readonly string[];
  readonly minors: readonly string[];
  readonly ranks: readonly string[];
  /** Of nodes that are none of the pseudo nodes. */
  readonly shape: string;
  readonly isStack: boolean;
  /** Of real nodes: their place among all of their topology, or of the group's kind. */
  readonly rows: Uint32Array;
  /** The nodes from here on are pseudo nodes. */
  readonly pseudoFrom: number;
  readonly metricIds: readonly string[];
  /** Newest values, `metricIds.length` a node; NaN: not known. */
  readonly metrics: Float64Array;
  /** Edges by the places of their nodes, sorted by the first. */
  readonly edgeFrom: Uint32Array;
  readonly edgeTo: Uint32Array;
  /** How many pairs of endpoints an edge stands for. */
  readonly edgeCount: Uint32Array;
}

/** How pseudo nodes are called. */
export function pseudoTexts(id: string): {
  readonly label: string;
  readonly minor: string;
  readonly rank: string;
} {
  const rank = id.startsWith("pseudo:") ? id.slice("pseudo:".length) : id;
  if (id === INCOMING_INTERNET) return { label: INTERNET, minor: "Inbound connections", rank };
  if (id === OUTGOING_INTERNET) return { label: INTERNET, minor: "Outbound connections", rank };
  if (id.startsWith(SERVICE_PREFIX))
    return { label: id.slice(SERVICE_PREFIX.length), minor: "", rank };
  const at = rank.indexOf(":");
  const label = rank.startsWith("uncontained") ? "Uncontained" : "Unmanaged";
  return { label, minor: rank.slice(at + 1), rank };
}

const INTERNET = "The Internet";

/**
 * Nodes of a view in the form of Scope's API: names, drawing and edges, as the renderer of objects
 * gives them; without rows of metadata, metrics, tables and parents.
 */
export function summariesOf(view: ColumnarView): ReadonlyMap<string, NodeSummary> {
  const summaries = new Map<string, NodeSummary>();
  let edge = 0;
  for (const [at, id] of view.ids.entries()) {
    const adjacency: string[] = [];
    for (; edge < view.edgeFrom.length && view.edgeFrom[edge] === at; edge += 1) {
      adjacency.push(view.ids[view.edgeTo[edge]!] ?? "");
    }
    summaries.set(id, {
      id,
      label: view.labels[at] ?? "",
      labelMinor: view.minors[at] ?? "",
      rank: view.ranks[at] ?? "",
      ...(at < view.pseudoFrom ? realDrawing(view) : pseudoDrawing(id)),
      ...(adjacency.length > 0 ? { adjacency: adjacency.sort() } : {}),
    });
  }
  return summaries;
}

/** How a view draws its real nodes. */
export function realDrawing({ shape, isStack }: ColumnarView) {
  return isStack ? { shape, stack: true } : { shape };
}

/** How pseudo nodes are drawn. */
export function pseudoDrawing(id: string) {
  const isGroup = id.startsWith("pseudo:");
  return isGroup
    ? { pseudo: true, shape: "square", stack: true }
    : { pseudo: true, shape: "cloud" };
}
