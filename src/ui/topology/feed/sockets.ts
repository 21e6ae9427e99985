/** Sockets as promises: one that is served until it ends. */
import { type Clock, FairleadError } from "../../../base/mod.ts";
import type { BrowserSocket } from "./topology_api.ts";

/** Who looks after a socket. */
export interface SocketUser {
  readonly opened?: () => void;
  /** Text, or bytes. What it throws ends the socket. */
  readonly message: (data: string | ArrayBuffer) => void;
}

/** Options of {@linkcode serveSocket}. */
export interface ServeOptions {
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** A socket that says nothing for so long is cut; 0 waits for ever. */
  readonly silenceMsMax: number;
}

/**
 * Serve a socket to its end.
 *
 * @throws {FairleadError} `collector_unreachable` at its end, whatever ended it, unless a message
 * could not be taken: then that error.
 */
export async function serveSocket(
  socket: BrowserSocket,
  user: SocketUser,
  { signal, clock, silenceMsMax }: ServeOptions,
): Promise<never> {
  const abort = new AbortController();
  let heardMs = clock.nowMs();
  socket.binaryType = "arraybuffer";
  const ended = new Promise<never>((_, reject) => {
    const fail = (error: unknown) => {
      reject(error);
      socket.close();
    };
    socket.addEventListener("open", () => {
      heardMs = clock.nowMs();
      user.opened?.();
    });
    socket.addEventListener("message", ({ data }) => {
      heardMs = clock.nowMs();
      try {
        if (typeof data === "string" || data instanceof ArrayBuffer) user.message(data);
      } catch (error) {
        fail(error);
      }
    });
    socket.addEventListener("error", () => fail(ending("the connection failed")));
    socket.addEventListener("close", () => fail(ending("the connection ended")));
    signal.addEventListener("abort", () => fail(signal.reason), { once: true });
    if (signal.aborted) fail(signal.reason);
    if (silenceMsMax > 0) {
      watch(() => heardMs, { signal: abort.signal, clock, silenceMsMax }).then(
        () => fail(ending(`it was silent for ${Math.round(silenceMsMax / 1_000)} s`)),
        () => {
          // The socket ended before.
        },
      );
    }
  });
  try {
    return await ended;
  } finally {
    abort.abort();
  }
}

/** Resolves when nothing was heard for too long. */
async function watch(
  heardMs: () => number,
  { signal, clock, silenceMsMax }: ServeOptions,
): Promise<void> {
  for (let rest = silenceMsMax; rest > 0; rest = heardMs() + silenceMsMax - clock.nowMs()) {
    await clock.sleep(rest, { signal });
  }
}

function ending(why: string): FairleadError {
  return new FairleadError("collector_unreachable", `Cannot follow the collector: ${why}`);
}
