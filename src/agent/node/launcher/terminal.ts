/** Processes on a terminal of their own, by node-pty (loaded when the first one is asked for). */
import { Socket } from "node:net";
import { constants } from "node:os";
import type { IPty } from "@lydell/node-pty";
import type { Program, TerminalSize } from "./protocol.ts";

/** A process with its terminal. */
export interface Terminal {
  readonly pid: number;
  /** What is shown, and what is typed. */
  readonly stream: Socket;
  /** Resolves with what wait(2) gives. */
  readonly ended: Promise<number>;
  resize(size: TerminalSize): void;
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
  const ended = new Promise<number>((resolve) => {
    pty.onExit(({ exitCode, signal }) => resolve(signal || exitCode << 8));
  });
  return {
    pid: pty.pid,
    stream: streamOf(pty),
    ended,
    resize: ({ rows, columns }) => pty.resize(Math.max(columns, 1), Math.max(rows, 1)),
  };
}

/**
 * The socket inside: node-pty's own methods cannot say when to stop writing. The version is pinned
 * and a test opens one.
 */
function streamOf(pty: IPty): Socket {
  const stream: unknown = Reflect.get(pty, "_socket");
  if (stream instanceof Socket) return stream;
  process.kill(pty.pid, constants.signals.SIGKILL);
  throw new Error("node-pty keeps its stream elsewhere than in the release that was tested");
}
