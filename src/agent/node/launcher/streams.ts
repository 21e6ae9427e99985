/** The output streams of processes: read from a pipe, written to a log or to a connection. */
import { chownSync, unlinkSync } from "node:fs";
import { Socket } from "node:net";
import type { Writable } from "node:stream";
import type { JournaledStream } from "./journal.ts";
import { closeQuietly, openReader, openWriter } from "./pipes.ts";
import type { Owner } from "./protocol.ts";
import { RotatingLog } from "./rotating_log.ts";
import { ignoreMissing } from "./system_errors.ts";

/** What a pipe holds at most, unless root made it larger. */
const PIPE_BYTES_MAX = 2 ** 20;
/** How long a disk may take nothing before the end of a process is told all the same. */
const STUCK_MS = 10_000;

/** A log that is fed from a named pipe. */
export class LoggedStream {
  readonly #pipe: string;
  readonly #log: RotatingLog;
  readonly #source: Socket;
  /** What the process gets as its stdout or stderr; to be closed once it has it. */
  readonly writer: number;

  constructor(
    stream: JournaledStream,
    owner: Owner | undefined,
    options: { readonly resume: boolean },
  ) {
    this.#pipe = stream.pipe;
    this.#log = new RotatingLog(stream.log, owner, options);
    if (owner !== undefined) chownSync(stream.pipe, owner.uid, owner.gid);
    const reader = openReader(stream.pipe);
    // Open before anybody reads: a pipe that nobody writes to is at its end.
    this.writer = openWriter(stream.pipe);
    this.#source = new Socket({ fd: reader, readable: true, writable: false });
    // A pipe that breaks is at its end; the process goes on.
    this.#source.on("error", () => this.#source.destroy());
    this.#source.pipe(this.#log);
  }

  /** Wait until all that the process wrote before it ended is in the log. */
  drain(): Promise<void> {
    return drained(this.#source, this.#log, { stuckMs: STUCK_MS });
  }

  /** Close the log and remove the pipe. */
  dispose(): void {
    this.#source.destroy();
    this.#log.end();
    ignoreMissing(() => unlinkSync(this.#pipe));
  }
}

/** Undo what an open stream holds when no process came of it. */
export function discard(stream: LoggedStream): void {
  closeQuietly(stream.writer);
  stream.dispose();
}

/**
 * Wait until a source has ended, or has given all that was in it.
 *
 * Whoever a process left behind may hold its pipe for long. What the process wrote itself was in
 * the pipe when it ended: two turns of the loop without a byte, or more bytes than a pipe holds,
 * say that all of that is out.
 *
 * @param options.stuckMs Give up when the sink takes nothing for so long; absent: never.
 */
export async function drained(
  source: Socket,
  sink: Writable,
  options: { readonly stuckMs?: number } = {},
): Promise<void> {
  const firstBytes = source.bytesRead;
  let quietTurns = 0;
  let seenBytes = -1;
  let movedAtMs = Date.now();
  while (!sink.destroyed) {
    const idle = sink.writableLength === 0;
    if (idle && (source.readableEnded || source.destroyed)) return;
    if (source.bytesRead !== seenBytes) movedAtMs = Date.now();
    quietTurns = idle && source.bytesRead === seenBytes ? quietTurns + 1 : 0;
    if (quietTurns > 2 || source.bytesRead - firstBytes > PIPE_BYTES_MAX) return;
    if (Date.now() - movedAtMs > (options.stuckMs ?? Number.POSITIVE_INFINITY)) return;
    seenBytes = source.bytesRead;
    await turn(idle);
  }
}

/** Wait until a sink has taken all that it was given. */
export async function flushed(sink: Writable): Promise<void> {
  while (sink.writableLength > 0 && !sink.destroyed) await turn(false);
}

/** One turn of the loop; while a write is under way, a moment, to leave it the processor. */
function turn(idle: boolean): Promise<void> {
  return new Promise((done) => (idle ? setImmediate(done) : setTimeout(done, 2)));
}
