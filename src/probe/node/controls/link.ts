/** The connection on which a collector asks for controls: opened anew whenever it breaks. */
import { type Clock, FairleadError, type Random } from "../../../base/mod.ts";
import type { MessageSocket } from "../../../http/mod.ts";
import type { ControlAnswer, ControlCall } from "../../controls/call.ts";
import { ControlRpc } from "../../controls/rpc.ts";
import { authorizationOf, type PublisherIdentity } from "../publisher/http_collector.ts";
import { readCollectorUrl } from "../publisher/resolve.ts";
import type { PipeHost } from "./pipe.ts";

/** Options of {@linkcode followControls}. */
export interface ControlLinkOptions {
  /** As `readCollectorUrl` takes it. */
  readonly address: string;
  readonly identity: PublisherIdentity;
  readonly clock: Clock;
  readonly random: Random;
  /** Does what is asked for; pipes are opened at the host that is handed over. */
  call(call: ControlCall, host: PipeHost): Promise<ControlAnswer>;
  /** Told when the link breaks, and why. */
  onBroken?(error: FairleadError): void;
}

const BACKOFF_MS = { min: 1_000, max: 60_000 };
/** A link that held so long was a good one: the next try comes soon. */
const HELD_MS = 10_000;
const FRAME_BYTES_MAX = 1_048_576;

/** Where a collector's WebSockets are, and as whom to come. */
export function pipeHostOf(address: string, identity: PublisherIdentity): PipeHost {
  const url = readCollectorUrl(address);
  const { probeId, version, token, tls } = identity;
  return {
    url: `${url.protocol === "https:" ? "wss" : "ws"}://${url.host}`,
    headers: {
      "user-agent": `Scope_Probe/${version}`,
      authorization: authorizationOf(url, token),
      "x-scope-probe-id": probeId,
      "x-scope-probe-version": version,
    },
    ...(tls?.ca === undefined ? {} : { tls: { ca: tls.ca } }),
  };
}

/** Be there for a collector's calls until the signal is aborted. */
export async function followControls(
  options: ControlLinkOptions,
  signal: AbortSignal,
): Promise<void> {
  const { clock, random, onBroken } = options;
  const host = pipeHostOf(options.address, options.identity);
  let pauseMs = BACKOFF_MS.min;
  while (!signal.aborted) {
    const startMs = clock.nowMs();
    try {
      await serveOnce(options, host, signal);
    } catch (error) {
      if (signal.aborted) return;
      onBroken?.(FairleadError.from(error));
    }
    if (signal.aborted) return;
    if (clock.nowMs() - startMs > HELD_MS) pauseMs = BACKOFF_MS.min;
    await clock.sleep(pauseMs * (1 - random.next() / 4), { signal }).catch(() => undefined);
    pauseMs = Math.min(BACKOFF_MS.max, pauseMs * 2);
  }
}

async function serveOnce(
  { call }: ControlLinkOptions,
  host: PipeHost,
  signal: AbortSignal,
): Promise<void> {
  const { headers, tls } = host;
  // Loaded by those that are controlled only: it is a fifth of what a probe would hold in memory.
  const { connectWebSocket } = await import("../../../http/node/mod.ts");
  const socket = await connectWebSocket(`${host.url}/api/control/ws`, {
    headers,
    signal,
    messageBytesMax: FRAME_BYTES_MAX,
    ...(tls === undefined ? {} : { tls }),
  });
  const rpc = new ControlRpc({
    call: (each) => call(each, host),
    send: (frame) => void socket.send(frame),
  });
  await untilClosed(socket, rpc, signal);
}

function untilClosed(socket: MessageSocket, rpc: ControlRpc, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => socket.close();
    signal.addEventListener("abort", stop, { once: true });
    socket.onClose(({ code, reason }) => {
      signal.removeEventListener("abort", stop);
      if (signal.aborted) return resolve();
      reject(new FairleadError("collector_unreachable", `Cannot be controlled: ${code} ${reason}`));
    });
    socket.onMessage((message) => {
      try {
        rpc.take(typeof message === "string" ? message : new TextDecoder().decode(message));
      } catch (error) {
        socket.terminate();
        reject(error);
      }
    });
  });
}
