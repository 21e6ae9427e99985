import type { Clock } from "../base/mod.ts";

/** How long the loop sleeps at most: a process that ends waits no longer for it. */
const STEP_MS_MAX = 250;

interface Entry {
  readonly dueMs: number;
  readonly onDue: () => void;
}

/**
 * Many deadlines with one timer: setting and lifting one costs an entry in a set.
 *
 * A deadline may come late by a quarter of a second at most.
 */
export class Deadlines {
  readonly #clock: Clock;
  readonly #entries = new Set<Entry>();
  #wakesAtMs = Number.POSITIVE_INFINITY;
  #sleep: AbortController | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Call `onDue` in `ms` milliseconds, unless the function returned is called before. */
  add(ms: number, onDue: () => void): () => void {
    const entry = { dueMs: this.#clock.nowMs() + ms, onDue };
    this.#entries.add(entry);
    if (this.#sleep === undefined) this.#run();
    else if (entry.dueMs < this.#wakesAtMs) this.#sleep.abort();
    return () => this.#entries.delete(entry);
  }

  async #run(): Promise<void> {
    while (this.#entries.size > 0) {
      this.#sleep = new AbortController();
      const nowMs = this.#clock.nowMs();
      this.#wakesAtMs = Math.min(this.#nextDueMs(), nowMs + STEP_MS_MAX);
      const sleep = this.#clock.sleep(this.#wakesAtMs - nowMs, { signal: this.#sleep.signal });
      await sleep.catch(() => undefined); // woken for an earlier one
      this.#callDue();
    }
    this.#sleep = undefined;
    this.#wakesAtMs = Number.POSITIVE_INFINITY;
  }

  #nextDueMs(): number {
    let nextMs = Number.POSITIVE_INFINITY;
    for (const { dueMs } of this.#entries) nextMs = Math.min(nextMs, dueMs);
    return nextMs;
  }

  #callDue(): void {
    const nowMs = this.#clock.nowMs();
    for (const entry of [...this.#entries]) {
      if (entry.dueMs > nowMs || !this.#entries.delete(entry)) continue;
      entry.onDue();
    }
  }
}

const byClock = new WeakMap<Clock, Deadlines>();

/** The deadlines of a clock. */
export function deadlinesOf(clock: Clock): Deadlines {
  let deadlines = byClock.get(clock);
  if (deadlines === undefined) {
    deadlines = new Deadlines(clock);
    byClock.set(clock, deadlines);
  }
  return deadlines;
}
