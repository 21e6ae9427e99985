/** Port numbers out of ranges. */

/** The integers from `begin` to `end`, both included. */
export interface Span {
  readonly begin: number;
  readonly end: number;
}

/** How many integers there are. */
export function countSpans(spans: readonly Span[]): number {
  let count = 0;
  for (const { begin, end } of spans) count += end - begin + 1;
  return count;
}

/** Is the number in one of them? */
export function hasNumber(spans: readonly Span[], number: number): boolean {
  return spans.some(({ begin, end }) => begin <= number && number <= end);
}

/** The spans without a number; the same list when it is not in them. */
export function withoutNumber(spans: readonly Span[], number: number): readonly Span[] {
  const at = spans.findIndex(({ begin, end }) => begin <= number && number <= end);
  const span = spans[at];
  if (span === undefined) return spans;
  const left = { begin: span.begin, end: number - 1 };
  const right = { begin: number + 1, end: span.end };
  const kept = [left, right].filter(({ begin, end }) => begin <= end);
  return [...spans.slice(0, at), ...kept, ...spans.slice(at + 1)];
}

/**
 * So many numbers out of the spans, in order from the `skip`-th on, around the end.
 *
 * @param count At most as many as there are.
 */
export function pickNumbers(spans: readonly Span[], count: number, skip = 0): number[] {
  const total = countSpans(spans);
  const picked: number[] = [];
  for (let index = 0; index < count; index += 1) {
    picked.push(numberAt(spans, (skip + index) % total));
  }
  return picked;
}

function numberAt(spans: readonly Span[], index: number): number {
  let rest = index;
  for (const { begin, end } of spans) {
    const length = end - begin + 1;
    if (rest < length) return begin + rest;
    rest -= length;
  }
  return Number.NaN;
}

/** Numbers as spans, sorted, neighbours joined. */
export function spansOf(numbers: readonly number[]): Span[] {
  const sorted = [...numbers].sort((a, b) => a - b);
  const spans: { begin: number; end: number }[] = [];
  for (const number of sorted) {
    const last = spans.at(-1);
    if (last !== undefined && last.end + 1 === number) last.end = number;
    else spans.push({ begin: number, end: number });
  }
  return spans;
}
