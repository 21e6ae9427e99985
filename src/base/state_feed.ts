import { BoundedQueue } from "./queue.ts";

const STATES_MAX = 64;

/**
 * A state that is moved from one to the next, for any number of readers.
 *
 * A reader that lags more than 64 states behind loses the oldest; after the last one nothing moves.
 */
export class StateFeed<State> {
  #state: State;
  readonly #isLast: (state: State) => boolean;
  readonly #readers = new Set<BoundedQueue<State>>();

  /** @param isLast Whether a state is for good. */
  constructor(state: State, isLast: (state: State) => boolean) {
    this.#state = state;
    this.#isLast = isLast;
  }

  get state(): State {
    return this.#state;
  }

  enter(state: State): void {
    if (this.#isLast(this.#state)) return;
    this.#state = state;
    for (const reader of this.#readers) {
      reader.push(state);
      if (this.#isLast(state)) reader.close();
    }
  }

  /** The present state, then every further one, until the last. */
  async *changes({
    signal,
  }: {
    readonly signal?: AbortSignal | undefined;
  } = {}): AsyncGenerator<State, undefined> {
    const reader = new BoundedQueue<State>({ capacityMax: STATES_MAX, whenFull: "drop_oldest" });
    reader.push(this.#state);
    if (this.#isLast(this.#state)) reader.close();
    this.#readers.add(reader);
    try {
      yield* reader.values({ signal });
    } finally {
      this.#readers.delete(reader);
    }
    return undefined;
  }
}
