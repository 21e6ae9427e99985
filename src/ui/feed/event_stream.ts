/** One event of a `text/event-stream`. */
export interface StreamEvent {
  /** `message` when the stream names none. */
  readonly event: string;
  readonly data: string;
  /** The last id seen so far; empty before the first. */
  readonly id: string;
}

/** What an event may hold before it counts as an attack on the memory of the page. */
const EVENT_CHARS_MAX = 64 * 1024 * 1024;

/**
 * Reads a `text/event-stream` as it comes in, chunk by chunk, wherever the chunks are cut.
 *
 * Comments and unknown fields are left out; an event without data is none.
 */
export class EventStreamReader {
  #rest = "";
  #event = "";
  #data: string[] = [];
  #chars = 0;
  #id = "";

  /**
   * Take a chunk, give the events that it completed.
   *
   * @throws {RangeError} when one event is larger than 64 M characters.
   */
  push(chunk: string): StreamEvent[] {
    const events: StreamEvent[] = [];
    let begin = 0;
    for (let end = chunk.indexOf("\n"); end >= 0; end = chunk.indexOf("\n", begin)) {
      const piece = chunk.slice(begin, end);
      this.#line(this.#rest === "" ? piece : this.#rest + piece, events);
      this.#rest = "";
      begin = end + 1;
    }
    this.#rest += chunk.slice(begin);
    if (this.#chars + this.#rest.length > EVENT_CHARS_MAX) {
      throw new RangeError(`an event is larger than ${EVENT_CHARS_MAX} characters`);
    }
    return events;
  }

  #line(raw: string, events: StreamEvent[]): void {
    const line = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
    if (line === "") {
      if (this.#data.length > 0) {
        const event = this.#event === "" ? "message" : this.#event;
        events.push({ event, data: this.#data.join("\n"), id: this.#id });
      }
      this.#event = "";
      this.#data = [];
      this.#chars = 0;
      return;
    }
    const colon = line.indexOf(":");
    if (colon === 0) return;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (field === "event") this.#event = value;
    if (field === "id") this.#id = value;
    if (field !== "data") return;
    this.#data.push(value);
    this.#chars += value.length;
  }
}
