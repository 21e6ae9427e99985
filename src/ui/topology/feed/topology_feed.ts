import {
  asyncDispose,
  type Clock,
  FairleadError,
  type Random,
  systemClock,
  systemRandom,
} from "../../../base/mod.ts";
import type { TopologyDescriptor } from "../../../topology/mod.ts";
import { CompactStream } from "./compact_stream.ts";
import { NodeStore } from "./node_store.ts";
import { type CollectorInfo, type NodeDelta, readDelta } from "./read.ts";
import { serveSocket } from "./sockets.ts";
import { TopologyApi, type TopologyApiOptions, type TopologyQuery } from "./topology_api.ts";

/** Options of {@linkcode TopologyFeed}. */
export interface TopologyFeedOptions extends TopologyApiOptions {
  /** How often the list of topologies is asked for. @default 5_000 */
  readonly listMs?: number;
  /** How often the collector is to send changes. @default 1_000 */
  readonly intervalMs?: number;
  /** A stream that says nothing for so long is opened anew. @default 30_000 */
  readonly silenceMsMax?: number;
  /** @default systemClock */
  readonly clock?: Clock;
  /** @default systemRandom */
  readonly random?: Random;
}

/** How the feed stands. */
export type TopologyFeedStatus =
  /** Nobody listens, or nothing is asked for. */
  | { readonly status: "idle" }
  | { readonly status: "connecting"; readonly attempt: number }
  | { readonly status: "live"; readonly sinceMs: number }
  /** What is shown is of a moment and stays. */
  | { readonly status: "paused"; readonly atMs: number }
  | {
      readonly status: "away";
      readonly error: FairleadError;
      readonly attempt: number;
      readonly retryAtMs: number;
    }
  | { readonly status: "unauthorized"; readonly error: FairleadError };

const RETRY_MS_MIN = 500;
const RETRY_MS_MAX = 15_000;
/** Nodes that came so shortly before a pause are those of the pause. */
const FRESH_MS = 10_000;

/**
 * Follows a collector: the list of topologies, and the nodes of one of them as they change.
 *
 * Listeners are told of every change; the first one opens the connections, the last one's leaving
 * closes them. A connection that breaks is opened again, later after each failure.
 *
 * @example
 * ```ts no-run
 * import { TopologyFeed } from "fairlead/ui";
 *
 * await using feed = new TopologyFeed({ src: "http://127.0.0.1:4040/api" });
 * feed.follow({ topologyId: "containers", options: { system: "all" } });
 * const leave = feed.subscribe(() => console.log(feed.status.status, feed.store.nodes.size));
 * leave();
 * ```
 */
export class TopologyFeed implements AsyncDisposable {
  readonly store = new NodeStore();
  readonly api: TopologyApi;
  /** Paces the feed, and what looks at it. */
  readonly clock: Clock;
  readonly #random: Random;
  readonly #listMs: number;
  readonly #intervalMs: number;
  readonly #silenceMsMax: number;
  readonly #listeners = new Set<() => void>();
  #status: TopologyFeedStatus = { status: "idle" };
  #topologies: readonly TopologyDescriptor[] | undefined;
  #info: CollectorInfo | undefined;
  #query: TopologyQuery | undefined;
  #queried = "";
  #filledMs = Number.NEGATIVE_INFINITY;
  #listAbort: AbortController | undefined;
  #nodesAbort: AbortController | undefined;
  /** The compact stream that was read last: a new one goes on behind it. */
  #last: CompactStream | undefined;
  /** The collector has Scope's WebSocket alone. */
  #isScope = false;
  #wake: () => void = () => {};
  #disposed = false;

  constructor(options: TopologyFeedOptions) {
    this.api = new TopologyApi(options);
    this.clock = options.clock ?? systemClock;
    this.#random = options.random ?? systemRandom;
    this.#listMs = options.listMs ?? 5_000;
    this.#intervalMs = options.intervalMs ?? 1_000;
    this.#silenceMsMax = options.silenceMsMax ?? 30_000;
  }

  get status(): TopologyFeedStatus {
    return this.#status;
  }

  /** Absent before the first answer. */
  get topologies(): readonly TopologyDescriptor[] | undefined {
    return this.#topologies;
  }

  /** What the collector says of itself; absent before the first answer. */
  get info(): CollectorInfo | undefined {
    return this.#info;
  }

  /** What is followed. */
  get query(): TopologyQuery | undefined {
    return this.#query;
  }

  /** Follow a topology, or show it as it was at a moment; nothing is followed without a query. */
  follow(query: TopologyQuery | undefined): void {
    const asked = query === undefined ? "" : keyOf(query);
    const isSameView = asked === this.#queried;
    if (isSameView && query?.atMs === this.#query?.atMs) return;
    this.#query = query;
    if (!isSameView) {
      this.store.clear();
      this.#filledMs = Number.NEGATIVE_INFINITY;
    }
    this.#queried = asked;
    if (this.#listeners.size > 0) this.#startNodes();
    this.#tell();
  }

  /**
   * Be told of changes.
   *
   * @returns the way out; calling it twice is harmless.
   */
  subscribe(listener: () => void): () => void {
    const own = () => listener();
    this.#listeners.add(own);
    if (!this.#disposed && this.#listAbort === undefined) this.#start();
    return () => {
      this.#listeners.delete(own);
      queueMicrotask(() => {
        if (this.#listeners.size === 0) this.#stop();
      });
    };
  }

  /** Say who asks, from now on: the value of the Authorization header, or nothing. */
  authorize(authorization: string | undefined): void {
    this.api.authorization = authorization;
    this.retry();
  }

  /** Try again now rather than at the next attempt's time. */
  retry(): void {
    this.#wake();
  }

  async [asyncDispose](): Promise<void> {
    this.#disposed = true;
    this.#listeners.clear();
    this.#stop();
  }

  #start(): void {
    const abort = new AbortController();
    this.#listAbort = abort;
    void this.#followList(abort.signal);
    this.#startNodes();
  }

  #stop(): void {
    this.#listAbort?.abort();
    this.#listAbort = undefined;
    this.#nodesAbort?.abort();
    this.#nodesAbort = undefined;
    this.#status = { status: "idle" };
  }

  #startNodes(): void {
    this.#nodesAbort?.abort();
    this.#nodesAbort = undefined;
    const query = this.#query;
    if (query === undefined) {
      this.#status = { status: "idle" };
      return;
    }
    const abort = new AbortController();
    this.#nodesAbort = abort;
    void this.#followNodes(query, abort.signal);
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  #become(status: TopologyFeedStatus): void {
    this.#status = status;
    this.#tell();
  }

  async #followList(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        this.#info ??= await this.api.info({ signal });
        const { options = {}, atMs } = this.#query ?? {};
        this.#topologies = await this.api.topologies({ options, atMs }, { signal });
        if (this.#query === undefined) this.#status = { status: "idle" };
        this.#tell();
        await this.#sleep(this.#listMs, signal);
      } catch (thrown) {
        if (signal.aborted) return;
        // With a query the stream tells how things stand.
        if (this.#query === undefined) await this.#pause(FairleadError.from(thrown), 1, signal);
        else await this.#sleep(this.#listMs, signal);
      }
    }
  }

  async #followNodes(query: TopologyQuery, signal: AbortSignal): Promise<void> {
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      try {
        if (this.#status.status !== "paused") this.#become({ status: "connecting", attempt });
        if (query.atMs === undefined) {
          await this.#stream(query, signal, () => {
            attempt = 1;
          });
        } else {
          await this.#show({ ...query, atMs: query.atMs }, signal);
          return;
        }
      } catch (thrown) {
        if (signal.aborted) return;
        await this.#pause(FairleadError.from(thrown), attempt, signal);
      }
    }
  }

  /** A moment: the nodes that are there when it is this one, else those that the collector kept. */
  async #show(query: TopologyQuery & { atMs: number }, signal: AbortSignal): Promise<void> {
    const nowMs = this.clock.nowMs();
    const isNow = Math.abs(nowMs - query.atMs) < FRESH_MS && nowMs - this.#filledMs < FRESH_MS;
    if (!isNow || !this.store.isFilled) {
      const nodes = await this.api.nodes(query, { signal });
      this.store.clear();
      this.store.fill(nodes, query.atMs);
      this.#filledMs = Number.NEGATIVE_INFINITY;
    }
    if (!signal.aborted) this.#become({ status: "paused", atMs: query.atMs });
  }

  /** The compact stream; where there is none, Scope's. */
  async #stream(query: TopologyQuery, signal: AbortSignal, lives: () => void): Promise<never> {
    const options = { signal, clock: this.clock, silenceMsMax: this.#silenceMsMax };
    if (!this.#isScope) {
      const stream = new CompactStream(query, this.#last);
      this.#last = stream;
      try {
        const message = (data: string | ArrayBuffer) => this.#took(stream.read(data), lives);
        const path = `/stream/${encodeURIComponent(query.topologyId)}`;
        return await serveSocket(
          this.api.openStream(path, stream.parameters),
          { message },
          options,
        );
      } catch (error) {
        if (signal.aborted || stream.hasRead) throw error;
        this.#last = undefined;
      }
    }
    const message = (data: string | ArrayBuffer) => {
      if (typeof data !== "string") return;
      this.#took(readDelta(JSON.parse(data)), lives);
      // Now it is known that one answers who has no compact stream.
      this.#isScope = true;
    };
    return serveSocket(this.api.openNodes(query, this.#intervalMs), { message }, options);
  }

  #took(delta: NodeDelta, lives: () => void): void {
    const atMs = this.clock.nowMs();
    // What was shown of the past is no state that this one changed.
    if (this.#filledMs === Number.NEGATIVE_INFINITY) this.store.clear();
    const isChanged = this.store.apply(delta, atMs);
    this.#filledMs = atMs;
    lives();
    if (this.#status.status !== "live") this.#become({ status: "live", sinceMs: atMs });
    else if (isChanged) this.#tell();
  }

  async #sleep(ms: number, signal: AbortSignal): Promise<void> {
    await this.clock.sleep(ms, { signal }).catch(() => {
      // Ended: the caller looks at its signal.
    });
  }

  async #pause(error: FairleadError, attempt: number, signal: AbortSignal): Promise<void> {
    const fullMs = Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** (attempt - 1));
    const pauseMs = Math.round(fullMs * (1 - 0.5 * this.#random.next()));
    const wake = new AbortController();
    this.#wake = () => wake.abort();
    const retryAtMs = this.clock.nowMs() + pauseMs;
    const isStranger = error.code === "collector_unauthorized";
    this.#become(
      isStranger
        ? { status: "unauthorized", error }
        : { status: "away", error, attempt, retryAtMs },
    );
    await this.#sleep(pauseMs, AbortSignal.any([wake.signal, signal]));
    this.#wake = () => {};
  }
}

function keyOf({ topologyId, options }: TopologyQuery): string {
  return JSON.stringify([topologyId, Object.entries(options).sort()]);
}
