/** What the agent's API tells of tasks, executors and frameworks. */
import {
  type AgentExecutors,
  type AgentFrameworks,
  type AgentState,
  type AgentTasks,
  type FrameworkInfo,
  isTerminal,
  type OperationRecord,
  type ResourceJson,
  type Task,
} from "../../../model/mod.ts";
import type { AgentView } from "../../core/core.ts";
import { taskOf } from "../../core/link.ts";
import type { CompletedTask, ExecutorRecord, TaskRecord } from "../../core/records.ts";

/** GET_TASKS. */
export function tasksOf(state: AgentView): AgentTasks {
  const agentId = state.agentId ?? "";
  const queued: Task[] = [];
  const launched: Task[] = [];
  const terminated: Task[] = [];
  for (const record of allTasks(state)) {
    const task = taskOf(record, agentId);
    if (isTerminal(record.state)) terminated.push(task);
    else if (isQueued(record)) queued.push(task);
    else launched.push(task);
  }
  return {
    queued_tasks: queued,
    launched_tasks: launched,
    terminated_tasks: terminated,
    completed_tasks: state.completed.map(completedTaskOf),
  };
}

/** Whether it waits for its executor. */
export function isQueued({ executor, delivered, state }: TaskRecord): boolean {
  return executor.kind === "custom" && !delivered && !isTerminal(state);
}

export function* allTasks(state: AgentView): Iterable<TaskRecord> {
  for (const { tasks } of state.frameworks.values()) yield* tasks.values();
}

export function* allExecutors(state: AgentView): Iterable<ExecutorRecord> {
  for (const { executors } of state.frameworks.values()) yield* executors.values();
}

/** A task that is over, as state answers tell it. */
export function completedTaskOf(completed: CompletedTask): Task {
  const { info, statuses, state } = completed;
  return {
    name: info.name,
    task_id: info.task_id,
    framework_id: { value: completed.frameworkId },
    executor_id: { value: completed.executorId },
    agent_id: { value: completed.agentId },
    state,
    resources: info.resources ?? [],
    statuses: [...statuses],
    ...(info.labels === undefined ? {} : { labels: info.labels }),
    ...(info.discovery === undefined ? {} : { discovery: info.discovery }),
    ...(info.container === undefined ? {} : { container: info.container }),
  };
}

/** GET_EXECUTORS. */
export function executorsOf(state: AgentView): AgentExecutors {
  const executors = Array.from(allExecutors(state))
    .filter(({ phase }) => phase !== "ended")
    .map(({ info }) => ({ executor_info: info }));
  return { executors, completed_executors: [] };
}

/** GET_FRAMEWORKS. */
export function frameworksOf(state: AgentView): AgentFrameworks {
  const infos = Array.from(state.frameworks.values(), ({ info }) => info);
  return {
    frameworks: infos.filter(isKnown).map((info) => ({ framework_info: info })),
    completed_frameworks: [],
  };
}

function isKnown(info: FrameworkInfo | undefined): info is FrameworkInfo {
  return info !== undefined;
}

/** GET_STATE. */
export function stateOf(state: AgentView): AgentState {
  return {
    get_tasks: tasksOf(state),
    get_executors: executorsOf(state),
    get_frameworks: frameworksOf(state),
  };
}

/** GET_OPERATIONS. */
export function operationsOf(state: AgentView): OperationRecord[] {
  return Array.from(state.operations.values(), ({ uuid, frameworkId, operation, status }) => ({
    info: operation,
    latest_status: status,
    statuses: [status],
    uuid: { value: base64Of(uuid) },
    ...(frameworkId === undefined ? {} : { framework_id: { value: frameworkId } }),
    ...(state.info.id === undefined ? {} : { agent_id: state.info.id }),
  }));
}

/** The master names operations in either way that uuids are written. */
function base64Of(uuid: string): string {
  const hex = uuid.replaceAll("-", "");
  return /^[0-9a-f]{32}$/i.test(hex) ? Buffer.from(hex, "hex").toString("base64") : uuid;
}

/** How much of each scalar there is in a list. */
export function amountsOf(resources: Iterable<ResourceJson>): Map<string, number> {
  const amounts = new Map<string, number>();
  for (const { name, scalar } of resources) {
    if (scalar !== undefined) amounts.set(name, (amounts.get(name) ?? 0) + scalar.value);
  }
  return amounts;
}

/** Everything that runs holds these. */
export function* usedResources(state: AgentView): Iterable<ResourceJson> {
  for (const { info, phase } of allExecutors(state)) {
    if (phase !== "ended") yield* info.resources ?? [];
  }
  for (const { info, state: now } of allTasks(state)) {
    if (!isTerminal(now)) yield* info.resources ?? [];
  }
}
