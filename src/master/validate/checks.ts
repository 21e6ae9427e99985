/** The rules for checks and health checks. */
import type { CheckInfo, CommandInfo, HealthCheck } from "../../model/mod.ts";
import { faultOfCommand } from "./command.ts";
import type { Fault } from "./types.ts";

/** How the two kinds of check call themselves in messages. */
interface Wording {
  /** "health check" or "check", */
  readonly what: string;
  /** at the beginning of a sentence, */
  readonly What: string;
  /** and as the type of the field. */
  readonly info: string;
}

const CHECK: Wording = { what: "check", What: "Check", info: "CheckInfo" };
const HEALTH_CHECK: Wording = { what: "health check", What: "Health check", info: "HealthCheck" };

/** What is wrong with a check. */
export function faultOfCheck(check: CheckInfo): Fault {
  const { type, http, tcp } = check;
  const command = check.command?.command;
  return faultOfKind({ type, command, http, tcp }, CHECK) ?? faultOfTimes(check);
}

/** What is wrong with a health check. */
export function faultOfHealthCheck(check: HealthCheck): Fault {
  return faultOfKind(check, HEALTH_CHECK) ?? faultOfTimes(check);
}

/**
 * A health check with its type: old clients leave it out and let the one field that is set say it.
 * What has a type, or does not tell it, comes back as it is.
 */
export function withType(check: HealthCheck): HealthCheck {
  if (check.type !== undefined) return check;
  const { command, http } = check;
  if (command !== undefined && http === undefined) return { ...check, type: "COMMAND" };
  if (http !== undefined && command === undefined) return { ...check, type: "HTTP" };
  return check;
}

interface Kind {
  readonly type?: string | undefined;
  readonly command?: CommandInfo | undefined;
  readonly http?:
    | { readonly scheme?: string | undefined; readonly path?: string | undefined }
    | undefined;
  readonly tcp?: object | undefined;
}

function faultOfKind({ type, command, http, tcp }: Kind, wording: Wording): Fault {
  const { what } = wording;
  switch (type) {
    case undefined:
      return `${wording.info} must specify 'type'`;
    case "COMMAND":
      if (command === undefined) return `Expecting 'command' to be set for COMMAND ${what}`;
      return faultOfCheckCommand(command, wording);
    case "HTTP":
      if (http === undefined) return `Expecting 'http' to be set for HTTP ${what}`;
      return faultOfHttp(http, what);
    case "TCP":
      return tcp === undefined ? `Expecting 'tcp' to be set for TCP ${what}` : undefined;
    default:
      return `'${type}' is not a valid ${what} type`;
  }
}

function faultOfCheckCommand(command: CommandInfo, { what, What }: Wording): Fault {
  if (command.value === undefined) {
    const lacking = (command.shell ?? true) ? "'shell command'" : "'executable path'";
    return `Command ${what} must contain ${lacking}`;
  }
  const fault = faultOfCommand(command);
  return fault === undefined ? undefined : `${What}'s \`CommandInfo\` is invalid: ${fault}`;
}

function faultOfHttp({ scheme, path }: NonNullable<Kind["http"]>, what: string): Fault {
  if (scheme !== undefined && scheme !== "http" && scheme !== "https") {
    return `Unsupported HTTP ${what} scheme: '${scheme}'`;
  }
  if (path === undefined || path.startsWith("/")) return undefined;
  return `The path '${path}' of HTTP ${what} must start with '/'`;
}

const TIMES = [
  "delay_seconds",
  "grace_period_seconds",
  "interval_seconds",
  "timeout_seconds",
] as const;

function faultOfTimes(
  times: { readonly [Field in (typeof TIMES)[number]]?: number | undefined },
): Fault {
  for (const field of TIMES) {
    const seconds = times[field];
    if (seconds !== undefined && !(seconds >= 0)) return `Expecting '${field}' to be non-negative`;
  }
  return undefined;
}
