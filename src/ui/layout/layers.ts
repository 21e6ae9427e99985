/** Layers of groups: who calls stands above whom it calls. */
import { type Lists, listsOf } from "./bundles.ts";

/** Up to here each layer is a row of its own. */
const LAYERS_PLAIN = 12;
const SWEEPS = 8;

/** Rows of groups from top to bottom, each from left to right, and the groups without edges. */
export interface Rows {
  readonly rows: readonly (readonly number[])[];
  readonly alone: readonly number[];
}

/**
 * Put groups into rows: edges that close a cycle are left out, a group stands below all that call
 * it, and neighbours stand close to each other (barycentres, swept down and up). Long chains are
 * folded into at most `rowsMax` rows.
 *
 * Cost: O((g + b) log g) for b pairs.
 */
export function rowsOf(keys: Float64Array, pairs: Uint32Array, rowsMax: number): Rows {
  const order = byKey(keys);
  const lists = sortedLists(order, pairs);
  const isAlone = (place: number) => degree(lists.down, place) + degree(lists.up, place) === 0;
  const places = Array.from(order, (_, place) => place);
  const layers = longestPaths(lists.down, sourcesFirst(places, lists.up));
  const depth = layers.reduce((most, layer) => Math.max(most, layer + 1), 0);
  const limit = Math.min(depth, Math.max(LAYERS_PLAIN, rowsMax));
  const rows: number[][] = Array.from({ length: limit }, () => []);
  for (const place of places) {
    if (!isAlone(place)) rows[Math.floor((layers[place]! * limit) / depth)]?.push(place);
  }
  const filled = rows.filter((each) => each.length > 0);
  sweep(filled, lists);
  const named = (row: readonly number[]) => row.map((place) => order[place]!);
  return { rows: filled.map(named), alone: named(places.filter(isAlone)) };
}

/** All places, ordered by key. */
export function byKey(keys: Float64Array): number[] {
  return Array.from(keys, (_, place) => place).sort((a, b) => keys[a]! - keys[b]! || a - b);
}

interface Both {
  readonly down: Lists;
  readonly up: Lists;
}

/** Lists by place in `order`, each in that order too: turned round twice, which sorts. */
function sortedLists(order: readonly number[], pairs: Uint32Array): Both {
  const count = order.length;
  const places = new Uint32Array(count);
  for (const [place, group] of order.entries()) places[group] = place;
  const down = listsOf(
    count,
    pairs.map((group) => places[group]!),
  );
  const up = listsOf(count, pairsOf(down), true);
  return { down: listsOf(count, pairsOf(up), true), up };
}

function pairsOf({ offsets, targets }: Lists): Uint32Array {
  const pairs = new Uint32Array(targets.length * 2);
  for (let place = 0; place + 1 < offsets.length; place += 1) {
    for (let at = offsets[place]!; at < offsets[place + 1]!; at += 1) {
      pairs[at * 2] = place;
      pairs[at * 2 + 1] = targets[at]!;
    }
  }
  return pairs;
}

function degree({ offsets }: Lists, group: number): number {
  return offsets[group + 1]! - offsets[group]!;
}

function sourcesFirst(order: readonly number[], up: Lists): number[] {
  const isSource = (group: number) => degree(up, group) === 0;
  return [...order.filter(isSource), ...order.filter((group) => !isSource(group))];
}

/** The longest way to each group from above, without the edges that lead back in a depth-first walk. */
function longestPaths(down: Lists, starts: readonly number[]): Uint32Array {
  const count = starts.length;
  const finished = walk(count, down, starts);
  const rank = new Uint32Array(count);
  for (const [at, group] of finished.entries()) rank[group] = at;
  const layers = new Uint32Array(count);
  for (let at = finished.length - 1; at >= 0; at -= 1) {
    const group = finished[at]!;
    for (let edge = down.offsets[group]!; edge < down.offsets[group + 1]!; edge += 1) {
      const target = down.targets[edge]!;
      // Whoever is finished later lies above: an edge to such a one leads back.
      if (rank[target]! < at) layers[target] = Math.max(layers[target]!, layers[group]! + 1);
    }
  }
  return layers;
}

/** Groups in the order in which a depth-first walk is done with them. */
function walk(count: number, { offsets, targets }: Lists, starts: readonly number[]): number[] {
  const seen = new Uint8Array(count);
  const next = offsets.slice(0, count);
  const finished: number[] = [];
  for (const start of starts) {
    if (seen[start] === 1) continue;
    seen[start] = 1;
    const trail = [start];
    while (trail.length > 0) {
      const group = trail.at(-1)!;
      const edge = next[group]!;
      if (edge === offsets[group + 1]!) {
        finished.push(group);
        trail.pop();
        continue;
      }
      next[group] = edge + 1;
      const target = targets[edge]!;
      if (seen[target] === 1) continue;
      seen[target] = 1;
      trail.push(target);
    }
  }
  return finished;
}

/** Order each row by where its neighbours stand in the rows above, then below, and again. */
function sweep(rows: readonly number[][], { down, up }: Both): void {
  const count = down.offsets.length - 1;
  const at = new Float64Array(count);
  const level = new Int32Array(count).fill(-1);
  const settle = (row: readonly number[]) => {
    for (const [index, group] of row.entries()) at[group] = (index + 0.5) / row.length;
  };
  for (const [index, row] of rows.entries()) {
    for (const group of row) level[group] = index;
    settle(row);
  }
  const wanted = new Float64Array(count);
  for (let round = 0; round < SWEEPS; round += 1) {
    const isDown = round % 2 === 0;
    for (const row of isDown ? rows : rows.toReversed()) {
      for (const group of row) wanted[group] = barycentre(group, isDown ? up : down, { at, level });
      row.sort((a, b) => wanted[a]! - wanted[b]! || at[a]! - at[b]! || a - b);
      settle(row);
    }
  }
}

/** The mean place of neighbours in other rows; its own without any. */
function barycentre(
  group: number,
  { offsets, targets }: Lists,
  { at, level }: { readonly at: Float64Array; readonly level: Int32Array },
): number {
  let sum = 0;
  let count = 0;
  for (let edge = offsets[group]!; edge < offsets[group + 1]!; edge += 1) {
    const target = targets[edge]!;
    if (level[target] === level[group]) continue;
    sum += at[target]!;
    count += 1;
  }
  return count === 0 ? at[group]! : sum / count;
}
