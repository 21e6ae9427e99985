import { FairleadError } from "../../base/mod.ts";
import { json, statusOf, text } from "../../http/mod.ts";

const NO_CACHE = { "cache-control": "no-cache" };

/** Statuses of the errors that the collector's routes meet. */
const STATUSES: ReadonlyMap<string, number> = new Map([
  ["invalid_report", 400],
  ["unsupported_report", 400],
  ["report_too_large", 413],
  ["collector_full", 503],
  ["invalid_query", 400],
  ["history_absent", 400],
  ["probe_absent", 400],
  ["control_failed", 400],
  ["control_invalid", 400],
  ["pipe_closed", 404],
  ["pipe_limit", 503],
  ["read_only", 403],
  ["origin_refused", 403],
]);

/** JSON that is asked for anew each time. */
export function fresh(value: unknown): Response {
  return json(200, value, { headers: NO_CACHE });
}

/** What Go's router says where there is nothing. */
export function notFound(): Response {
  return text(404, "404 page not found\n");
}

/** An error as Scope answers it: its sentence as a JSON string; the code stands in a header. */
export function refused(error: unknown): Response {
  const known = FairleadError.from(error);
  const status = STATUSES.get(known.code) ?? statusOf(error);
  if (status >= 500 && !STATUSES.has(known.code)) throw error;
  if (known.code === "pipe_closed") return notFound();
  return json(status, known.message, {
    headers: {
      "x-fairlead-error": known.code,
      ...(status === 413 ? { connection: "close" } : {}),
      ...(status === 503 ? { "retry-after": "3" } : {}),
    },
  });
}
