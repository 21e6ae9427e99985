/** A delta laid over the full report that it was taken from. */
import { type LatestColumns, type Part, PartBuilder, type SetColumns } from "./part.ts";

/**
 * Whether a report says only what changed since another one: a node of it has no topology, or it
 * repeats none of the names of topologies that the other one gives.
 */
export function isDelta(part: Part, before: Part | undefined): boolean {
  if (part.isShortcut) return true;
  for (let at = 0; at < part.count; at += 1) if (part.topology[at] === 0) return true;
  if (before === undefined || part.count === 0) return part.count === 0 && before !== undefined;
  const named = before.heads.some((head) => head?.label !== undefined);
  return named && !part.heads.some((head) => head?.label !== undefined);
}

/**
 * What a full report and a delta say together: per value the newest, unions of sets, samples of
 * both in the order of time. Cost: O(both).
 */
export function overlay(full: Part, delta: Part, builder: PartBuilder = new PartBuilder()): Part {
  const places = new Map<number, number>();
  for (let at = 0; at < delta.count; at += 1) {
    places.set(delta.nodeId[at]! * 32 + delta.kind[at]!, at);
  }
  for (let at = 0; at < full.count; at += 1) {
    const key = full.nodeId[at]! * 32 + full.kind[at]!;
    const over = places.get(key);
    if (over !== undefined) places.delete(key);
    put(builder, full, at, over === undefined ? undefined : delta, over ?? 0);
  }
  for (const at of places.values()) put(builder, delta, at, undefined, 0);
  const { dns, plugins } = full;
  return builder.take({
    ...delta,
    dns: delta.dns.size === 0 ? dns : new Map([...dns, ...delta.dns]),
    plugins: delta.plugins.length === 0 ? plugins : delta.plugins,
    heads: full.heads.map((head, kind) => {
      const over = delta.heads[kind];
      return over === undefined ? head : { ...head, ...over };
    }),
  });
}

function put(builder: PartBuilder, a: Part, at: number, b: Part | undefined, over: number): void {
  const topology = a.topology[at]!;
  builder.node(a.kind[at]!, a.nodeId[at]!, topology === 0 && b ? b.topology[over]! : topology);
  putLatest(builder, a.latest, at, b?.latest, over);
  putSets(builder.sets, a.sets, at, b?.sets, over);
  putSets(builder.parents, a.parents, at, b?.parents, over);
  const ids = a.adjacency.id.subarray(a.adjacency.first[at], a.adjacency.first[at + 1]);
  for (const id of ids) builder.adjacent(id);
  if (b !== undefined) {
    const more = b.adjacency.id.subarray(b.adjacency.first[over], b.adjacency.first[over + 1]);
    for (const id of more) if (!ids.includes(id)) builder.adjacent(id);
  }
  putMetrics(builder, a, at, b, over);
}

function putLatest(
  builder: PartBuilder,
  a: LatestColumns,
  at: number,
  b: LatestColumns | undefined,
  over: number,
): void {
  const from = b?.first[over] ?? 0;
  const to = b?.first[over + 1] ?? 0;
  const first = a.first[at]!;
  const last = a.first[at + 1]!;
  for (let entry = first; entry < last; entry += 1) {
    const other = b === undefined ? -1 : placeOf(b.key, a.key[entry]!, from, to);
    if (b !== undefined && other >= 0 && isNewer(b, other, a, entry)) putEntry(builder, b, other);
    else putEntry(builder, a, entry);
  }
  if (b === undefined) return;
  for (let entry = from; entry < to; entry += 1) {
    if (placeOf(a.key, b.key[entry]!, first, last) < 0) putEntry(builder, b, entry);
  }
}

function putEntry(builder: PartBuilder, columns: LatestColumns, entry: number): void {
  const { key, value, seconds, nanos } = columns;
  builder.latest(key[entry]!, value[entry]!, seconds[entry]!, nanos[entry]!);
}

function placeOf(column: Uint32Array, wanted: number, from: number, to: number): number {
  for (let at = from; at < to; at += 1) if (column[at] === wanted) return at;
  return -1;
}

function isNewer(a: LatestColumns, at: number, b: LatestColumns, than: number): boolean {
  const seconds = a.seconds[at]! - b.seconds[than]!;
  return seconds > 0 || (seconds === 0 && a.nanos[at]! > b.nanos[than]!);
}

function putSets(
  builder: PartBuilder["sets"],
  a: SetColumns,
  at: number,
  b: SetColumns | undefined,
  over: number,
): void {
  const from = b?.first[over] ?? 0;
  const to = b?.first[over + 1] ?? 0;
  const first = a.first[at]!;
  const last = a.first[at + 1]!;
  for (let key = first; key < last; key += 1) {
    builder.key(a.key[key]!);
    const values = a.value.subarray(a.list[key], a.list[key + 1]);
    for (const value of values) builder.value(value);
    const other = b === undefined ? -1 : placeOf(b.key, a.key[key]!, from, to);
    if (b === undefined || other < 0) continue;
    const more = b.value.subarray(b.list[other], b.list[other + 1]);
    for (const value of more) if (!values.includes(value)) builder.value(value);
  }
  if (b === undefined) return;
  for (let key = from; key < to; key += 1) {
    if (placeOf(a.key, b.key[key]!, first, last) >= 0) continue;
    builder.key(b.key[key]!);
    for (const value of b.value.subarray(b.list[key], b.list[key + 1])) builder.value(value);
  }
}

function putMetrics(
  builder: PartBuilder,
  { metrics: a }: Part,
  at: number,
  other: Part | undefined,
  over: number,
): void {
  const b = other?.metrics;
  const first = a.first[at]!;
  const last = a.first[at + 1]!;
  const from = b?.first[over] ?? 0;
  const to = b?.first[over + 1] ?? 0;
  for (let metric = first; metric < last; metric += 1) {
    const also = b === undefined ? -1 : placeOf(b.id, a.id[metric]!, from, to);
    if (b === undefined || also < 0) copyMetric(builder, a, metric);
    else mergeMetric(builder, a, metric, b, also);
  }
  if (b === undefined) return;
  for (let metric = from; metric < to; metric += 1) {
    if (placeOf(a.id, b.id[metric]!, first, last) < 0) copyMetric(builder, b, metric);
  }
}

type Metrics = Part["metrics"];

function copyMetric(builder: PartBuilder, a: Metrics, metric: number): void {
  builder.metric(a.id[metric]!, a.min[metric]!, a.max[metric]!);
  for (let at = a.sample[metric]!; at < a.sample[metric + 1]!; at += 1) copySample(builder, a, at);
}

function copySample(builder: PartBuilder, { seconds, nanos, value }: Metrics, at: number): void {
  builder.sample(seconds[at]!, nanos[at]!, value[at]!);
}

function mergeMetric(builder: PartBuilder, a: Metrics, i: number, b: Metrics, j: number): void {
  builder.metric(a.id[i]!, Math.min(a.min[i]!, b.min[j]!), Math.max(a.max[i]!, b.max[j]!));
  let left = a.sample[i]!;
  let right = b.sample[j]!;
  while (left < a.sample[i + 1]! || right < b.sample[j + 1]!) {
    const isLeft = right >= b.sample[j + 1]!;
    const isRight = left >= a.sample[i + 1]!;
    const seconds = isLeft || isRight ? 0 : a.seconds[left]! - b.seconds[right]!;
    const order = seconds || (isLeft || isRight ? 0 : a.nanos[left]! - b.nanos[right]!);
    if (isLeft || (!isRight && order < 0)) copySample(builder, a, left++);
    else {
      copySample(builder, b, right++);
      if (!isRight && order === 0) left += 1;
    }
  }
}
