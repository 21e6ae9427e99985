import type { ConsoleFileChunk } from "../../model/mod.ts";

/** Reads a piece of the file; an offset of -1 asks for its size. */
export type ReadPiece = (
  part: { readonly offset: number; readonly length: number },
  signal: AbortSignal,
) => Promise<ConsoleFileChunk>;

/** How far from its end a file is opened. */
const TAIL_BYTES = 64 * 1024;
/** What is asked for at once. */
const PIECE_BYTES = 256 * 1024;
/** Pieces taken in one go before others get their turn. */
const PIECES_MAX = 16;
const LINES_MAX = 50_000;
/** A longer line is cut into several: a page shows lines, not books. */
const LINE_CHARS_MAX = 8_192;

const encoder = new TextEncoder();
const bytesOf = (text: string) => encoder.encode(text).length;

// Colours and movements of a terminal, which a page has no use for.
// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape begins with one
const ESCAPES = /\u001b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\u0007]*\u0007|[@-Z\\-_])/g;

/**
 * The end of a file that grows: opened near its end, followed as it is written to, and read
 * backwards on demand. It keeps the last 50,000 lines.
 */
export class FileTail {
  readonly #read: ReadPiece;
  #lines: string[] = [];
  /** What follows the last line break. */
  #rest = "";
  #start = 0;
  #end = -1;
  #size = 0;
  #version = 0;
  #restarts = 0;

  constructor(read: ReadPiece) {
    this.#read = read;
  }

  /** Lines without their breaks; the last one may still grow. */
  get lines(): readonly string[] {
    return this.#rest === "" ? this.#lines : [...this.#lines, this.#rest];
  }

  get lineCount(): number {
    return this.#lines.length + (this.#rest === "" ? 0 : 1);
  }

  /** Where the first line begins, in bytes: so many are before it. */
  get startBytes(): number {
    return this.#start;
  }

  /** Of the file, when it was looked at last. */
  get sizeBytes(): number {
    return this.#size;
  }

  /** Grows with every change of the lines. */
  get version(): number {
    return this.#version;
  }

  /** How often the file became shorter, and was begun anew: it was truncated or rotated. */
  get restarts(): number {
    return this.#restarts;
  }

  /** Read what was written since; the first time, the end of the file. */
  async update(signal: AbortSignal): Promise<void> {
    if (this.#end < 0) await this.#open(signal);
    for (let pieces = 0; pieces < PIECES_MAX; pieces += 1) {
      const part = { offset: this.#end, length: PIECE_BYTES };
      const chunk = await this.#read(part, signal);
      this.#size = chunk.size;
      if (chunk.size < this.#end) {
        this.#restarts += 1;
        this.#begin(0);
        continue;
      }
      const length = chunk.length ?? bytesOf(chunk.data);
      if (length === 0) return;
      this.#end += length;
      this.#append(chunk.data);
      if (this.#end >= chunk.size) return;
    }
  }

  /**
   * Read what is before the first line.
   *
   * @returns how many lines came in front.
   */
  async earlier(signal: AbortSignal): Promise<number> {
    if (this.#start === 0 || this.#end < 0) return 0;
    const offset = Math.max(0, this.#start - PIECE_BYTES);
    const { data } = await this.#read({ offset, length: this.#start - offset }, signal);
    const { text, skipped } = offset === 0 ? { text: data, skipped: 0 } : fromLineStart(data);
    const lines = text.split("\n");
    if (lines.at(-1) === "") lines.pop();
    const shown = lines.map(plain);
    this.#lines = [...shown, ...this.#lines].slice(0, LINES_MAX);
    this.#start = offset + skipped;
    this.#version += 1;
    return shown.length;
  }

  async #open(signal: AbortSignal): Promise<void> {
    const { size } = await this.#read({ offset: -1, length: 0 }, signal);
    this.#size = size;
    this.#begin(Math.max(0, size - TAIL_BYTES));
    if (this.#start === 0) return;
    const chunk = await this.#read({ offset: this.#start, length: TAIL_BYTES }, signal);
    const { text, skipped } = fromLineStart(chunk.data);
    this.#start += skipped;
    this.#end = this.#start + (chunk.length === undefined ? bytesOf(text) : chunk.length - skipped);
    this.#append(text);
  }

  #begin(offset: number): void {
    this.#lines = [];
    this.#rest = "";
    this.#start = offset;
    this.#end = offset;
    this.#version += 1;
  }

  #append(data: string): void {
    const lines = (this.#rest + data).split("\n");
    this.#rest = lines.pop() ?? "";
    if (this.#rest.length > LINE_CHARS_MAX) {
      lines.push(this.#rest);
      this.#rest = "";
    }
    for (const line of lines) this.#lines.push(plain(line));
    if (this.#lines.length > LINES_MAX) {
      const dropped = this.#lines.splice(0, this.#lines.length - LINES_MAX);
      for (const line of dropped) this.#start += bytesOf(line) + 1;
    }
    this.#version += 1;
  }
}

/** What follows the first line break, and how many bytes stand before it. */
function fromLineStart(data: string): { text: string; skipped: number } {
  const cut = data.indexOf("\n") + 1;
  return { text: data.slice(cut), skipped: bytesOf(data.slice(0, cut)) };
}

/** A line as it looks: without escapes, and what a carriage return wrote over is gone. */
function plain(line: string): string {
  const text = line.endsWith("\r") ? line.slice(0, -1) : line;
  const shown = text.slice(text.lastIndexOf("\r") + 1).replaceAll(ESCAPES, "");
  return shown.length > LINE_CHARS_MAX ? `${shown.slice(0, LINE_CHARS_MAX)}…` : shown;
}
