import type { Clock } from "../../base/mod.ts";
import { TopologyStream } from "../stream/topology_stream.ts";
import type { NodeSummary } from "../view/summary.ts";
import type { Moment } from "./past.ts";
import type { ViewQuery } from "./report_store.ts";
import { keyOf } from "./view_cache.ts";

/** What somebody wants to follow. */
export interface Followed {
  readonly topologyId: string;
  readonly query: ViewQuery;
  /** The past from a moment on; undefined: the present. */
  readonly fromMs?: number;
}

/** Options of {@linkcode Streams}. */
export interface StreamsOptions {
  readonly clock: Clock;
  readonly present: Moment;
  readonly past: (fromMs: number) => Moment;
  readonly newEpoch: () => string;
  readonly intervalMs?: number;
  readonly onError: (error: unknown) => void;
}

/** Streams that nobody listens to are kept, so that clients can resume. */
const IDLE_MAX = 16;
const NO_NODES: ReadonlyMap<string, NodeSummary> = new Map();

/** One stream a view, shared by all who follow it. */
export class Streams {
  readonly #options: StreamsOptions;
  readonly #streams = new Map<string, TopologyStream>();

  constructor(options: StreamsOptions) {
    this.#options = options;
  }

  /** How many clients follow something. */
  get clients(): number {
    return [...this.#streams.values()].reduce((sum, { clients }) => sum + clients, 0);
  }

  /** How many views are followed. */
  get size(): number {
    return [...this.#streams.values()].filter(({ clients }) => clients > 0).length;
  }

  /** Bytes handed to sockets by the streams that are kept. */
  get bytesSent(): number {
    return [...this.#streams.values()].reduce((sum, { bytesSent }) => sum + bytesSent, 0);
  }

  /**
   * The stream of a view.
   *
   * @throws {FairleadError} `history_absent`.
   */
  open(followed: Followed): TopologyStream {
    const { topologyId, query, fromMs } = followed;
    const key = `${fromMs ?? ""}${keyOf(topologyId, query)}`;
    const known = this.#streams.get(key);
    // The past that somebody else plays has gone on meanwhile.
    if (known !== undefined && (fromMs === undefined || known.clients > 0)) return known;
    const stream = this.#make(followed);
    this.#streams.set(key, stream);
    this.#forget();
    return stream;
  }

  /** The present may have changed. */
  wake(): void {
    for (const stream of this.#streams.values()) {
      if (stream.clients > 0) stream.wake();
    }
  }

  close(): void {
    for (const stream of this.#streams.values()) stream.close();
    this.#streams.clear();
  }

  #make({ topologyId, query, fromMs }: Followed): TopologyStream {
    const { clock, newEpoch, intervalMs, onError } = this.#options;
    const moment = fromMs === undefined ? this.#options.present : this.#options.past(fromMs);
    return new TopologyStream({
      clock,
      newEpoch,
      onError,
      ...(intervalMs === undefined ? {} : { intervalMs }),
      atMs: () => moment.nowMs(),
      nodes: () => {
        moment.advance();
        return moment.views.nodes(topologyId, query) ?? NO_NODES;
      },
    });
  }

  #forget(): void {
    const idle = [...this.#streams].filter(([, { clients }]) => clients === 0).slice(0, -1);
    for (const [key] of idle.slice(0, Math.max(0, idle.length - IDLE_MAX))) {
      this.#streams.delete(key);
    }
  }
}
