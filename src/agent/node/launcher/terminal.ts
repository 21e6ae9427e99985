/** Processes on a terminal of their own, by node-pty (loaded when the first one is asked for). */
import { readSync } from "node:fs";
import { Socket } from "node:net";
import { constants } from "node:os";
import { PassThrough, type Readable, type Writable } from "node:stream";
import { finished } from "node:stream/promises";
import type { IPty } from "@lydell/node-pty";
import type { Program, TerminalSize } from "./protocol.ts";

/** A process with its terminal. */
export interface Terminal {
  readonly pid: number;
  /** What is shown; it ends. */
  readonly output: Readable;
  /** What is typed. */
  readonly input: Writable;
  /** Resolves with what wait(2) gives once all output was taken, or dropped. */
  readonly ended: Promise<number>;
  resize(size: TerminalSize): void;
  /** Drop what nobody has read. */
  close(): void;
}

/** @throws when the platform has no build of node-pty, or the program cannot be started. */
export async function startTerminal(program: Program, size: TerminalSize): Promise<Terminal> {
  const { spawn } = await import("@lydell/node-pty");
  const pty = spawn(program.path, program.argv.slice(1), {
    name: program.environment.TERM ?? "xterm",
    cols: Math.max(size.columns, 1),
    rows: Math.max(size.rows, 1),
    cwd: program.folder,
    env: { ...program.environment },
    // Bytes, not text.
    encoding: null,
  });
  const exit = new Promise<number>((resolve) => {
    pty.onExit(({ exitCode, signal }) => resolve(signal || exitCode << 8));
  });
  const { stream, descriptor } = insideOf(pty);
  const { output, close } = outputOf(stream, descriptor);
  const taken = finished(output, { writable: false }).catch(() => undefined);
  return {
    pid: pty.pid,
    output,
    input: stream,
    ended: taken.then(() => exit),
    resize: ({ rows, columns }) => pty.resize(Math.max(columns, 1), Math.max(rows, 1)),
    close,
  };
}

/**
 * The parts of node-pty that its own methods do not reach: when to stop writing, what is left to be
 * read. The version is pinned and tests open terminals.
 */
function insideOf(pty: IPty): { readonly stream: Socket; readonly descriptor: number } {
  const stream: unknown = Reflect.get(pty, "_socket");
  const descriptor: unknown = Reflect.get(pty, "_fd");
  if (stream instanceof Socket && typeof descriptor === "number") return { stream, descriptor };
  process.kill(pty.pid, constants.signals.SIGKILL);
  throw new Error("node-pty keeps its stream elsewhere than in the release that was tested");
}

/** Somebody in the background may hold the terminal: then silence is its end. */
const SILENCE_MS = 300;
const LOOK_MS = 5;
const REST_BYTES_MAX = 2 ** 20;

/**
 * All that is shown.
 *
 * Left alone, some of it would be lost: node-pty destroys its stream 200 ms after the process has
 * ended, whether it was read or not; Node does at the EIO that is a terminal's end; and libuv takes
 * a hangup after a short read for the end, which reads of a terminal always are. So the stream is
 * destroyed only when it was read, and what the terminal still has is read then.
 */
function outputOf(stream: Socket, descriptor: number) {
  const output = new PassThrough();
  const destroy = stream.destroy.bind(stream);
  let failed = false;
  let closing = false;
  stream.destroy = (error?: Error) => {
    failed ||= error !== undefined;
    if (closing) return stream;
    closing = true;
    void allRead(stream, () => failed).then(() => {
      const rest = stream.destroyed ? Buffer.alloc(0) : readRest(descriptor);
      destroy();
      output.end(rest);
    });
    return stream;
  };
  stream.pipe(output, { end: false });
  const close = () => {
    destroy();
    output.destroy();
  };
  return { output, close };
}

/** Resolves when a stream has nothing more to give. */
async function allRead(stream: Socket, failed: () => boolean): Promise<void> {
  let silentMs = 0;
  let seenBytes = -1;
  while (!stream.destroyed && !stream.readableEnded && silentMs < SILENCE_MS) {
    const read = !stream.isPaused() && stream.readableLength === 0;
    if (read && failed()) return;
    silentMs = read && stream.bytesRead === seenBytes ? silentMs + LOOK_MS : 0;
    seenBytes = stream.bytesRead;
    await new Promise<void>((done) => setTimeout(done, LOOK_MS));
  }
}

/** What is there without waiting: the descriptor does not block. */
function readRest(descriptor: number): Buffer {
  const chunks: Buffer[] = [];
  for (let bytes = 0; bytes < REST_BYTES_MAX; ) {
    const chunk = Buffer.alloc(16_384);
    try {
      const count = readSync(descriptor, chunk);
      if (count === 0) break;
      chunks.push(chunk.subarray(0, count));
      bytes += count;
    } catch {
      // EAGAIN, or EIO: that was all.
      break;
    }
  }
  return Buffer.concat(chunks);
}
