/** `fetch` on `node:http`: what a scheduler needs of it, and cheaper. */
import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { Readable } from "node:stream";
import type { Fetch } from "../masters.ts";

/** How an https address is trusted; certificates and keys are PEM. */
export interface FetchTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** @default true */
  readonly rejectUnauthorized?: boolean;
  readonly servername?: string;
}

/** Options of {@linkcode keepAliveFetch}. */
export interface KeepAliveFetchOptions {
  /** Connections at once to one address. @default 64 */
  readonly connectionsMax?: number;
  /** Certificates, where an address is https. */
  readonly tls?: FetchTls;
}

/** Bytes of an answer other than 200 that are kept. */
const BYTES_MAX = 1_048_576;
/** Statuses whose answers can have no body. */
const EMPTY: ReadonlySet<number> = new Set([204, 205, 304]);

/**
 * Make a `fetch` for `connect` that keeps its connections and does without the web's streams where
 * an answer is empty: for schedulers that acknowledge thousands of updates a second, one request
 * each, as a Mesos master wants it.
 *
 * It follows no redirect, and takes text and bytes as bodies. Idle connections keep no process
 * alive.
 */
export function keepAliveFetch(options: KeepAliveFetchOptions = {}): Fetch {
  const { connectionsMax = 64, tls = {} } = options;
  const keep = { keepAlive: true, maxSockets: connectionsMax };
  const http = new HttpAgent(keep);
  const https = new HttpsAgent({ ...keep, ...tls });
  return (url, { method = "GET", headers, body, signal }) =>
    new Promise((resolve, reject) => {
      const isTls = url.startsWith("https:");
      const bytes = bodyOf(body);
      const request = (isTls ? httpsRequest : httpRequest)(url, {
        method,
        agent: isTls ? https : http,
        headers: { ...headersOf(headers), "content-length": bytes.length },
        ...(signal == null ? {} : { signal }),
      });
      request.on("response", (message) => {
        // Only a 200 has a body that may be long, or have no end.
        if (message.statusCode === 200) resolve(answerOf(message, streamOf(message, request)));
        else gather(message).then((body) => resolve(answerOf(message, body)), reject);
      });
      request.on("error", reject);
      request.end(bytes);
    });
}

function bodyOf(body: RequestInit["body"]): Buffer {
  if (body == null) return Buffer.alloc(0);
  if (typeof body === "string") return Buffer.from(body);
  if (body instanceof Uint8Array) return Buffer.from(body.buffer, body.byteOffset, body.length);
  throw new TypeError("Cannot send this body: it must be a text or bytes");
}

function headersOf(headers: RequestInit["headers"]): Record<string, string> {
  return Object.fromEntries(new Headers(headers ?? {}));
}

function answerOf(message: IncomingMessage, body: BodyInit | null): Response {
  const { statusCode: status = 0 } = message;
  const headers = new Headers();
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(", ") : value);
  }
  return new Response(EMPTY.has(status) ? null : body, { status, headers });
}

function streamOf(message: IncomingMessage, request: ClientRequest): ReadableStream<Uint8Array> {
  message.on("error", () => request.destroy());
  return Readable.toWeb(message) as ReadableStream<Uint8Array>;
}

/** A short body whole; null for an empty one. */
async function gather(message: IncomingMessage): Promise<Uint8Array<ArrayBuffer> | null> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of message) {
    bytes += chunk.length;
    if (bytes > BYTES_MAX) throw new RangeError(`Cannot keep an answer of over ${BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  return bytes === 0 ? null : new Uint8Array(Buffer.concat(chunks));
}
