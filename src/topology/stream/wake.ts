import type { Clock } from "../../base/mod.ts";

/** Lets a loop wait until something happens or time is up; what happened before is not lost. */
export class Wake {
  #isDue = false;
  #resolve: () => void = () => undefined;

  /** Something happened. */
  wake(): void {
    this.#isDue = true;
    this.#resolve();
  }

  /** Whether something happened before the time was up; an aborted wait tells false. */
  async wait(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
    if (!this.#isDue && !signal.aborted) {
      const timer = new AbortController();
      const woken = new Promise<void>((resolve) => {
        this.#resolve = resolve;
      });
      const ended = AbortSignal.any([timer.signal, signal]);
      await Promise.race([woken, clock.sleep(ms, { signal: ended }).catch(() => undefined)]);
      timer.abort();
      this.#resolve = () => undefined;
    }
    const happened = this.#isDue && !signal.aborted;
    this.#isDue = false;
    return happened;
  }
}
