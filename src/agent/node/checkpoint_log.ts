/** Checkpoints on disk: a log of changes, made durable in batches, written anew when it grows. */
import { constants } from "node:fs";
import { type FileHandle, mkdir, open, readdir, readFile, rename, unlink } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { Packr } from "msgpackr";
import { asyncDispose, FairleadError } from "../../base/mod.ts";
import type { Checkpoint } from "../core/events.ts";

/** A change: a path and its value, or a path alone that is forgotten. */
type Change = readonly [path: string, value: unknown] | readonly [path: string];

/** What was found to be wrong at the start; the file was set aside under this name. */
export interface DamagedFile {
  readonly file: string;
  readonly keptAs: string;
  readonly reason: string;
}

const NAME = /^checkpoints-(\d+)\.log$/;
const HEADER_BYTES = 8;
/** A frame of a snapshot holds about so much: encoding it takes a few milliseconds. */
const FRAME_BYTES = 256 * 1_024;
const FRAME_BYTES_MAX = 256 * 2 ** 20;
/** The log is written anew when it is this much larger than what is in it. */
const GROWTH_RATIO = 4;
const COMPACT_BYTES_MIN = 4 * 2 ** 20;

const packr = new Packr({ useRecords: false });

interface Kept {
  readonly value: unknown;
  readonly bytes: number;
}

/**
 * A folder of checkpoints.
 *
 * Frames are length, CRC-32 and msgpack; one flush writes one frame, so that what was handed in
 * between two flushes is there as a whole or not at all. Nothing here blocks the event loop on the
 * disk.
 */
export class CheckpointLog implements AsyncDisposable {
  readonly #folder: string;
  readonly #kept = new Map<string, Kept>();
  readonly damaged: DamagedFile | undefined;
  #file: FileHandle;
  #number: number;
  #fileBytes = 0;
  #keptBytes = 0;
  #changes: Change[] = [];
  #flushing: Promise<void> | undefined;
  #closed = false;

  private constructor(
    folder: string,
    kept: ReadonlyMap<string, unknown>,
    file: FileHandle,
    number: number,
    damaged: DamagedFile | undefined,
  ) {
    this.#folder = folder;
    this.#file = file;
    this.#number = number;
    this.damaged = damaged;
    for (const [path, value] of kept) this.#keep(path, value, 0);
  }

  /**
   * Open the checkpoints of a folder, made when there is none.
   *
   * A file that is damaged in the middle is set aside, what could be read of it is used, and
   * `damaged` says so. A last frame that was cut off by a crash was never said to be durable: it
   * is dropped in silence.
   *
   * @throws {FairleadError} `checkpoint_failed` when the folder cannot be used.
   */
  static async open(folder: string): Promise<CheckpointLog> {
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const numbers = await numbersIn(folder);
      const newest = numbers.at(-1);
      const kept = new Map<string, unknown>();
      let damaged: DamagedFile | undefined;
      if (newest !== undefined) damaged = await readLog(folder, newest, kept);
      const number = (newest ?? 0) + 1;
      const file = await open(join(folder, "next.tmp"), openFlags, 0o600);
      const log = new CheckpointLog(folder, kept, file, number, damaged);
      await log.#adopt(file, number, await log.#writeSnapshot(file), numbers);
      return log;
    } catch (error) {
      throw failed(folder, error);
    }
  }

  /** Everything that is there, in no particular order. */
  *entries(): Iterable<Checkpoint> {
    for (const [path, { value }] of this.#kept) yield { path, value };
  }

  get size(): number {
    return this.#kept.size;
  }

  /** Note a value; durable once a `flush` that begins after this has ended. */
  put(path: string, value: unknown): void {
    this.#changes.push([path, value]);
  }

  /** Note that there is nothing (any more) under this path. */
  delete(path: string): void {
    this.#changes.push([path]);
  }

  /**
   * Make everything durable that was handed in so far.
   *
   * @throws {FairleadError} `checkpoint_failed`; the changes are kept for the next flush.
   */
  async flush(): Promise<void> {
    // One at a time: the next one takes all that gathered meanwhile.
    while (this.#flushing !== undefined) await this.#flushing.catch(() => undefined);
    if (this.#changes.length === 0) return;
    this.#flushing = this.#write().finally(() => {
      this.#flushing = undefined;
    });
    await this.#flushing;
  }

  async #write(): Promise<void> {
    if (this.#closed) throw failed(this.#folder, new Error("it is closed"));
    const changes = this.#changes;
    this.#changes = [];
    try {
      const frame = frameOf(changes);
      await writeAll(this.#file, frame, this.#fileBytes);
      await this.#file.datasync();
      this.#fileBytes += frame.byteLength;
      const each = Math.ceil(frame.byteLength / changes.length);
      for (const change of changes) this.#apply(change, each);
      if (this.#fileBytes > COMPACT_BYTES_MIN + GROWTH_RATIO * this.#keptBytes) {
        await this.#compact();
      }
    } catch (error) {
      this.#changes = [...changes, ...this.#changes];
      // What was written in part must not stand between frames.
      await this.#file.truncate(this.#fileBytes).catch(() => undefined);
      throw failed(this.#folder, error);
    }
  }

  #apply(change: Change, bytes: number): void {
    const [path] = change;
    this.#keptBytes -= this.#kept.get(path)?.bytes ?? 0;
    if (change.length === 1) this.#kept.delete(path);
    else this.#keep(path, change[1], bytes);
  }

  #keep(path: string, value: unknown, bytes: number): void {
    this.#kept.set(path, { value, bytes });
    this.#keptBytes += bytes;
  }

  async #compact(): Promise<void> {
    const file = await open(join(this.#folder, "next.tmp"), openFlags, 0o600);
    const old = this.#file;
    try {
      const bytes = await this.#writeSnapshot(file);
      await this.#adopt(file, this.#number + 1, bytes, [this.#number]);
    } catch (error) {
      if (this.#file !== file) await file.close();
      throw error;
    }
    await old.close();
  }

  /** Returns how many bytes it has. */
  async #writeSnapshot(file: FileHandle): Promise<number> {
    let at = 0;
    let changes: Change[] = [];
    let guess = 0;
    for (const [path, { value, bytes }] of this.#kept) {
      changes.push([path, value]);
      guess += bytes === 0 ? 1_024 : bytes;
      if (guess < FRAME_BYTES) continue;
      at += await writeAll(file, frameOf(changes), at);
      changes = [];
      guess = 0;
    }
    at += await writeAll(file, frameOf(changes), at);
    await file.sync();
    return at;
  }

  /** The new file takes the place of the old ones. */
  async #adopt(
    file: FileHandle,
    number: number,
    bytes: number,
    old: readonly number[],
  ): Promise<void> {
    await rename(join(this.#folder, "next.tmp"), join(this.#folder, nameOf(number)));
    await syncFolder(this.#folder);
    this.#file = file;
    this.#number = number;
    this.#fileBytes = bytes;
    for (const each of old) {
      await unlink(join(this.#folder, nameOf(each))).catch((error: unknown) => {
        if (codeOf(error) !== "ENOENT") throw error;
      });
    }
  }

  /** Make everything durable and let go. */
  async [asyncDispose](): Promise<void> {
    if (this.#closed) return;
    await this.flush();
    this.#closed = true;
    await this.#file.close();
  }
}

const openFlags = constants.O_CREAT | constants.O_TRUNC | constants.O_WRONLY;

function nameOf(number: number): string {
  return `checkpoints-${String(number).padStart(8, "0")}.log`;
}

async function numbersIn(folder: string): Promise<number[]> {
  const names = await readdir(folder);
  const numbers = names.map((name) => NAME.exec(name)?.[1]).filter((text) => text !== undefined);
  return numbers.map(Number).sort((one, other) => one - other);
}

function frameOf(changes: readonly Change[]): Buffer {
  const payload = packr.pack(changes);
  const frame = Buffer.allocUnsafe(HEADER_BYTES + payload.byteLength);
  frame.writeUInt32LE(payload.byteLength, 0);
  frame.writeUInt32LE(crc32(payload), 4);
  frame.set(payload, HEADER_BYTES);
  return frame;
}

async function writeAll(file: FileHandle, bytes: Buffer, position: number): Promise<number> {
  let at = 0;
  while (at < bytes.byteLength) {
    const rest = bytes.byteLength - at;
    const { bytesWritten } = await file.write(bytes, at, rest, position + at);
    at += bytesWritten;
  }
  return at;
}

/** Read a log into `kept`; a file that is no log all through is renamed. */
async function readLog(
  folder: string,
  number: number,
  kept: Map<string, unknown>,
): Promise<DamagedFile | undefined> {
  const path = join(folder, nameOf(number));
  const bytes = await readFile(path);
  let at = 0;
  let reason: string | undefined;
  while (at + HEADER_BYTES <= bytes.byteLength) {
    const end = at + HEADER_BYTES + bytes.readUInt32LE(at);
    // Cut off by a crash.
    if (end > bytes.byteLength && end - at <= FRAME_BYTES_MAX) break;
    const payload = bytes.subarray(at + HEADER_BYTES, end);
    if (crc32(payload) !== bytes.readUInt32LE(at + 4)) {
      reason = `the frame at byte ${at} is not what was written`;
      break;
    }
    for (const change of packr.unpack(payload) as readonly Change[]) {
      if (change.length === 1) kept.delete(change[0]);
      else kept.set(change[0], change[1]);
    }
    at = end;
  }
  if (reason === undefined) return undefined;
  const keptAs = `${path}.damaged`;
  await rename(path, keptAs);
  return { file: path, keptAs, reason };
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}

function failed(folder: string, cause: unknown): FairleadError {
  if (cause instanceof FairleadError) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  return new FairleadError(
    "checkpoint_failed",
    `Cannot keep checkpoints in ${folder}: ${message}`,
    {
      cause,
      details: { folder },
    },
  );
}
