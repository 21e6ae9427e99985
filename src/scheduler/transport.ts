/** The wire of the v1 APIs: one long answer with events, and short requests with calls. */
import { FairleadError } from "../base/mod.ts";
import { encodeRecord, RecordIoReader } from "../http/mod.ts";
import {
  type ExecutorCall,
  type ExecutorEvent,
  readExecutorEvent,
  readSchedulerEvent,
  type SchedulerCall,
  type SchedulerEvent,
} from "../model/mod.ts";
import { tasksOf } from "./core/core.ts";
import type { BatchResult } from "./core/inputs.ts";
import type { Fetch } from "./masters.ts";

/** How a framework proves who it is. */
export type Credentials =
  | { readonly principal: string; readonly secret: string }
  /** A bearer token, or a function that gives the one of now. */
  | {
      readonly token: string | (() => string | Promise<string>);
      readonly principal?: string;
    };

/** The head of an answer. */
export interface AnswerHead {
  readonly status: number;
  readonly streamId: string | undefined;
  /** Absolute. */
  readonly location: string | undefined;
  readonly message: string | undefined;
}

/** An answer to a request with calls. */
export interface PostAnswer {
  readonly status: number;
  readonly message: string;
  readonly results: readonly BatchResult[] | undefined;
}

/** Text of an answer that is read at most. */
const MESSAGE_BYTES_MAX = 65_536;
const RESULTS_BYTES_MAX = 4_194_304;
const JSON_TYPE = "application/json";

/** How calls are written and events read. */
export interface Codec<Call, Event> {
  write(call: Call): string;
  /** @throws {FairleadError} `invalid_call` naming the field. */
  read(json: unknown): Event;
  /** The types of events that are read; others are of a newer version and passed over. */
  readonly types: ReadonlySet<string>;
}

/** What a transport is made of. */
export interface TransportOptions {
  readonly fetch: Fetch;
  readonly credentials?: Credentials | undefined;
  readonly recordBytesMax: number;
}

export class Transport<Call, Event> {
  readonly #codec: Codec<Call, Event>;
  readonly #options: TransportOptions;

  constructor(codec: Codec<Call, Event>, options: TransportOptions) {
    this.#codec = codec;
    this.#options = options;
  }

  /** Send SUBSCRIBE; the head comes back, and on a 200 the body to read events from. */
  async open(
    url: string,
    call: Call,
    signal: AbortSignal,
  ): Promise<{ readonly head: AnswerHead; readonly body: ReadableStream<Uint8Array> | undefined }> {
    const headers = await this.#headers(JSON_TYPE);
    const body = this.#codec.write(call);
    let response = await this.#send(url, { headers, body, signal, redirect: "manual" });
    if (response.type === "opaqueredirect") {
      // A browser does not tell where to: it follows, and says afterwards where it is.
      response = await this.#send(url, { headers, body, signal, redirect: "follow" });
      if (response.redirected && response.url !== "") {
        await response.body?.cancel();
        return { head: head(307, response, response.url), body: undefined };
      }
    }
    const location = locationOf(response, url);
    if (response.status === 200) {
      return { head: head(200, response, location), body: response.body ?? undefined };
    }
    const message = await readText(response, MESSAGE_BYTES_MAX);
    return { head: { ...head(response.status, response, location), message }, body: undefined };
  }

  /** Send calls: one as JSON, several as a batch of records. */
  async post(
    url: string,
    streamId: string | undefined,
    calls: readonly Call[],
    { isBatch, signal }: { readonly isBatch: boolean; readonly signal: AbortSignal },
  ): Promise<PostAnswer> {
    const headers = await this.#headers(isBatch ? "application/recordio" : JSON_TYPE);
    if (isBatch) headers.set("message-content-type", JSON_TYPE);
    if (streamId !== undefined) headers.set("mesos-stream-id", streamId);
    const texts = calls.map((call) => this.#codec.write(call));
    const body = isBatch ? joined(texts.map(encodeRecord)) : (texts[0] ?? "");
    const response = await this.#send(url, { headers, body, signal, redirect: "manual" });
    const status = response.type === "opaqueredirect" ? 307 : response.status;
    const text = await readText(response, isBatch ? RESULTS_BYTES_MAX : MESSAGE_BYTES_MAX);
    if (!isBatch || status !== 200) return { status, message: text, results: undefined };
    return { status, message: "", results: readResults(text) };
  }

  /**
   * What a body says, chunk by chunk, until it ends: events, and for a record that is none the
   * error.
   *
   * @throws {FairleadError} `invalid_record`, `record_too_large` or `record_truncated`; then
   * nothing more can be read.
   */
  async *events(
    body: ReadableStream<Uint8Array>,
    signal: AbortSignal,
  ): AsyncGenerator<(Event | FairleadError)[], void> {
    const records = new RecordIoReader({ recordBytesMax: this.#options.recordBytesMax });
    const decoder = new TextDecoder();
    const reader = body.getReader();
    // The body of a handler in this process does not hear of the signal.
    const cancel = () => void reader.cancel().catch(() => undefined);
    signal.addEventListener("abort", cancel, { once: true });
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) {
          records.end();
          return;
        }
        const events: (Event | FairleadError)[] = [];
        for (const record of records.push(value)) {
          const event = readEvent(this.#codec, decoder.decode(record));
          if (event !== undefined) events.push(event);
        }
        if (events.length > 0) yield events;
      }
    } finally {
      signal.removeEventListener("abort", cancel);
      // A body that was abandoned must not keep its connection.
      cancel();
    }
  }

  async #headers(contentType: string): Promise<Headers> {
    const headers = new Headers({ accept: JSON_TYPE, "content-type": contentType });
    const { credentials } = this.#options;
    if (credentials === undefined) return headers;
    if ("secret" in credentials) {
      headers.set("authorization", basic(credentials.principal, credentials.secret));
    } else {
      const { token } = credentials;
      headers.set("authorization", `Bearer ${typeof token === "string" ? token : await token()}`);
    }
    return headers;
  }

  async #send(url: string, init: RequestInit): Promise<Response> {
    return await this.#options.fetch(url, { method: "POST", ...init });
  }
}

/** The calls and events of `POST /api/v1/scheduler`. */
export const schedulerCodec: Codec<SchedulerCall, SchedulerEvent> = {
  write: writeCall,
  read: readSchedulerEvent,
  types: new Set([
    "SUBSCRIBED",
    "OFFERS",
    "INVERSE_OFFERS",
    "RESCIND",
    "RESCIND_INVERSE_OFFER",
    "UPDATE",
    "UPDATE_OPERATION_STATUS",
    "MESSAGE",
    "FAILURE",
    "ERROR",
    "HEARTBEAT",
  ]),
};

/** The calls and events of an agent's `POST /api/v1/executor`. */
export const executorCodec: Codec<ExecutorCall, ExecutorEvent> = {
  write: (call) => JSON.stringify(call),
  read: readExecutorEvent,
  types: new Set([
    "SUBSCRIBED",
    "LAUNCH",
    "LAUNCH_GROUP",
    "KILL",
    "ACKNOWLEDGED",
    "MESSAGE",
    "SHUTDOWN",
    "ERROR",
    "HEARTBEAT",
  ]),
};

/**
 * A call as JSON. What JSON cannot say of numbers is written as protobuf does: a limit of
 * `Infinity` is the text "Infinity".
 */
function writeCall(call: SchedulerCall): string {
  const hasLimits = call.type === "ACCEPT" && tasksOf(call.accept).some((task) => task.limits);
  return hasLimits ? JSON.stringify(call, writeNumber) : JSON.stringify(call);
}

function writeNumber(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}

/**
 * Read an event; undefined for a kind that did not exist when this was written, as a newer master
 * may send; the error of what is no event.
 */
function readEvent<Event>(
  codec: Codec<never, Event>,
  text: string,
): Event | FairleadError | undefined {
  try {
    const json: unknown = JSON.parse(text);
    const type = isObject(json) ? json.type : undefined;
    return typeof type === "string" && !codec.types.has(type) ? undefined : codec.read(json);
  } catch (error) {
    return FairleadError.from(error);
  }
}

function head(status: number, response: Response, location: string | undefined): AnswerHead {
  const streamId = response.headers.get("mesos-stream-id") ?? undefined;
  return { status, streamId, location, message: undefined };
}

/** Mesos writes `//host:port/path`; relative to the address that was asked it is whole. */
function locationOf(response: Response, url: string): string | undefined {
  const location = response.headers.get("location");
  if (location === null) return undefined;
  try {
    return new URL(location, url).href;
  } catch {
    return undefined;
  }
}

/** The first bytes of a body as text; the rest is not read. */
async function readText(response: Response, bytesMax: number): Promise<string> {
  const { body } = response;
  if (body === null) return "";
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let text = "";
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value.length;
    text += decoder.decode(value, { stream: true });
    if (bytes < bytesMax) continue;
    reader.cancel().catch(() => undefined);
    return text;
  }
}

/** @throws {FairleadError} `invalid_answer` when it is not `{"results":[{"status":…}…]}`. */
function readResults(text: string): BatchResult[] {
  const json: unknown = JSON.parse(text);
  const results = isObject(json) ? json.results : undefined;
  if (!Array.isArray(results)) throw wrongResults();
  return results.map((result: unknown) => {
    if (!isObject(result) || typeof result.status !== "number") throw wrongResults();
    const { status, message } = result;
    return { status, message: typeof message === "string" ? message : undefined };
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function wrongResults(): FairleadError {
  return new FairleadError(
    "invalid_answer",
    "Cannot read the answer to a batch of calls: it must be a list of results with a status each",
  );
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function basic(principal: string, secret: string): string {
  const bytes = new TextEncoder().encode(`${principal}:${secret}`);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}
