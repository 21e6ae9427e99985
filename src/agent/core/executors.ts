/** Custom executors: processes of the framework that speak the executor API. */
import {
  type ExecutorCall,
  type ExecutorEvent,
  isTerminal,
  type OfType,
  type TaskReason,
} from "../../model/mod.ts";
import type { Termination } from "../containerizer.ts";
import { describeWaitStatus } from "../wait_status.ts";
import {
  checkpointContainer,
  checkpointExecutor,
  checkpointUpdates,
  forgetContainer,
} from "./checkpoints.ts";
import {
  afterEnd,
  endTask,
  executorEnded,
  graceMsOf,
  isIdle,
  killEvent,
  resourcesOf,
} from "./ending.ts";
import type { ExecutorConnection } from "./events.ts";
import { hasCapability } from "./frameworks.ts";
import type { ExecutorRecord, TaskRecord } from "./records.ts";
import type { AgentState } from "./state.ts";
import { containerStatus, relay, type StatusPart } from "./updates.ts";

/** Start its process. */
export function launchExecutor(agent: AgentState, executor: ExecutorRecord): void {
  const { framework, info, container } = executor;
  if (framework.info === undefined) return;
  executor.phase = "launching";
  agent.containers.set(container, executor);
  agent.effects.push({
    type: "launch_container",
    launch: {
      container,
      agentId: executor.agentId,
      framework: framework.info,
      executor: info,
      resources: resourcesOf(executor),
    },
  });
}

/** Its process runs; now it has to subscribe. */
export function executorLaunched(
  agent: AgentState,
  executor: ExecutorRecord,
  started: {
    readonly pid?: number | undefined;
    readonly ipAddresses?: readonly string[] | undefined;
    readonly checkpoint: unknown;
  },
): void {
  checkpointContainer(agent, executor.container, started.checkpoint, agent.nowMs());
  executorRuns(agent, executor, started, agent.times.executorRegistrationMs);
}

/** Its process runs (still): it has this long to subscribe. */
export function executorRuns(
  agent: AgentState,
  executor: ExecutorRecord,
  found: {
    readonly pid?: number | undefined;
    readonly ipAddresses?: readonly string[] | undefined;
  },
  timeoutMs: number,
): void {
  executor.phase = "running";
  executor.pid = found.pid;
  executor.ipAddresses = found.ipAddresses ?? [];
  if (executor.ending !== undefined) {
    destroyExecutor(agent, executor);
    return;
  }
  if (executor.connection !== undefined) return;
  executor.timer = agent.timers.set(agent.nowMs() + timeoutMs, {
    type: "executor_registration",
    executor,
  });
}

/** It did not subscribe in time. */
export function registrationTimedOut(agent: AgentState, executor: ExecutorRecord): void {
  executor.timer = undefined;
  if (executor.connection !== undefined || executor.phase !== "running") return;
  executor.ending = executor.subscribed
    ? {
        reason: "REASON_EXECUTOR_REREGISTRATION_TIMEOUT",
        message: "The executor did not come back after the agent had restarted",
      }
    : {
        reason: "REASON_EXECUTOR_REGISTRATION_TIMEOUT",
        message: "The executor did not subscribe in time",
      };
  destroyExecutor(agent, executor);
}

function destroyExecutor(agent: AgentState, executor: ExecutorRecord): void {
  agent.effects.push({ type: "destroy_container", container: executor.container });
}

/** It has subscribed, for the first time or again. */
export function executorSubscribed(
  agent: AgentState,
  executor: ExecutorRecord,
  connection: ExecutorConnection,
  call: OfType<ExecutorCall, "SUBSCRIBE">,
): void {
  const { framework, info } = executor;
  if (executor.connection !== undefined) {
    agent.effects.push({ type: "end_executor", connection: executor.connection });
  }
  executor.timer = agent.timers.cancel(executor.timer);
  executor.connection = connection;
  if (framework.info === undefined) return;
  sendEvent(agent, executor, {
    type: "SUBSCRIBED",
    subscribed: {
      executor_info: info,
      framework_info: framework.info,
      agent_info: agent.info,
      container_id: { value: executor.container },
    },
  });
  if (executor.ending !== undefined) {
    sendEvent(agent, executor, { type: "SHUTDOWN" });
    return;
  }
  if (!executor.subscribed) {
    executor.subscribed = true;
    checkpointExecutor(agent, executor);
  } else reconcile(agent, executor, call);
  deliver(agent, executor);
}

/** Bring what a returning executor knows together with what the agent knows. */
function reconcile(
  agent: AgentState,
  executor: ExecutorRecord,
  { subscribe }: OfType<ExecutorCall, "SUBSCRIBE">,
): void {
  for (const { status } of subscribe?.unacknowledged_updates ?? []) {
    executorUpdated(agent, executor, status);
  }
  const unacknowledged = new Set(
    (subscribe?.unacknowledged_tasks ?? []).map(({ task_id }) => task_id.value),
  );
  for (const task of [...executor.tasks.values()]) {
    if (isTerminal(task.state) || !task.delivered) continue;
    // Sent, never heard of, and unknown to the executor: it was lost on the way.
    if (task.state === "TASK_STAGING" && !unacknowledged.has(task.updates.taskId)) {
      const aware = hasCapability(executor.framework.info, "PARTITION_AWARE");
      endTask(agent, task, {
        state: aware ? "TASK_DROPPED" : "TASK_LOST",
        source: "SOURCE_AGENT",
        reason: "REASON_AGENT_RESTARTED",
        message: "The executor came back without the task",
      });
    } else if (task.killing !== undefined) {
      sendEvent(agent, executor, killEvent(task, graceMsOf(agent, task)));
    }
  }
}

/** Hand it the tasks that wait for it. */
export function deliver(agent: AgentState, executor: ExecutorRecord): void {
  if (executor.connection === undefined) return;
  const waiting = [...executor.tasks.values()].filter(isWaiting);
  for (const task of waiting) {
    if (task.delivered) continue;
    const together =
      task.group === undefined ? [task] : waiting.filter(({ group }) => group === task.group);
    for (const each of together) {
      each.delivered = true;
      checkpointUpdates(agent, executor.framework, each.updates);
    }
    sendEvent(agent, executor, launchEvent(task, together));
  }
}

function isWaiting({ delivered, state }: TaskRecord): boolean {
  return !delivered && !isTerminal(state);
}

function launchEvent(task: TaskRecord, together: readonly TaskRecord[]): ExecutorEvent {
  if (task.group === undefined) return { type: "LAUNCH", launch: { task: task.info } };
  const tasks = together.map(({ info }) => info);
  return { type: "LAUNCH_GROUP", launch_group: { task_group: { tasks } } };
}

/** Say something to it; without a connection it is lost. */
export function sendEvent(agent: AgentState, executor: ExecutorRecord, event: ExecutorEvent): void {
  const { connection } = executor;
  if (connection === undefined) return;
  agent.effects.push({ type: "executor_event", connection, event });
}

/** It says what became of a task. */
export function executorUpdated(
  agent: AgentState,
  executor: ExecutorRecord,
  said: OfType<ExecutorCall, "UPDATE">["update"]["status"],
): void {
  const task = executor.tasks.get(said.task_id.value);
  if (task === undefined) {
    agent.log("warning", `Ignoring an update of task ${said.task_id.value}: it is not known`);
  } else if (!isTerminal(task.state)) {
    relay(agent, task, {
      ...said,
      source: "SOURCE_EXECUTOR",
      executor_id: executor.info.executor_id,
      container_status: { ...containerStatus(task), ...said.container_status },
      timestamp: said.timestamp ?? agent.nowMs() / 1_000,
      ...(agent.info.id === undefined ? {} : { agent_id: agent.info.id }),
    });
    if (isTerminal(task.state)) afterEnd(agent, task);
  }
  // Kept (or of no use): the executor need not say it again.
  if (said.uuid === undefined) return;
  sendEvent(agent, executor, {
    type: "ACKNOWLEDGED",
    acknowledged: { task_id: said.task_id, uuid: said.uuid },
  });
}

/** Ask it to end, and end it when it does not. */
export function shutdownExecutor(
  agent: AgentState,
  executor: ExecutorRecord,
  ending: { readonly reason: TaskReason; readonly message: string },
): void {
  if (executor.ending !== undefined) return;
  executor.ending = ending;
  if (executor.phase === "none" || executor.phase === "ended") return;
  if (executor.connection === undefined) {
    destroyExecutor(agent, executor);
    return;
  }
  sendEvent(agent, executor, { type: "SHUTDOWN" });
  const grace = executor.info.shutdown_grace_period;
  const graceMs =
    grace === undefined ? agent.times.executorShutdownGraceMs : grace.nanoseconds / 1e6;
  agent.timers.cancel(executor.timer);
  executor.timer = agent.timers.set(agent.nowMs() + graceMs, {
    type: "executor_shutdown",
    executor,
  });
}

/** The grace of its shutdown is over. */
export function forceShutdown(agent: AgentState, executor: ExecutorRecord): void {
  executor.timer = undefined;
  if (executor.phase !== "ended") destroyExecutor(agent, executor);
}

/** Its process is gone, and with it the tasks that it ran. */
export function containerOfExecutorEnded(
  agent: AgentState,
  executor: ExecutorRecord,
  termination: Termination,
): void {
  const { waitStatus, reason, message, limitation } = termination;
  destroyExecutor(agent, executor);
  const words =
    waitStatus === undefined ? "ended in an unknown way" : describeWaitStatus(waitStatus);
  endTasks(agent, executor, waitStatus ?? 0, {
    state: "TASK_FAILED",
    source: "SOURCE_AGENT",
    reason: executor.ending?.reason ?? reason ?? "REASON_EXECUTOR_TERMINATED",
    message: executor.ending?.message ?? message ?? `The executor ${words}`,
    limitation: limitation === undefined ? undefined : { resources: [...limitation] },
  });
}

/** Its process could not be started. */
export function launchOfExecutorFailed(
  agent: AgentState,
  executor: ExecutorRecord,
  { reason, message }: { readonly reason: TaskReason; readonly message: string },
): void {
  endTasks(agent, executor, 0, { state: "TASK_FAILED", source: "SOURCE_AGENT", reason, message });
}

function endTasks(
  agent: AgentState,
  executor: ExecutorRecord,
  waitStatus: number,
  part: StatusPart,
): void {
  const { container, connection } = executor;
  agent.containers.delete(container);
  forgetContainer(agent, container);
  if (connection !== undefined) agent.effects.push({ type: "end_executor", connection });
  executor.connection = undefined;
  for (const task of [...executor.tasks.values()]) {
    const killed = task.killing !== undefined;
    endTask(agent, task, killed ? { ...part, state: "TASK_KILLED" } : part);
  }
  executorEnded(agent, executor, waitStatus);
}

/** One that was started for tasks that are all gone before it came to life has nothing to do. */
export function endIfUseless(agent: AgentState, executor: ExecutorRecord): void {
  if (executor.kind !== "custom" || executor.subscribed || !isIdle(executor)) return;
  shutdownExecutor(agent, executor, {
    reason: "REASON_EXECUTOR_TERMINATED",
    message: "All its tasks were killed before it had subscribed",
  });
}
