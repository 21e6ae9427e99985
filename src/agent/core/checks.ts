/** Checks report, health checks also kill: both look again and again while a task runs. */
import type { CheckStatusInfo, HealthCheck, TaskInfo } from "../../model/mod.ts";
import type { CheckResult } from "../containerizer.ts";
import { graceMsOf, killTask } from "./ending.ts";
import type { CheckKind } from "./events.ts";
import type { Checking, TaskRecord } from "./records.ts";
import type { AgentState } from "./state.ts";
import { report } from "./updates.ts";

const DELAY_S = 15;
const INTERVAL_S = 10;
const GRACE_S = 10;
const FAILURES_MAX = 3;

/** What a task with a check says before the first look. */
export function initialCheckStatus({ check }: TaskInfo): CheckStatusInfo | undefined {
  switch (check?.type) {
    case "COMMAND":
      return { type: "COMMAND", command: {} };
    case "HTTP":
      return { type: "HTTP", http: {} };
    case "TCP":
      return { type: "TCP", tcp: {} };
    default:
      return undefined;
  }
}

/** The task runs: begin to look. */
export function startChecks(agent: AgentState, task: TaskRecord): void {
  const { check, health_check: health } = task.info;
  if (check !== undefined) task.check = begin(agent, task, "check", check.delay_seconds);
  if (health !== undefined) {
    task.healthCheck = begin(agent, task, "health_check", health.delay_seconds);
  }
}

function begin(
  agent: AgentState,
  task: TaskRecord,
  check: CheckKind,
  delayS: number = DELAY_S,
): Checking {
  const startedMs = agent.nowMs();
  const timer = agent.timers.set(startedMs + delayS * 1_000, { type: "check", task, check });
  return { startedMs, looking: false, failures: 0, succeeded: false, timer };
}

/** It is time to look. */
export function look(agent: AgentState, task: TaskRecord, check: CheckKind): void {
  const checking = check === "check" ? task.check : task.healthCheck;
  if (checking === undefined || checking.looking || task.phase !== "running") return;
  checking.looking = true;
  checking.timer = undefined;
  agent.effects.push({ type: "run_check", container: task.container, check, task: task.info });
}

/** Somebody has looked. */
export function looked(
  agent: AgentState,
  task: TaskRecord,
  check: CheckKind,
  result: CheckResult,
): void {
  const checking = check === "check" ? task.check : task.healthCheck;
  if (checking === undefined || !checking.looking) return;
  checking.looking = false;
  const asked = check === "check" ? task.info.check : task.info.health_check;
  const intervalMs = (asked?.interval_seconds ?? INTERVAL_S) * 1_000;
  checking.timer = agent.timers.set(agent.nowMs() + intervalMs, { type: "check", task, check });
  if (result.type === "error") {
    agent.log("warning", `Cannot ${check.replace("_", " ")} a task: ${result.message}`, {
      taskId: task.updates.taskId,
    });
  } else if (check === "check") checked(agent, task, result);
  else healthChecked(agent, task, checking, result);
}

function checked(agent: AgentState, task: TaskRecord, result: CheckResult): void {
  const status = checkStatusOf(task.info, result);
  if (status === undefined || sameStatus(status, task.checkStatus)) return;
  task.checkStatus = status;
  report(agent, task, {
    state: "TASK_RUNNING",
    reason: "REASON_TASK_CHECK_STATUS_UPDATED",
    message: result.type === "failed" ? result.message : undefined,
  });
}

function checkStatusOf(info: TaskInfo, result: CheckResult): CheckStatusInfo | undefined {
  switch (result.type) {
    case "COMMAND":
      return { type: "COMMAND", command: { exit_code: result.exitCode } };
    case "HTTP":
      return { type: "HTTP", http: { status_code: result.statusCode } };
    case "TCP":
      return { type: "TCP", tcp: { succeeded: result.succeeded } };
    default:
      if (info.check?.type === "TCP") return { type: "TCP", tcp: { succeeded: false } };
      return initialCheckStatus(info);
  }
}

function sameStatus(one: CheckStatusInfo, other: CheckStatusInfo | undefined): boolean {
  return (
    one.command?.exit_code === other?.command?.exit_code &&
    one.http?.status_code === other?.http?.status_code &&
    one.tcp?.succeeded === other?.tcp?.succeeded
  );
}

function healthChecked(
  agent: AgentState,
  task: TaskRecord,
  checking: Checking,
  result: CheckResult,
): void {
  const health = task.info.health_check;
  if (health === undefined) return;
  const failure = failureOf(health, result);
  if (failure === undefined) passed(agent, task, checking);
  else failed(agent, task, checking, health, failure);
}

function passed(agent: AgentState, task: TaskRecord, checking: Checking): void {
  const news = !checking.succeeded || checking.failures > 0;
  checking.succeeded = true;
  checking.failures = 0;
  task.healthy = true;
  if (!news) return;
  report(agent, task, {
    state: "TASK_RUNNING",
    reason: "REASON_TASK_HEALTH_CHECK_STATUS_UPDATED",
  });
}

function failed(
  agent: AgentState,
  task: TaskRecord,
  checking: Checking,
  health: HealthCheck,
  message: string,
): void {
  const graceMs = (health.grace_period_seconds ?? GRACE_S) * 1_000;
  const inGrace = agent.nowMs() - checking.startedMs <= graceMs;
  if (!checking.succeeded && graceMs > 0 && inGrace) return;
  checking.failures += 1;
  task.healthy = false;
  report(agent, task, {
    state: "TASK_RUNNING",
    reason: "REASON_TASK_HEALTH_CHECK_STATUS_UPDATED",
    message,
  });
  const failuresMax = health.consecutive_failures ?? FAILURES_MAX;
  if (checking.failures >= failuresMax) killTask(agent, task, "unhealthy", graceMsOf(agent, task));
}

function failureOf(health: HealthCheck, result: CheckResult): string | undefined {
  switch (result.type) {
    case "COMMAND":
      return result.exitCode === 0
        ? undefined
        : `COMMAND health check failed: exited with status ${result.exitCode}`;
    case "HTTP":
      return isExpected(health, result.statusCode)
        ? undefined
        : `HTTP health check failed: unexpected status code ${result.statusCode}`;
    case "TCP":
      return result.succeeded ? undefined : "TCP health check failed: cannot connect";
    default:
      return `${health.type ?? "The"} health check failed: ${result.message}`;
  }
}

function isExpected(health: HealthCheck, statusCode: number): boolean {
  const statuses = health.http?.statuses ?? [];
  if (statuses.length > 0) return statuses.includes(statusCode);
  return statusCode >= 200 && statusCode < 400;
}
