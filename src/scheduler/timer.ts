/** Waking at a time that moves. */
import type { Clock } from "../base/mod.ts";

/**
 * Calls `wake` when the time comes that `nextDueMs` names.
 *
 * A due time that moves away costs nothing: it wakes at the old one and sleeps on. One that comes
 * nearer ends the sleep.
 */
export class Alarm {
  readonly #clock: Clock;
  readonly #wake: () => void;
  #sleep: { readonly dueMs: number; readonly controller: AbortController } | undefined;

  constructor(clock: Clock, wake: () => void) {
    this.#clock = clock;
    this.#wake = wake;
  }

  /** Wake at this time at the latest; undefined: not at all. */
  set(dueMs: number | undefined): void {
    if (dueMs === undefined) {
      this.clear();
      return;
    }
    if (this.#sleep !== undefined && this.#sleep.dueMs <= dueMs) return;
    this.clear();
    const controller = new AbortController();
    this.#sleep = { dueMs, controller };
    const ms = Math.max(0, dueMs - this.#clock.nowMs());
    this.#clock.sleep(ms, { signal: controller.signal }).then(
      () => {
        this.#sleep = undefined;
        this.#wake();
      },
      // Nothing rejects a sleep but `clear`.
      () => undefined,
    );
  }

  clear(): void {
    this.#sleep?.controller.abort();
    this.#sleep = undefined;
  }
}
