/** From a graph to what is laid out, and to what is drawn. */
import { bundle } from "../layout/bundles.ts";
import { type Layout, type LayoutInput, MEASURES } from "../layout/contract.ts";
import { hash53 } from "../parts/hash.ts";
import type { Scene } from "../scene/scene.ts";
import { nodeColour, type Palette, pseudoColour } from "./colours.ts";
import { type GraphData, NODE_FLAGS } from "./model.ts";

/** What a layout is made of, and the names of its groups; "" for nodes that stand for themselves. */
export interface Arrangement {
  readonly input: LayoutInput;
  readonly names: readonly string[];
}

/** Group the nodes of a graph as it says; each node without a group is one of its own. */
export function arrangementOf(data: GraphData): Arrangement {
  const places = new Map<number, number>();
  const names: string[] = [];
  const keys: number[] = [];
  const nodeKeys = Float64Array.from(data.ids, hash53);
  const add = (name: string, key: number) => {
    names.push(name);
    return keys.push(key) - 1;
  };
  const groups = Uint32Array.from(data.groups, (group, node) => {
    const name = data.groupNames[group] ?? "";
    if (name === "") return add("", nodeKeys[node]!);
    const place = places.get(group) ?? add(name, hash53(`group ${name}`));
    places.set(group, place);
    return place;
  });
  const groupKeys = Float64Array.from(keys);
  return { input: { nodeKeys, groups, groupKeys, edges: data.edges }, names };
}

/** Make a scene of a graph and its layout. */
export function sceneOf(
  data: GraphData,
  { layout, names, palette }: { layout: Layout; names: readonly string[]; palette: Palette },
): Scene {
  const groupCount = names.length;
  const { pairs, weights } = bundle(data.edges, layout.groups, { groupCount, counts: data.counts });
  // A box with one slot is its node: it has a name already.
  const isSingle = (group: number) => layout.spans[group * 2]! * layout.spans[group * 2 + 1]! === 1;
  const heaviest = Array.from(weights, (_, at) => at).sort((a, b) => weights[b]! - weights[a]!);
  const members = new Uint32Array(groupCount);
  for (const group of layout.groups) members[group]! += 1;
  return {
    positions: layout.positions.slice(),
    radii: new Float32Array(data.ids.length).fill(MEASURES.radius),
    colours: coloursOf(data, palette),
    shapes: data.shapes,
    flags: data.flags,
    fills: data.fills,
    labels: data.labels,
    minors: data.minors,
    texts: data.texts,
    tags: data.tags,
    edges: data.edges,
    counts: data.counts,
    boxes: layout.boxes,
    names: names.map((name, group) => (isSingle(group) ? "" : name)),
    members,
    bundles: Uint32Array.from(heaviest.flatMap((at) => [pairs[at * 2]!, pairs[at * 2 + 1]!])),
    weights: Float64Array.from(heaviest, (at) => weights[at]!),
    prominent: prominentOf(data),
    bounds: layout.bounds,
  };
}

/** The colours of a graph's nodes. */
export function coloursOf({ ranks, labels, flags }: GraphData, palette: Palette): Uint32Array {
  const known = new Map<string, number>();
  return Uint32Array.from(ranks, (rank, node) => {
    const isPseudo = (flags[node]! & NODE_FLAGS.pseudo) !== 0;
    const label = labels[node]!;
    const key = `${isPseudo ? 1 : 0}${label}\n${rank}`;
    const colour =
      known.get(key) ??
      (isPseudo ? pseudoColour(label, palette) : nodeColour(rank, label, palette));
    known.set(key, colour);
    return colour;
  });
}

/** Nodes by how many edges they have, most first. */
function prominentOf({ ids, edges }: GraphData): Uint32Array {
  const degrees = new Uint32Array(ids.length);
  for (const node of edges) degrees[node]! += 1;
  const order = Uint32Array.from(ids, (_, node) => node);
  return order.sort((a, b) => degrees[b]! - degrees[a]! || a - b);
}
