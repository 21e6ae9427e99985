import type { Clock } from "../../base/mod.ts";
import type { MessageSocket } from "../../http/mod.ts";
import type { Moment } from "../collector/past.ts";
import type { ViewQuery } from "../collector/report_store.ts";
import { scopeDelta } from "../stream/deltas.ts";
import { Wake } from "../stream/wake.ts";
import type { NodeSummary } from "../view/summary.ts";

type Nodes = ReadonlyMap<string, NodeSummary>;

/** What a client of Scope's WebSocket follows. */
export interface ScopeFollowed {
  readonly moment: Moment;
  readonly topologyId: string;
  readonly query: ViewQuery;
  readonly intervalMs: number;
}

const NO_NODES: Nodes = new Map();
/** Beyond so much in a client's socket a tick is left out; the next one tells more. */
const WAITING_BYTES_MAX = 1_048_576;

/** Tells clients the nodes of a topology as Scope does: a message each tick, whatever happened. */
export class ScopeSockets {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #onError: (error: unknown) => void;
  readonly #wakes = new Set<Wake>();
  /** Clients of one view mostly go from one same state to another. */
  readonly #texts = new WeakMap<Nodes, { readonly before: Nodes | undefined; text: string }>();

  constructor(clock: Clock, signal: AbortSignal, onError: (error: unknown) => void) {
    this.#clock = clock;
    this.#signal = signal;
    this.#onError = onError;
  }

  /** How many listen. */
  get size(): number {
    return this.#wakes.size;
  }

  /** Tell at once, not at the next tick. */
  wake(): void {
    for (const wake of this.#wakes) wake.wake();
  }

  /** Serve a client until its socket ends. */
  follow(socket: MessageSocket, followed: ScopeFollowed): void {
    const wake = new Wake();
    const ended = new AbortController();
    this.#wakes.add(wake);
    socket.onMessage(() => undefined);
    socket.onClose(() => {
      this.#wakes.delete(wake);
      ended.abort();
    });
    const signal = AbortSignal.any([ended.signal, this.#signal]);
    void this.#loop(socket, followed, { wake, signal });
  }

  async #loop(
    socket: MessageSocket,
    followed: ScopeFollowed,
    { wake, signal }: { readonly wake: Wake; readonly signal: AbortSignal },
  ): Promise<void> {
    let before: Nodes | undefined;
    while (!signal.aborted) {
      try {
        if (socket.bufferedBytes < WAITING_BYTES_MAX) before = this.#tell(socket, followed, before);
      } catch (error) {
        this.#onError(error);
      }
      await wake.wait(this.#clock, followed.intervalMs, signal);
    }
    socket.close(1001, "the collector is about to stop");
  }

  #tell(socket: MessageSocket, followed: ScopeFollowed, before: Nodes | undefined): Nodes {
    const { moment, topologyId, query } = followed;
    moment.advance();
    const after = moment.views.nodes(topologyId, query) ?? NO_NODES;
    const known = this.#texts.get(after);
    const text =
      known !== undefined && known.before === before
        ? known.text
        : JSON.stringify(scopeDelta(before, after));
    this.#texts.set(after, { before, text });
    socket.send(text);
    return after;
  }
}
