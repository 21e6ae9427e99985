/** A pipe: a terminal's or a log's bytes, over a WebSocket to the collector that asked for it. */
import { randomInt } from "node:crypto";
import type { MessageSocket } from "../../../http/mod.ts";
import type { ConnectOptions } from "../../../http/node/mod.ts";
import type { PipeEnd } from "../../controls/call.ts";

/** Where a collector has its pipes, and as whom to come. */
export interface PipeHost {
  /** `ws://host:4040`, without user and password. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly tls?: ConnectOptions["tls"];
}

/** When so much waits to be sent, no more is taken. */
const BUFFERED_BYTES_MAX = 262_144;
const DRAIN_MS = 20;
/** Scope's frames are as long as its reads. */
const FRAME_BYTES_MAX = 1_024;

/** A name for a new pipe, as Scope's probe makes them. */
export function newPipeId(): string {
  const digits = Array.from({ length: 3 }, () => String(randomInt(1_000_000)).padStart(6, "0"));
  return `pipe-${digits.join("")}`;
}

/**
 * Connect an end to the collector; it goes on until either side ends.
 *
 * @throws {FairleadError} `upgrade_refused` or `connect_failed`; the end is closed then.
 */
export async function openPipe(host: PipeHost, id: string, end: PipeEnd): Promise<void> {
  let socket: MessageSocket;
  try {
    const { connectWebSocket } = await import("../../../http/node/mod.ts");
    const { headers, tls } = host;
    const url = `${host.url}/api/pipe/${encodeURIComponent(id)}/probe`;
    socket = await connectWebSocket(url, { headers, ...(tls === undefined ? {} : { tls }) });
  } catch (error) {
    end.close();
    throw error;
  }
  const text = new TextEncoder();
  socket.onMessage((message) =>
    end.write(typeof message === "string" ? text.encode(message) : message),
  );
  socket.onClose(() => end.close());
  end.onEnd(() => socket.close());
  end.onData((bytes) => {
    for (let at = 0; at < bytes.length; at += FRAME_BYTES_MAX) {
      socket.send(bytes.subarray(at, at + FRAME_BYTES_MAX));
    }
    if (socket.bufferedBytes > BUFFERED_BYTES_MAX) void holdBack(socket, end);
  });
}

async function holdBack(socket: MessageSocket, end: PipeEnd): Promise<void> {
  end.pause();
  while (socket.isOpen && socket.bufferedBytes > BUFFERED_BYTES_MAX / 2) {
    await new Promise((resolve) => setTimeout(resolve, DRAIN_MS));
  }
  end.resume();
}
