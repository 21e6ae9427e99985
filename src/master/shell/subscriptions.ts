/** SUBSCRIBE: opens the stream of a framework. */
import { FairleadError } from "../../base/mod.ts";
import {
  encodeRecord,
  eventStream,
  peerOf,
  principalOf,
  RateLimiter,
  text,
} from "../../http/mod.ts";
import type { OfType, SchedulerCall } from "../../model/mod.ts";
import type { SchedulerCodec } from "./codecs.ts";
import type { MasterContext } from "./context.ts";
import type { Driver, FrameworkStream } from "./driver.ts";
import { uuid } from "./ids.ts";

/** A well-formed SUBSCRIBE, and the language of its events. */
export interface Subscribe {
  readonly call: OfType<SchedulerCall, "SUBSCRIBE">;
  readonly codec: SchedulerCodec;
}

const HEARTBEAT = { type: "HEARTBEAT" } as const;
/** Refusals at once before they are slowed down. */
const REFUSALS_BURST = 100;
/** How long a refusal is held back at most, */
const HOLD_MS_MAX = 1_000;
/** and how many at one time. */
const HELD_MAX = 1_000;

/**
 * Opens the streams of frameworks.
 *
 * Clients that are refused may subscribe again at once, thousands of times a second: the answers
 * to those who do are held back for a while, which costs nobody else anything.
 */
export class Subscriptions {
  readonly #context: MasterContext;
  readonly #refusals: RateLimiter;
  #held = 0;

  constructor(context: MasterContext) {
    this.#context = context;
    const { limits, clock } = context;
    this.#refusals = new RateLimiter({
      ratePerSecond: limits.refusalsPerSecond,
      burstMax: REFUSALS_BURST,
      clock,
    });
  }

  async open(driver: Driver, request: Request, { call, codec }: Subscribe): Promise<Response> {
    const { random, limits } = this.#context;
    const connection = uuid(random);
    const events = eventStream<Uint8Array>({
      encode: (record) => record,
      bufferBytesMax: limits.streamBytesMax,
      onClose: () => driver.disconnected(connection),
    });
    const heartbeat = encodeRecord(codec.encode(HEARTBEAT));
    const stream: FrameworkStream = {
      send: (event) => {
        try {
          events.push(encodeRecord(codec.encode(event)));
        } catch (error) {
          this.#unspeakable(error, event.type);
          events.close();
        }
      },
      heartbeat: () => void events.push(heartbeat),
      end: () => events.close(),
    };
    driver.subscribe(stream, { connection, principal: principalOf(request), call });
    if (events.ended === "closed") {
      const refusal = await this.#holdBack(request);
      if (refusal !== undefined) return refusal;
    }
    return events.respond({
      "content-type": codec.contentType,
      "mesos-stream-id": connection,
      "cache-control": "no-cache, no-store",
    });
  }

  /** The subscription was refused: if that happens often, not so fast. */
  async #holdBack(request: Request): Promise<Response | undefined> {
    const decision = this.#refusals.take(principalOf(request) ?? peerOf(request) ?? "");
    if (decision.allowed) return undefined;
    if (this.#held >= HELD_MAX) {
      return text(429, "Cannot take the subscription: too many were refused", {
        headers: { "retry-after": "1" },
      });
    }
    this.#held += 1;
    const { clock, signal } = this.#context;
    const ms = Math.min(decision.retryAfterMs, HOLD_MS_MAX);
    await clock.sleep(ms, { signal }).catch(() => undefined);
    this.#held -= 1;
    return undefined;
  }

  /** The language of the stream has no words for an event: it cannot go on. */
  #unspeakable(error: unknown, type: string): void {
    this.#context.log.write({
      level: "error",
      message: `Ended a framework's stream: ${FairleadError.from(error).message}`,
      details: { event: type },
    });
  }
}
