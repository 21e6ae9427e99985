import { type Clock, FairleadError, requireInteger, systemClock } from "../base/mod.ts";
import { deadlinesOf } from "./deadlines.ts";
import { bodySourceOf } from "./facts.ts";
import { Pieces } from "./pieces.ts";

/** Options of {@linkcode readBody}. */
export interface ReadBodyOptions {
  /** The most bytes that are taken, as sent and as inflated. */
  readonly bytesMax: number;
  /**
   * How long the whole body may take to come; late by a quarter of a second at most.
   *
   * @default 30_000
   */
  readonly timeoutMs?: number;
  /** @default systemClock */
  readonly clock?: Clock;
  /**
   * Inflates gzip where the runtime can do it faster than by the web's streams; throws when more
   * than `bytesMax` come out.
   */
  readonly gunzip?: (bytes: Uint8Array, bytesMax: number) => Uint8Array;
}

type Compression = "gzip" | "deflate";

/**
 * Read a request's body whole, with a limit on its size and on its time.
 *
 * `Content-Encoding: gzip` and `deflate` are undone; what comes out counts against `bytesMax`, so
 * that a small body cannot become a large one.
 *
 * @throws {FairleadError} `body_too_large`, `body_timeout`, `unsupported_encoding`, or
 * `invalid_body` when it is cut off, is no gzip or was read before; `statusOf` knows their statuses.
 */
export async function readBody(request: Request, options: ReadBodyOptions): Promise<Uint8Array> {
  const { bytesMax, timeoutMs = 30_000, clock = systemClock } = options;
  requireInteger("bytesMax", bytesMax, { min: 0, max: Number.MAX_SAFE_INTEGER });
  const compression = compressionOf(request);
  if (Number(request.headers.get("content-length")) > bytesMax) throw tooLarge(bytesMax);
  const reading = new Reading(bytesMax);
  const lift = deadlinesOf(clock).add(timeoutMs, () => reading.abort(timeout(timeoutMs)));
  try {
    const bytes = await reading.readRequest(request);
    if (compression === undefined) return bytes;
    const { gunzip } = options;
    if (compression === "gzip" && gunzip !== undefined) return gunzip(bytes, bytesMax);
    return await reading.inflate(bytes, compression);
  } catch (error) {
    throw error instanceof FairleadError ? error : invalidBody(error);
  } finally {
    lift();
  }
}

const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * Read a request's body as JSON.
 *
 * @throws {FairleadError} as {@linkcode readBody}, and `invalid_body` when it is no JSON in UTF-8.
 */
export async function readJsonBody(request: Request, options: ReadBodyOptions): Promise<unknown> {
  const bytes = await readBody(request, options);
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch (error) {
    throw new FairleadError(
      "invalid_body",
      `Cannot read the body as JSON: ${FairleadError.from(error).message}`,
      { cause: error },
    );
  }
}

/** One body on its way in; `abort` ends whatever is being waited for. */
class Reading {
  readonly #bytesMax: number;
  #onAbort: ((reason: unknown) => void) | undefined;
  #aborted: { readonly reason: unknown } | undefined;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  abort(reason: unknown): void {
    this.#aborted = { reason };
    this.#onAbort?.(reason);
  }

  async readRequest(request: Request): Promise<Uint8Array> {
    const source = bodySourceOf(request);
    if (source === undefined || request.bodyUsed) {
      return request.body === null ? new Uint8Array(0) : this.#collect(request.body);
    }
    return await source({
      bytesMax: this.#bytesMax,
      tooLarge: () => tooLarge(this.#bytesMax),
      onStart: (abort) => this.#watch(abort),
    });
  }

  async inflate(bytes: Uint8Array, compression: Compression): Promise<Uint8Array> {
    const stream = new DecompressionStream(compression);
    const writer = stream.writable.getWriter();
    // A failure shows on the readable side; it must not go unhandled here as well.
    const written = Promise.all([writer.write(copyOf(bytes)), writer.close()]);
    written.catch(() => undefined);
    return await this.#collect(stream.readable);
  }

  #watch(onAbort: (reason: unknown) => void): void {
    this.#onAbort = onAbort;
    if (this.#aborted !== undefined) onAbort(this.#aborted.reason);
  }

  async #collect(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
    const reader = stream.getReader();
    const aborted = new Promise<never>((_, reject) => this.#watch(reject));
    const pieces = new Pieces(this.#bytesMax);
    try {
      for (;;) {
        const { done, value } = await Promise.race([reader.read(), aborted]);
        if (done) break;
        if (!pieces.add(value)) throw tooLarge(this.#bytesMax);
      }
    } catch (error) {
      reader.cancel(error).catch(() => undefined);
      throw error;
    }
    return pieces.whole();
  }
}

/** A view of memory that may be shared is no input of a stream: the same bytes on their own. */
function copyOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}

function compressionOf(request: Request): Compression | undefined {
  const encoding = request.headers.get("content-encoding")?.trim().toLowerCase() ?? "";
  if (encoding === "" || encoding === "identity") return undefined;
  if (encoding === "gzip" || encoding === "x-gzip") return "gzip";
  if (encoding === "deflate") return "deflate";
  throw new FairleadError(
    "unsupported_encoding",
    `Cannot read a body of Content-Encoding "${encoding.slice(0, 64)}": send gzip, deflate or none`,
    { details: { encoding } },
  );
}

function tooLarge(bytesMax: number): FairleadError {
  return new FairleadError(
    "body_too_large",
    `Cannot read the body: it is larger than ${bytesMax} bytes`,
    { details: { bytesMax } },
  );
}

function timeout(timeoutMs: number): FairleadError {
  return new FairleadError(
    "body_timeout",
    `Cannot read the body: it did not come within ${timeoutMs} ms`,
    { details: { timeoutMs } },
  );
}

function invalidBody(cause: unknown): FairleadError {
  return new FairleadError(
    "invalid_body",
    `Cannot read the body: ${FairleadError.from(cause).message}`,
    { cause },
  );
}
