import { FairleadError } from "../../base/mod.ts";
import type { ApiRules } from "./context.ts";

/**
 * Keep pages of other origins from opening sockets and from changing anything. Programs that are
 * no browsers send no origin.
 *
 * @throws {FairleadError} `origin_refused`.
 */
export function requireOrigin(request: Request, { origins }: ApiRules): void {
  const origin = request.headers.get("origin");
  if (origin === null || origins === "*" || origins.includes(origin)) return;
  const host = request.headers.get("host") ?? new URL(request.url).host;
  if (URL.canParse(origin) && new URL(origin).host === host) return;
  throw new FairleadError(
    "origin_refused",
    `Cannot serve a page of ${origin.slice(0, 256)}: only this collector's own pages may do this`,
    { details: { origin } },
  );
}
