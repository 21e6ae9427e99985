/** Reports that cannot wait, at most one in a while: what comes close together goes together. */
import { BoundedQueue, type Clock } from "../base/mod.ts";
import type { Report } from "../topology/mod.ts";

/** Options of {@linkcode ShortcutQueue}. */
export interface ShortcutQueueOptions {
  readonly clock: Clock;
  /** The shortest time between two publications. */
  readonly intervalMs: number;
  publish(reports: readonly Report[]): void;
}

const QUEUE_MAX = 1_024;

/** Holds up to 1,024 reports; more are dropped and counted, for the next regular one has them. */
export class ShortcutQueue {
  readonly #options: ShortcutQueueOptions;
  readonly #queue = new BoundedQueue<Report>({ capacityMax: QUEUE_MAX, whenFull: "drop_newest" });
  #published = 0;

  constructor(options: ShortcutQueueOptions) {
    this.#options = options;
  }

  /** How many publications were made. */
  get published(): number {
    return this.#published;
  }

  /** How many reports found no room. */
  get dropped(): number {
    return this.#queue.dropped;
  }

  /** Publish a report soon. */
  push(report: Report): void {
    this.#queue.push(report);
  }

  /** Publish until the signal is aborted; then it rejects with the signal's reason. */
  async run(signal: AbortSignal): Promise<void> {
    for (;;) {
      const first = await this.#queue.take({ signal });
      if (first.done) return;
      const reports = [first.value];
      while (this.#queue.size > 0) {
        const next = await this.#queue.take({ signal });
        if (!next.done) reports.push(next.value);
      }
      this.#options.publish(reports);
      this.#published += 1;
      await this.#options.clock.sleep(this.#options.intervalMs, { signal });
    }
  }
}
