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
  /** The body of the response, when it is not made by `respond`. */
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

/** Where a runtime's door lets the chunks of an event stream out, past the web stream. */
export interface EventSink {
  /** Takes one chunk; false: no more until `drained` is called. */
  write(chunk: Uint8Array): boolean;
  /** Nothing more comes: end cleanly. */
  end(): void;
  /** The client did not keep up: cut it off. */
  abort(): void;
}

/** What a sink tells its stream. */
export interface EventSource {
  /** There is room again. */
  drained(): void;
  /** The client went away. */
  cancelled(): void;
}

const streams = new WeakMap<Response, (sink: EventSink) => EventSource>();

/** Whether a response carries an event stream: middleware must not hold it back. */
export function isEventStream(response: Response): boolean {
  return streams.has(response);
}

/**
 * Let the chunks of a response's event stream out through a sink instead of its body; undefined
 * when it carries none. For doors of runtimes.
 */
export function attachSink(response: Response, sink: EventSink): EventSource | undefined {
  return streams.get(response)?.(sink);
}

class Outgoing<T> implements EventStream<T>, EventSource {
  readonly #encode: (value: T) => Uint8Array;
  readonly #bufferBytesMax: number;
  readonly #onClose: ((end: StreamEnd) => void) | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = () => this.#end("aborted");
  /** Chunks that wait, from `#head` on. */
  #waiting: Uint8Array[] = [];
  #head = 0;
  #bufferedBytes = 0;
  #sink: EventSink | undefined;
  /** Whether the sink takes a chunk now. */
  #isOpen = false;
  #body: ReadableStream<Uint8Array> | undefined;
  #ended: StreamEnd | undefined;

  constructor({ encode, bufferBytesMax, onClose, signal }: EventStreamOptions<T>) {
    const bounds = { min: 1, max: Number.MAX_SAFE_INTEGER };
    this.#bufferBytesMax = requireInteger("bufferBytesMax", bufferBytesMax, bounds);
    this.#encode = encode;
    this.#onClose = onClose;
    this.#signal = signal;
    signal?.addEventListener("abort", this.#onAbort, { once: true });
    if (signal?.aborted) this.#end("aborted");
  }

  get body(): ReadableStream<Uint8Array> {
    this.#body ??= bodyOf((sink) => this.#attach(sink));
    return this.#body;
  }

  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  get ended(): StreamEnd | undefined {
    return this.#ended;
  }

  push(value: T): boolean {
    if (this.#ended !== undefined) return false;
    const chunk = this.#encode(value);
    if (this.#isOpen && this.#sink !== undefined) {
      this.#isOpen = this.#sink.write(chunk);
      return true;
    }
    if (this.#bufferedBytes > 0 && this.#bufferedBytes + chunk.length > this.#bufferBytesMax) {
      this.#forget();
      this.#finish("overflow");
      this.#sink?.abort();
      return false;
    }
    this.#waiting.push(chunk);
    this.#bufferedBytes += chunk.length;
    return true;
  }

  close(): void {
    this.#end("closed");
  }

  respond(headers: Readonly<Record<string, string>>): Response {
    const response = new Response(this.body, { headers: { ...headers } });
    streams.set(response, (sink) => this.#attach(sink));
    return response;
  }

  drained(): void {
    this.#isOpen = true;
    while (this.#isOpen && this.#sink !== undefined && this.#head < this.#waiting.length) {
      this.#isOpen = this.#sink.write(this.#shift());
    }
    if (this.#ended !== undefined && this.#head === this.#waiting.length) this.#sink?.end();
  }

  cancelled(): void {
    this.#forget();
    this.#finish("cancelled");
  }

  /** A stream has one sink: the second is told that there is nothing. */
  #attach(sink: EventSink): EventSource {
    if (this.#sink !== undefined) {
      sink.end();
      return NO_SOURCE;
    }
    this.#sink = sink;
    if (this.#ended === "overflow") sink.abort();
    return this;
  }

  #shift(): Uint8Array {
    const chunk = this.#waiting[this.#head] ?? new Uint8Array(0);
    this.#head += 1;
    this.#bufferedBytes -= chunk.length;
    if (this.#head * 2 >= this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
    return chunk;
  }

  #forget(): void {
    this.#waiting = [];
    this.#head = 0;
    this.#bufferedBytes = 0;
  }

  #end(end: StreamEnd): void {
    if (this.#ended !== undefined) return;
    this.#finish(end);
    if (this.#head === this.#waiting.length) this.#sink?.end();
  }

  #finish(end: StreamEnd): void {
    if (this.#ended !== undefined) return;
    this.#ended = end;
    this.#signal?.removeEventListener("abort", this.#onAbort);
    this.#onClose?.(end);
  }
}

const NO_SOURCE: EventSource = { drained: () => undefined, cancelled: () => undefined };

/** A web stream as the sink: it takes a chunk whenever its reader asks for one. */
function bodyOf(attach: (sink: EventSink) => EventSource): ReadableStream<Uint8Array> {
  const body = new BodySink(attach);
  return new ReadableStream<Uint8Array>(body, { highWaterMark: 0 });
}

class BodySink implements EventSink {
  readonly #attach: (sink: EventSink) => EventSource;
  #source: EventSource | undefined;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  /** Ends the pull that waits for a chunk. */
  #pulled: (() => void) | undefined;

  constructor(attach: (sink: EventSink) => EventSource) {
    this.#attach = attach;
  }

  /** The first reading decides that the stream leaves by this body. */
  pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    this.#controller = controller;
    const pulled = new Promise<void>((resolve) => {
      this.#pulled = resolve;
    });
    this.#source ??= this.#attach(this);
    this.#source.drained();
    return pulled;
  }

  cancel(): void {
    this.#source ??= this.#attach(this);
    this.#source.cancelled();
  }

  write(chunk: Uint8Array): boolean {
    this.#controller?.enqueue(chunk);
    this.#pulled?.();
    return false;
  }

  end(): void {
    this.#controller?.close();
    this.#pulled?.();
  }

  abort(): void {
    this.#controller?.error(overflow());
    this.#pulled?.();
  }
}

function overflow(): FairleadError {
  return new FairleadError("stream_overflow", "Cannot hold more for a slow reader");
}
