import { requireInteger, requireNumber } from "./check.ts";
import { type Clock, systemClock } from "./clock.ts";
import { FairleadError } from "./error.ts";
import { type Random, systemRandom } from "./random.ts";

/** How the pauses between attempts grow: `initialMs`, then `factor` times more, up to `maxMs`. */
export interface Backoff {
  /** @default 100 */
  readonly initialMs?: number;
  /** @default 10_000 */
  readonly maxMs?: number;
  /** @default 2 */
  readonly factor?: number;
  /**
   * How much of a pause chance may take away, from 0 (nothing) to 1 (all of it).
   *
   * @default 0.5
   */
  readonly jitterRatio?: number;
}

/** Options of {@linkcode retry}. */
export interface RetryOptions {
  /** How often to try in all; from 1 to 1,000,000. @default 5 */
  readonly attemptsMax?: number;
  readonly backoff?: Backoff;
  /** @default systemClock */
  readonly clock?: Clock;
  /** @default systemRandom */
  readonly random?: Random;
  /** Ends the pause; it is also handed to the function. */
  readonly signal?: AbortSignal | undefined;
  /** Whether an error is worth another attempt. @default every error is */
  readonly retryIf?: (error: unknown) => boolean;
}

/** What one attempt is told. */
export interface Attempt {
  /** From 1. */
  readonly attempt: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * Call a function until it succeeds.
 *
 * An error that `retryIf` refuses, and any error after the signal was aborted, is thrown as it is.
 *
 * @throws {FairleadError} `retry_exhausted` after the last attempt; its cause is the last error.
 * @throws {FairleadError} `invalid_option` before the first attempt.
 */
export async function retry<T>(
  act: (attempt: Attempt) => Promise<T> | T,
  options: RetryOptions = {},
): Promise<T> {
  const { clock = systemClock, random = systemRandom, signal, retryIf = () => true } = options;
  const attemptsMax = requireInteger("attemptsMax", options.attemptsMax ?? 5, ATTEMPTS);
  const backoff = readBackoff(options.backoff ?? {});
  for (let attempt = 1; ; attempt += 1) {
    signal?.throwIfAborted();
    try {
      return await act({ attempt, signal });
    } catch (error) {
      if (signal?.aborted || !retryIf(error)) throw error;
      if (attempt >= attemptsMax) throw exhausted(attempt, error);
    }
    await clock.sleep(pauseMs(backoff, attempt, random), { signal });
  }
}

const ATTEMPTS = { min: 1, max: 1_000_000 };
const PAUSE_MS = { min: 0, max: 86_400_000 };

function readBackoff(backoff: Backoff): Required<Backoff> {
  const { initialMs = 100, maxMs = 10_000, factor = 2, jitterRatio = 0.5 } = backoff;
  return {
    initialMs: requireNumber("backoff.initialMs", initialMs, PAUSE_MS),
    maxMs: requireNumber("backoff.maxMs", maxMs, PAUSE_MS),
    factor: requireNumber("backoff.factor", factor, { min: 1, max: 100 }),
    jitterRatio: requireNumber("backoff.jitterRatio", jitterRatio, { min: 0, max: 1 }),
  };
}

function pauseMs(backoff: Required<Backoff>, attempt: number, random: Random): number {
  const fullMs = Math.min(backoff.maxMs, backoff.initialMs * backoff.factor ** (attempt - 1));
  return Math.round(fullMs * (1 - backoff.jitterRatio * random.next()));
}

function exhausted(attempts: number, cause: unknown): FairleadError {
  const last = FairleadError.from(cause).message;
  return new FairleadError(
    "retry_exhausted",
    `Cannot succeed in ${attempts} attempts: the last one said "${last}"`,
    { cause, details: { attempts } },
  );
}
