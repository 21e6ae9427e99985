/**
 * What every folder of fairlead stands on: one error with a code, branded ids, time and chance as
 * ports, bounded queues, retry with backoff, disposal by scope. Nothing here knows what a
 * datacenter is, and nothing but the two `system` ports reads a clock or rolls dice: hand in
 * `VirtualClock` and `SeededRandom`, and the same seed gives the same run.
 *
 * @example
 * ```ts
 * import { retry, SeededRandom, VirtualClock } from "fairlead/base";
 *
 * const clock = new VirtualClock();
 * let calls = 0;
 * const answer = retry(
 *   async () => {
 *     calls += 1;
 *     if (calls < 3) throw new Error("not yet");
 *     return calls;
 *   },
 *   { attemptsMax: 5, clock, random: new SeededRandom(7) },
 * );
 * await clock.advance(60_000);
 * console.assert((await answer) === 3);
 * ```
 *
 * @module
 */
export { Aborts } from "./aborts.ts";
export type { Brand } from "./brand.ts";
export { ChangeQueue, type Resync } from "./change_queue.ts";
export { type NumberBounds, requireInteger, requireNumber } from "./check.ts";
export { type Clock, type SleepOptions, systemClock } from "./clock.ts";
export { asyncDispose, Disposer } from "./disposer.ts";
export { FairleadError, type FairleadErrorOptions, unreachable } from "./error.ts";
export { Fifo } from "./fifo.ts";
export { compilePattern, type Pattern } from "./pattern.ts";
export { BoundedQueue, type BoundedQueueOptions, type FullPolicy } from "./queue.ts";
export {
  type MutableList,
  type Random,
  SeededRandom,
  systemRandom,
  type XoshiroState,
} from "./random.ts";
export { type Attempt, type Backoff, type RetryOptions, retry } from "./retry.ts";
export { StateFeed } from "./state_feed.ts";
export { VirtualClock } from "./virtual_clock.ts";
