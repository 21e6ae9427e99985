/** Edges between groups: the edges of their members, added up. */

/** Edges from group to group. */
export interface Bundles {
  /** Pairs of groups: from, to, from, to … each pair once, none from a group to itself. */
  readonly pairs: Uint32Array;
  /** Sums of the counts of the edges behind each pair. */
  readonly weights: Float64Array;
}

/** What each place is followed by: the targets of place i stand from `offsets[i]` to `offsets[i + 1]`. */
export interface Lists {
  readonly offsets: Uint32Array;
  readonly targets: Uint32Array;
}

/**
 * Add edges of nodes up to edges of groups, in the order in which they appear.
 *
 * @param counts What each edge counts; 1 when absent.
 */
export function bundle(
  edges: Uint32Array,
  groups: Uint32Array,
  { groupCount, counts }: { readonly groupCount: number; readonly counts?: Uint32Array },
): Bundles {
  const places = new Map<number, number>();
  const pairs: number[] = [];
  const weights: number[] = [];
  for (let edge = 0; edge * 2 < edges.length; edge += 1) {
    const from = groups[edges[edge * 2]!]!;
    const to = groups[edges[edge * 2 + 1]!]!;
    if (from === to) continue;
    const key = from * groupCount + to;
    let place = places.get(key);
    if (place === undefined) {
      place = weights.length;
      places.set(key, place);
      pairs.push(from, to);
      weights.push(0);
    }
    weights[place]! += counts?.[edge] ?? 1;
  }
  return { pairs: Uint32Array.from(pairs), weights: Float64Array.from(weights) };
}

/** Lists of targets by source, or of sources by target when `reversed`. */
export function listsOf(count: number, pairs: Uint32Array, reversed = false): Lists {
  const side = reversed ? 1 : 0;
  const offsets = new Uint32Array(count + 1);
  for (let at = side; at < pairs.length; at += 2) offsets[pairs[at]! + 1]! += 1;
  for (let place = 0; place < count; place += 1) offsets[place + 1]! += offsets[place]!;
  const next = offsets.slice(0, count);
  const targets = new Uint32Array(pairs.length / 2);
  for (let at = side; at < pairs.length; at += 2) {
    const place = pairs[at]!;
    targets[next[place]!] = pairs[at ^ 1]!;
    next[place]! += 1;
  }
  return { offsets, targets };
}

/** Members by group. */
export function membersOf(groupCount: number, groups: Uint32Array): Lists {
  const pairs = new Uint32Array(groups.length * 2);
  for (let node = 0; node < groups.length; node += 1) {
    pairs[node * 2] = groups[node]!;
    pairs[node * 2 + 1] = node;
  }
  return listsOf(groupCount, pairs);
}
