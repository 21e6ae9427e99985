import { SeededRandom, VirtualClock } from "fairlead/base";
import { SimulatedEnsemble } from "fairlead/sim";

/** A simulated ensemble and time that goes on while something is waited for. */
export function simulated(seed = 1, zxid = 0n) {
  const clock = new VirtualClock();
  const ensemble = new SimulatedEnsemble({ clock, random: new SeededRandom(seed), zxid });
  return { clock, ensemble, wait: waiter(clock) };
}

/** Waits for a promise while virtual time goes on. */
export function waiter(clock: VirtualClock) {
  return async <T>(call: Promise<T>): Promise<T> => {
    let isDone = false;
    const done = call.finally(() => {
      isDone = true;
    });
    done.catch(() => undefined);
    while (!isDone) await clock.advance(10);
    return await done;
  };
}
