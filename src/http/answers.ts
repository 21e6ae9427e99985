import { FairleadError } from "../base/mod.ts";

/** What an answer may have besides its status and text. */
export interface AnswerOptions {
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a problem may have besides its status and message. */
export interface ProblemOptions extends AnswerOptions {
  /** A word that programs can go by: an error's code. */
  readonly code?: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** An answer in plain text, as the v1 APIs give their errors. */
export function text(status: number, message: string, { headers }: AnswerOptions = {}): Response {
  return new Response(message, {
    status,
    headers: { "content-type": "text/plain; charset=utf-8", ...headers },
  });
}

/** An answer in JSON. */
export function json(status: number, value: unknown, { headers }: AnswerOptions = {}): Response {
  return new Response(JSON.stringify(value), {
    status,
    headers: { "content-type": "application/json", ...headers },
  });
}

/** An error as `application/problem+json` (RFC 9457). */
export function problem(
  status: number,
  message: string,
  { code, details, headers }: ProblemOptions = {},
): Response {
  const title = TITLES[status];
  const value = {
    ...(title === undefined ? {} : { title }),
    status,
    detail: message,
    ...(code === undefined ? {} : { code }),
    ...(details === undefined ? {} : { details }),
  };
  return json(status, value, {
    headers: { "content-type": "application/problem+json", ...headers },
  });
}

const TITLES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  406: "Not Acceptable",
  408: "Request Timeout",
  409: "Conflict",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  429: "Too Many Requests",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

const STATUSES: ReadonlyMap<string, number> = new Map([
  ["invalid_body", 400],
  ["invalid_call", 400],
  ["invalid_record", 400],
  ["record_truncated", 400],
  ["body_timeout", 408],
  ["body_too_large", 413],
  ["record_too_large", 413],
  ["unsupported_encoding", 415],
]);

/** The status that answers an error of reading a request; 500 for what the client cannot help. */
export function statusOf(error: unknown): number {
  return error instanceof FairleadError ? (STATUSES.get(error.code) ?? 500) : 500;
}

/**
 * An error as a problem.
 *
 * Of one that the client cannot help nothing is told but that there was one. After a body that was
 * not read to its end the connection is closed.
 */
export function problemOf(error: unknown): Response {
  const status = statusOf(error);
  if (status === 500 || !(error instanceof FairleadError)) {
    return problem(500, HIDDEN, { code: "internal" });
  }
  return problem(status, error.message, { code: error.code, headers: closingOf(status) });
}

/** An error in plain text, as the v1 APIs answer; otherwise as {@linkcode problemOf}. */
export function textOf(error: unknown): Response {
  const status = statusOf(error);
  if (status === 500 || !(error instanceof FairleadError)) return text(500, HIDDEN);
  return text(status, error.message, { headers: closingOf(status) });
}

const HIDDEN = "The server failed.";

function closingOf(status: number): Record<string, string> {
  return status === 408 || status === 413 ? { connection: "close" } : {};
}
