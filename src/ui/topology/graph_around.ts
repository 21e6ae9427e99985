/** What a selection and a search do to a graph: who is near, who is faint, who goes where. */
import { arrangeAround } from "../layout/around.ts";
import type { Layout, LayoutInput } from "../layout/contract.ts";
import type { GraphData } from "./model.ts";

/** Neighbours that are arranged around a selected node, at most. */
const AROUND_MAX = 240;
/** Room around a node and its neighbours, for their names. */
const ROOM = 70;
const REACH_MIN = 160;

/** Nodes that a node speaks to, or that speak to it; each once. */
export function neighboursOf({ edges }: GraphData, node: number): Uint32Array {
  const found = new Set<number>();
  for (let at = 0; at < edges.length; at += 1) {
    if (edges[at] === node) found.add(edges[at ^ 1]!);
  }
  found.delete(node);
  return Uint32Array.from(found);
}

/** 1 for faint nodes: who does not speak to the selected one, or else who was not found. */
export function fadedOf(
  data: GraphData,
  selected: number,
  highlight: ReadonlySet<string> | undefined,
): Uint8Array | undefined {
  if (selected < 0) {
    if (highlight === undefined) return undefined;
    return Uint8Array.from(data.ids, (id) => (highlight.has(id) ? 0 : 1));
  }
  const faded = new Uint8Array(data.ids.length).fill(1);
  faded[selected] = 0;
  for (const node of neighboursOf(data, selected)) faded[node] = 0;
  return faded;
}

/** Where nodes go when one is selected, and what then is to be seen; nobody moves for -1. */
export function placesAround(
  data: GraphData,
  positions: Float32Array,
  selected: number,
): { readonly wanted: Float32Array; readonly bounds: Layout["bounds"] | undefined } {
  const wanted = positions.slice();
  if (selected < 0) return { wanted, bounds: undefined };
  const near = neighboursOf(data, selected).slice(0, AROUND_MAX);
  const around = arrangeAround(positions, selected, near);
  const [x, y] = [positions[selected * 2]!, positions[selected * 2 + 1]!];
  let reach = REACH_MIN;
  for (const [at, node] of near.entries()) {
    wanted.set(around.subarray(at * 2, at * 2 + 2), node * 2);
    reach = Math.max(reach, Math.hypot(around[at * 2]! - x, around[at * 2 + 1]! - y));
  }
  const room = reach + ROOM;
  return { wanted, bounds: [x - room, y - room, x + room, y + room] };
}

/** Whether a layout is of just these nodes and groups, in this order. */
export function isLaidOut(input: LayoutInput, layout: Layout | undefined): boolean {
  if (layout === undefined) return false;
  return (
    equal(input.nodeKeys, layout.nodeKeys) &&
    equal(input.groupKeys, layout.groupKeys) &&
    equal(input.groups, layout.groups)
  );
}

type Numbers = Float64Array | Uint32Array;

/** Whether two columns hold the same. */
export function equal(a: Numbers, b: Numbers): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at += 1) if (a[at] !== b[at]) return false;
  return true;
}
