/** What an agent runs when it comes again: tasks, executors and operations enter the books. */
import {
  type AgentMessage,
  type ExecutorInfo,
  type FrameworkInfo,
  isTerminal,
  type OfType,
  type Task,
} from "../../model/mod.ts";
import { Resources } from "../../resources/mod.ts";
import type { AgentBook, FrameworkBook } from "./books.ts";
import type { Context } from "./context.ts";
import { recoverFramework } from "./frameworks.ts";
import { put } from "./operations.ts";
import type { TaskRecord } from "./records.ts";
import { addExecutor, addTask, plain } from "./tasks.ts";

type Reregistration = OfType<AgentMessage, "reregister">;

/** Frameworks that the agent runs something of and that are over. */
export function unwantedOf(
  core: Context,
  { frameworks, tasks, executors }: Reregistration,
): string[] {
  const ids = new Set<string>();
  for (const { id } of frameworks) if (id) ids.add(id.value);
  for (const { framework_id } of tasks) ids.add(framework_id.value);
  for (const { framework_id } of executors) ids.add(framework_id);
  return [...ids].filter((id) => core.books.completedIds.has(id));
}

/** Enter tasks, executors and operations that an agent tells of, and frameworks that nobody knew. */
export function takeOver(
  core: Context,
  agent: AgentBook,
  { frameworks, executors, tasks, operations }: Reregistration,
  { wasUnreachable = false }: { readonly wasUnreachable?: boolean } = {},
): void {
  const infos = new Map<string, FrameworkInfo>();
  for (const info of frameworks) if (info.id) infos.set(info.id.value, info);
  const find = (id: string): FrameworkBook | undefined => {
    const known = core.books.frameworks.get(id);
    const info = infos.get(id);
    return known ?? (info && recoverFramework(core, { id, info }));
  };
  for (const { framework_id, executor_info } of executors) {
    const framework = find(framework_id);
    if (framework) takeExecutor(core, { framework, agent }, executor_info);
  }
  for (const task of tasks) {
    const framework = find(task.framework_id.value);
    if (framework === undefined || framework.tasks.has(task.task_id.value)) continue;
    const isLost = wasUnreachable && !framework.isPartitionAware && !isTerminal(task.state);
    const record = taskOf(core, framework, task, isLost);
    addTask(core, { framework, agent, task: record });
  }
  for (const { framework_id, uuid, operation, latest_status } of operations) {
    if (operation.id === undefined || core.books.operations.has(uuid)) continue;
    put(core, {
      uuid,
      frameworkId: framework_id,
      agentId: agent.id,
      id: operation.id.value,
      info: operation,
      status: latest_status,
      statuses: [],
    });
    agent.operations.add(core.books.operations.get(uuid)!);
  }
}

function takeExecutor(
  core: Context,
  { framework, agent }: { framework: FrameworkBook; agent: AgentBook },
  info: ExecutorInfo,
): void {
  if (agent.executors.get(framework.id)?.has(info.executor_id.value)) return;
  const { role, resources } = heldBy(core, framework, info.resources ?? []);
  addExecutor({ framework, agent }, { info, resources, role });
}

/** What a task or executor holds, and for which role. */
function heldBy(
  core: Context,
  framework: FrameworkBook,
  list: NonNullable<ExecutorInfo["resources"]>,
): { readonly role: string; readonly resources: Resources } {
  const fallback = framework.record.roles[0] ?? "*";
  const role = list.find((each) => each.allocation_info?.role)?.allocation_info?.role ?? fallback;
  const read = core.reader.read(list, role);
  return { role, resources: plain(read.ok ? read.resources : Resources.fromJson(list)) };
}

function taskOf(core: Context, framework: FrameworkBook, task: Task, isLost: boolean): TaskRecord {
  const {
    framework_id,
    executor_id,
    state,
    statuses,
    status_update_state,
    status_update_uuid,
    ...info
  } = task;
  const { role, resources } = heldBy(core, framework, task.resources ?? []);
  return {
    id: task.task_id.value,
    frameworkId: framework_id.value,
    agentId: task.agent_id.value,
    executorId: executor_id?.value,
    role,
    resources,
    info,
    state,
    pending: undefined,
    statuses: (statuses ?? []).slice(-STATUSES_TAKEN),
    released: isTerminal(state),
    isLost,
    launchedMs: core.nowMs,
  };
}

/** How much of a task's past is taken over. */
const STATUSES_TAKEN = 16;

export function keyOf(frameworkId: string, id: string): string {
  return `${frameworkId}\n${id}`;
}
