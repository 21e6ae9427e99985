/** From the edges of a level to those of a view: only what is shown, numbered anew. */
import type { KernelColumns } from "../kernel/contract.ts";
import { INCOMING_INTERNET, OUTGOING_INTERNET, SERVICE_PREFIX } from "../view/endpoints.ts";
import { type ColumnarView, pseudoTexts } from "./view.ts";

/** The nodes of a level, in the order of their numbers. */
export interface Level {
  /** By node of the level's topology, 0 for those that are not shown. */
  readonly shown: Uint8Array;
  /** Ids of the pseudo nodes of hosts, where the level has them. */
  readonly hosts: readonly string[];
  /** Names of known services. */
  readonly services: readonly string[];
  /** Pseudo nodes are shown even if they have no edge with another node but with themselves. */
  readonly keepsLonely?: boolean;
}

/** What a node of the level's topology is called. */
export interface Texts {
  readonly id: string;
  readonly label: string;
  readonly minor: string;
  readonly rank: string;
}

/** How a view is drawn and named. */
export interface LevelView extends Pick<ColumnarView, "id" | "generation" | "shape" | "isStack"> {
  readonly textsOf: (node: number) => Texts;
  readonly metricIds: readonly string[];
  /** Put the values of a node to `metrics` from `at` on. */
  readonly metricsOf: (node: number, metrics: Float64Array, at: number) => void;
}

/** Edges of a level: those of node n are `start[n]` to `start[n + 1]`. */
export type Edges = Pick<KernelColumns, "start" | "oTo" | "oCount">;

/** How many nodes a level has in all. */
export const nodesOf = ({ shown, hosts, services }: Level): number =>
  shown.length + hosts.length + 2 + services.length;

/**
 * Make the view of a level: its shown nodes, the pseudo nodes that have an edge with another node,
 * and the edges between them. An edge from the internet to the internet is a mistake and goes.
 */
export function viewOf(level: Level, edges: Edges, look: LevelView): ColumnarView {
  const places = placesOf(level, edges);
  const texts: TextColumns = { ids: [], labels: [], minors: [], ranks: [] };
  const { textsOf, metricsOf, ...head } = look;
  const rows: number[] = [];
  for (let node = 0; node < places.length; node += 1) {
    if (places[node] === 0) continue;
    const isReal = node < level.shown.length;
    if (isReal) rows.push(node);
    const pseudo = isReal ? "" : pseudoId(level, node);
    const { id, label, minor, rank } = isReal
      ? textsOf(node)
      : { id: pseudo, ...pseudoTexts(pseudo) };
    texts.ids.push(id);
    texts.labels.push(label);
    texts.minors.push(minor);
    texts.ranks.push(rank);
  }
  const width = look.metricIds.length;
  const metrics = new Float64Array(texts.ids.length * width).fill(Number.NaN);
  for (let node = 0; width > 0 && node < level.shown.length; node += 1) {
    if (places[node] !== 0) metricsOf(node, metrics, (places[node]! - 1) * width);
  }
  const real = { rows: Uint32Array.from(rows), pseudoFrom: rows.length };
  return { ...head, ...texts, ...real, metrics, ...edgesOf(level, edges, places) };
}

interface TextColumns {
  readonly ids: string[];
  readonly labels: string[];
  readonly minors: string[];
  readonly ranks: string[];
}

/** The place of each node in the view plus one; 0: it is not shown. */
function placesOf(level: Level, edges: Edges): Uint32Array {
  const count = nodesOf(level);
  const real = level.shown.length;
  const places = new Uint32Array(count);
  const isThere = (node: number) => node >= real || level.shown[node] !== 0;
  for (let from = 0; from < count; from += 1) {
    if (!isThere(from)) continue;
    for (let at = edges.start[from]!; at < edges.start[from + 1]!; at += 1) {
      const to = edges.oTo[at]!;
      if ((to === from && !level.keepsLonely) || !isThere(to) || isMistake(level, from, to))
        continue;
      places[from] = 1;
      places[to] = 1;
    }
  }
  let told = 0;
  for (let node = 0; node < count; node += 1) {
    const isShown = node < real ? level.shown[node] !== 0 : places[node] !== 0;
    places[node] = isShown ? ++told : 0;
  }
  return places;
}

function isMistake({ shown, hosts }: Level, from: number, to: number): boolean {
  const incoming = shown.length + hosts.length;
  return from === incoming && to === incoming + 1;
}

function pseudoId({ shown, hosts, services }: Level, node: number): string {
  const at = node - shown.length;
  if (at < hosts.length) return hosts[at] ?? "";
  if (at === hosts.length) return INCOMING_INTERNET;
  if (at === hosts.length + 1) return OUTGOING_INTERNET;
  return `${SERVICE_PREFIX}${services[at - hosts.length - 2]}`;
}

function edgesOf(level: Level, edges: Edges, places: Uint32Array) {
  const all = edges.start[places.length]!;
  const edgeFrom = new Uint32Array(all);
  const edgeTo = new Uint32Array(all);
  const edgeCount = new Uint32Array(all);
  let told = 0;
  for (let from = 0; from < places.length; from += 1) {
    if (places[from] === 0) continue;
    for (let at = edges.start[from]!; at < edges.start[from + 1]!; at += 1) {
      const to = edges.oTo[at]!;
      if (places[to] === 0 || isMistake(level, from, to)) continue;
      edgeFrom[told] = places[from]! - 1;
      edgeTo[told] = places[to]! - 1;
      edgeCount[told] = edges.oCount[at]!;
      told += 1;
    }
  }
  return {
    edgeFrom: edgeFrom.slice(0, told),
    edgeTo: edgeTo.slice(0, told),
    edgeCount: edgeCount.slice(0, told),
  };
}
