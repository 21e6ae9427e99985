/** The probe's ends of pipes: connections of engines, terminals of programs. */
import type { Duplex, Readable } from "node:stream";
import { type IPty, spawn } from "@lydell/node-pty";
import type { PipeEnd } from "../../controls/call.ts";

/** An end that is a connection, or a stream that is only read. */
export function streamEnd(
  stream: Duplex | Readable,
  head: Uint8Array,
  isMultiplexed: boolean,
): PipeEnd {
  const plain = new Plain();
  const take = isMultiplexed
    ? (bytes: Uint8Array) => plain.push(bytes)
    : (bytes: Uint8Array) => [bytes];
  stream.on("error", () => stream.destroy());
  return {
    write: (bytes) => {
      if ("write" in stream && !stream.destroyed) stream.write(bytes);
    },
    onData: (listener) => {
      for (const piece of take(head)) if (piece.length > 0) listener(piece);
      stream.on("data", (bytes: Uint8Array) => {
        for (const piece of take(bytes)) listener(piece);
      });
    },
    onEnd: (listener) => {
      if (stream.closed) listener();
      else stream.once("close", listener);
    },
    pause: () => void stream.pause(),
    resume: () => void stream.resume(),
    close: () => void stream.destroy(),
  };
}

const HEADER_BYTES = 8;

/** Takes the eight bytes away that engines put before each piece of stdout and stderr. */
class Plain {
  #header: number[] = [];
  #leftBytes = 0;

  push(chunk: Uint8Array): Uint8Array[] {
    const pieces: Uint8Array[] = [];
    let at = 0;
    while (at < chunk.length) {
      if (this.#leftBytes > 0) {
        const piece = chunk.subarray(at, at + this.#leftBytes);
        pieces.push(piece);
        at += piece.length;
        this.#leftBytes -= piece.length;
        continue;
      }
      this.#header.push(chunk[at] ?? 0);
      at += 1;
      if (this.#header.length < HEADER_BYTES) continue;
      this.#leftBytes = Buffer.from(this.#header).readUInt32BE(4);
      this.#header = [];
    }
    return pieces;
  }
}

/** A program in a terminal of its own. */
export interface TerminalEnd extends PipeEnd {
  /** @param size Both from 1 to 10,000. */
  resize(size: TerminalSize): void;
}

/** In characters. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/**
 * Start a program in a terminal.
 *
 * @throws What the system says when there is no terminal to be had.
 */
export function terminalEnd(program: string, words: readonly string[]): TerminalEnd {
  const terminal: IPty = spawn(program, [...words], {
    name: "xterm-256color",
    encoding: null,
    env: { ...process.env, TERM: "xterm-256color" },
    cwd: "/",
  });
  // Nothing is lost before somebody listens.
  terminal.pause();
  const typed = new TextDecoder();
  let isOver = false;
  const over = new Promise<void>((resolve) => {
    terminal.onExit(() => {
      isOver = true;
      resolve();
    });
  });
  const unlessOver = (act: () => void) => {
    if (!isOver) act();
  };
  return {
    write: (bytes) => unlessOver(() => terminal.write(typed.decode(bytes, { stream: true }))),
    onData: (listener) => {
      terminal.onData((data: string | Uint8Array) =>
        listener(typeof data === "string" ? Buffer.from(data) : data),
      );
      unlessOver(() => terminal.resume());
    },
    onEnd: (listener) => void over.then(listener),
    pause: () => unlessOver(() => terminal.pause()),
    resume: () => unlessOver(() => terminal.resume()),
    close: () => unlessOver(() => terminal.kill("SIGHUP")),
    resize: ({ columns, rows }) => unlessOver(() => terminal.resize(columns, rows)),
  };
}
