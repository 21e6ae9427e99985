/** Keeps other sites' pages from acting with what a browser knows of its user. */
import { type Middleware, text } from "../../http/mod.ts";

/**
 * Refuse what pages of other origins ask for, unless it only reads: 403.
 *
 * Programs send no `Origin`; browsers do, with everything that is no plain GET.
 */
export function sameOrigin(allowed: readonly string[]): Middleware {
  return (next) => (request) =>
    isForeign(request, allowed)
      ? text(403, "Pages of this origin may not use this master")
      : next(request);
}

/** Whether a request comes from a page that the master does not serve. */
export function isForeign(request: Request, allowed: readonly string[]): boolean {
  const { method, headers } = request;
  const isUpgrade = headers.has("sec-websocket-protocol") || headers.has("sec-websocket-key");
  if ((method === "GET" || method === "HEAD") && !isUpgrade) return false;
  const origin = headers.get("origin");
  if (origin === null) return headers.get("sec-fetch-site") === "cross-site";
  return !allowed.includes(origin) && hostOf(origin) !== hostOf(request.url);
}

/** "host:port", or nothing that equals anything. */
function hostOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).host : undefined;
}
