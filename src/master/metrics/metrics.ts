import type { MetricsPort } from "../core/ports.ts";
import { COUNTERS, TIMINGS } from "./names.ts";
import { writePrometheus } from "./prometheus.ts";
import { Timing } from "./timing.ts";

/** Tells gauges: called while metrics are read. */
export type ReadGauges = (tell: (name: string, value: number) => void) => void;

/** All metrics at one moment, under Mesos' names. */
export interface MetricsReading {
  readonly counters: ReadonlyMap<string, number>;
  readonly timings: ReadonlyMap<string, Timing>;
  readonly gauges: ReadonlyMap<string, number>;
}

/** How many names of each kind there may be: a framework that comes and goes must not fill memory. */
const NAMES_MAX = 50_000;

/**
 * The counters, timings and gauges of a master.
 *
 * Counting is an increment in a map and recording a store in a ring; gauges cost nothing until
 * somebody reads them.
 */
export class MasterMetrics implements MetricsPort {
  readonly #counters = new Map<string, { value: number }>();
  readonly #timings = new Map<string, Timing>();
  readonly #gauges: ReadGauges[] = [];
  #dropped = 0;

  constructor() {
    for (const name of COUNTERS) this.#counters.set(name, { value: 0 });
    for (const name of TIMINGS) this.#timings.set(name, new Timing());
  }

  count(name: string, by = 1): void {
    const counter = this.#counters.get(name);
    if (counter !== undefined) counter.value += by;
    else if (this.#counters.size < NAMES_MAX) this.#counters.set(name, { value: by });
    else this.#dropped += 1;
  }

  /** What a counter stands at; 0 for one that is not there. */
  counter(name: string): number {
    return this.#counters.get(name)?.value ?? 0;
  }

  observe(name: string, ms: number): void {
    const timing = this.#timings.get(name);
    if (timing !== undefined) timing.record(ms);
    else if (this.#timings.size < NAMES_MAX) this.#timings.set(name, timed(ms));
    else this.#dropped += 1;
  }

  /** Ask this whenever metrics are read. */
  addGauges(read: ReadGauges): void {
    this.#gauges.push(read);
  }

  /** Drop all counters and timings whose names begin with this: a framework is over. */
  forget(prefix: string): void {
    for (const names of [this.#counters, this.#timings]) {
      for (const name of names.keys()) if (name.startsWith(prefix)) names.delete(name);
    }
  }

  /** Everything as it is now; of gauges told twice the last one counts. */
  read(): MetricsReading {
    const gauges = new Map<string, number>();
    for (const read of this.#gauges) read((name, value) => void gauges.set(name, value));
    const counters = new Map(Array.from(this.#counters, ([name, { value }]) => [name, value]));
    if (this.#dropped > 0) counters.set("metrics/dropped_names", this.#dropped);
    return { counters, timings: this.#timings, gauges };
  }

  /** What `/metrics/snapshot` answers: one flat object, names sorted. */
  snapshot(): Record<string, number> {
    const { counters, timings, gauges } = this.read();
    const values = [...counters, ...gauges];
    for (const [name, timing] of timings) {
      const { count, figures } = timing.summary();
      values.push([`${name}/count`, count]);
      if (count === 0) continue;
      values.push([name, timing.lastMs]);
      for (const [figure, ms] of figures) values.push([`${name}/${figure}`, ms]);
    }
    return Object.fromEntries(values.sort(([a], [b]) => (a < b ? -1 : Number(a > b))));
  }

  /** What `/metrics` answers: Prometheus' text exposition, version 0.0.4. */
  prometheus(): string {
    return writePrometheus(this.read());
  }
}

function timed(ms: number): Timing {
  const timing = new Timing();
  timing.record(ms);
  return timing;
}
