/** What the master did, for people: to whoever collects logs, and the last of it to be read here. */
import { getLogger } from "@logtape/logtape";
import type { Clock } from "../../base/mod.ts";

export type LogLevel = "debug" | "info" | "warning" | "error";

/** One thing to tell. */
export interface LogEntry {
  readonly level: LogLevel;
  readonly message: string;
  /** No secrets. */
  readonly details?: Readonly<Record<string, unknown>>;
}

const RANK: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warning: 2, error: 3 };
const LINE_CHARS_MAX = 8_192;

/**
 * The master's log: a line an entry, the last `bytesMax` bytes of them.
 *
 * Positions count bytes from the first line ever written.
 */
export class MasterLog {
  #override: { readonly level: LogLevel } | undefined;
  readonly #clock: Pick<Clock, "nowMs">;
  readonly #bytesMax: number;
  readonly #logger = getLogger(["fairlead", "master"]);
  readonly #encoder = new TextEncoder();
  #lines: Uint8Array[] = [];
  #head = 0;
  #heldBytes = 0;
  #endBytes = 0;

  constructor(clock: Pick<Clock, "nowMs">, bytesMax = 1_048_576) {
    this.#clock = clock;
    this.#bytesMax = bytesMax;
  }

  /** Less important entries are left out. */
  get level(): LogLevel {
    return this.#override?.level ?? "info";
  }

  /** Leave out other entries until the function given back is called, or until the next override. */
  override(level: LogLevel): () => void {
    const mine = { level };
    this.#override = mine;
    return () => {
      if (this.#override === mine) this.#override = undefined;
    };
  }

  /** How many bytes were written in all: where the log ends. */
  get sizeBytes(): number {
    return this.#endBytes;
  }

  write({ level, message, details = {} }: LogEntry): void {
    this.#logger[level](message, { ...details });
    if (RANK[level] < RANK[this.level]) return;
    const time = new Date(this.#clock.nowMs()).toISOString();
    const facts = Object.entries(details).map(([name, value]) => ` ${name}=${asText(value)}`);
    const line = `${time} ${level.toUpperCase()} ${message}${facts.join("")}`;
    this.#keep(this.#encoder.encode(`${oneLine(line)}\n`));
  }

  /** Bytes from a position on: as many as there are, at most `lengthBytesMax`. */
  read(fromBytes: number, lengthBytesMax: number): Uint8Array {
    let at = this.#endBytes - this.#heldBytes;
    const from = Math.max(fromBytes, at);
    const size = Math.max(0, Math.min(lengthBytesMax, this.#endBytes - from));
    const read = new Uint8Array(size);
    for (const line of this.#lines.slice(this.#head)) {
      const start = Math.max(from - at, 0);
      const part = line.subarray(start, Math.max(start, from + size - at));
      if (part.length > 0) read.set(part, at + start - from);
      at += line.length;
    }
    return read;
  }

  #keep(line: Uint8Array): void {
    this.#lines.push(line);
    this.#heldBytes += line.length;
    this.#endBytes += line.length;
    while (this.#heldBytes > this.#bytesMax) {
      this.#heldBytes -= this.#lines[this.#head]?.length ?? 0;
      this.#head += 1;
    }
    if (this.#head * 2 > this.#lines.length) {
      this.#lines = this.#lines.slice(this.#head);
      this.#head = 0;
    }
  }
}

/** What comes from outside must not begin a line of its own. */
function oneLine(line: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out
  return line.slice(0, LINE_CHARS_MAX).replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, " ");
}

function asText(value: unknown): string {
  try {
    return typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
  } catch {
    return String(value);
  }
}
