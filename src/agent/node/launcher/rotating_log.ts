/** A log file that never grows past its size: `stdout`, then `stdout.1` and so on. */
import {
  close,
  constants,
  fchownSync,
  fstatSync,
  ftruncateSync,
  openSync,
  renameSync,
  rmSync,
  write,
} from "node:fs";
import { Writable } from "node:stream";
import type { LogSpec, Owner } from "./protocol.ts";
import { ignoreMissing, systemCodeOf } from "./system_errors.ts";

const NEWLINE = 0x0a;

/**
 * Appends to a log and rotates it.
 *
 * The folder belongs to the task, who may put anything there under any name: links are not
 * followed, and a file that exists is only appended to when `resume` says that it is ours. What
 * cannot be written (a full disk) is dropped and counted; the task never waits for space.
 */
export class RotatingLog extends Writable {
  readonly #spec: LogSpec;
  readonly #owner: Owner | undefined;
  #descriptor: number;
  #sizeBytes: number;
  #lostBytes = 0;

  /** @throws the system's error when the file cannot be opened. */
  constructor(spec: LogSpec, owner: Owner | undefined, options: { readonly resume: boolean }) {
    super({ highWaterMark: 64 * 1024, decodeStrings: true });
    this.#spec = spec;
    this.#owner = owner;
    this.#descriptor = options.resume ? this.#resume() : this.#create();
    this.#sizeBytes = fstatSync(this.#descriptor).size;
  }

  /** Bytes that found no room. */
  get lostBytes(): number {
    return this.#lostBytes;
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    if (chunk.length === 0) {
      done();
      return;
    }
    const room = this.#spec.bytesMax - this.#sizeBytes;
    const part = chunk.length <= room ? chunk.length : cut(chunk, room, this.#sizeBytes === 0);
    if (part === 0) {
      this.#rotate();
      this._write(chunk, _encoding, done);
      return;
    }
    this.#append(chunk.subarray(0, part), () => {
      if (part === chunk.length) done();
      else this._write(chunk.subarray(part), _encoding, done);
    });
  }

  override _final(done: (error?: Error | null) => void): void {
    close(this.#descriptor, () => done());
  }

  #append(bytes: Buffer, then: () => void): void {
    write(this.#descriptor, bytes, 0, bytes.length, null, (error, written) => {
      if (error !== null) {
        this.#lostBytes += bytes.length;
        then();
        return;
      }
      this.#sizeBytes += written;
      if (written === bytes.length) then();
      else this.#append(bytes.subarray(written), then);
    });
  }

  /** Whatever happens to the names, the file that is written stays within its size. */
  #rotate(): void {
    const { path, filesMax } = this.#spec;
    try {
      for (let n = filesMax - 1; n > 1; n--) {
        ignoreMissing(() => renameSync(`${path}.${n - 1}`, `${path}.${n}`));
      }
      if (filesMax > 1) ignoreMissing(() => renameSync(path, `${path}.1`));
      const fresh = this.#create();
      close(this.#descriptor, () => undefined);
      this.#descriptor = fresh;
    } catch {
      // The task put something in the way: the current file begins anew, under whatever name.
      ftruncateSync(this.#descriptor, 0);
    }
    this.#sizeBytes = 0;
  }

  #create(): number {
    const { path } = this.#spec;
    const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT;
    rmSync(path, { force: true });
    const descriptor = openSync(path, flags | constants.O_EXCL | constants.O_NOFOLLOW, 0o644);
    if (this.#owner !== undefined) fchownSync(descriptor, this.#owner.uid, this.#owner.gid);
    return descriptor;
  }

  #resume(): number {
    const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_NOFOLLOW;
    try {
      const descriptor = openSync(this.#spec.path, flags | constants.O_NONBLOCK);
      const { nlink } = fstatSync(descriptor);
      if (fstatSync(descriptor).isFile() && nlink === 1) return descriptor;
      close(descriptor, () => undefined);
    } catch (error) {
      if (!["ENOENT", "ELOOP", "ENXIO"].includes(systemCodeOf(error) ?? "")) throw error;
    }
    return this.#create();
  }
}

/**
 * How much of a chunk goes into the room that is left: whole lines where there are any, nothing
 * where the file has something already, else as much as fits.
 */
function cut(chunk: Buffer, room: number, fresh: boolean): number {
  const lines = room > 0 ? chunk.lastIndexOf(NEWLINE, room - 1) + 1 : 0;
  if (lines > 0) return lines;
  return fresh ? Math.max(room, 1) : 0;
}
