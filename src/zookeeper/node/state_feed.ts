import { BoundedQueue } from "../../base/mod.ts";
import type { ZooKeeperState } from "./state.ts";

const STATES_MAX = 64;

/** The states of a client, for any number of readers; one that lags loses the oldest. */
export class StateFeed {
  #state: ZooKeeperState = { status: "connecting" };
  readonly #readers = new Set<BoundedQueue<ZooKeeperState>>();

  get state(): ZooKeeperState {
    return this.#state;
  }

  enter(state: ZooKeeperState): void {
    if (this.#state.status === "ended") return;
    this.#state = state;
    for (const reader of this.#readers) {
      reader.push(state);
      if (state.status === "ended") reader.close();
    }
  }

  async *changes({
    signal,
  }: {
    readonly signal?: AbortSignal | undefined;
  }): AsyncGenerator<ZooKeeperState, undefined> {
    const reader = new BoundedQueue<ZooKeeperState>({
      capacityMax: STATES_MAX,
      whenFull: "drop_oldest",
    });
    reader.push(this.#state);
    if (this.#state.status === "ended") reader.close();
    this.#readers.add(reader);
    try {
      yield* reader.values({ signal });
    } finally {
      this.#readers.delete(reader);
    }
    return undefined;
  }
}
