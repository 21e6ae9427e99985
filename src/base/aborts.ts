/** Ends a wait. */
type Abort = (reason: unknown) => void;

/**
 * Many waits that one signal may end, behind a single listener: thousands of calls with one signal
 * are nothing to warn of.
 */
export class Aborts {
  readonly #waits = new Map<
    AbortSignal,
    { readonly acts: Set<Abort>; readonly stop: () => void }
  >();

  /** Call `act` when the signal aborts; nothing happens for no signal. */
  add(signal: AbortSignal | undefined, act: Abort): void {
    if (signal === undefined) return;
    const known = this.#waits.get(signal);
    if (known !== undefined) {
      known.acts.add(act);
      return;
    }
    const acts = new Set([act]);
    const listener = () => {
      this.#waits.delete(signal);
      for (const each of acts) each(signal.reason);
    };
    signal.addEventListener("abort", listener, { once: true });
    const stop = () => signal.removeEventListener("abort", listener);
    this.#waits.set(signal, { acts, stop });
  }

  /** The wait has ended otherwise; after the last one the signal has no listener of ours. */
  remove(signal: AbortSignal | undefined, act: Abort): void {
    const known = signal && this.#waits.get(signal);
    if (signal === undefined || known === undefined) return;
    known.acts.delete(act);
    if (known.acts.size > 0) return;
    known.stop();
    this.#waits.delete(signal);
  }
}
