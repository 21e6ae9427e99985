/** What an agent tells an executor in its environment. */
import { FairleadError } from "../../base/mod.ts";

/** An executor's place in the world. */
export interface ExecutorEnvironment {
  readonly frameworkId: string;
  readonly executorId: string;
  /** The URL of the agent's executor API. */
  readonly url: string;
  /** The sandbox. */
  readonly directory: string | undefined;
  readonly isCheckpointing: boolean;
  readonly recoveryTimeoutMs: number;
  readonly backoffMaxMs: number;
  readonly shutdownGraceMs: number;
  readonly token: string | undefined;
}

const UNITS_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  ms: 1,
  secs: 1_000,
  mins: 60_000,
  hrs: 3_600_000,
  days: 86_400_000,
  weeks: 604_800_000,
};

/**
 * Read the MESOS_* variables that every agent sets.
 *
 * @throws {FairleadError} `invalid_environment` naming the variable.
 */
export function readExecutorEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): ExecutorEnvironment {
  const isTls = env.LIBPROCESS_SSL_ENABLED === "1" || env.LIBPROCESS_SSL_ENABLED === "true";
  const endpoint = need(env, "MESOS_AGENT_ENDPOINT");
  return {
    frameworkId: need(env, "MESOS_FRAMEWORK_ID"),
    executorId: need(env, "MESOS_EXECUTOR_ID"),
    url: `${isTls ? "https" : "http"}://${endpoint}/api/v1/executor`,
    directory: env.MESOS_SANDBOX ?? env.MESOS_DIRECTORY,
    isCheckpointing: env.MESOS_CHECKPOINT === "1" || env.MESOS_CHECKPOINT === "true",
    recoveryTimeoutMs: durationMs(env, "MESOS_RECOVERY_TIMEOUT", 900_000),
    backoffMaxMs: durationMs(env, "MESOS_SUBSCRIPTION_BACKOFF_MAX", 2_000),
    shutdownGraceMs: durationMs(env, "MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD", 5_000),
    token: env.MESOS_EXECUTOR_AUTHENTICATION_TOKEN,
  };
}

function need(env: Readonly<Record<string, string | undefined>>, name: string): string {
  const value = env[name];
  if (value !== undefined && value !== "") return value;
  throw invalid(name, value, "set: an executor is started by an agent");
}

/** Mesos' durations: `15mins`, `2secs`, `0.5hrs`. */
function durationMs(
  env: Readonly<Record<string, string | undefined>>,
  name: string,
  absentMs: number,
): number {
  const text = env[name];
  if (text === undefined || text === "") return absentMs;
  const [, amount, unit] = /^(\d+(?:\.\d+)?)([a-z]+)$/.exec(text) ?? [];
  const unitMs = UNITS_MS[unit ?? ""];
  if (amount !== undefined && unitMs !== undefined) return Number(amount) * unitMs;
  throw invalid(name, text, `a duration such as 15mins (${Object.keys(UNITS_MS).join(", ")})`);
}

function invalid(name: string, value: string | undefined, allowed: string): FairleadError {
  return new FairleadError(
    "invalid_environment",
    `Cannot use ${name} = ${JSON.stringify(value)}: it must be ${allowed}`,
    { details: { name, value, allowed } },
  );
}
