import { isEventStream } from "./event_stream.ts";
import type { Middleware } from "./handler.ts";

/** Options of {@linkcode gzipAnswers}. */
export interface GzipOptions {
  /**
   * Answers that say to be shorter (`Content-Length`) go as they are.
   *
   * @default 1024
   */
  readonly bytesMin?: number;
}

/**
 * Compress answers for clients that accept gzip.
 *
 * Event streams, answers that are encoded already and those marked `no-transform` go as they are.
 */
export function gzipAnswers({ bytesMin = 1024 }: GzipOptions = {}): Middleware {
  return (next) => async (request) => {
    const response = await next(request);
    if (!acceptsGzip(request.headers.get("accept-encoding"))) return response;
    return isWorthIt(response, bytesMin) ? compress(response) : response;
  };
}

/** Whether an Accept-Encoding header takes gzip. */
export function acceptsGzip(header: string | null): boolean {
  if (header === null) return false;
  let any = false;
  for (const part of header.toLowerCase().split(",", 32)) {
    const [name = "", ...parameters] = part.split(";").map((piece) => piece.trim());
    const refused = parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
    if (name === "gzip" || name === "x-gzip") return !refused;
    if (name === "*") any = !refused;
  }
  return any;
}

const BODILESS = new Set([101, 204, 205, 304]);

function isWorthIt(response: Response, bytesMin: number): boolean {
  if (BODILESS.has(response.status) || isEventStream(response)) return false;
  const { headers } = response;
  if (headers.has("content-encoding")) return false;
  if (/\bno-transform\b/i.test(headers.get("cache-control") ?? "")) return false;
  const length = headers.get("content-length");
  return (length === null || Number(length) >= bytesMin) && response.body !== null;
}

function compress(response: Response): Response {
  const { body, status, statusText } = response;
  if (body === null) return response;
  const headers = new Headers(response.headers);
  headers.delete("content-length");
  headers.set("content-encoding", "gzip");
  headers.append("vary", "accept-encoding");
  const etag = headers.get("etag");
  if (etag !== null && !etag.startsWith("W/")) headers.set("etag", `W/${etag}`);
  const compressed = body.pipeThrough(new CompressionStream("gzip"));
  return new Response(compressed, { status, statusText, headers });
}
