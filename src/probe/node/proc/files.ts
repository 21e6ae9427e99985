/** Reads `/proc` cheaply: files that are read each second stay open. */
import { closeSync, openSync, readdirSync, readlinkSync, readSync, statSync } from "node:fs";
import { join } from "node:path";

/** So many files stay open; others are opened each time. */
const KEPT_MAX = 4_096;
const SMALL_BYTES = 4_096;
const CHUNK_BYTES = 65_536;
const WHOLE_BYTES_MAX = 64 * 2 ** 20;

interface Kept {
  readonly pid: number;
  readonly descriptor: number;
}

/**
 * The files of one `/proc`. Every read that fails gives undefined: processes vanish at any time,
 * and some may not be looked at.
 *
 * All is read synchronously: these are tables of the kernel, which take microseconds. What may
 * block, because it stands in another process's memory, is not read here.
 */
export class ProcFiles {
  readonly root: string;
  readonly #kept = new Map<number, Kept>();
  readonly #small = Buffer.allocUnsafe(SMALL_BYTES);
  #chunk = Buffer.allocUnsafe(CHUNK_BYTES);

  constructor(root = "/proc") {
    this.root = root;
  }

  /** Pids in ascending order; empty when the folder cannot be read. */
  pids(): number[] {
    return numbersIn(this.root).sort((a, b) => a - b);
  }

  /** `/proc/PID/stat`, over a descriptor that is kept. */
  stat(pid: number): string | undefined {
    const kept = this.#kept.get(pid);
    const text = kept === undefined ? undefined : this.#readOpen(kept.descriptor);
    if (text !== undefined && text !== "") return text;
    if (kept !== undefined) this.#drop(kept);
    return this.#openStat(pid);
  }

  /** Close what was kept of processes that are gone. */
  keep(pids: ReadonlySet<number>): void {
    for (const kept of this.#kept.values()) if (!pids.has(kept.pid)) this.#drop(kept);
  }

  /** A file of at most 4,096 bytes; longer ones are cut. */
  small(...path: readonly string[]): string | undefined {
    return this.#reading(path, (descriptor) => this.#readOpen(descriptor));
  }

  /** A whole table, up to 64 MiB. */
  whole(...path: readonly string[]): string | undefined {
    const bytes = this.#reading(path, (descriptor) => this.#readWhole(descriptor));
    return bytes?.toString("latin1");
  }

  /** The same as bytes, which stay until the next table is read. */
  bytes(...path: readonly string[]): Uint8Array | undefined {
    return this.#reading(path, (descriptor) => this.#readWhole(descriptor));
  }

  /** Where a link points. */
  link(...path: readonly string[]): string | undefined {
    try {
      return readlinkSync(join(this.root, ...path));
    } catch {
      return undefined;
    }
  }

  /** The open descriptors of a process; undefined where they may not be seen. */
  descriptors(pid: number): number[] | undefined {
    const found = numbersIn(join(this.root, String(pid), "fd"), true);
    return found.length === 0 ? undefined : found;
  }

  /** How many descriptors a process has open: since Linux 6.2 the folder's size says it. */
  descriptorCount(pid: number): number | undefined {
    try {
      const { size } = statSync(join(this.root, String(pid), "fd"));
      return size > 0 ? size : this.descriptors(pid)?.length;
    } catch {
      return undefined;
    }
  }

  /** Close everything. */
  close(): void {
    this.keep(new Set());
  }

  #openStat(pid: number): string | undefined {
    if (this.#kept.size >= KEPT_MAX) return this.small(String(pid), "stat");
    try {
      const descriptor = openSync(join(this.root, String(pid), "stat"), "r");
      this.#kept.set(pid, { pid, descriptor });
      return this.#readOpen(descriptor);
    } catch {
      return undefined;
    }
  }

  #drop({ pid, descriptor }: Kept): void {
    this.#kept.delete(pid);
    closeQuietly(descriptor);
  }

  #reading<T>(path: readonly string[], read: (descriptor: number) => T): T | undefined {
    let descriptor: number;
    try {
      descriptor = openSync(join(this.root, ...path), "r");
    } catch {
      return undefined;
    }
    try {
      return read(descriptor);
    } finally {
      closeQuietly(descriptor);
    }
  }

  #readOpen(descriptor: number): string | undefined {
    try {
      const bytes = readSync(descriptor, this.#small, 0, SMALL_BYTES, 0);
      return this.#small.toString("utf8", 0, bytes);
    } catch {
      return undefined;
    }
  }

  #readWhole(descriptor: number): Buffer | undefined {
    let filled = 0;
    try {
      for (;;) {
        if (filled === this.#chunk.length) this.#chunk = grown(this.#chunk);
        const bytes = readSync(descriptor, this.#chunk, filled, this.#chunk.length - filled, null);
        filled += bytes;
        if (bytes === 0 || filled >= WHOLE_BYTES_MAX) break;
      }
    } catch {
      return undefined;
    }
    return this.#chunk.subarray(0, filled);
  }
}

function grown(chunk: Buffer): Buffer<ArrayBuffer> {
  return Buffer.concat([chunk, Buffer.allocUnsafe(chunk.length)]);
}

function numbersIn(folder: string, isZeroOne = false): number[] {
  try {
    const numbers: number[] = [];
    for (const name of readdirSync(folder)) {
      const number = Number(name);
      if (Number.isInteger(number) && (isZeroOne || number > 0)) numbers.push(number);
    }
    return numbers;
  } catch {
    return [];
  }
}

function closeQuietly(descriptor: number): void {
  try {
    closeSync(descriptor);
  } catch {
    // It is gone: that was the aim.
  }
}
