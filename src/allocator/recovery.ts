/** The pause after a restart: no offers before most of the known agents are back. */
import { FairleadError, requireNumber } from "../base/mod.ts";
import type { Core } from "./core.ts";

/** How many agents are awaited, and for how long. */
export interface ExpectedAgents {
  readonly count: number;
  /** The part of `count` that has to be added. @default 0.8 */
  readonly factor?: number;
  /** @default 600000 */
  readonly timeoutMs?: number;
}

/** Knows whether allocation waits for agents. */
export class Recovery {
  readonly #core: Core;
  #waiting: { needed: number; added: number; untilMs: number } | undefined;

  constructor(core: Core) {
    this.#core = core;
  }

  /** @throws {FairleadError} `invalid_argument`. */
  expect({ count, factor = 0.8, timeoutMs = 600_000 }: ExpectedAgents): void {
    try {
      requireNumber("count", count, { min: 0, max: 2 ** 24 });
      requireNumber("factor", factor, { min: 0, max: 1 });
      requireNumber("timeoutMs", timeoutMs, { min: 0, max: Number.MAX_SAFE_INTEGER });
    } catch (cause) {
      const { message, details } = FairleadError.from(cause);
      throw new FairleadError("invalid_argument", message, { cause, details });
    }
    const untilMs = this.#core.nowMs() + timeoutMs;
    this.#waiting = { needed: factor * count, added: 0, untilMs };
  }

  agentAdded(): void {
    if (this.#waiting) this.#waiting.added++;
  }

  /** Is it too early to allocate? */
  get isPaused(): boolean {
    const waiting = this.#waiting;
    if (!waiting) return false;
    if (waiting.added < waiting.needed && this.#core.nowMs() < waiting.untilMs) return true;
    this.#waiting = undefined;
    return false;
  }

  get state(): { needed: number; added: number; untilMs: number } | undefined {
    return this.#waiting;
  }

  restore(state: { needed: number; added: number; untilMs: number } | undefined): void {
    this.#waiting = state;
  }
}
