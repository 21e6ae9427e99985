/** Status updates: told to the master one at a time for each task, until they are acknowledged. */
import {
  isTerminal,
  type TaskReason,
  type TaskSource,
  type TaskState,
  type TaskStatus,
} from "../../model/mod.ts";
import { checkpointUpdates, forgetStream } from "./checkpoints.ts";
import { statusUuid } from "./ids.ts";
import type { FrameworkRecord, TaskRecord, UpdateStream } from "./records.ts";
import type { AgentState } from "./state.ts";

/** Beyond this many waiting updates of one task, an executor's repetitions are dropped. */
const PENDING_MAX = 1_000;

/** What an update says; the rest follows from the task. */
export interface StatusPart {
  readonly state: TaskState;
  readonly source?: TaskSource;
  readonly reason?: TaskReason | undefined;
  readonly message?: string | undefined;
  readonly healthy?: boolean | undefined;
  readonly limitation?: TaskStatus["limitation"];
}

/** A stream without updates. */
export function openStream(frameworkId: string, taskId: string): UpdateStream {
  return { frameworkId, taskId, pending: [], retryMs: 0, timer: undefined };
}

/** Say of a task that it is in this state now. */
export function report(agent: AgentState, task: TaskRecord, part: StatusPart): void {
  enqueue(agent, task, makeStatus(agent, task, part));
}

/** Hand on what an executor says of its task. */
export function relay(agent: AgentState, task: TaskRecord, status: TaskStatus): void {
  const { updates } = task;
  if (updates.pending.some(({ uuid }) => uuid === status.uuid)) return;
  if (updates.pending.length >= PENDING_MAX && status.state === task.state) {
    agent.log("warning", `Dropping updates of task ${updates.taskId}: too many wait`);
    return;
  }
  enqueue(agent, task, status);
}

function enqueue(agent: AgentState, task: TaskRecord, status: TaskStatus): void {
  const { updates, framework } = task;
  task.state = status.state;
  task.statuses = [...task.statuses.filter(({ state }) => state !== status.state), status];
  agent.count("valid_status_updates");
  if (isTerminal(status.state)) agent.count(status.state);
  if (framework.ending) return;
  const { pending } = updates;
  const last = pending.at(-1);
  // What runs and was not even sent yet is told by the newest word on it.
  if (pending.length > 1 && mergeable(task, last, status)) pending[pending.length - 1] = status;
  else pending.push(status);
  checkpointUpdates(agent, framework, updates);
  if (pending.length === 1) sendFirst(agent, framework, updates);
}

/** An executor of the framework's own waits for each of its updates: those stay apart. */
function mergeable(task: TaskRecord, last: TaskStatus | undefined, status: TaskStatus): boolean {
  if (task.executor.kind === "custom") return false;
  return last?.state === "TASK_RUNNING" && status.state === "TASK_RUNNING";
}

/** Say of a task that the agent does not run: it is told until acknowledged, like any other. */
export function reportUnknown(
  agent: AgentState,
  framework: FrameworkRecord,
  taskId: string,
  part: StatusPart,
): void {
  agent.count(part.state);
  const stream = openStream(framework.id, taskId);
  framework.streams.set(taskId, stream);
  stream.pending.push(statusOf(agent, taskId, part));
  checkpointUpdates(agent, framework, stream);
  sendFirst(agent, framework, stream);
}

function makeStatus(agent: AgentState, task: TaskRecord, part: StatusPart): TaskStatus {
  const status = statusOf(agent, task.updates.taskId, part);
  status.executor_id = task.executor.info.executor_id;
  if (part.healthy === undefined && part.state === "TASK_RUNNING" && task.healthy !== undefined) {
    status.healthy = task.healthy;
  }
  if (task.checkStatus !== undefined) status.check_status = task.checkStatus;
  status.container_status = containerStatus(task);
  return status;
}

function statusOf(agent: AgentState, taskId: string, part: StatusPart): TaskStatus {
  const status: TaskStatus = {
    task_id: { value: taskId },
    state: part.state,
    source: part.source ?? "SOURCE_EXECUTOR",
    timestamp: agent.nowMs() / 1_000,
    uuid: statusUuid(agent.random),
  };
  const { agentId } = agent;
  if (agentId !== undefined) status.agent_id = { value: agentId };
  if (part.reason !== undefined) status.reason = part.reason;
  if (part.message !== undefined) status.message = part.message;
  if (part.healthy !== undefined) status.healthy = part.healthy;
  if (part.limitation !== undefined) status.limitation = part.limitation;
  return status;
}

/** Where a task runs, as far as that is known. */
export function containerStatus(task: TaskRecord): NonNullable<TaskStatus["container_status"]> {
  const { container, executor } = task;
  const nested = executor.kind === "group" && container.startsWith(`${executor.container}.`);
  const id = nested
    ? {
        value: container.slice(executor.container.length + 1),
        parent: { value: executor.container },
      }
    : { value: container };
  const status: NonNullable<TaskStatus["container_status"]> = { container_id: id };
  const { pid, ipAddresses } = executor.kind === "custom" ? executor : task;
  if (ipAddresses.length > 0) {
    status.network_infos = [
      { ip_addresses: ipAddresses.map((address) => ({ ip_address: address })) },
    ];
  }
  if (pid !== undefined) status.executor_pid = pid;
  return status;
}

/**
 * An update was seen by whom it was for.
 *
 * @returns Whether nothing of this task is left to tell.
 */
export function acknowledge(agent: AgentState, stream: UpdateStream, uuid: string): boolean {
  if (stream.pending[0]?.uuid !== uuid) return false;
  stream.pending.shift();
  pause(agent, stream);
  const framework = agent.frameworks.get(stream.frameworkId);
  if (framework === undefined) return true;
  if (stream.pending.length > 0) {
    checkpointUpdates(agent, framework, stream);
    sendFirst(agent, framework, stream);
    return false;
  }
  if (framework.tasks.has(stream.taskId)) checkpointUpdates(agent, framework, stream);
  return true;
}

/** Say the first update of a stream (again). */
export function sendFirst(
  agent: AgentState,
  framework: FrameworkRecord,
  stream: UpdateStream,
): void {
  const [status] = stream.pending;
  if (status === undefined || !agent.registered) return;
  const latest = framework.tasks.get(stream.taskId)?.state ?? status.state;
  agent.send({
    type: "update",
    framework_id: stream.frameworkId,
    status,
    ...(latest === status.state ? {} : { latest_state: latest }),
  });
  const { updateRetryMs, updateRetryMsMax } = agent.times;
  agent.timers.cancel(stream.timer);
  stream.retryMs = Math.min(Math.max(stream.retryMs * 2, updateRetryMs), updateRetryMsMax);
  stream.timer = agent.timers.set(agent.nowMs() + stream.retryMs, {
    type: "update_retry",
    stream,
  });
}

/** The first update is not out any more. */
function pause(agent: AgentState, stream: UpdateStream): void {
  stream.timer = agent.timers.cancel(stream.timer);
  stream.retryMs = 0;
}

/** There is nobody to talk to. */
export function pauseUpdates(agent: AgentState): void {
  for (const framework of agent.frameworks.values()) {
    for (const stream of framework.streams.values()) pause(agent, stream);
  }
}

/** Say again whatever is not acknowledged. */
export function resumeUpdates(agent: AgentState): void {
  for (const framework of agent.frameworks.values()) {
    for (const stream of framework.streams.values()) sendFirst(agent, framework, stream);
  }
}

/** Nobody wants to hear of this task any more. */
export function closeStream(
  agent: AgentState,
  framework: FrameworkRecord,
  stream: UpdateStream,
): void {
  pause(agent, stream);
  stream.pending.length = 0;
  framework.streams.delete(stream.taskId);
  forgetStream(agent, stream);
}
