/** Commands whose streams go to the agent and that end with the connection they came by. */
import { chownSync, closeSync, constants, openSync, unlinkSync } from "node:fs";
import { Socket } from "node:net";
import { constants as os } from "node:os";
import type { Readable } from "node:stream";
import { FRAME, frame, jsonFrame } from "./frames.ts";
import { identify } from "./identity.ts";
import { send } from "./kept.ts";
import { closeQuietly, openReader, type Pipes } from "./pipes.ts";
import type { ProcessIdentity, SessionSpec, TerminalSize } from "./protocol.ts";
import { spawnProgram } from "./spawn.ts";
import { drained } from "./streams.ts";
import { startTerminal } from "./terminal.ts";

/** A command that runs. */
export interface Session extends ProcessIdentity {
  /** Bytes for its standard input; false: wait for `onInputDrain`. None: the end of it. */
  input(bytes: Buffer): boolean;
  onInputDrain(resume: () => void): void;
  resize(size: TerminalSize): boolean;
  /** Kill its process group. */
  kill(): void;
}

/** Start one; its output, and then its end, go to the connection. */
export async function openSession(
  spec: SessionSpec,
  pipes: Pipes,
  connection: Socket,
): Promise<Session> {
  return spec.terminal === undefined
    ? openPlain(spec, pipes, connection)
    : openTerminal(spec, spec.terminal, connection);
}

async function openTerminal(
  spec: SessionSpec,
  size: TerminalSize,
  connection: Socket,
): Promise<Session> {
  const terminal = await startTerminal(spec.program, size);
  const identity = identify(terminal.pid);
  forward(terminal.output, FRAME.output, connection);
  void terminal.ended.then((waitStatus) => finish(connection, spec.id, waitStatus));
  return {
    ...identity,
    // The end of what is typed is a character of its own.
    input: (bytes) => terminal.input.write(bytes.length === 0 ? "\x04" : bytes),
    onInputDrain: (resume) => {
      terminal.input.once("drain", resume);
      terminal.input.once("close", resume);
    },
    resize: (to) => {
      terminal.resize(to);
      return true;
    },
    kill: () => {
      send(identity, os.signals.SIGKILL, true);
      terminal.close();
    },
  };
}

async function openPlain(spec: SessionSpec, pipes: Pipes, connection: Socket): Promise<Session> {
  const opened: number[] = [];
  const take = async () => {
    const path = await pipes.take();
    if (spec.owner !== undefined) chownSync(path, spec.owner.uid, spec.owner.gid);
    return path;
  };
  try {
    const stdin = openInput(await take(), opened);
    const stdout = openOutput(await take(), opened);
    const stderr = openOutput(await take(), opened);
    const spawned = await spawnProgram(spec.program, [stdin.theirs, stdout.theirs, stderr.theirs]);
    for (const { theirs } of [stdin, stdout, stderr]) closeSync(theirs);
    const { pid, startTicks, exit } = spawned;
    const identity = { pid, startTicks };
    const writer = new Socket({ fd: stdin.ours, readable: false, writable: true });
    // EPIPE: the command does not read any more.
    writer.on("error", () => writer.destroy());
    const sources = [
      forward(reading(stdout.ours), FRAME.output, connection),
      forward(reading(stderr.ours), FRAME.errors, connection),
    ];
    void exit.then(async (waitStatus) => {
      await Promise.all(sources.map((source) => drained(source, connection)));
      for (const each of [writer, ...sources]) each.destroy();
      finish(connection, spec.id, waitStatus);
    });
    return {
      ...identity,
      input: (bytes) => {
        if (writer.destroyed) return true;
        if (bytes.length > 0) return writer.write(bytes);
        writer.end();
        return true;
      },
      onInputDrain: (resume) => {
        writer.once("drain", resume);
        writer.once("close", resume);
      },
      resize: () => false,
      kill: () => send(identity, os.signals.SIGKILL, true),
    };
  } catch (error) {
    for (const descriptor of opened) closeQuietly(descriptor);
    throw error;
  }
}

/** Tell how it ended, and close. */
function finish(connection: Socket, id: string, waitStatus: number): void {
  if (!connection.destroyed) connection.end(jsonFrame({ ended: id, waitStatus }));
}

/** Copy a stream into frames, no faster than they are taken. */
function forward<S extends Readable>(source: S, kind: number, connection: Socket): S {
  source.on("error", () => source.destroy());
  source.on("data", (bytes: Buffer) => {
    if (connection.destroyed || connection.write(frame(kind, bytes))) return;
    source.pause();
    connection.once("drain", () => source.resume());
  });
  return source;
}

function reading(descriptor: number): Socket {
  return new Socket({ fd: descriptor, readable: true, writable: false });
}

interface Ends {
  readonly ours: number;
  readonly theirs: number;
}

/** Ours does not block, theirs does: that is a property of the open file, not of the pipe. */
function openInput(path: string, opened: number[]): Ends {
  const both = openSync(path, constants.O_RDWR);
  try {
    const theirs = openSync(path, constants.O_RDONLY);
    opened.push(theirs);
    const ours = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    opened.push(ours);
    return { ours, theirs };
  } finally {
    closeSync(both);
    unlinkSync(path);
  }
}

function openOutput(path: string, opened: number[]): Ends {
  const ours = openReader(path);
  opened.push(ours);
  const theirs = openSync(path, constants.O_WRONLY);
  opened.push(theirs);
  unlinkSync(path);
  return { ours, theirs };
}
