/** Stores on virtual time, for the tests of recipes. */
import { type Clock, SeededRandom, VirtualClock } from "fairlead/base";
import { MemoryTree } from "fairlead/coordination";

export const TIMEOUT_MS = 6_000;

/** Let everything that can run, run. */
export const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A clock that shows another time and runs as fast. */
export function shifted(clock: Clock, byMs: number): Clock {
  return { nowMs: () => clock.nowMs() + byMs, sleep: (ms, options) => clock.sleep(ms, options) };
}

/** A tree whose stores have sessions of 6 s and messages of 1 to 9 ms each way. */
export function virtualWorld(seed = 1) {
  const clock = new VirtualClock(1_000_000);
  const tree = new MemoryTree({ clock });
  const random = new SeededRandom(seed);
  const latencyMs = { min: 1, max: 9 };
  const connect = (of: Clock = clock) =>
    tree.connect({ sessionTimeoutMs: TIMEOUT_MS, latencyMs, random, clock: of });
  /** Move time until an act ends. */
  async function finish<T>(act: Promise<T>, withinMs = 120_000): Promise<T> {
    let isDone = false;
    const settled = () => {
      isDone = true;
    };
    act.then(settled, settled);
    for (let waitedMs = 0; !isDone && waitedMs <= withinMs; waitedMs += 10) {
      await clock.advance(10);
      await turn();
    }
    if (!isDone) throw new Error(`Not done within ${withinMs} ms`);
    return act;
  }
  return { clock, tree, random, connect, finish };
}
