import type { IncomingMessage } from "node:http";
import { type ClientOptions, WebSocket } from "ws";
import { FairleadError } from "../../base/mod.ts";
import type { MessageSocket } from "../mod.ts";
import { WsSocket } from "./web_socket.ts";

/** Options of {@linkcode connectWebSocket}. */
export interface ConnectOptions {
  /** Subprotocols, the preferred one first. */
  readonly protocols?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly tls?: ClientTls;
  /**
   * The longest message that is taken.
   *
   * @default 67_108_864
   */
  readonly messageBytesMax?: number;
  /**
   * How long connecting may take.
   *
   * @default 10_000
   */
  readonly timeoutMs?: number;
  /** Ends the connecting; the socket itself ends by `close`. */
  readonly signal?: AbortSignal;
}

/** Certificates in PEM. */
export interface ClientTls {
  /** Whose servers are trusted, instead of the system's authorities. */
  readonly ca?: string | Uint8Array;
  readonly key?: string | Uint8Array;
  readonly cert?: string | Uint8Array;
}

/** How long the server may take to say goodbye stands here too. */
const FIXED = { perMessageDeflate: false, closeTimeout: 3_000 };
/** How much of a refusal is kept for the message. */
const BODY_BYTES_MAX = 1_024;

/**
 * Open a WebSocket.
 *
 * @throws {FairleadError} `upgrade_refused` when the server answers something else, with `status`,
 * `location` and `retryAfterMs` in `details`; `connect_failed` when there is no connection in time.
 * The signal's reason when it is aborted.
 */
export function connectWebSocket(
  url: string | URL,
  options: ConnectOptions = {},
): Promise<MessageSocket> {
  const { signal } = options;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const ws = new WebSocket(url, [...(options.protocols ?? [])], clientOptions(options));
    const settle = (act: () => void) => {
      signal?.removeEventListener("abort", onAbort);
      act();
    };
    const fail = (reason: unknown) => {
      settle(() => reject(reason));
      ws.terminate();
    };
    const onAbort = () => fail(signal?.reason);
    signal?.addEventListener("abort", onAbort, { once: true });
    ws.on("error", (error) => fail(connectFailed(url, error)));
    ws.on("unexpected-response", (_, response) => {
      void refusal(url, response).then(fail);
    });
    ws.on("open", () => settle(() => resolve(new WsSocket(ws))));
  });
}

function clientOptions(options: ConnectOptions): ClientOptions {
  const { headers = {}, tls = {}, messageBytesMax = 67_108_864, timeoutMs = 10_000 } = options;
  return {
    headers: { ...headers },
    maxPayload: messageBytesMax,
    handshakeTimeout: timeoutMs,
    ...FIXED,
    ...(tls.ca === undefined ? {} : { ca: Buffer.from(tls.ca) }),
    ...(tls.key === undefined ? {} : { key: Buffer.from(tls.key) }),
    ...(tls.cert === undefined ? {} : { cert: Buffer.from(tls.cert) }),
  };
}

async function refusal(url: string | URL, response: IncomingMessage): Promise<FairleadError> {
  const { statusCode: status = 0, headers } = response;
  const body = await beginningOf(response);
  const retryAfter = Number(headers["retry-after"]);
  return new FairleadError(
    "upgrade_refused",
    `Cannot open a WebSocket to ${placeOf(url)}: it answered ${status}${body === "" ? "" : `, "${body}"`}`,
    {
      details: {
        status,
        body,
        ...(headers.location === undefined ? {} : { location: headers.location }),
        ...(Number.isFinite(retryAfter) ? { retryAfterMs: retryAfter * 1000 } : {}),
      },
    },
  );
}

async function beginningOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response) {
      chunks.push(chunk);
      size += chunk.length;
      if (size >= BODY_BYTES_MAX) break;
    }
  } catch {
    // What has come is enough.
  }
  return Buffer.concat(chunks).subarray(0, BODY_BYTES_MAX).toString();
}

function connectFailed(url: string | URL, cause: Error): FairleadError {
  return new FairleadError(
    "connect_failed",
    `Cannot open a WebSocket to ${placeOf(url)}: ${cause.message}`,
    { cause },
  );
}

/** An address without what may be secret in it. */
function placeOf(url: string | URL): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}
