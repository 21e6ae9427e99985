/** How tasks end: killed, by themselves, or with what they run in. */
import { isTerminal, type KillPolicy, type ResourceJson, type TaskState } from "../../model/mod.ts";
import type { Termination } from "../containerizer.ts";
import { describeWaitStatus } from "../wait_status.ts";
import { checkpointUpdates, forgetContainer, forgetTask } from "./checkpoints.ts";
import { hasCapability } from "./frameworks.ts";
import type { ExecutorRecord, FrameworkRecord, KillCause, TaskRecord } from "./records.ts";
import type { AgentState } from "./state.ts";
import { closeStream, report, type StatusPart } from "./updates.ts";

/** How long a task may take from SIGTERM to its end. */
export function graceMsOf(agent: AgentState, task: TaskRecord, policy?: KillPolicy): number {
  const period = policy?.grace_period ?? task.info.kill_policy?.grace_period;
  const ms = period === undefined ? agent.times.killGraceMs : period.nanoseconds / 1e6;
  return Math.max(0, ms);
}

/** Begin to end a task; once more with another grace moves the moment of SIGKILL. */
export function killTask(
  agent: AgentState,
  task: TaskRecord,
  cause: KillCause,
  graceMs: number,
): void {
  if (isTerminal(task.state)) return;
  const nowMs = agent.nowMs();
  const first = task.killing === undefined;
  const startedMs = task.killing?.startedMs ?? nowMs;
  task.killing = {
    startedMs,
    deadlineMs: Math.max(nowMs, startedMs + graceMs),
    cause: task.killing?.cause ?? cause,
  };
  if (task.executor.kind === "custom") killByExecutor(agent, task, graceMs);
  else if (task.phase === "running") killRunning(agent, task, first);
  else if (task.phase === "launching" && first) destroy(agent, task.container);
  // One that is being recovered is killed once it is known to run.
}

function killRunning(agent: AgentState, task: TaskRecord, first: boolean): void {
  const { killing } = task;
  if (killing === undefined) return;
  if (first) {
    stopChecks(agent, task);
    if (hasCapability(task.framework.info, "TASK_KILLING_STATE")) {
      report(agent, task, { state: "TASK_KILLING", ...reasonOf(task) });
    } else checkpointUpdates(agent, task.framework, task.updates);
  }
  agent.timers.cancel(task.killTimer);
  if (killing.deadlineMs <= agent.nowMs()) {
    task.killTimer = undefined;
    destroy(agent, task.container);
    return;
  }
  if (first) terminate(agent, task.container);
  task.killTimer = agent.timers.set(killing.deadlineMs, { type: "kill", task });
}

/** Go on with a kill after the agent has restarted. */
export function resumeKill(agent: AgentState, task: TaskRecord): void {
  if (task.killing === undefined) return;
  terminate(agent, task.container);
  task.killTimer = agent.timers.set(task.killing.deadlineMs, { type: "kill", task });
}

/** The grace is over. */
export function forceKill(agent: AgentState, task: TaskRecord): void {
  task.killTimer = undefined;
  if (!isTerminal(task.state)) destroy(agent, task.container);
}

function terminate(agent: AgentState, container: string): void {
  agent.effects.push({ type: "signal_container", container, signal: "SIGTERM" });
}

function destroy(agent: AgentState, container: string): void {
  agent.effects.push({ type: "destroy_container", container });
}

function killByExecutor(agent: AgentState, task: TaskRecord, graceMs: number): void {
  const { executor } = task;
  if (task.delivered) {
    checkpointUpdates(agent, task.framework, task.updates);
    if (executor.connection === undefined) return;
    agent.effects.push({
      type: "executor_event",
      connection: executor.connection,
      event: killEvent(task, graceMs),
    });
    return;
  }
  const siblings = task.group === undefined ? [task] : groupOf(task);
  for (const sibling of siblings) {
    endTask(agent, sibling, {
      state: "TASK_KILLED",
      source: "SOURCE_AGENT",
      reason: "REASON_TASK_KILLED_DURING_LAUNCH",
      message: "Killed before it was handed to its executor",
    });
  }
}

/** What tells a custom executor to end a task. */
export function killEvent(task: TaskRecord, graceMs: number) {
  return {
    type: "KILL" as const,
    kill: {
      task_id: task.info.task_id,
      kill_policy: { grace_period: { nanoseconds: Math.round(graceMs * 1e6) } },
    },
  };
}

/** Its container is gone: say how, once. */
export function containerOfTaskEnded(
  agent: AgentState,
  task: TaskRecord,
  termination: Termination,
): void {
  agent.containers.delete(task.container);
  forgetContainer(agent, task.container);
  destroy(agent, task.container);
  endTask(agent, task, outcome(task, termination));
}

function outcome(task: TaskRecord, termination: Termination): StatusPart {
  const { waitStatus, message, reason, limitation } = termination;
  const { killing } = task;
  const words =
    message ??
    (waitStatus === undefined
      ? "Failed to get exit status for Command"
      : `Command ${describeWaitStatus(waitStatus)}`);
  if (killing?.cause === "completion_time") {
    return {
      state: "TASK_FAILED",
      reason: "REASON_MAX_COMPLETION_TIME_REACHED",
      message: words,
    };
  }
  if (reason !== undefined) {
    return {
      state: "TASK_FAILED",
      source: "SOURCE_AGENT",
      reason,
      message: words,
      limitation: limitation === undefined ? undefined : { resources: [...limitation] },
    };
  }
  if (waitStatus === 0) return { state: "TASK_FINISHED", message: words };
  if (killing === undefined) return { state: "TASK_FAILED", message: words };
  return {
    state: "TASK_KILLED",
    message: words,
    healthy: killing.cause === "unhealthy" ? false : undefined,
    ...reasonOf(task),
  };
}

function reasonOf(task: TaskRecord): Pick<StatusPart, "reason"> {
  return task.killing?.cause === "drain" ? { reason: "REASON_AGENT_DRAINING" } : {};
}

/** It could not be started. */
export function launchOfTaskFailed(
  agent: AgentState,
  task: TaskRecord,
  part: Pick<StatusPart, "reason" | "message">,
): void {
  agent.count("container_launch_errors");
  agent.containers.delete(task.container);
  forgetContainer(agent, task.container);
  if (task.killing === undefined) {
    endTask(agent, task, { state: "TASK_FAILED", source: "SOURCE_AGENT", ...part });
  } else {
    endTask(agent, task, {
      state: "TASK_KILLED",
      source: "SOURCE_AGENT",
      reason: "REASON_TASK_KILLED_DURING_LAUNCH",
      message: "Killed while its container was starting",
    });
  }
}

/** A task has come to its end: tell it, and what follows for others. */
export function endTask(agent: AgentState, task: TaskRecord, part: StatusPart): void {
  if (isTerminal(task.state)) return;
  report(agent, task, { ...part, state: drainedState(agent, task, part.state) });
  afterEnd(agent, task);
}

/** What a drain that marks the agent gone makes of a killed task. */
function drainedState(agent: AgentState, task: TaskRecord, state: TaskState): TaskState {
  const gone = agent.drain?.mark_gone === true && task.killing?.cause === "drain";
  const aware = hasCapability(task.framework.info, "PARTITION_AWARE");
  return gone && aware && state === "TASK_KILLED" ? "TASK_GONE_BY_OPERATOR" : state;
}

/** The task is terminal, and that was said. */
export function afterEnd(agent: AgentState, task: TaskRecord): void {
  stopChecks(agent, task);
  task.killTimer = agent.timers.cancel(task.killTimer);
  task.completionTimer = agent.timers.cancel(task.completionTimer);
  task.phase = "ended";
  if (task.group !== undefined && task.state !== "TASK_FINISHED") endGroup(agent, task);
  const { executor, framework } = task;
  if (framework.ending) removeTask(agent, task);
  if (executor.kind === "custom") resize(agent, executor);
  else if (isIdle(executor)) executorEnded(agent, executor, 0);
}

/** Hold a custom executor's container to what it and its tasks have now. */
export function resize(agent: AgentState, executor: ExecutorRecord): void {
  if (executor.phase !== "running") return;
  const { container } = executor;
  agent.effects.push({ type: "update_container", container, resources: resourcesOf(executor) });
}

/** What a custom executor and its tasks may use together. */
export function resourcesOf(executor: ExecutorRecord): ResourceJson[] {
  const resources = [...(executor.info.resources ?? [])];
  for (const { state, info } of executor.tasks.values()) {
    if (!isTerminal(state)) resources.push(...(info.resources ?? []));
  }
  return resources;
}

function endGroup(agent: AgentState, task: TaskRecord): void {
  if (task.executor.kind === "custom") return;
  for (const sibling of groupOf(task)) {
    if (sibling === task || sibling.killing !== undefined) continue;
    killTask(agent, sibling, "group", graceMsOf(agent, sibling));
  }
}

function groupOf(task: TaskRecord): TaskRecord[] {
  return [...task.executor.tasks.values()].filter(({ group }) => group === task.group);
}

/** Whether none of its tasks goes on. */
export function isIdle(executor: ExecutorRecord): boolean {
  for (const task of executor.tasks.values()) if (!isTerminal(task.state)) return false;
  return true;
}

/** The executor is no more; its tasks are terminal. */
export function executorEnded(
  agent: AgentState,
  executor: ExecutorRecord,
  waitStatus: number,
): void {
  if (executor.phase === "ended") return;
  executor.phase = "ended";
  agent.count("executors_terminated");
  executor.timer = agent.timers.cancel(executor.timer);
  const { framework, info } = executor;
  if (executor.kind !== "command" && !framework.ending) {
    agent.send({
      type: "executor_exited",
      framework_id: framework.id,
      executor_id: info.executor_id.value,
      status: waitStatus,
    });
  }
  agent.effects.push({
    type: "release_sandbox",
    agentId: executor.agentId,
    frameworkId: framework.id,
    executorId: info.executor_id.value,
    container: executor.container,
  });
  removeExecutorIfDone(agent, executor);
}

/** Everything about this task is known to whom it concerns. */
export function removeTask(agent: AgentState, task: TaskRecord): void {
  const { framework, executor, updates } = task;
  if (framework.tasks.get(updates.taskId) !== task) return;
  keepCompleted(agent, task);
  framework.tasks.delete(updates.taskId);
  executor.tasks.delete(updates.taskId);
  forgetTask(agent, task);
  closeStream(agent, framework, updates);
  removeExecutorIfDone(agent, executor);
}

function keepCompleted(agent: AgentState, task: TaskRecord): void {
  if (agent.completedTasksMax === 0) return;
  if (agent.completed.length >= agent.completedTasksMax) agent.completed.shift();
  agent.completed.push({
    info: task.info,
    frameworkId: task.framework.id,
    executorId: task.executor.info.executor_id.value,
    container: task.container,
    agentId: task.executor.agentId,
    state: task.state,
    statuses: task.statuses,
  });
}

function removeExecutorIfDone(agent: AgentState, executor: ExecutorRecord): void {
  if (executor.phase !== "ended" || executor.tasks.size > 0) return;
  const { framework, info } = executor;
  const id = info.executor_id.value;
  if (framework.executors.get(id) === executor) framework.executors.delete(id);
  agent.forget(`executors/${executor.container}`);
  removeFrameworkIfDone(agent, framework);
}

/** Forget a framework of which nothing is left here. */
export function removeFrameworkIfDone(agent: AgentState, framework: FrameworkRecord): void {
  const { executors, tasks, streams } = framework;
  if (executors.size > 0 || tasks.size > 0 || streams.size > 0) return;
  if (!agent.frameworks.delete(framework.id)) return;
  agent.forget(`frameworks/${framework.id}`);
}

/** Look no more. */
export function stopChecks(agent: AgentState, task: TaskRecord): void {
  agent.timers.cancel(task.check?.timer);
  agent.timers.cancel(task.healthCheck?.timer);
  task.check = undefined;
  task.healthCheck = undefined;
}
