import {
  asyncDispose,
  type Clock,
  FairleadError,
  type Random,
  systemClock,
  systemRandom,
} from "../../base/mod.ts";
import { ConsoleApi, type ConsoleApiOptions } from "./api.ts";
import { EventStreamReader, type StreamEvent } from "./event_stream.ts";
import { readDelta, readSnapshot } from "./read.ts";
import { ClusterStore } from "./store.ts";

/** How the feed stands with the master. */
export type FeedStatus =
  /** Nobody listens. */
  | { readonly status: "idle" }
  | { readonly status: "connecting"; readonly attempt: number }
  | { readonly status: "live"; readonly sinceMs: number }
  /** The stream broke or cannot be had; the next attempt is at `retryAtMs`. */
  | {
      readonly status: "away";
      readonly error: FairleadError;
      readonly attempt: number;
      readonly retryAtMs: number;
    }
  /** The master wants to know who asks; nothing goes on before `authorize`. */
  | { readonly status: "unauthorized"; readonly error: FairleadError };

/** Options of {@linkcode ClusterFeed}. */
export interface ClusterFeedOptions extends ConsoleApiOptions {
  /** Silence after which the stream counts as broken; the master beats every 10 s. @default 30_000 */
  readonly silenceMsMax?: number;
  /** @default systemClock */
  readonly clock?: Clock;
  /** Spreads the attempts of many pages. @default systemRandom */
  readonly random?: Random;
}

const PULSE_MS = 1_000;
const RETRY_MS_MIN = 500;
const RETRY_MS_MAX = 10_000;

/**
 * The live cluster: follows the master's stream while somebody listens, and keeps what it told in
 * a {@linkcode ClusterStore}.
 *
 * A broken stream is taken up again with the id of the last event, after a pause that grows from
 * half a second to ten; the store keeps what it has meanwhile. Listeners are told after every
 * event applied and every change of the status, and at least once a second.
 *
 * @example
 * ```ts
 * import { ClusterFeed } from "fairlead/ui";
 *
 * await using feed = new ClusterFeed({ src: "http://127.0.0.1:5050/api/fairlead" });
 * console.assert(feed.status.status === "idle");
 * const unsubscribe = feed.subscribe(() => console.log(feed.store.summary?.tasks["running"]));
 * unsubscribe();
 * ```
 */
export class ClusterFeed implements AsyncDisposable {
  readonly store = new ClusterStore();
  readonly api: ConsoleApi;
  /** Paces the feed, and what looks at it. */
  readonly clock: Clock;
  readonly #random: Random;
  readonly #silenceMsMax: number;
  readonly #listeners = new Set<() => void>();
  #status: FeedStatus = { status: "idle" };
  #run: { readonly abort: AbortController; readonly ended: Promise<void> } | undefined;
  #wake: () => void = () => {};
  #lastEventId = "";
  /** Server time less ours, when the last event came. */
  #skewMs = 0;
  #toldMs = 0;
  #disposed = false;

  constructor(options: ClusterFeedOptions) {
    this.api = new ConsoleApi(options);
    this.clock = options.clock ?? systemClock;
    this.#random = options.random ?? systemRandom;
    this.#silenceMsMax = options.silenceMsMax ?? 30_000;
  }

  get status(): FeedStatus {
    return this.#status;
  }

  /** The time on the master's clock, as well as the page can tell. */
  nowMs(): number {
    return this.clock.nowMs() + this.#skewMs;
  }

  /**
   * Be told of changes; the first listener opens the stream, the last one's leaving closes it.
   *
   * @returns the way out; calling it twice is harmless.
   */
  subscribe(listener: () => void): () => void {
    const own = () => listener();
    this.#listeners.add(own);
    if (!this.#disposed && this.#run === undefined) this.#start();
    return () => {
      this.#listeners.delete(own);
      // A page that changes its view leaves and comes back in the same turn.
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
    const ended = this.#run?.ended;
    this.#stop();
    await ended;
  }

  #start(): void {
    const abort = new AbortController();
    void this.#pulse(abort.signal);
    this.#run = { abort, ended: this.#follow(abort.signal) };
  }

  #stop(): void {
    this.#run?.abort.abort();
    this.#run = undefined;
    this.#status = { status: "idle" };
  }

  /** Times are told as "so long ago", so listeners hear of a second in which nothing happened. */
  async #pulse(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.clock.sleep(PULSE_MS, { signal }).catch(() => {
        // Aborted: the loop looks at the signal.
      });
      if (signal.aborted || this.#status.status !== "live") continue;
      if (this.clock.nowMs() - this.#toldMs < PULSE_MS) continue;
      this.store.idle(this.nowMs());
      this.#tell();
    }
  }

  #tell(): void {
    this.#toldMs = this.clock.nowMs();
    for (const listener of [...this.#listeners]) listener();
  }

  #become(status: FeedStatus): void {
    this.#status = status;
    this.#tell();
  }

  async #follow(signal: AbortSignal): Promise<void> {
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      this.#become({ status: "connecting", attempt });
      const { authorization } = this.api;
      const { error, wasLive } = await this.#attempt(signal);
      if (signal.aborted) return;
      if (wasLive) attempt = 1;
      // Somebody said who asks while the question was under way: that is another question.
      if (this.api.authorization !== authorization) continue;
      await this.#pause(error, attempt, signal);
    }
  }

  /** One stream from its opening to its end, which is always an error or our own wish. */
  async #attempt(outer: AbortSignal): Promise<{ error: FairleadError; wasLive: boolean }> {
    const abort = new AbortController();
    const signal = AbortSignal.any([outer, abort.signal]);
    const watch = new Silence(this.clock, this.#silenceMsMax, abort);
    let wasLive = false;
    try {
      watch.begin(signal);
      const response = await this.api.stream(this.#lastEventId, signal);
      await this.#read(response, () => {
        watch.heard();
        wasLive = true;
      });
      throw new FairleadError("master_unreachable", "Cannot follow the master: its stream ended");
    } catch (thrown) {
      const error = thrown instanceof FairleadError ? thrown : broken(thrown);
      return { error: watch.error ?? error, wasLive };
    } finally {
      abort.abort();
    }
  }

  async #read(response: Response, heard: () => void): Promise<void> {
    const type = response.headers.get("content-type") ?? "";
    if (response.body === null || !type.startsWith("text/event-stream")) {
      throw new FairleadError("invalid_answer", "Cannot follow the master: it answers no stream", {
        details: { type },
      });
    }
    const events = new EventStreamReader();
    const decoder = new TextDecoder();
    const reader = response.body.getReader();
    try {
      for (let read = await reader.read(); !read.done; read = await reader.read()) {
        heard();
        let applied = false;
        for (const event of events.push(decoder.decode(read.value, { stream: true }))) {
          this.#apply(event);
          applied = true;
        }
        if (applied) this.#became();
      }
    } finally {
      await reader.cancel().catch(() => undefined);
    }
  }

  #became(): void {
    const { summary } = this.store;
    if (summary !== undefined) this.#skewMs = summary.nowMs - this.clock.nowMs();
    if (this.#status.status === "live") this.#tell();
    else this.#become({ status: "live", sinceMs: this.clock.nowMs() });
  }

  #apply({ event, data, id }: StreamEvent): void {
    if (event === "snapshot") this.store.applySnapshot(readSnapshot(JSON.parse(data)));
    if (event === "delta" && !this.store.applyDelta(readDelta(JSON.parse(data)))) {
      this.#lastEventId = "";
      throw new FairleadError(
        "master_unreachable",
        "Cannot follow the master: a change is missing",
      );
    }
    this.#lastEventId = id;
  }

  async #pause(error: FairleadError, attempt: number, signal: AbortSignal): Promise<void> {
    const isStranger = error.code === "master_unauthorized";
    const fullMs = Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** (attempt - 1));
    const pauseMs = Math.round(fullMs * (1 - 0.5 * this.#random.next()));
    const wake = new AbortController();
    this.#wake = () => wake.abort();
    const retryAtMs = this.clock.nowMs() + pauseMs;
    this.#become(
      isStranger
        ? { status: "unauthorized", error }
        : { status: "away", error, attempt, retryAtMs },
    );
    try {
      const until = AbortSignal.any([wake.signal, signal]);
      await this.clock.sleep(isStranger ? FOREVER_MS : pauseMs, { signal: until });
    } catch {
      // Woken, or ended: the caller looks at its signal.
    }
    this.#wake = () => {};
  }
}

/** A stranger waits until somebody says who it is; a month of it is enough. */
const FOREVER_MS = 30 * 86_400_000;

/** Aborts a stream that says nothing for too long: a dead peer keeps its connection open. */
class Silence {
  error: FairleadError | undefined;
  readonly #clock: Clock;
  readonly #ms: number;
  readonly #abort: AbortController;
  #heardMs: number;

  constructor(clock: Clock, ms: number, abort: AbortController) {
    this.#clock = clock;
    this.#ms = ms;
    this.#abort = abort;
    this.#heardMs = clock.nowMs();
  }

  heard(): void {
    this.#heardMs = this.#clock.nowMs();
  }

  begin(signal: AbortSignal): void {
    this.#watch(signal).catch(() => {
      // The sleep was aborted with the stream that it watched.
    });
  }

  async #watch(signal: AbortSignal): Promise<void> {
    for (
      let restMs = this.#ms;
      restMs > 0;
      restMs = this.#heardMs + this.#ms - this.#clock.nowMs()
    ) {
      await this.#clock.sleep(restMs, { signal });
    }
    this.error = new FairleadError(
      "master_unreachable",
      `Cannot follow the master: it was silent for ${Math.round(this.#ms / 1_000)} s`,
    );
    this.#abort.abort();
  }
}

function broken(cause: unknown): FairleadError {
  return new FairleadError("master_unreachable", "Cannot follow the master: the stream broke", {
    cause,
  });
}
