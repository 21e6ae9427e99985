import { invalidResource, RANGE_END_MAX, type Range } from "./resource.ts";

/**
 * Sort ranges and join those that touch.
 *
 * @throws {FairleadError} `invalid_resource` when a bound is no integer in range, a range ends
 * before it begins, or two ranges overlap.
 */
export function normaliseRanges(ranges: readonly Range[], field: string): readonly Range[] {
  for (const range of ranges) checkRange(range, field);
  if (ranges.length < 2) return ranges;
  const sorted = [...ranges].sort((a, b) => a.begin - b.begin);
  for (let index = 1; index < sorted.length; index += 1) {
    const [before, after] = [sorted[index - 1]!, sorted[index]!];
    if (after.begin > before.end) continue;
    const fault = `ranges ${print(before)} and ${print(after)} overlap; each member may stand once`;
    throw invalidResource(field, fault, { ranges });
  }
  return joinSorted(sorted);
}

function checkRange(range: Range, field: string): void {
  for (const bound of [range.begin, range.end]) {
    if (Number.isInteger(bound) && bound >= 0 && bound <= RANGE_END_MAX) continue;
    const fault = `a bound of a range must be an integer from 0 to ${RANGE_END_MAX}, not ${bound}`;
    throw invalidResource(field, fault, { range });
  }
  if (range.begin <= range.end) return;
  throw invalidResource(field, `range ${print(range)} ends before it begins`, { range });
}

/** All members of both; the ranges given are normalised. */
export function uniteRanges(a: readonly Range[], b: readonly Range[]): readonly Range[] {
  return joinSorted([...a, ...b].sort((left, right) => left.begin - right.begin));
}

function joinSorted(sorted: readonly Range[]): readonly Range[] {
  const joined: Range[] = [];
  let last: Range | undefined;
  for (const range of sorted) {
    if (last !== undefined && range.begin <= last.end + 1) {
      last = { begin: last.begin, end: Math.max(last.end, range.end) };
      joined[joined.length - 1] = last;
    } else {
      last = range;
      joined.push(range);
    }
  }
  return joined;
}

/** The members of `a` that are not in `b`. */
export function subtractRanges(a: readonly Range[], b: readonly Range[]): readonly Range[] {
  const rest: Range[] = [];
  let next = 0;
  for (const range of a) {
    let { begin } = range;
    while (next < b.length && b[next]!.end < begin) next += 1;
    for (let cut = next; cut < b.length && b[cut]!.begin <= range.end; cut += 1) {
      if (b[cut]!.begin > begin) rest.push({ begin, end: b[cut]!.begin - 1 });
      begin = b[cut]!.end + 1;
    }
    if (begin <= range.end) rest.push(begin === range.begin ? range : { begin, end: range.end });
  }
  return rest;
}

/** The members that both have. */
export function intersectRanges(a: readonly Range[], b: readonly Range[]): readonly Range[] {
  const common: Range[] = [];
  let [left, right] = [0, 0];
  while (left < a.length && right < b.length) {
    const [x, y] = [a[left]!, b[right]!];
    const begin = Math.max(x.begin, y.begin);
    const end = Math.min(x.end, y.end);
    if (begin <= end) common.push({ begin, end });
    if (x.end < y.end) left += 1;
    else right += 1;
  }
  return common;
}

/** Whether every member of `b` is in `a`. */
export function containsRanges(a: readonly Range[], b: readonly Range[]): boolean {
  let outer = 0;
  for (const inner of b) {
    while (outer < a.length && a[outer]!.end < inner.begin) outer += 1;
    const range = a[outer];
    if (range === undefined || range.begin > inner.begin || range.end < inner.end) return false;
  }
  return true;
}

/** How many members the ranges have. */
export function countRanges(ranges: readonly Range[]): number {
  let count = 0;
  for (const range of ranges) count += range.end - range.begin + 1;
  return count;
}

/** The first `count` members in order. */
export function firstOfRanges(ranges: readonly Range[], count: number): readonly Range[] {
  const first: Range[] = [];
  let missing = count;
  for (const range of ranges) {
    if (missing <= 0) break;
    const end = Math.min(range.end, range.begin + missing - 1);
    first.push({ begin: range.begin, end });
    missing -= end - range.begin + 1;
  }
  return first;
}

function print(range: Range): string {
  return `${range.begin}-${range.end}`;
}
