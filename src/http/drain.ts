import { type Clock, systemClock } from "../base/mod.ts";
import { text } from "./answers.ts";
import type { Middleware } from "./handler.ts";

/** Options of {@linkcode Drain.finish}. */
export interface DrainOptions {
  /** How long the requests that are under way may still take. */
  readonly timeoutMs: number;
  /** @default systemClock */
  readonly clock?: Clock;
}

/**
 * Ends a server's work in order: streams end cleanly, new requests are refused, those under way
 * are waited for.
 */
export class Drain {
  readonly #abort = new AbortController();
  #underWay = 0;
  #onIdle: (() => void) | undefined;

  /** Aborted when draining begins: hand it to every event stream. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** How many requests are being answered; a stream counts until it has begun. */
  get underWay(): number {
    return this.#underWay;
  }

  /** Counts requests; answers 503 once draining has begun. */
  readonly middleware: Middleware = (next) => async (request) => {
    if (this.signal.aborted) {
      return text(503, "Cannot take the request: the server is about to stop", {
        headers: { connection: "close", "retry-after": "1" },
      });
    }
    this.#underWay += 1;
    try {
      return await next(request);
    } finally {
      this.#underWay -= 1;
      if (this.#underWay === 0) this.#onIdle?.();
    }
  };

  /** Begin to drain; resolves with whether all requests were answered in time. */
  async finish({ timeoutMs, clock = systemClock }: DrainOptions): Promise<boolean> {
    this.#abort.abort();
    if (this.#underWay === 0) return true;
    const sleep = new AbortController();
    const idle = new Promise<boolean>((resolve) => {
      this.#onIdle = () => resolve(true);
    });
    const late = clock.sleep(timeoutMs, { signal: sleep.signal }).then(
      () => false,
      () => true,
    );
    const inTime = await Promise.race([idle, late]);
    sleep.abort();
    return inTime;
  }
}
