/** A collector on virtual time: up or not, and what reached it. */
import { type Clock, FairleadError } from "../../../src/base/mod.ts";
import type { Collector } from "../../../src/probe/mod.ts";

/** How it answers: takes all, is not there, says no, or is silent. */
export type Mood = "up" | "down" | "refusing" | "silent";

export class SimCollector implements Collector {
  readonly address: string;
  mood: Mood = "up";
  id: string;
  closed = false;
  readonly received: { readonly atMs: number; readonly text: string }[] = [];
  identified = 0;
  readonly #clock: Clock;

  constructor(clock: Clock, address = "sim", id = address) {
    this.#clock = clock;
    this.address = address;
    this.id = id;
  }

  async identify(signal: AbortSignal): Promise<string> {
    this.identified += 1;
    await this.#answer(signal);
    return this.id;
  }

  async send(body: Uint8Array, signal: AbortSignal): Promise<void> {
    await this.#answer(signal);
    this.received.push({ atMs: this.#clock.nowMs(), text: new TextDecoder().decode(body) });
  }

  close(): void {
    this.closed = true;
  }

  #answer(signal: AbortSignal): Promise<void> {
    if (this.mood === "up") return Promise.resolve();
    if (this.mood === "silent") {
      return new Promise((_, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason), { once: true }),
      );
    }
    const isDown = this.mood === "down";
    const code = isDown ? "collector_unreachable" : "publish_refused";
    return Promise.reject(new FairleadError(code, `Cannot publish: it is ${this.mood}`));
  }
}
