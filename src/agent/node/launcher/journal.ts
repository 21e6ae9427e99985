/**
 * What a launcher must not forget when it dies: which processes it started, and how they ended.
 *
 * Lines of JSON, appended. A write survives the death of the launcher at once; ends are also
 * flushed to the disk, many with one fsync, so that they survive the machine's. What the boot
 * before this one started is gone; how its processes ended stays known.
 */
import {
  closeSync,
  fsync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { bootId } from "./identity.ts";
import type { LogSpec, Owner, ProcessIdentity } from "./protocol.ts";
import { systemCodeOf } from "./system_errors.ts";

/** An output stream of a started process: where it comes from and where it goes. */
export interface JournaledStream {
  readonly pipe: string;
  readonly log: LogSpec;
}

/** A started process, enough to take it over. */
export interface JournaledStart extends ProcessIdentity {
  readonly id: string;
  readonly streams: readonly JournaledStream[];
  readonly owner?: Owner;
}

/** One process that nobody has asked to forget. */
export interface JournalEntry {
  readonly start: JournaledStart;
  /** Present once it has ended; without a status when nobody could learn it. */
  readonly end?: { readonly waitStatus?: number };
}

type Line =
  | { readonly boot: string }
  | { readonly start: JournaledStart }
  | { readonly end: string; readonly waitStatus?: number }
  | { readonly forget: string };

/** Rewritten when it is this large, and four times what it was after the last time. */
const COMPACT_BYTES = 2 ** 20;
/** Ended processes that nobody asks about any more; the oldest go first. */
const ENDED_MAX = 20_000;

/** The journal in one file. */
export class Journal {
  readonly #path: string;
  readonly #entries = new Map<string, JournalEntry>();
  #descriptor = -1;
  #sizeBytes = 0;
  #compactBytes = COMPACT_BYTES;
  #flushing = false;
  #unflushed = false;

  /** Read what is there, and go on from it; a torn last line is what a crash left. */
  constructor(path: string) {
    this.#path = path;
    this.#load();
    this.#rewrite();
  }

  /** What is remembered, in the order of starts. */
  get entries(): ReadonlyMap<string, JournalEntry> {
    return this.#entries;
  }

  started(start: JournaledStart): void {
    this.#entries.set(start.id, { start });
    this.#append({ start });
  }

  ended(id: string, waitStatus: number | undefined): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    const end = waitStatus === undefined ? {} : { waitStatus };
    this.#entries.set(id, { ...entry, end });
    this.#append({ end: id, ...end });
    this.#flush();
  }

  forget(id: string): void {
    if (this.#entries.delete(id)) this.#append({ forget: id });
    if (this.#sizeBytes > this.#compactBytes && !this.#flushing) this.#compact();
  }

  dispose(): void {
    closeSync(this.#descriptor);
  }

  #load(): void {
    let boot = "";
    for (const line of readLines(this.#path)) {
      if ("boot" in line) boot = line.boot;
      else if ("start" in line) this.#entries.set(line.start.id, { start: line.start });
      else if ("forget" in line) this.#entries.delete(line.forget);
      else {
        const entry = this.#entries.get(line.end);
        const { waitStatus } = line;
        const end = waitStatus === undefined ? {} : { waitStatus };
        if (entry !== undefined) this.#entries.set(line.end, { ...entry, end });
      }
    }
    if (boot === bootId()) return;
    for (const [id, entry] of this.#entries) {
      if (entry.end === undefined) this.#entries.set(id, { ...entry, end: {} });
    }
  }

  #append(line: Line): void {
    const text = `${JSON.stringify(line)}\n`;
    this.#sizeBytes += writeSync(this.#descriptor, text);
  }

  /** One fsync at a time, for all that came meanwhile. */
  #flush(): void {
    this.#unflushed = true;
    if (this.#flushing) return;
    this.#flushing = true;
    this.#unflushed = false;
    fsync(this.#descriptor, () => {
      this.#flushing = false;
      if (this.#unflushed) this.#flush();
    });
  }

  #compact(): void {
    let ended = [...this.#entries.values()].filter((entry) => entry.end !== undefined).length;
    for (const [id, entry] of this.#entries) {
      if (ended <= ENDED_MAX) break;
      if (entry.end === undefined) continue;
      this.#entries.delete(id);
      ended -= 1;
    }
    this.#rewrite();
  }

  #rewrite(): void {
    const lines: Line[] = [{ boot: bootId() }];
    for (const [id, { start, end }] of this.#entries) {
      lines.push({ start });
      if (end !== undefined) lines.push({ end: id, ...end });
    }
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
    const next = `${this.#path}.next`;
    writeFileSync(next, text, { mode: 0o600 });
    const descriptor = openSync(next, "a");
    fsyncSync(descriptor);
    renameSync(next, this.#path);
    if (this.#descriptor >= 0) closeSync(this.#descriptor);
    this.#descriptor = descriptor;
    this.#sizeBytes = Buffer.byteLength(text);
    this.#compactBytes = Math.max(COMPACT_BYTES, 4 * this.#sizeBytes);
  }
}

function readLines(path: string): Line[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return [];
    throw error;
  }
  return text.split("\n").flatMap((line) => {
    try {
      const read: Line = JSON.parse(line);
      return [read];
    } catch {
      return [];
    }
  });
}
