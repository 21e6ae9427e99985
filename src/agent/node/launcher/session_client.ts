/** The agent's end of a command that runs in a session. */
import type { Socket } from "node:net";
import { FairleadError } from "../../../base/mod.ts";
import { FRAME, FrameReader, frame, jsonFrame } from "./frames.ts";
import type { LauncherMessage, LauncherRequest, ProcessIdentity, SessionSpec } from "./protocol.ts";
import { heldBack } from "./web_streams.ts";

/** A command that runs, its streams open. */
export interface LauncherSession extends ProcessIdentity {
  readonly stdin: WritableStream<Uint8Array>;
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  /** Resolves when it has ended; `waitStatus` is absent when the launcher was lost before. */
  readonly ended: Promise<{ readonly waitStatus?: number }>;
  /** Kill it, and drop what it would still say. */
  abandon(): void;
}

/** A frame's share of what is written. */
const PIECE_BYTES = 64 * 1024;

/**
 * Turn a fresh connection into a session.
 *
 * @throws {FairleadError} `launcher_refused` when the command cannot be started.
 */
export async function openSession(socket: Socket, spec: SessionSpec): Promise<LauncherSession> {
  const reader = new FrameReader();
  const stdout = heldBack(socket);
  const stderr = heldBack(socket);
  let settle: (end: { readonly waitStatus?: number }) => void;
  const ended = new Promise<{ readonly waitStatus?: number }>((resolve) => {
    settle = resolve;
  });
  const identity = await new Promise<ProcessIdentity>((resolve, reject) => {
    const onMessage = (message: LauncherMessage) => {
      if ("ended" in message) {
        stdout.end();
        stderr.end();
        const { waitStatus } = message;
        settle(waitStatus === undefined ? {} : { waitStatus });
      } else if ("error" in message) {
        socket.destroy();
        reject(refused("session", message.error));
      } else {
        // The launcher answers a session with its identity.
        const identity: ProcessIdentity = JSON.parse(JSON.stringify(message.ok));
        resolve(identity);
      }
    };
    socket.on("data", (chunk: Buffer) => {
      for (const { kind, payload } of reader.push(chunk)) {
        if (kind === FRAME.json) onMessage(JSON.parse(payload.toString()));
        else if (kind === FRAME.output) stdout.push(payload);
        else if (kind === FRAME.errors) stderr.push(payload);
      }
    });
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      stdout.end();
      stderr.end();
      settle({});
      reject(new FairleadError("launcher_lost", "Cannot open a session: the launcher is gone"));
    });
    const request: LauncherRequest = { seq: 0, op: "session", ...spec };
    socket.write(jsonFrame(request));
  });
  return {
    ...identity,
    stdin: input(socket),
    stdout: stdout.stream,
    stderr: stderr.stream,
    ended,
    abandon: () => socket.destroy(),
  };
}

function input(socket: Socket): WritableStream<Uint8Array> {
  const send = (bytes: Uint8Array): Promise<void> | undefined => {
    if (socket.destroyed) return undefined;
    if (socket.write(frame(FRAME.input, bytes))) return undefined;
    return new Promise((resolve) => {
      socket.once("drain", resolve);
      socket.once("close", () => resolve());
    });
  };
  return new WritableStream<Uint8Array>({
    write: async (bytes) => {
      for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
        await send(bytes.subarray(at, at + PIECE_BYTES));
      }
    },
    close: async () => {
      await send(new Uint8Array());
    },
  });
}

/** An answer that says no. */
export function refused(
  op: string,
  error: { readonly code: string; readonly message: string },
): FairleadError {
  return new FairleadError("launcher_refused", `Cannot ${op}: ${error.message}`, {
    details: { code: error.code },
  });
}
