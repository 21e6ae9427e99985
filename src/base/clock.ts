/** Options of {@linkcode Clock.sleep}. */
export interface SleepOptions {
  /** Ends the sleep early: the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Time as a port: whatever waits or dates something is handed one of these. */
export interface Clock {
  /** Milliseconds since the epoch of this clock; never an absolute promise across machines. */
  nowMs(): number;
  /**
   * Wait for `ms` milliseconds; zero and less wait one turn.
   *
   * An aborted sleep rejects with the signal's reason and leaves no timer and no listener.
   */
  sleep(ms: number, options?: SleepOptions): Promise<void>;
}

/** Timers of the platform hold a signed 32-bit delay; longer sleeps are cut into pieces. */
const TIMER_MS_MAX = 2_147_483_647;

/** The clock of the machine. A sleep keeps the process alive. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  async sleep(ms, { signal } = {}) {
    let restMs = ms;
    do {
      const pieceMs = Math.min(Math.max(restMs, 0), TIMER_MS_MAX);
      await timer(pieceMs, signal);
      restMs -= pieceMs;
    } while (restMs > 0);
  },
};

function timer(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = () => {
      clearTimeout(handle);
      reject(signal?.reason);
    };
    const handle = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
