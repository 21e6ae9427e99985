import { FairleadError } from "../../base/mod.ts";
import type { ViewQuery } from "../collector/report_store.ts";
import { msOfInstant, parseInstant } from "../report/instant.ts";
import type { StreamPosition } from "../stream/frame_log.ts";
import type { ApiRules } from "./context.ts";

/** Parameters that choose no filter. */
const OTHERS = new Set(["t", "timestamp", "epoch", "seq"]);
const CENSORS = ["hideCommandLineArguments", "hideEnvironmentVariables"] as const;
const PARAMETERS_MAX = 32;
const TEXT_MAX = 4_096;

/** What a request asks for. */
export interface ApiQuery {
  readonly view: ViewQuery;
  /** The past, in milliseconds since 1970. */
  readonly fromMs?: number;
  /** How often a WebSocket is to tell changes. */
  readonly intervalMs?: number;
  readonly position?: StreamPosition;
}

/**
 * Read the query of an address; the rules add what everybody is spared.
 *
 * @throws {FairleadError} `invalid_query` names the parameter.
 */
export function readQuery(parameters: URLSearchParams, rules: ApiRules): ApiQuery {
  const view: Record<string, string> = {};
  let count = 0;
  for (const [name, value] of parameters) {
    count += 1;
    if (count > PARAMETERS_MAX) throw invalid("?", `more than ${PARAMETERS_MAX} parameters`);
    if (value.length > TEXT_MAX) throw invalid(name, `longer than ${TEXT_MAX} characters`);
    if (!OTHERS.has(name)) view[name] ??= value;
  }
  if (rules.hideCommandLines) view[CENSORS[0]] = "true";
  if (rules.hideEnvironment) view[CENSORS[1]] = "true";
  const timestamp = parameters.get("timestamp");
  const interval = parameters.get("t");
  const epoch = parameters.get("epoch");
  return {
    view,
    ...(timestamp === null || timestamp === "" ? {} : { fromMs: readTimestamp(timestamp) }),
    ...(interval === null || interval === "" ? {} : { intervalMs: readDuration("t", interval) }),
    ...(epoch === null ? {} : { position: { epoch, seq: readSeq(parameters.get("seq")) } }),
  };
}

function readTimestamp(text: string): number {
  const instant = parseInstant(text);
  if (instant !== undefined) return msOfInstant(instant);
  throw invalid("timestamp", `${JSON.stringify(text)} is no instant of RFC 3339`);
}

const UNITS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};
const INTERVAL_MS_MIN = 100;
const INTERVAL_MS_MAX = 3_600_000;

/** Read a duration as Go writes it, "1m30s", bounded. */
function readDuration(name: string, text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)];
  const isWhole = parts.map(([part]) => part).join("") === text;
  if (!isWhole || parts.length > 8) throw invalid(name, `${JSON.stringify(text)} is no duration`);
  const ms = parts.reduce((sum, [, n, unit = ""]) => sum + Number(n) * (UNITS[unit] ?? 0), 0);
  return Math.min(INTERVAL_MS_MAX, Math.max(INTERVAL_MS_MIN, ms));
}

function readSeq(text: string | null): number {
  const seq = Number(text);
  if (text !== null && Number.isSafeInteger(seq) && seq >= 0) return seq;
  throw invalid("seq", "it is no whole number from 0");
}

function invalid(parameter: string, why: string): FairleadError {
  return new FairleadError("invalid_query", `Cannot read parameter "${parameter}": ${why}`, {
    details: { parameter },
  });
}
