import { FairleadError } from "../base/mod.ts";

/** One server-sent event. */
export interface ServerSentEvent {
  /** Its name; "message" when absent. */
  readonly event?: string | undefined;
  /** What a client tells as `Last-Event-ID` when it comes again. */
  readonly id?: string | undefined;
  /** Any text, of any number of lines. */
  readonly data: string;
  /** How long a client shall wait before it comes again. */
  readonly retryMs?: number | undefined;
}

const encoder = new TextEncoder();

/**
 * One event as bytes of a `text/event-stream`.
 *
 * @throws {FairleadError} `invalid_argument` when a name or an id has a line break, or an id a NUL.
 */
export function encodeServerSentEvent(event: ServerSentEvent): Uint8Array<ArrayBuffer> {
  let text = "";
  if (event.event !== undefined) text += `event: ${oneLine("event", event.event)}\n`;
  if (event.id !== undefined) text += `id: ${oneLine("id", event.id)}\n`;
  if (event.retryMs !== undefined) text += `retry: ${Math.max(0, Math.trunc(event.retryMs))}\n`;
  for (const line of event.data.split(/\r\n|\r|\n/)) text += `data: ${line}\n`;
  return encoder.encode(`${text}\n`);
}

/** A comment, which clients ignore: it keeps a connection from looking dead. */
export function encodeServerSentComment(comment = ""): Uint8Array<ArrayBuffer> {
  return encoder.encode(`:${comment.replaceAll(/[\r\n]+/g, " ")}\n\n`);
}

function oneLine(field: string, value: string): string {
  if (!/[\r\n\0]/.test(value)) return value;
  throw new FairleadError(
    "invalid_argument",
    `Cannot send an event whose ${field} is ${JSON.stringify(value.slice(0, 64))}: it has a line break`,
    { details: { field } },
  );
}

/** Options of {@linkcode serverSentEventDecoder}. */
export interface ServerSentEventDecoderOptions {
  /** The longest event that is taken, in UTF-16 code units. */
  readonly eventLengthMax: number;
}

/**
 * A `text/event-stream` in, its events out, by the rules of the HTML standard.
 *
 * An event without data is not one; `id` is that of the last event that had one. The stream fails
 * with `event_too_large`.
 */
export function serverSentEventDecoder({
  eventLengthMax,
}: ServerSentEventDecoderOptions): TransformStream<Uint8Array, ServerSentEvent> {
  const parser = new Parser(eventLengthMax);
  const decoder = new TextDecoder();
  return new TransformStream({
    transform: (chunk, controller) => {
      for (const event of parser.push(decoder.decode(chunk, { stream: true }))) {
        controller.enqueue(event);
      }
    },
  });
}

class Parser {
  readonly #lengthMax: number;
  #rest = "";
  /** The last piece ended in a CR: a LF at the start of the next one belongs to it. */
  #afterReturn = false;
  #event = "";
  #data: string[] = [];
  #dataLength = 0;
  #id: string | undefined;
  #retryMs: number | undefined;

  constructor(lengthMax: number) {
    this.#lengthMax = lengthMax;
  }

  *push(text: string): Generator<ServerSentEvent> {
    const fresh = this.#afterReturn && text.startsWith("\n") ? text.slice(1) : text;
    if (text !== "") this.#afterReturn = text.endsWith("\r");
    if (!/[\r\n]/.test(fresh)) return this.#takeRest(this.#rest + fresh);
    const lines = (this.#rest + fresh).split(/\r\n|\r|\n/);
    const rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line !== "") this.#takeLine(line);
      else yield* this.#dispatch();
    }
    this.#takeRest(rest);
  }

  /** Keep the begun line; it is scanned once more only when its end has come. */
  #takeRest(rest: string): void {
    this.#rest = rest;
    if (rest.length + this.#dataLength > this.#lengthMax) throw eventTooLarge(this.#lengthMax);
  }

  #takeLine(line: string): void {
    const colon = line.indexOf(":");
    if (colon === 0) return;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (field === "event") this.#event = value;
    else if (field === "data") this.#takeData(value);
    else if (field === "id" && !value.includes("\0")) this.#id = value;
    else if (field === "retry" && /^\d{1,15}$/.test(value)) this.#retryMs = Number(value);
  }

  #takeData(value: string): void {
    this.#data.push(value);
    this.#dataLength += value.length + 1;
    if (this.#dataLength > this.#lengthMax) throw eventTooLarge(this.#lengthMax);
  }

  *#dispatch(): Generator<ServerSentEvent> {
    const event = {
      ...(this.#event === "" ? {} : { event: this.#event }),
      ...(this.#id === undefined ? {} : { id: this.#id }),
      data: this.#data.join("\n"),
      ...(this.#retryMs === undefined ? {} : { retryMs: this.#retryMs }),
    };
    const isEvent = this.#data.length > 0;
    this.#event = "";
    this.#data = [];
    this.#dataLength = 0;
    this.#retryMs = undefined;
    if (isEvent) yield event;
  }
}

function eventTooLarge(eventLengthMax: number): FairleadError {
  return new FairleadError(
    "event_too_large",
    `Cannot read a server-sent event: it is longer than ${eventLengthMax}`,
    { details: { eventLengthMax } },
  );
}
