import { type Clock, FairleadError, systemClock } from "../base/mod.ts";
import { problemOf, statusOf } from "./answers.ts";
import { peerOf, principalOf } from "./facts.ts";
import type { Middleware } from "./handler.ts";

/** Where lines go: a LogTape logger, as `getLogger(["fairlead", "http"])` gives, is one. */
export interface HttpLogger {
  info(message: string, properties: Record<string, unknown>): void;
  error(message: string, properties: Record<string, unknown>): void;
}

/** Options of {@linkcode accessLog}. */
export interface AccessLogOptions {
  readonly logger: HttpLogger;
  /** @default systemClock */
  readonly clock?: Clock;
}

/**
 * Log each request when its answer begins: method, path, status, principal, peer, milliseconds.
 *
 * Queries, headers and bodies are not logged: secrets may be in them.
 */
export function accessLog({ logger, clock = systemClock }: AccessLogOptions): Middleware {
  return (next) => async (request) => {
    const startMs = clock.nowMs();
    const log = (status: number) =>
      logger.info("{method} {path} {status} in {ms} ms", {
        method: request.method,
        path: pathOf(request),
        status,
        ms: clock.nowMs() - startMs,
        principal: principalOf(request),
        peer: peerOf(request),
      });
    try {
      const response = await next(request);
      log(response.status);
      return response;
    } catch (error) {
      log(statusOf(error));
      throw error;
    }
  };
}

/** Options of {@linkcode errorAnswers}. */
export interface ErrorAnswersOptions {
  readonly logger: HttpLogger;
  /**
   * An error as an answer.
   *
   * @default problemOf
   */
  readonly answer?: (error: unknown) => Response;
}

/** Turn what a handler throws into an answer, and log what no client could help. */
export function errorAnswers({ logger, answer = problemOf }: ErrorAnswersOptions): Middleware {
  return (next) => async (request) => {
    try {
      return await next(request);
    } catch (error) {
      if (statusOf(error) >= 500) {
        const { code, message, stack } = FairleadError.from(error);
        const facts = { method: request.method, path: pathOf(request), code, message, stack };
        logger.error("{method} {path} failed: {message}", facts);
      }
      return answer(error);
    }
  };
}

/** The path of a URL, without taking the URL apart. */
function pathOf({ url }: Request): string {
  const from = url.indexOf("/", url.indexOf("://") + 3);
  const to = url.slice(from).search(/[?#]/);
  return from < 0 ? "/" : url.slice(from, to < 0 ? undefined : from + to);
}
