import type { ReactiveController, ReactiveControllerHost } from "lit";
import { FairleadError } from "../../base/mod.ts";

/** How an answer of the server stands. */
export interface LoadedOptions<T> {
  /** What is asked; absent asks nothing. Another key forgets the last answer. */
  readonly key: () => string | undefined;
  readonly load: (signal: AbortSignal) => Promise<T>;
  /** The time of this machine, for pauses between refreshes. */
  readonly nowMs: () => number;
}

/** Refreshes asked for sooner than this after the last wait for the next occasion. */
const REFRESH_MS_MIN = 2_000;

/** One answer of the server that an element shows, kept while a newer one is on its way. */
export class Loaded<T> implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #options: LoadedOptions<T>;
  #key: string | undefined;
  #value: T | undefined;
  #error: FairleadError | undefined;
  #abort: AbortController | undefined;
  #loadedMs = Number.NEGATIVE_INFINITY;

  constructor(host: ReactiveControllerHost, options: LoadedOptions<T>) {
    this.#host = host;
    this.#options = options;
    host.addController(this);
  }

  /** The last answer to this question. */
  get value(): T | undefined {
    return this.#value;
  }

  /** Why the last attempt failed. */
  get error(): FairleadError | undefined {
    return this.#error;
  }

  hostUpdate(): void {
    const key = this.#options.key();
    if (key === this.#key) return;
    this.#key = key;
    this.#value = undefined;
    this.#error = undefined;
    this.#abort?.abort();
    this.#abort = undefined;
    if (key !== undefined) void this.#load();
  }

  hostDisconnected(): void {
    this.#abort?.abort();
    this.#abort = undefined;
    this.#key = undefined;
  }

  /** The answer may have changed: ask again, but not all the time. */
  refresh(): void {
    const nowMs = this.#options.nowMs();
    if (this.#abort !== undefined || nowMs - this.#loadedMs < REFRESH_MS_MIN) return;
    if (this.#key !== undefined) void this.#load();
  }

  /** Ask again at once. */
  reload = (): void => {
    if (this.#key !== undefined) void this.#load();
  };

  async #load(): Promise<void> {
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    try {
      const value = await this.#options.load(abort.signal);
      if (abort.signal.aborted) return;
      this.#value = value;
      this.#error = undefined;
    } catch (thrown) {
      if (abort.signal.aborted) return;
      this.#error = FairleadError.from(thrown);
    }
    this.#loadedMs = this.#options.nowMs();
    this.#abort = undefined;
    this.#host.requestUpdate();
  }
}
