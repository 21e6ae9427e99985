import { formatInstant } from "./instant.ts";
import type { Instant } from "./report.ts";
import type { Sink } from "./sink.ts";

/** Writes a report as JSON, instants in RFC 3339. */
export class JsonSink implements Sink {
  readonly #parts: string[] = [];
  readonly #open: { left: number; readonly end: string; isFirst: boolean }[] = [];

  map(size: number): void {
    this.#begin("{", "}", size);
  }

  key(key: string): void {
    const open = this.#open.at(-1);
    if (open !== undefined && !open.isFirst) this.#parts.push(",");
    if (open !== undefined) open.isFirst = false;
    this.#parts.push(JSON.stringify(key), ":");
  }

  list(size: number): void {
    this.#begin("[", "]", size);
  }

  text(text: string): void {
    this.#value(JSON.stringify(text));
  }

  integer(value: number): void {
    this.#value(JSON.stringify(value));
  }

  float(value: number): void {
    this.#value(JSON.stringify(value));
  }

  flag(value: boolean): void {
    this.#value(value ? "true" : "false");
  }

  nil(): void {
    this.#value("null");
  }

  instant(instant: Instant): void {
    this.#value(`"${formatInstant(instant)}"`);
  }

  bytes(): Uint8Array<ArrayBuffer> {
    return new TextEncoder().encode(this.#parts.join(""));
  }

  #begin(start: string, end: string, size: number): void {
    this.#comma();
    this.#parts.push(start);
    this.#open.push({ left: size, end, isFirst: true });
    this.#endWhatIsFull();
  }

  #value(text: string): void {
    this.#comma();
    this.#parts.push(text);
    const open = this.#open.at(-1);
    if (open !== undefined) open.left -= 1;
    this.#endWhatIsFull();
  }

  /** Between items of a list; keys have theirs. */
  #comma(): void {
    const open = this.#open.at(-1);
    if (open?.end !== "]") return;
    if (!open.isFirst) this.#parts.push(",");
    open.isFirst = false;
  }

  #endWhatIsFull(): void {
    for (;;) {
      const open = this.#open.at(-1);
      if (open === undefined || open.left > 0) return;
      this.#parts.push(open.end);
      this.#open.pop();
      const outer = this.#open.at(-1);
      if (outer !== undefined) outer.left -= 1;
    }
  }
}
