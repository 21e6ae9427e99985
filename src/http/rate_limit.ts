import { type Clock, requireInteger, requireNumber, systemClock } from "../base/mod.ts";
import { text } from "./answers.ts";
import { peerOf, principalOf } from "./facts.ts";
import type { Middleware } from "./handler.ts";

/** Options of {@linkcode RateLimiter}. */
export interface RateLimiterOptions {
  /** What a key may do in the long run. */
  readonly ratePerSecond: number;
  /** What it may do at once after a rest. */
  readonly burstMax: number;
  /**
   * How many keys are remembered.
   *
   * @default 10_000
   */
  readonly keysMax?: number;
  /** @default systemClock */
  readonly clock?: Clock;
}

/** Whether a key may go on, and if not, when. */
export type RateDecision =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly retryAfterMs: number };

interface Bucket {
  tokens: number;
  atMs: number;
}

/** What adding up fractions of tokens may be off by. */
const NOISE = 1e-9;

const ALLOWED: RateDecision = { allowed: true };

/**
 * A token bucket for each key, in bounded memory.
 *
 * When all keys are taken, that which rested longest makes room if its bucket is full again; until
 * then keys that are new share one bucket, so that changing keys gains nothing.
 */
export class RateLimiter {
  readonly #ratePerMs: number;
  readonly #burstMax: number;
  readonly #keysMax: number;
  readonly #clock: Clock;
  /** Least recently used first. */
  readonly #buckets = new Map<string, Bucket>();
  readonly #shared: Bucket;

  /** @throws {FairleadError} `invalid_option`. */
  constructor(options: RateLimiterOptions) {
    const { ratePerSecond, burstMax, keysMax = 10_000, clock = systemClock } = options;
    this.#ratePerMs = requireNumber("ratePerSecond", ratePerSecond, { min: 1e-6, max: 1e9 }) / 1000;
    this.#burstMax = requireNumber("burstMax", burstMax, { min: 1, max: 1e9 });
    this.#keysMax = requireInteger("keysMax", keysMax, { min: 1, max: 10_000_000 });
    this.#clock = clock;
    this.#shared = { tokens: burstMax, atMs: clock.nowMs() };
  }

  /** Ask for one turn of a key. */
  take(key: string): RateDecision {
    const nowMs = this.#clock.nowMs();
    const bucket = this.#bucketOf(key, nowMs);
    this.#refill(bucket, nowMs);
    if (bucket.tokens >= 1 - NOISE) {
      bucket.tokens -= 1;
      return ALLOWED;
    }
    const waitMs = (1 - NOISE - bucket.tokens) / this.#ratePerMs;
    return { allowed: false, retryAfterMs: Math.ceil(waitMs) };
  }

  #bucketOf(key: string, nowMs: number): Bucket {
    const known = this.#buckets.get(key);
    if (known !== undefined) {
      this.#buckets.delete(key);
      this.#buckets.set(key, known);
      return known;
    }
    if (this.#buckets.size >= this.#keysMax && !this.#makeRoom(nowMs)) return this.#shared;
    const fresh = { tokens: this.#burstMax, atMs: nowMs };
    this.#buckets.set(key, fresh);
    return fresh;
  }

  #makeRoom(nowMs: number): boolean {
    for (const [key, bucket] of this.#buckets) {
      this.#refill(bucket, nowMs);
      if (bucket.tokens < this.#burstMax - NOISE) return false;
      this.#buckets.delete(key);
      return true;
    }
    return false;
  }

  #refill(bucket: Bucket, nowMs: number): void {
    const grown = Math.max(nowMs - bucket.atMs, 0) * this.#ratePerMs;
    bucket.tokens = Math.min(this.#burstMax, bucket.tokens + grown);
    bucket.atMs = Math.max(nowMs, bucket.atMs);
  }
}

/** Options of {@linkcode limitRate}. */
export interface LimitRateOptions {
  readonly limiter: RateLimiter;
  /**
   * Whose turn a request takes; undefined: it is not limited.
   *
   * @default by principal, else by peer
   */
  readonly keyOf?: (request: Request) => string | undefined;
}

/** Refuse requests of those who come too often: 429 with Retry-After. */
export function limitRate({ limiter, keyOf = defaultKey }: LimitRateOptions): Middleware {
  return (next) => (request) => {
    const key = keyOf(request);
    const decision = key === undefined ? ALLOWED : limiter.take(key);
    if (decision.allowed) return next(request);
    const seconds = Math.ceil(decision.retryAfterMs / 1000);
    return text(429, `Cannot take the request: too many, try again in ${seconds} s`, {
      headers: { "retry-after": String(seconds) },
    });
  };
}

function defaultKey(request: Request): string | undefined {
  const principal = principalOf(request);
  return principal === undefined ? peerOf(request) : `principal ${principal}`;
}
