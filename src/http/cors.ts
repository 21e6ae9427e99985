import type { Middleware } from "./handler.ts";

/** Which pages of other origins may call: {@linkcode cors}. */
export interface CorsOptions {
  /** Origins like "https://console.example", or any. */
  readonly origins: "*" | readonly string[];
  /** @default ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] */
  readonly methods?: readonly string[];
  /** @default ["authorization", "content-type", "accept"] */
  readonly headers?: readonly string[];
  /**
   * Headers of answers that pages may read.
   *
   * @default ["Mesos-Stream-Id"]
   */
  readonly exposeHeaders?: readonly string[];
  /** How long browsers may remember the answer to a preflight.
   *
   * @default 600_000
   */
  readonly maxAgeMs?: number;
}

/**
 * Answer browsers that ask whether pages of other origins may call.
 *
 * Credentials of the browser's own (cookies) are never allowed; an Authorization header is.
 */
export function cors(options: CorsOptions): Middleware {
  const {
    methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
    headers = ["authorization", "content-type", "accept"],
    exposeHeaders = ["Mesos-Stream-Id"],
    maxAgeMs = 600_000,
  } = options;
  return (next) => async (request) => {
    const origin = request.headers.get("origin");
    const allowed = origin === null ? undefined : allowedOrigin(origin, options.origins);
    if (isPreflight(request)) {
      if (allowed === undefined) return new Response(null, { status: 403 });
      const answer = {
        "access-control-allow-origin": allowed,
        "access-control-allow-methods": methods.join(", "),
        "access-control-allow-headers": headers.join(", "),
        "access-control-max-age": String(Math.trunc(maxAgeMs / 1000)),
        vary: "origin",
      };
      return new Response(null, { status: 204, headers: answer });
    }
    const response = await next(request);
    if (allowed === undefined) return response;
    return withHeaders(response, {
      "access-control-allow-origin": allowed,
      "access-control-expose-headers": exposeHeaders.join(", "),
      vary: "origin",
    });
  };
}

/** Answers of `fetch` and redirects have headers that cannot be changed: those are made anew. */
function withHeaders(response: Response, headers: Readonly<Record<string, string>>): Response {
  try {
    for (const [name, value] of Object.entries(headers)) response.headers.append(name, value);
    return response;
  } catch {
    const { body, status, statusText } = response;
    const all = new Headers(response.headers);
    for (const [name, value] of Object.entries(headers)) all.append(name, value);
    return new Response(body, { status, statusText, headers: all });
  }
}

function allowedOrigin(origin: string, origins: CorsOptions["origins"]): string | undefined {
  if (origins === "*") return "*";
  return origins.includes(origin) ? origin : undefined;
}

function isPreflight(request: Request): boolean {
  if (request.method !== "OPTIONS" || !request.headers.has("origin")) return false;
  return request.headers.has("access-control-request-method");
}
