/** Tasks as pages of rows: filtered and sorted here, because there may be hundreds of thousands. */
import type {
  ConsoleTask,
  ConsoleTaskRow,
  ConsoleTaskSort,
  ConsoleTasks,
  Label,
  TaskStatus,
} from "../../model/mod.ts";
import type { FrameworkView, MasterState, TaskRecord } from "../core/records.ts";
import { amountsOf } from "./amounts.ts";
import { commandText } from "./command.ts";

/** What a page is asked for by. */
export interface TaskQuery {
  readonly framework?: string | undefined;
  readonly agent?: string | undefined;
  readonly role?: string | undefined;
  /** `active`, `completed`, or one state. */
  readonly state?: string | undefined;
  /** Part of a name or id. */
  readonly q?: string | undefined;
  readonly sort: ConsoleTaskSort;
  readonly desc: boolean;
  readonly offset: number;
  readonly limit: number;
}

/** Whether a framework may be seen, and a task of it. */
export interface TaskFilter {
  framework(framework: FrameworkView["record"]): boolean;
  task(task: TaskRecord, framework: FrameworkView["record"]): boolean;
}

/** One page, and how many there are in all. Cost: a look at every task of the frameworks asked. */
export function tasksPage(state: MasterState, query: TaskQuery, may: TaskFilter): ConsoleTasks {
  const found: TaskRecord[] = [];
  for (const task of candidates(state, query, may)) if (matches(task, query)) found.push(task);
  sort(found, query);
  const page = found.slice(query.offset, query.offset + query.limit);
  return { total: found.length, tasks: page.map((task) => taskRow(state, task)) };
}

function* candidates(state: MasterState, query: TaskQuery, may: TaskFilter): Iterable<TaskRecord> {
  const wantsActive = query.state !== "completed";
  const wantsCompleted = query.state !== "active";
  const only = query.framework;
  for (const [id, framework] of state.frameworks) {
    if ((only !== undefined && only !== id) || !may.framework(framework.record)) continue;
    const lists = [
      ...(wantsActive ? [framework.tasks.values(), framework.unreachableTasks.values()] : []),
      ...(wantsCompleted ? [framework.completedTasks] : []),
    ];
    for (const list of lists) {
      for (const task of list) if (may.task(task, framework.record)) yield task;
    }
  }
  if (!wantsCompleted) return;
  for (const [id, { record, completedTasks }] of state.completedFrameworks) {
    if ((only !== undefined && only !== id) || !may.framework(record)) continue;
    for (const task of completedTasks) if (may.task(task, record)) yield task;
  }
}

function matches(task: TaskRecord, { agent, role, state, q }: TaskQuery): boolean {
  if (agent !== undefined && task.agentId !== agent) return false;
  if (role !== undefined && task.role !== role) return false;
  const isGroup = state === undefined || state === "active" || state === "completed";
  if (!isGroup && task.state !== state) return false;
  if (state === "active" && task.released) return false;
  if (q === undefined) return true;
  const wanted = q.toLowerCase();
  return task.id.toLowerCase().includes(wanted) || task.info.name.toLowerCase().includes(wanted);
}

function sort(tasks: TaskRecord[], { sort: by, desc }: TaskQuery): void {
  const sign = desc ? -1 : 1;
  const compare = COMPARE[by];
  tasks.sort((a, b) => sign * compare(a, b) || order(a.id, b.id));
}

const order = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

const COMPARE: Readonly<Record<ConsoleTaskSort, (a: TaskRecord, b: TaskRecord) => number>> = {
  name: (a, b) => order(a.info.name, b.info.name),
  state: (a, b) => order(a.state, b.state),
  started: (a, b) => a.launchedMs - b.launchedMs,
  agent: (a, b) => order(a.agentId, b.agentId),
};

/** One task of a list. */
export function taskRow(state: MasterState, task: TaskRecord): ConsoleTaskRow {
  const last = task.statuses.at(-1);
  const agent =
    state.agents.get(task.agentId)?.record.info ?? state.unreachableAgents.get(task.agentId)?.info;
  const healthy = task.statuses.findLast((status) => status.healthy !== undefined)?.healthy;
  return {
    id: task.id,
    name: task.info.name,
    frameworkId: task.frameworkId,
    agentId: task.agentId,
    hostname: agent?.hostname ?? "",
    role: task.role,
    state: task.state,
    ...(healthy === undefined ? {} : { healthy }),
    resources: amountsOf(task.resources.quantities()),
    startedMs: task.launchedMs,
    ...(task.released && last?.timestamp !== undefined
      ? { finishedMs: last.timestamp * 1000 }
      : {}),
    ...(task.executorId === undefined ? {} : { executorId: task.executorId }),
    ...(last?.message === undefined ? {} : { message: last.message }),
    ...(last?.reason === undefined ? {} : { reason: last.reason }),
  };
}

/** One task with its history; undefined when there is none, or it may not be seen. */
export function taskDetails(
  state: MasterState,
  { frameworkId, taskId }: { readonly frameworkId: string; readonly taskId: string },
  may: TaskFilter,
): ConsoleTask | undefined {
  const framework = state.frameworks.get(frameworkId);
  const completed = state.completedFrameworks.get(frameworkId);
  const record = framework?.record ?? completed?.record;
  const task =
    framework?.tasks.get(taskId) ??
    framework?.unreachableTasks.get(taskId) ??
    last(framework?.completedTasks ?? completed?.completedTasks ?? [], taskId);
  if (record === undefined || task === undefined) return undefined;
  if (!may.framework(record) || !may.task(task, record)) return undefined;
  return { ...taskRow(state, task), ...detailsOf(task) };
}

/** The latest of this id. */
function last(tasks: Iterable<TaskRecord>, id: string): TaskRecord | undefined {
  let found: TaskRecord | undefined;
  for (const task of tasks) if (task.id === id) found = task;
  return found;
}

function detailsOf(task: TaskRecord) {
  const { info } = task;
  const container = task.statuses.findLast((status) => status.container_status !== undefined)
    ?.container_status?.container_id?.value;
  const command = info.command === undefined ? undefined : commandText(info.command);
  const image = info.container?.docker?.image ?? info.container?.mesos?.image?.docker?.name;
  const executor = task.executorId ?? task.id;
  return {
    statuses: task.statuses.map(statusOf),
    ...(command === undefined ? {} : { command }),
    ...(image === undefined ? {} : { image }),
    labels: labelsOf(info.labels?.labels ?? []),
    ports: portsOf(task),
    ...(container === undefined ? {} : { containerId: container }),
    sandbox: `/frameworks/${task.frameworkId}/executors/${executor}/runs/latest`,
  };
}

function statusOf(status: TaskStatus) {
  return {
    state: status.state,
    timestampMs: (status.timestamp ?? 0) * 1000,
    ...(status.message === undefined ? {} : { message: status.message }),
    ...(status.reason === undefined ? {} : { reason: status.reason }),
    ...(status.source === undefined ? {} : { source: status.source }),
    ...(status.healthy === undefined ? {} : { healthy: status.healthy }),
  };
}

function labelsOf(labels: readonly Label[]): Record<string, string> {
  return Object.fromEntries(labels.map(({ key, value }) => [key, value ?? ""]));
}

/** `31000-31002, 31005`. */
function portsOf({ resources }: TaskRecord): string {
  return portsText(resources.named("ports"));
}

/** Ranges of resources as text. */
export function portsText(ports: TaskRecord["resources"]): string {
  const texts: string[] = [];
  for (const { value } of ports) {
    if (value.type !== "RANGES") continue;
    for (const { begin, end } of value.ranges) {
      texts.push(begin === end ? String(begin) : `${begin}-${end}`);
    }
  }
  return texts.join(", ");
}
