/** How many of the latest timings are kept. */
const TIMINGS_MAX = 1_000;

/** The figures of a timing, in milliseconds, under the endings of Mesos' names. */
const QUANTILES = [
  ["p50", 0.5],
  ["p90", 0.9],
  ["p95", 0.95],
  ["p99", 0.99],
  ["p999", 0.999],
  ["p9999", 0.9999],
] as const;

/** A summary of timings. */
export interface TimingSummary {
  /** Of all timings ever, */
  readonly count: number;
  readonly sumMs: number;
  /** and of the latest thousand of them. */
  readonly figures: readonly (readonly [name: string, ms: number])[];
  readonly quantiles: readonly (readonly [ratio: number, ms: number])[];
}

/** Keeps the latest timings of one thing. Recording is a store; reading sorts a thousand numbers. */
export class Timing {
  readonly #ring = new Float64Array(TIMINGS_MAX);
  #count = 0;
  #sumMs = 0;

  record(ms: number): void {
    this.#ring[this.#count % TIMINGS_MAX] = ms;
    this.#count += 1;
    this.#sumMs += ms;
  }

  /** The timing recorded last; 0 when there is none. */
  get lastMs(): number {
    return this.#count === 0 ? 0 : (this.#ring[(this.#count - 1) % TIMINGS_MAX] ?? 0);
  }

  summary(): TimingSummary {
    const sorted = this.#ring.slice(0, Math.min(this.#count, TIMINGS_MAX)).sort();
    const { length } = sorted;
    const quantiles =
      length === 0 ? [] : QUANTILES.map(([, ratio]) => [ratio, at(sorted, ratio)] as const);
    const named = QUANTILES.map(([name], index) => [name, quantiles[index]?.[1] ?? 0] as const);
    const bounds = [["min", sorted[0] ?? 0] as const, ["max", sorted[length - 1] ?? 0] as const];
    return {
      count: this.#count,
      sumMs: this.#sumMs,
      figures: length === 0 ? [] : [...bounds, ...named],
      quantiles,
    };
  }
}

/** The value at a ratio of sorted values, between neighbours in proportion. */
function at(sorted: Float64Array, ratio: number): number {
  const position = ratio * (sorted.length - 1);
  const index = Math.floor(position);
  const [low, high] = [sorted[index] ?? 0, sorted[index + 1] ?? sorted[index] ?? 0];
  return low + (position - index) * (high - low);
}
