/**
 * Named pipes for the output of processes.
 *
 * Node's own pipes are sockets: `/dev/stdout` cannot be opened on them, and whoever writes dies
 * when the reader does. A named pipe is a file like any other: a process that holds it for reading
 * and writing waits while nobody reads, and a new launcher finds it again by its path.
 */
import { execFile } from "node:child_process";
import { closeSync, constants, openSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { ignoreMissing } from "./system_errors.ts";

const run = promisify(execFile);

/** mkfifo(1) makes this many at a time: one process for 64 pipes, not one for each. */
const BATCH = 64;
const SPARE_MIN = 24;

/** A stock of named pipes in a folder. */
export class Pipes {
  readonly #folder: string;
  readonly #prefix: string;
  readonly #spare: string[] = [];
  #made = 0;
  #making: Promise<void> | undefined;

  constructor(folder: string) {
    this.#folder = folder;
    // Pipes of the launcher before this one may still be in use.
    this.#prefix = `${process.pid}-${Date.now().toString(36)}`;
  }

  /** Take one; it is the caller's to remove. */
  async take(): Promise<string> {
    while (this.#spare.length === 0) await this.#make();
    const path = this.#spare.pop();
    // Topping up has its own time; when it fails, the next `take` that needs it says why.
    if (this.#spare.length < SPARE_MIN) this.#make().catch(() => undefined);
    if (path === undefined) return this.take();
    return path;
  }

  #make(): Promise<void> {
    this.#making ??= this.#makeBatch().finally(() => {
      this.#making = undefined;
    });
    return this.#making;
  }

  async #makeBatch(): Promise<void> {
    const paths = Array.from({ length: BATCH }, () =>
      join(this.#folder, `${this.#prefix}-${(this.#made++).toString(36)}`),
    );
    await run("mkfifo", ["-m", "600", ...paths], { env: { PATH: "/usr/bin:/bin" } });
    this.#spare.push(...paths);
  }

  /** Remove what was not taken. */
  dispose(): void {
    for (const path of this.#spare.splice(0)) ignoreMissing(() => unlinkSync(path));
  }
}

/** The reading end; never waits for a writer. */
export function openReader(path: string): number {
  return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
}

/** An end that keeps its holder from dying while nobody reads. */
export function openWriter(path: string): number {
  return openSync(path, constants.O_RDWR);
}

/** Close what may be closed already. */
export function closeQuietly(descriptor: number | undefined): void {
  if (descriptor === undefined) return;
  try {
    closeSync(descriptor);
  } catch {
    // EBADF: somebody was faster; the end is the same.
  }
}
