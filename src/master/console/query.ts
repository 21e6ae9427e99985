/** What stands behind the question mark. */
import { FairleadError } from "../../base/mod.ts";
import type { ConsoleTaskSort } from "../../model/mod.ts";
import type { TaskQuery } from "./tasks.ts";

const LIMIT_DEFAULT = 200;
const LIMIT_MAX = 5_000;
const SORTS: readonly ConsoleTaskSort[] = ["name", "state", "started", "agent"];

/** A whole number of the query. @throws {FairleadError} `invalid_query`. */
export function wholeNumber(
  query: URLSearchParams,
  name: string,
  { fallback, min, max }: { readonly fallback: number; readonly min: number; readonly max: number },
): number {
  const given = query.get(name);
  if (given === null || given === "") return fallback;
  const value = Number(given);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw invalid(name, `it must be a whole number from ${min} to ${max}`);
}

/** Which part of a list. @throws {FairleadError} `invalid_query`. */
export function pageOf(query: URLSearchParams): {
  readonly offset: number;
  readonly limit: number;
} {
  return {
    offset: wholeNumber(query, "offset", { fallback: 0, min: 0, max: Number.MAX_SAFE_INTEGER }),
    limit: wholeNumber(query, "limit", { fallback: LIMIT_DEFAULT, min: 0, max: LIMIT_MAX }),
  };
}

/** Which tasks. @throws {FairleadError} `invalid_query`. */
export function queryOf(query: URLSearchParams): TaskQuery {
  const text = (name: string): string | undefined => query.get(name) || undefined;
  const sort = SORTS.find((each) => each === (query.get("sort") || "name"));
  if (sort === undefined) throw invalid("sort", `it must be one of ${SORTS.join(", ")}`);
  return {
    framework: text("framework"),
    agent: text("agent"),
    role: text("role"),
    state: text("state"),
    q: text("q"),
    sort,
    desc: ["1", "true"].includes(query.get("desc") ?? ""),
    ...pageOf(query),
  };
}

function invalid(field: string, fault: string): FairleadError {
  return new FairleadError("invalid_query", `Cannot read the query: ${field}: ${fault}`, {
    details: { field },
  });
}
