import { FairleadError, requireInteger } from "../base/mod.ts";

/**
 * How a stream ended: `close` was called, its signal was aborted, the client went away, or it read
 * so slowly that the buffer ran over.
 */
export type StreamEnd = "closed" | "aborted" | "cancelled" | "overflow";

/** Options of {@linkcode eventStream}. */
export interface EventStreamOptions<T> {
  /** A value as the bytes of one chunk. */
  readonly encode: (value: T) => Uint8Array;
  /** What may wait for the client at most; a single larger chunk passes when nothing waits. */
  readonly bufferBytesMax: number;
  /** Called once, with what ended the stream. */
  readonly onClose?: (end: StreamEnd) => void;
  /** Ends the stream cleanly: what waits is still sent. */
  readonly signal?: AbortSignal | undefined;
}

/** A stream of events to one client: {@linkcode eventStream}. */
export interface EventStream<T> {
  /** The body of the response. */
  readonly body: ReadableStream<Uint8Array>;
  /** What waits for the client now; what the platform's sockets hold besides is not counted. */
  readonly bufferedBytes: number;
  /** How it ended; undefined while it lives. */
  readonly ended: StreamEnd | undefined;
  /** Send one value as one chunk; false when the stream has ended, or ends by it. */
  push(value: T): boolean;
  /** End the stream; what waits is still sent. Twice is harmless. */
  close(): void;
  /** The response that carries the stream; status 200. */
  respond(headers: Readonly<Record<string, string>>): Response;
}

const streaming = new WeakSet<Response>();

/** Whether a response carries an event stream: middleware must not hold it back. */
export function isEventStream(response: Response): boolean {
  return streaming.has(response);
}

/**
 * A stream of events to one client, bounded: a client that does not keep up is cut off, and costs
 * no more memory than `bufferBytesMax`.
 *
 * Each value leaves as exactly one chunk. The client sees a clean end after `close`, and a broken
 * connection after an overflow.
 */
export function eventStream<T>(options: EventStreamOptions<T>): EventStream<T> {
  return new Outgoing(options);
}

class Outgoing<T> implements EventStream<T> {
  readonly body: ReadableStream<Uint8Array>;
  readonly #encode: (value: T) => Uint8Array;
  readonly #bufferBytesMax: number;
  readonly #onClose: ((end: StreamEnd) => void) | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = () => this.#end("aborted");
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #ended: StreamEnd | undefined;

  constructor({ encode, bufferBytesMax, onClose, signal }: EventStreamOptions<T>) {
    const bounds = { min: 1, max: Number.MAX_SAFE_INTEGER };
    this.#bufferBytesMax = requireInteger("bufferBytesMax", bufferBytesMax, bounds);
    this.#encode = encode;
    this.#onClose = onClose;
    this.#signal = signal;
    const strategy = { highWaterMark: bufferBytesMax, size: (chunk: Uint8Array) => chunk.length };
    this.body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        cancel: () => this.#finish("cancelled"),
      },
      strategy,
    );
    signal?.addEventListener("abort", this.#onAbort, { once: true });
    if (signal?.aborted) this.#end("aborted");
  }

  get bufferedBytes(): number {
    const roomBytes = this.#ended === undefined ? this.#controller.desiredSize : null;
    return roomBytes === null ? 0 : this.#bufferBytesMax - roomBytes;
  }

  get ended(): StreamEnd | undefined {
    return this.#ended;
  }

  push(value: T): boolean {
    if (this.#ended !== undefined) return false;
    const chunk = this.#encode(value);
    const waiting = this.bufferedBytes;
    if (waiting > 0 && waiting + chunk.length > this.#bufferBytesMax) {
      this.#controller.error(overflow(this.#bufferBytesMax));
      this.#finish("overflow");
      return false;
    }
    this.#controller.enqueue(chunk);
    return true;
  }

  close(): void {
    this.#end("closed");
  }

  respond(headers: Readonly<Record<string, string>>): Response {
    const response = new Response(this.body, { headers: { ...headers } });
    streaming.add(response);
    return response;
  }

  #end(end: StreamEnd): void {
    if (this.#ended !== undefined) return;
    this.#controller.close();
    this.#finish(end);
  }

  #finish(end: StreamEnd): void {
    if (this.#ended !== undefined) return;
    this.#ended = end;
    this.#signal?.removeEventListener("abort", this.#onAbort);
    this.#onClose?.(end);
  }
}

function overflow(bufferBytesMax: number): FairleadError {
  return new FairleadError(
    "stream_overflow",
    `Cannot hold more for a slow reader: ${bufferBytesMax} bytes wait for it`,
    { details: { bufferBytesMax } },
  );
}
