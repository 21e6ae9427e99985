/** How lively edges are: connections opened a minute, from counts at different moments. */

/** What is known of an edge. */
export interface EdgeRate {
  /** Connections now. */
  readonly count: number;
  /** Connections opened in the window, scaled to a minute. */
  readonly openedPerMinute: number;
}

interface Edge {
  count: number;
  /** Pairs of moment and growth, oldest first. */
  grown: (readonly [number, number])[];
}

const MINUTE_MS = 60_000;

/** Options of {@linkcode EdgeRates}. */
export interface EdgeRatesOptions {
  /** @default 60_000 */
  readonly windowMs?: number;
}

/** The rates of a view's edges; an edge is a key that its user makes. */
export class EdgeRates {
  readonly #windowMs: number;
  readonly #edges = new Map<string, Edge>();
  #startedMs: number | undefined;

  constructor({ windowMs = MINUTE_MS }: EdgeRatesOptions = {}) {
    this.#windowMs = windowMs;
  }

  /** Forget everything. */
  clear(): void {
    this.#edges.clear();
    this.#startedMs = undefined;
  }

  /** Take the counts of one moment; edges that are not named are gone. */
  observe(atMs: number, counts: ReadonlyMap<string, number>): void {
    const isFirst = this.#startedMs === undefined;
    this.#startedMs ??= atMs;
    for (const key of this.#edges.keys()) if (!counts.has(key)) this.#edges.delete(key);
    for (const [key, count] of counts) {
      const edge = this.#edges.get(key) ?? { count: isFirst ? count : 0, grown: [] };
      const growth = count - edge.count;
      edge.count = count;
      const grown = growth > 0 ? [...edge.grown, [atMs, growth] as const] : edge.grown;
      edge.grown = grown.filter(([at]) => at > atMs - this.#windowMs);
      this.#edges.set(key, edge);
    }
  }

  /** What is known of an edge; nothing of one that is not there. */
  rateOf(key: string, nowMs: number): EdgeRate | undefined {
    const edge = this.#edges.get(key);
    if (edge === undefined || this.#startedMs === undefined) return undefined;
    const spanMs = Math.min(this.#windowMs, Math.max(1_000, nowMs - this.#startedMs));
    const opened = edge.grown
      .filter(([at]) => at > nowMs - this.#windowMs)
      .reduce((sum, [, growth]) => sum + growth, 0);
    return { count: edge.count, openedPerMinute: (opened * MINUTE_MS) / spanMs };
  }
}
