/** Looks into tasks: a command inside, an HTTP request, a TCP connection. */
import { FairleadError } from "../../../base/mod.ts";
import type { CheckResult, CheckSpec, Container } from "../../containerizer.ts";
import { exitCodeOf } from "../../wait_status.ts";
import { Obstacle } from "../containers/failures.ts";
import { systemCodeOf } from "../launcher/system_errors.ts";
import { connectTo, requestStatus } from "./network.ts";

/** Options of {@linkcode runCheck}. */
export interface RunCheckOptions {
  /** Where a COMMAND runs. */
  readonly container?: Pick<Container, "exec">;
  /** Gives the look up; the result is an error then. */
  readonly signal?: AbortSignal;
}

type Of<Type extends CheckSpec["type"]> = Extract<CheckSpec, { readonly type: Type }>;

/** The host is short of something: that says nothing about the task. */
const OWN_FAULTS = new Set([
  "EMFILE",
  "ENFILE",
  "ENOMEM",
  "ENOBUFS",
  "EADDRNOTAVAIL",
  "EACCES",
  "EPERM",
]);
const EXIT_KILLED = 128;

/**
 * Look once.
 *
 * Never throws: what kept the checker itself from looking is a result of its own (`error`), so that
 * no task is killed for it.
 */
export async function runCheck(
  spec: CheckSpec,
  options: RunCheckOptions = {},
): Promise<CheckResult> {
  const late = new AbortController();
  const timer =
    spec.timeoutMs > 0 && Number.isFinite(spec.timeoutMs)
      ? setTimeout(() => late.abort(), spec.timeoutMs)
      : undefined;
  const signals = options.signal === undefined ? [] : [options.signal];
  const signal = AbortSignal.any([late.signal, ...signals]);
  try {
    return await look(spec, options, signal);
  } catch (thrown) {
    if (options.signal?.aborted) return { type: "error", message: "the check was given up" };
    if (late.signal.aborted) {
      return { type: "failed", message: `timed out after ${spec.timeoutMs / 1_000} s` };
    }
    return judge(spec, thrown);
  } finally {
    clearTimeout(timer);
  }
}

function look(
  spec: CheckSpec,
  options: RunCheckOptions,
  signal: AbortSignal,
): Promise<CheckResult> {
  if (spec.type === "COMMAND") return runCommand(spec, options.container, signal);
  return spec.type === "HTTP" ? request(spec, signal) : reach(spec, signal);
}

async function runCommand(
  spec: Of<"COMMAND">,
  container: RunCheckOptions["container"],
  signal: AbortSignal,
): Promise<CheckResult> {
  if (container === undefined)
    return { type: "error", message: "there is no container to look into" };
  const { command, environment, user } = spec;
  const session = await container.exec(command, {
    environment,
    signal,
    ...(user === undefined ? {} : { user }),
  });
  // Nobody reads what it says.
  await Promise.all([session.stdout.cancel(), session.stderr.cancel()]);
  const { waitStatus, message } = await session.ended;
  signal.throwIfAborted();
  if (waitStatus === undefined)
    return { type: "error", message: message ?? "its end is not known" };
  return { type: "COMMAND", exitCode: exitCodeOf(waitStatus) ?? EXIT_KILLED + (waitStatus & 0x7f) };
}

async function request(spec: Of<"HTTP">, signal: AbortSignal): Promise<CheckResult> {
  const host = spec.host.includes(":") ? `[${spec.host}]` : spec.host;
  const path = spec.path.startsWith("/") ? spec.path : `/${spec.path}`;
  const url = new URL(`${spec.scheme}://${host}:${spec.port}${path}`);
  return { type: "HTTP", statusCode: await requestStatus(url, signal) };
}

async function reach(spec: Of<"TCP">, signal: AbortSignal): Promise<CheckResult> {
  await connectTo(spec.host, spec.port, signal);
  return { type: "TCP", succeeded: true };
}

/** What went wrong: the task, or the looking? */
function judge(spec: CheckSpec, thrown: unknown): CheckResult {
  const { message } = FairleadError.from(thrown);
  if (spec.type === "COMMAND") {
    const cause = thrown instanceof FairleadError ? thrown.cause : undefined;
    return { type: cause instanceof Obstacle ? "failed" : "error", message };
  }
  const code = systemCodeOf(thrown);
  if (code === undefined || OWN_FAULTS.has(code)) return { type: "error", message };
  return spec.type === "TCP" ? { type: "TCP", succeeded: false } : { type: "failed", message };
}
