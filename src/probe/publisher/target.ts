/** One collector: what waits for it, what it has, and when it is asked again. */
import { BoundedQueue, type Clock, FairleadError, type Random } from "../../base/mod.ts";
import type { Publication } from "./cycle.ts";

/** A collector, as seen from here. */
export interface Collector {
  /** Names it in logs and metrics, and tells it from others. */
  readonly address: string;
  /**
   * The id that it gives itself: two addresses with one id are one collector.
   *
   * @throws {FairleadError} As `send`.
   */
  identify(signal: AbortSignal): Promise<string>;
  /**
   * Hand over a report.
   *
   * @throws {FairleadError} `publish_refused` when it answers something else than 200, with
   * `details.status`; `collector_unreachable` or `timeout` when nobody answers.
   */
  send(body: Uint8Array, signal: AbortSignal): Promise<void>;
  /** Close what was kept open. */
  close(): void;
}

/** Which ids are taken, so that no collector gets a report twice. */
export interface Claims {
  /** Whether this address is, from now on or already, the one for that id. */
  claim(id: string, address: string): boolean;
  /** Let another address have the ids of this one. */
  release(address: string): void;
}

/** Options of {@linkcode Target}. */
export interface TargetOptions {
  readonly collector: Collector;
  readonly claims: Claims;
  readonly clock: Clock;
  readonly random: Random;
  /** How long an answer may take. @default 12_000 */
  readonly timeoutMs?: number;
  /** The pauses after refusals: from 1 s up to this. @default 60_000 */
  readonly backoffMsMax?: number;
}

/** How publishing to a collector went since its address became known. */
export interface TargetCounts {
  readonly published: number;
  readonly deltas: number;
  readonly failed: number;
  readonly dropped: number;
  readonly bytes: number;
  /** What went wrong last; undefined after a success. */
  readonly lastError: string | undefined;
}

const QUEUE_MAX = 2;
/** Whether somebody is there is known sooner than whether a report was taken. */
const IDENTIFY_MS = 2_500;
const BACKOFF_MS_MIN = 1_000;

/**
 * Sends publications in their order, and never more than two old ones: when a collector is slow,
 * the oldest is dropped. One that cannot be reached is tried again with the next publication; one
 * that refuses is left alone for 1, 2, 4 … seconds.
 *
 * A short form is sent only to who has the report that it refers to; all others get the whole one.
 */
export class Target implements AsyncDisposable {
  readonly #options: Required<TargetOptions>;
  readonly #queue = new BoundedQueue<Publication>({
    capacityMax: QUEUE_MAX,
    whenFull: "drop_oldest",
  });
  readonly #ending = new AbortController();
  readonly #done: Promise<void>;
  /** The whole report that this collector surely has. */
  #has = 0;
  #isKnown = false;
  #refusals = 0;
  #counts = { published: 0, deltas: 0, failed: 0, bytes: 0, shortcutsDropped: 0 };
  #lastError: string | undefined;

  constructor(options: TargetOptions) {
    this.#options = { timeoutMs: 12_000, backoffMsMax: 60_000, ...options };
    this.#done = this.#run();
  }

  /** As {@linkcode Collector} has it. */
  get address(): string {
    return this.#options.collector.address;
  }

  /** Whether the last attempt failed. */
  get isFailing(): boolean {
    return this.#lastError !== undefined;
  }

  /** Counters and the last error. */
  get counts(): TargetCounts {
    const { shortcutsDropped, ...counts } = this.#counts;
    const dropped = this.#queue.dropped + shortcutsDropped;
    return { ...counts, dropped, lastError: this.#lastError };
  }

  /** Hand in a publication; it does not wait. A shortcut never pushes a regular one out. */
  push(publication: Publication): void {
    if (this.#queue.closed) return;
    if (publication.isShortcut && this.#queue.size >= QUEUE_MAX) this.#counts.shortcutsDropped += 1;
    else this.#queue.push(publication);
  }

  /** Stop; what waits is dropped. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#queue.close();
    this.#ending.abort(new FairleadError("aborted", "Cannot publish: the probe stops"));
    await this.#done;
    this.#options.claims.release(this.address);
    this.#options.collector.close();
  }

  async #run(): Promise<void> {
    const { signal } = this.#ending;
    try {
      for await (const publication of this.#queue.values({ signal })) {
        const isRefused = await this.#attempt(publication);
        if (isRefused) await this.#options.clock.sleep(this.#pauseMs(), { signal });
      }
    } catch (error) {
      if (!signal.aborted) this.#lastError = FairleadError.from(error).message;
    }
  }

  /** Try once; whether the collector said no. */
  async #attempt(publication: Publication): Promise<boolean> {
    try {
      const isOurs = await this.#identify();
      if (isOurs) await this.#send(publication);
      this.#refusals = 0;
      this.#lastError = undefined;
      return false;
    } catch (error) {
      if (this.#ending.signal.aborted) return false;
      const { code, message } = FairleadError.from(error);
      this.#counts.failed += 1;
      this.#lastError = message;
      this.#has = 0;
      this.#isKnown = false;
      this.#options.claims.release(this.address);
      const isRefused = code === "publish_refused";
      this.#refusals = isRefused ? this.#refusals + 1 : 0;
      return isRefused;
    }
  }

  async #identify(): Promise<boolean> {
    if (this.#isKnown) return true;
    const { collector, claims } = this.#options;
    const timeoutMs = Math.min(IDENTIFY_MS, this.#options.timeoutMs);
    const id = await this.#within(timeoutMs, (signal) => collector.identify(signal));
    this.#isKnown = claims.claim(id, collector.address);
    return this.#isKnown;
  }

  async #send(publication: Publication): Promise<void> {
    const isDelta = publication.base !== 0 && publication.base === this.#has;
    const body = await (isDelta ? publication.delta() : publication.whole());
    const { collector, timeoutMs } = this.#options;
    await this.#within(timeoutMs, (signal) => collector.send(body, signal));
    if (publication.isFull) this.#has = publication.sequence;
    this.#counts.published += 1;
    this.#counts.deltas += isDelta ? 1 : 0;
    this.#counts.bytes += body.length;
  }

  /** Call with a deadline that also ends with the target. */
  async #within<T>(timeoutMs: number, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { clock } = this.#options;
    const calling = new AbortController();
    const stop = () => calling.abort(this.#ending.signal.reason);
    this.#ending.signal.addEventListener("abort", stop, { once: true });
    const timer = new AbortController();
    const late = clock.sleep(timeoutMs, { signal: timer.signal }).then(
      () => {
        const message = `Cannot reach ${this.address}: no answer in ${timeoutMs} ms`;
        calling.abort(new FairleadError("timeout", message));
      },
      () => undefined,
    );
    const aborted = new Promise<never>((_, reject) => {
      calling.signal.addEventListener("abort", () => reject(calling.signal.reason), { once: true });
    });
    aborted.catch(() => undefined);
    try {
      return await Promise.race([call(calling.signal), aborted]);
    } finally {
      this.#ending.signal.removeEventListener("abort", stop);
      timer.abort();
      await late;
    }
  }

  #pauseMs(): number {
    const { backoffMsMax, random } = this.#options;
    const fullMs = Math.min(backoffMsMax, BACKOFF_MS_MIN * 2 ** (this.#refusals - 1));
    return Math.round(fullMs * (1 - random.next() / 4));
  }
}
