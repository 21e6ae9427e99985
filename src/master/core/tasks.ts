/** Tasks and executors in the books and in the allocator: how they come, change and go. */
import {
  type ExecutorInfo,
  isTerminal,
  type TaskReason,
  type TaskState,
  type TaskStatus,
} from "../../model/mod.ts";
import type { Resources } from "../../resources/mod.ts";
import { reasonCounter, stateCounter } from "../metrics/names.ts";
import type { AgentBook, FrameworkBook } from "./books.ts";
import type { Context } from "./context.ts";
import type { ExecutorRecord, TaskRecord } from "./records.ts";

/** A task has seldom more than five; an executor that goes to and fro must not fill the memory. */
const STATUSES_MAX = 32;

/** Enter a task; its resources are accounted for by the caller. */
export function addTask(
  core: Context,
  { framework, agent, task }: { framework: FrameworkBook; agent: AgentBook; task: TaskRecord },
): void {
  framework.tasks.set(task.id, task);
  let ids = agent.tasks.get(framework.id);
  if (ids === undefined) {
    ids = new Set();
    agent.tasks.set(framework.id, ids);
  }
  ids.add(task.id);
  present(framework, agent.id, 1);
  countState(framework, task.state, 1);
  core.agentChanged(agent.id);
  core.frameworkChanged(framework.id);
  core.publish({ type: "task_added", task });
}

/** Enter an executor; its resources are accounted for by the caller. */
export function addExecutor(
  { framework, agent }: { framework: FrameworkBook; agent: AgentBook },
  { info, resources, role }: { info: ExecutorInfo; resources: Resources; role: string },
): void {
  const id = info.executor_id.value;
  const executor = { id, frameworkId: framework.id, agentId: agent.id, role, info, resources };
  inner(framework.executors, agent.id).set(id, executor);
  inner(agent.executors, framework.id).set(id, executor);
  present(framework, agent.id, 1);
}

/**
 * Take a status in: the task's record is replaced, and its resources are given back when it is
 * over. A task that is over changes no more.
 *
 * @param latest Where the task stands now, when that is further than the status.
 */
export function updateTask(
  core: Context,
  framework: FrameworkBook,
  task: TaskRecord,
  { status, latest = status.state }: { status: TaskStatus; latest?: TaskState | undefined },
): TaskRecord {
  const state = isTerminal(task.state) ? task.state : latest;
  const { data: _, ...kept } = status;
  const last = task.statuses[task.statuses.length - 1];
  const isNews = last?.state !== status.state;
  const statuses = task.statuses.slice(isNews ? 1 - STATUSES_MAX : 0, isNews ? undefined : -1);
  statuses.push(kept);
  const isOver = isTerminal(state);
  const updated: TaskRecord = { ...task, state, statuses, released: task.released || isOver };
  framework.tasks.set(task.id, updated);
  if (state !== task.state) {
    countState(framework, task.state, -1);
    countState(framework, state, 1);
  }
  if (isOver && !task.released) {
    release(core, updated);
    countTerminal(core, status);
  }
  if (isNews || isCheckUpdate(status.reason)) {
    core.publish({ type: "task_updated", task: updated, status: kept, state });
  }
  core.agentChanged(task.agentId);
  core.frameworkChanged(framework.id);
  return updated;
}

function isCheckUpdate(reason: string | undefined): boolean {
  return (
    reason === "REASON_TASK_CHECK_STATUS_UPDATED" ||
    reason === "REASON_TASK_HEALTH_CHECK_STATUS_UPDATED"
  );
}

/** Give resources back to the allocator, if the agent is there. */
export function release(
  core: Context,
  { agentId, frameworkId, role, resources }: Omit<ExecutorRecord, "id" | "info"> | TaskRecord,
): void {
  if (resources.isEmpty || !core.books.agents.has(agentId)) return;
  core.allocator.release({ agentId, frameworkId, role, resources });
  core.allocate();
}

/**
 * Take a task out of the books: to the completed ones, or to the unreachable ones.
 *
 * @param to "lost": completed as TASK_LOST, which its framework was told, whatever it was since.
 */
export function removeTask(
  core: Context,
  framework: FrameworkBook,
  task: TaskRecord,
  to: "completed" | "lost" | "unreachable" = "completed",
): void {
  framework.tasks.delete(task.id);
  if (to !== "unreachable") {
    const state = to === "lost" ? "TASK_LOST" : task.state;
    framework.completedTasks.push({ ...task, state, pending: undefined });
    countState(framework, task.state, -1);
  } else {
    framework.unreachableTasks.set(task.id, { ...task, pending: undefined, released: true });
    const { unreachableTasksMax } = core.options;
    for (const [id, oldest] of framework.unreachableTasks) {
      if (framework.unreachableTasks.size <= unreachableTasksMax) break;
      forgetUnreachable(framework, id);
      framework.completedTasks.push(oldest);
    }
  }
  const agent = core.books.agents.get(task.agentId);
  if (agent !== undefined) {
    drop(agent.tasks, framework.id, task.id);
    drop(agent.killed, framework.id, task.id);
  }
  present(framework, task.agentId, -1);
  core.agentChanged(task.agentId);
  core.frameworkChanged(framework.id);
}

/** Take a task out of the unreachable ones. */
export function forgetUnreachable(framework: FrameworkBook, taskId: string): void {
  const task = framework.unreachableTasks.get(taskId);
  if (task === undefined) return;
  framework.unreachableTasks.delete(taskId);
  countState(framework, task.state, -1);
}

/** Take an executor out of the books and give back what it used. */
export function removeExecutor(
  core: Context,
  framework: FrameworkBook | undefined,
  executor: ExecutorRecord,
  { released = false }: { readonly released?: boolean } = {},
): void {
  const { id, agentId, frameworkId } = executor;
  const agent = core.books.agents.get(agentId);
  if (agent) dropInner(agent.executors, frameworkId, id);
  if (framework) {
    dropInner(framework.executors, agentId, id);
    present(framework, agentId, -1);
  }
  if (!released) release(core, executor);
  core.agentChanged(agentId);
}

/** A status that the master itself makes; it has no uuid, as nobody waits for its acknowledgement. */
export function masterStatus(
  core: Context,
  task: {
    readonly id: string;
    readonly agentId?: string | undefined;
    executorId?: string | undefined;
  },
  what: {
    readonly state: TaskState;
    readonly message: string;
    readonly reason?: TaskReason;
    readonly unreachableMs?: number | undefined;
  },
): TaskStatus {
  const { agentId, executorId } = task;
  return {
    task_id: { value: task.id },
    state: what.state,
    source: "SOURCE_MASTER",
    message: what.message,
    ...(what.reason !== undefined && { reason: what.reason }),
    ...(agentId !== undefined && { agent_id: { value: agentId } }),
    ...(executorId !== undefined && { executor_id: { value: executorId } }),
    timestamp: core.nowMs / 1000,
    ...(what.unreachableMs !== undefined && {
      unreachable_time: { nanoseconds: what.unreachableMs * 1_000_000 },
    }),
  };
}

const plains = new WeakMap<Resources, Resources>();

/** The same resources, not marked with a role; one object for tasks of one shape. */
export function plain(resources: Resources): Resources {
  const known = plains.get(resources);
  if (known) return known;
  const made = resources.unallocate();
  plains.set(resources, made);
  return made;
}

/** Tell a framework of a status that the master made. */
export function tellStatus(core: Context, framework: FrameworkBook, status: TaskStatus): void {
  core.tell(framework, { type: "UPDATE", update: { status } });
}

/** Count a terminal status under Mesos' names. */
export function countTerminal(core: Context, { state, source, reason }: TaskStatus): void {
  core.count(stateCounter(state));
  if (reason === undefined || source === undefined) return;
  core.count(reasonCounter(state, source, reason));
}

function countState(framework: FrameworkBook, state: TaskState, by: number): void {
  const count = (framework.taskCounts.get(state) ?? 0) + by;
  if (count === 0) framework.taskCounts.delete(state);
  else framework.taskCounts.set(state, count);
}

function present(framework: FrameworkBook, agentId: string, by: number): void {
  const count = (framework.presence.get(agentId) ?? 0) + by;
  if (count === 0) framework.presence.delete(agentId);
  else framework.presence.set(agentId, count);
}

function inner<T>(maps: Map<string, Map<string, T>>, key: string): Map<string, T> {
  const known = maps.get(key);
  if (known) return known;
  const made = new Map<string, T>();
  maps.set(key, made);
  return made;
}

function drop(sets: Map<string, Set<string>>, key: string, item: string): void {
  const set = sets.get(key);
  if (!set?.delete(item)) return;
  if (set.size === 0) sets.delete(key);
}

function dropInner<T>(maps: Map<string, Map<string, T>>, key: string, item: string): void {
  const map = maps.get(key);
  if (!map?.delete(item)) return;
  if (map.size === 0) maps.delete(key);
}
