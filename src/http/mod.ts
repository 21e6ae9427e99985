/**
 * What goes around HTTP handlers, `(Request) => Response`: RecordIO, server-sent events and lines
 * of JSON, bounded streams to slow clients, bodies with limits, content negotiation, credentials,
 * rate limits, logs, an orderly end. It runs on every runtime; `fairlead/http/node` serves handlers
 * on Node.
 *
 * @example
 * ```ts
 * import { authenticated, authenticator, compose, encodeRecord, errorAnswers } from "fairlead/http";
 * import { eventStream, json, principalOf, readJsonBody } from "fairlead/http";
 *
 * const who = authenticator({ basic: [{ principal: "ops", secret: "s3cret" }] });
 * const serve = compose([errorAnswers({ logger: console }), authenticated(who)], async (request) => {
 *   const call = await readJsonBody(request, { bytesMax: 65_536 });
 *   if (call !== "SUBSCRIBE") return json(200, { principal: principalOf(request) });
 *   const events = eventStream({ encode: encodeRecord, bufferBytesMax: 1_048_576 });
 *   events.push(JSON.stringify({ type: "SUBSCRIBED" }));
 *   events.close();
 *   return events.respond({ "content-type": "application/json" });
 * });
 *
 * const headers = { authorization: `Basic ${btoa("ops:s3cret")}` };
 * const request = { method: "POST", headers, body: '"SUBSCRIBE"' };
 * const response = await serve(new Request("http://localhost/", request));
 * console.assert((await response.text()) === '21\n{"type":"SUBSCRIBED"}');
 * ```
 *
 * @module
 */
export {
  type AccessLogOptions,
  accessLog,
  type ErrorAnswersOptions,
  errorAnswers,
  type HttpLogger,
} from "./access_log.ts";
export {
  type AnswerOptions,
  json,
  type ProblemOptions,
  problem,
  problemOf,
  statusOf,
  text,
  textOf,
} from "./answers.ts";
export {
  type Authenticator,
  type AuthenticatorOptions,
  authenticated,
  authenticator,
  type BearerOptions,
  type Identity,
  type VerifyToken,
} from "./auth.ts";
export { type ReadBodyOptions, readBody, readJsonBody } from "./body.ts";
export { type CorsOptions, cors } from "./cors.ts";
export { Drain, type DrainOptions } from "./drain.ts";
export {
  attachSink,
  type EventSink,
  type EventSource,
  type EventStream,
  type EventStreamOptions,
  eventStream,
  isEventStream,
  type StreamEnd,
} from "./event_stream.ts";
export {
  type BodyLimits,
  type BodySource,
  peerOf,
  principalOf,
  setBodySource,
  setPeer,
  setPrincipal,
} from "./facts.ts";
export { acceptsGzip, type GzipOptions, gzipAnswers } from "./gzip.ts";
export { compose, type Handler, type Middleware } from "./handler.ts";
export { type Mount, type Mounted, withMounts } from "./mount.ts";
export { encodeJsonLine, jsonLineEncoder } from "./ndjson.ts";
export { type MediaType, negotiate, parseMediaType } from "./negotiate.ts";
export {
  type LimitRateOptions,
  limitRate,
  type RateDecision,
  RateLimiter,
  type RateLimiterOptions,
} from "./rate_limit.ts";
export {
  encodeRecord,
  RecordIoReader,
  type RecordIoReaderOptions,
  recordIoDecoder,
  recordIoEncoder,
} from "./recordio.ts";
export type { MessageSocket, SocketEnd, UpgradeAccepted, UpgradeHandler } from "./socket.ts";
export {
  encodeServerSentComment,
  encodeServerSentEvent,
  type ServerSentEvent,
  type ServerSentEventDecoderOptions,
  serverSentEventDecoder,
} from "./sse.ts";
