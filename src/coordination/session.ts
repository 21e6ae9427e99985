import { type FairleadError, StateFeed } from "../base/mod.ts";

/**
 * Where the session of a store stands.
 *
 * After `expired` the store connects again by itself, with a new session of another id: what was
 * ephemeral is gone and has to be created anew.
 */
export type SessionState =
  | { readonly status: "connecting"; readonly attempt: number }
  | { readonly status: "connected"; readonly id: bigint; readonly timeoutMs: number }
  /** The connection is lost; the session may live on. */
  | { readonly status: "suspended"; readonly id: bigint; readonly timeoutMs: number }
  | { readonly status: "expired"; readonly id: bigint; readonly cause: FairleadError }
  | { readonly status: "closed" };

/** The life of a store's connection. */
export interface Session {
  readonly state: SessionState;
  /**
   * Whether the session of this id lives for certain at this very moment: no other process can
   * have seen its ephemerals go.
   *
   * It turns false by the clock, before any event says so: a process that was stopped for longer
   * than the session's timeout gets the right answer from its first question on.
   */
  isAlive(id: bigint): boolean;
  /**
   * The present state, then every further one, until the store is closed.
   *
   * A reader that lags more than 64 states behind loses the oldest; ids tell that there was
   * another session in between.
   */
  changes(options?: {
    readonly signal?: AbortSignal | undefined;
  }): AsyncGenerator<SessionState, undefined>;
}

/** A session that a driver moves from state to state. */
export class SessionFeed extends StateFeed<SessionState> implements Session {
  readonly #isAlive: (id: bigint) => boolean;

  /** @param isAlive Answers for the id of the session that is connected or suspended. */
  constructor(isAlive: (id: bigint) => boolean) {
    super({ status: "connecting", attempt: 1 }, ({ status }) => status === "closed");
    this.#isAlive = isAlive;
  }

  isAlive(id: bigint): boolean {
    const { state } = this;
    if (state.status !== "connected" && state.status !== "suspended") return false;
    return state.id === id && this.#isAlive(id);
  }
}
