/** The clock of one machine: it may be off, and run too fast or too slow. */
import type { World } from "./world.ts";

/** How wrong a machine's clock is. */
export interface ClockSkew {
  /** Ahead of the right time at the start; below zero: behind. */
  readonly offsetMs: number;
  /** Gains so many milliseconds in a thousand seconds; below zero: loses. */
  readonly driftPpm: number;
}

const NO_SKEW: ClockSkew = { offsetMs: 0, driftPpm: 0 };

/** Whole milliseconds, never backwards. */
export class NodeClock {
  readonly #world: World;
  readonly #startMs: number;
  readonly #skew: ClockSkew;
  readonly #rate: number;

  constructor(world: World, skew: ClockSkew = NO_SKEW) {
    this.#world = world;
    this.#startMs = world.nowMs - world.elapsedMs;
    this.#skew = skew;
    this.#rate = 1 + skew.driftPpm / 1_000_000;
  }

  nowMs(): number {
    const { nowMs } = this.#world;
    if (this.#rate === 1) return nowMs + this.#skew.offsetMs;
    return this.#startMs + this.#skew.offsetMs + Math.floor((nowMs - this.#startMs) * this.#rate);
  }

  /** In how many milliseconds of the right time this clock shows at least `dueMs`. */
  untilMs(dueMs: number): number {
    return Math.max(0, Math.ceil((dueMs - this.nowMs()) / this.#rate));
  }
}
