import { KEYS } from "./keys.ts";
import type { LatestEntry, Metric, ReportNode, Sample } from "./report.ts";
import { unionOf } from "./sets.ts";

/**
 * Both nodes in one: of each value the newest, of sets and edges the union, of metrics all samples.
 *
 * Associative, commutative and idempotent; where two say different things of one instant, the
 * greater text or number wins. A node's topology is that of the one that has one: a delta has none.
 */
export function mergeNodes(a: ReportNode, b: ReportNode): ReportNode {
  if (a === b) return a;
  const latest = mergeMaps(a.latest, b.latest, newer);
  return {
    id: a.id,
    topology: greater(a.topology, b.topology),
    latest: isHost(a.id) ? withControlsOfBoth(latest, a, b) : latest,
    sets: mergeMaps(a.sets, b.sets, unionOf),
    adjacency: unionOf(a.adjacency, b.adjacency),
    metrics: mergeMaps(a.metrics, b.metrics, mergeMetrics),
    parents: mergeMaps(a.parents, b.parents, unionOf),
    children: mergeChildren(a.children, b.children),
  };
}

/** Both maps in one; `merge` decides where both have a key. One of them where it has all. */
export function mergeMaps<T>(
  a: ReadonlyMap<string, T>,
  b: ReadonlyMap<string, T>,
  merge: (a: T, b: T) => T,
): ReadonlyMap<string, T> {
  if (a === b || b.size === 0) return a;
  if (a.size === 0) return b;
  const [large, small] = a.size >= b.size ? [a, b] : [b, a];
  const all: T[] = [];
  let isLarge = true;
  let isSmall = a.size === b.size;
  for (const [key, value] of small) {
    const other = large.get(key);
    const both = other === undefined ? value : merge(other, value);
    isLarge &&= both === other;
    isSmall &&= both === value && other !== undefined;
    all.push(both);
  }
  if (isLarge) return large;
  return isSmall ? small : withValues(large, small.keys(), all);
}

function withValues<T>(
  map: ReadonlyMap<string, T>,
  keys: Iterable<string>,
  values: readonly T[],
): ReadonlyMap<string, T> {
  const merged = new Map(map);
  let at = 0;
  for (const key of keys) {
    const value = values[at];
    if (value !== undefined) merged.set(key, value);
    at += 1;
  }
  return merged;
}

/** The greater of two texts. */
export function greater(a: string, b: string): string {
  return a >= b ? a : b;
}

function newer(a: LatestEntry, b: LatestEntry): LatestEntry {
  if (a.timestamp !== b.timestamp) return a.timestamp > b.timestamp ? a : b;
  return a.value >= b.value ? a : b;
}

/**
 * Both metrics in one. Without samples a metric says nothing when the other has some.
 */
export function mergeMetrics(a: Metric, b: Metric): Metric {
  if (a === b) return a;
  if (a.samples.length === 0 && b.samples.length > 0) return b;
  if (b.samples.length === 0 && a.samples.length > 0) return a;
  return {
    samples: mergeSamples(a.samples, b.samples),
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
  };
}

function mergeSamples(a: readonly Sample[], b: readonly Sample[]): readonly Sample[] {
  const merged: Sample[] = [];
  let [i, j] = [0, 0];
  for (;;) {
    const [left, right] = [a[i], b[j]];
    if (left === undefined) return i === 0 ? b : merged.concat(b.slice(j));
    if (right === undefined) return j === 0 ? a : merged.concat(a.slice(i));
    if (left.date === right.date) merged.push(left.value >= right.value ? left : right);
    else merged.push(left.date < right.date ? left : right);
    if (left.date <= right.date) i += 1;
    if (right.date <= left.date) j += 1;
  }
}

function isHost(id: string): boolean {
  return id.endsWith(";<host>");
}

/** Several probes on one host have controls of their own: what any of them offers can be used. */
function withControlsOfBoth(
  latest: ReadonlyMap<string, LatestEntry>,
  a: ReportNode,
  b: ReportNode,
): ReadonlyMap<string, LatestEntry> {
  const [left, right] = [a.latest.get(KEYS.activeControls), b.latest.get(KEYS.activeControls)];
  const newest = latest.get(KEYS.activeControls);
  if (left === undefined || right === undefined || newest === undefined) return latest;
  if (left.value === right.value) return latest;
  const ids = new Set([...left.value.split(";"), ...right.value.split(";")]);
  ids.delete("");
  const value = [...ids].sort().join(";");
  return new Map(latest).set(KEYS.activeControls, { timestamp: newest.timestamp, value });
}

function mergeChildren(a: readonly ReportNode[], b: readonly ReportNode[]): readonly ReportNode[] {
  if (a === b || b.length === 0) return a;
  if (a.length === 0) return b;
  const merged = new Map<string, ReportNode>();
  for (const child of [...a, ...b]) {
    const key = `${child.topology}\n${child.id}`;
    const other = merged.get(key);
    merged.set(key, other === undefined ? child : mergeNodes(other, child));
  }
  return [...merged].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, child]) => child);
}
