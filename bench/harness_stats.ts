/** Percentiles, ratios and growth exponents. */

import type { Params, Result } from "./harness.ts";

/** The value below which the given part of the samples lies, interpolated. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = part * (sorted.length - 1);
  const low = sorted[Math.floor(at)];
  const high = sorted[Math.ceil(at)];
  if (low === undefined || high === undefined) throw new Error("Cannot rank: there is no sample");
  return low + (high - low) * (at - Math.floor(at));
}

/** Six significant digits: more would be noise, and the line stays readable. */
export function round(value: number): number {
  return Number(value.toPrecision(6));
}

/** How many times faster than each of the others `own` is, by one percentile. */
export function ratios(
  own: string,
  of: ReadonlyMap<string, readonly number[]>,
  part: number,
): Record<string, number> {
  const answer: Record<string, number> = {};
  const ownTime = percentile(of.get(own) ?? [], part);
  for (const [other, values] of of) {
    if (other !== own) answer[other] = round(percentile(values, part) / ownTime);
  }
  return answer;
}

/**
 * The growth exponents of a case's results: how time grows with one parameter, all else equal.
 *
 * 1 is linear, 2 quadratic. One line from the first size to the last, and one for every two sizes
 * that lie a factor of ten apart.
 */
export function exponents(results: readonly Result[], growth: string): Result[] {
  const lines: Result[] = [];
  for (const series of seriesOf(results, growth)) {
    for (const [from, to] of steps(series, growth)) lines.push(exponent(from, to, growth));
  }
  return lines;
}

/** Results of one contender that differ in the growing parameter only, smallest first. */
function seriesOf(results: readonly Result[], growth: string): Result[][] {
  const groups = new Map<string, Result[]>();
  for (const result of results) {
    if (typeof result.params[growth] !== "number") continue;
    const key = JSON.stringify([result.contender, { ...result.params, [growth]: 0 }]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [result]);
    else group.push(result);
  }
  return [...groups.values()].map((group) =>
    group.sort((a, b) => size(a, growth) - size(b, growth)),
  );
}

function steps(series: readonly Result[], growth: string): [Result, Result][] {
  const first = series[0];
  const last = series.at(-1);
  if (first === undefined || last === undefined || first === last) return [];
  const pairs: [Result, Result][] = [[first, last]];
  for (const from of series) {
    const to = series.find((each) => size(each, growth) === 10 * size(from, growth));
    if (to !== undefined && !(from === first && to === last)) pairs.push([from, to]);
  }
  return pairs;
}

function exponent(from: Result, to: Result, growth: string): Result {
  const decades = Math.log(size(to, growth) / size(from, growth));
  const grown = (a: number, b: number) => round(Math.log(b / a) / decades);
  const { [growth]: _, ...rest } = to.params;
  const params: Params = {
    ...rest,
    growth,
    from: size(from, growth),
    to: size(to, growth),
  };
  return {
    suite: to.suite,
    case: `${to.case}/exponent`,
    params,
    contender: to.contender,
    p10: grown(from.p10, to.p10),
    p50: grown(from.p50, to.p50),
    p99: grown(from.p99, to.p99),
    unit: "exponent",
    ratios: {},
  };
}

function size(result: Result, growth: string): number {
  return Number(result.params[growth]);
}
