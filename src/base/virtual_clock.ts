import { requireNumber } from "./check.ts";
import type { Clock, SleepOptions } from "./clock.ts";

interface Sleeper {
  readonly dueMs: number;
  /** Order of arrival: it decides between sleepers of one instant. */
  readonly order: number;
  readonly wake: () => void;
}

/**
 * A clock that stands still until it is told to advance: for tests and simulations.
 *
 * Sleepers wake one at a time, by due time and then by order of arrival, and the code that a
 * sleeper wakes runs until it waits again before the next one wakes. Equal programs therefore
 * give equal runs, at whatever speed the machine has.
 */
export class VirtualClock implements Clock {
  #nowMs: number;
  #order = 0;
  /** Sorted by (dueMs, order). */
  readonly #sleepers: Sleeper[] = [];

  constructor(startMs = 0) {
    this.#nowMs = requireNumber("startMs", startMs, { min: 0, max: Number.MAX_SAFE_INTEGER });
  }

  /** How many sleeps are pending. */
  get sleeping(): number {
    return this.#sleepers.length;
  }

  /** When the next sleeper is due; undefined when nobody sleeps. */
  get nextDueMs(): number | undefined {
    return this.#sleepers[0]?.dueMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  sleep(ms: number, { signal }: SleepOptions = {}): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = () => {
        this.#remove(sleeper);
        reject(signal?.reason);
      };
      const wake = () => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      };
      const sleeper = { dueMs: this.#nowMs + Math.max(ms, 0), order: this.#order++, wake };
      this.#insert(sleeper);
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }

  /**
   * Move time forward by `ms`, waking whoever becomes due on the way, those included that went to
   * sleep while it moved. It resolves when the last of them waits again.
   *
   * Code that waits for something outside of this clock (a socket, a file) is not waited for.
   */
  async advance(ms: number): Promise<void> {
    requireNumber("ms", ms, { min: 0, max: Number.MAX_SAFE_INTEGER });
    const endMs = this.#nowMs + ms;
    await turn();
    for (let next = this.#sleepers[0]; next !== undefined; next = this.#sleepers[0]) {
      if (next.dueMs > endMs) break;
      this.#sleepers.shift();
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      next.wake();
      await turn();
    }
    this.#nowMs = Math.max(this.#nowMs, endMs);
  }

  #insert(sleeper: Sleeper): void {
    let low = 0;
    let high = this.#sleepers.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#sleepers[middle]?.dueMs ?? 0) <= sleeper.dueMs) low = middle + 1;
      else high = middle;
    }
    this.#sleepers.splice(low, 0, sleeper);
  }

  #remove(sleeper: Sleeper): void {
    const index = this.#sleepers.indexOf(sleeper);
    if (index >= 0) this.#sleepers.splice(index, 1);
  }
}

/** One turn of the event loop: every promise callback that can run has run. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    const { setImmediate, MessageChannel }: Macrotasks = globalThis;
    if (setImmediate !== undefined) {
      setImmediate(resolve);
      return;
    }
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

/** Where a turn can be had: Node, Deno and Bun have the first, browsers only the second. */
interface Macrotasks {
  readonly setImmediate?: (done: () => void) => unknown;
  readonly MessageChannel: typeof MessageChannel;
}
