/** May this task group be launched? All of its tasks or none. */
import type { ExecutorInfo, TaskGroupInfo, TaskInfo } from "../../model/mod.ts";
import { Resources } from "../../resources/mod.ts";
import { sharesCgroups } from "./container.ts";
import { faultOfDifference, readExecutor } from "./executor.ts";
import {
  covers,
  faultOfMixing,
  faultOfPersistenceIds,
  overlap,
  type ResourceReader,
} from "./resources.ts";
import { readTask } from "./task.ts";
import type { Fault, GroupGrant, GroupVerdict, LaunchContext, TaskRefusal } from "./types.ts";

/** What an executor needs for itself: a hundredth of a core and 32 MB. */
const CPUS_MILLIS_MIN = 10;
const MEM_MILLIS_MIN = 32_000;

type Members = GroupGrant["tasks"];
type Read<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly fault: string };

/**
 * May the tasks of a LAUNCH_GROUP be launched under one executor on what is left of the offers?
 *
 * A refusal is that of every task in the group.
 */
export function validateTaskGroup(
  launch: { readonly executor: ExecutorInfo; readonly task_group: TaskGroupInfo },
  context: LaunchContext,
  reader: ResourceReader,
): GroupVerdict {
  const members = readMembers(launch.task_group, context, reader);
  if (!members.ok) return refused(members.fault);
  const read = readExecutor(launch.executor, context, reader);
  if (!read.ok) return refused(read.fault);
  const { info, runs } = read;
  const tasks = members.value.map(({ task, resources }) => ({ task, resources }));
  const fault =
    faultOfGroupExecutor(info, read.resources) ??
    faultOfOwnExecutors(tasks, info, context) ??
    faultOfTogether(tasks, read.resources);
  if (fault !== undefined) return refused(fault);
  const executorResources = runs ? Resources.EMPTY : read.resources;
  const total = tasks.reduce((sum, { resources }) => sum.add(resources), executorResources);
  const wrong = faultOfAmount(total, context) ?? faultOfCgroups(tasks, info, context);
  if (wrong !== undefined) return refused(wrong);
  return {
    ok: true,
    tasks: tasks.map(({ task, resources }) => ({ task: withoutOwn(task), resources })),
    executorInfo: info,
    executor: runs ? undefined : info,
    executorResources,
    total,
  };
}

function refused(message: string): TaskRefusal {
  return { ok: false, state: "TASK_ERROR", reason: "REASON_TASK_GROUP_INVALID", message };
}

/** The group's executor is told once, beside the tasks. */
function withoutOwn({ executor: _, ...task }: TaskInfo): TaskInfo {
  return task;
}

function readMembers(
  { tasks = [] }: TaskGroupInfo,
  context: LaunchContext,
  reader: ResourceReader,
): Read<Members> {
  if (tasks.length === 0) return { ok: false, fault: "Task group has no tasks" };
  const ids = new Set<string>();
  const value: { task: TaskInfo; resources: Resources }[] = [];
  for (const task of tasks) {
    const id = task.task_id.value;
    const read = readTask(task, context, reader);
    const fault = read.ok
      ? ids.has(id)
        ? `Task has duplicate ID: ${id}`
        : faultOfMember(task)
      : read.fault;
    if (fault !== undefined) return { ok: false, fault: `Task '${id}' is invalid: ${fault}` };
    ids.add(id);
    if (read.ok) value.push(read);
  }
  return { ok: true, value };
}

function faultOfMember({ container, health_check, limits = {} }: TaskInfo): Fault {
  const type = health_check?.type;
  const apart = (container?.network_infos ?? []).length > 0;
  if (apart && (type === "HTTP" || type === "TCP")) {
    return (
      "HTTP and TCP health checks are not supported for nested containers not joining parent's " +
      "network"
    );
  }
  if (container?.type === "DOCKER") return "Docker ContainerInfo is not supported on the task";
  if (Object.keys(limits).length > 0 && sharesCgroups(container)) {
    return (
      "Resource limits may only be set for tasks within a task group when the 'share_cgroups' " +
      "field is set to 'false'."
    );
  }
  return undefined;
}

function faultOfGroupExecutor(
  { type, executor_id, container }: ExecutorInfo,
  resources: Resources,
): Fault {
  if (type === undefined) return "'ExecutorInfo.type' must be set";
  if (type !== "DEFAULT" && type !== "CUSTOM") return "Unknown executor type";
  if (container?.type === "DOCKER") {
    return "Docker ContainerInfo is not supported on the executor";
  }
  const amounts = resources.quantities();
  const executor = `Executor '${executor_id.value}'`;
  const short = (kind: string, held: number, min: number) => {
    const has = held === 0 ? "None" : String(held / 1000);
    return `${executor} uses less ${kind} (${has}) than the minimum required (${min / 1000})`;
  };
  const [cpus, mem] = [amounts.get("cpus"), amounts.get("mem")];
  if (cpus < CPUS_MILLIS_MIN) return short("CPUs", cpus, CPUS_MILLIS_MIN);
  if (mem < MEM_MILLIS_MIN) return short("memory", mem, MEM_MILLIS_MIN);
  return amounts.get("disk") === 0 ? `${executor} uses no disk` : undefined;
}

/** Tasks may name the executor as well, but it must be the same. */
function faultOfOwnExecutors(tasks: Members, info: ExecutorInfo, { role }: LaunchContext): Fault {
  for (const { task } of tasks) {
    if (task.executor === undefined) continue;
    if (faultOfDifference(info, task.executor, role) === undefined) continue;
    return (
      `The \`ExecutorInfo\` of task '${task.task_id.value}' is different from executor ` +
      `'${info.executor_id.value}'`
    );
  }
  return undefined;
}

function faultOfTogether(tasks: Members, executor: Resources): Fault {
  const lists = [...tasks.map(({ resources }) => resources), executor];
  const sum = lists.reduce((total, list) => total.add(list), Resources.EMPTY);
  const ids = faultOfPersistenceIds(sum);
  if (ids !== undefined) return `Task group and executor use duplicate persistence ID: ${ids}`;
  const mixing = faultOfMixing(sum);
  if (mixing !== undefined) {
    return `Task group and executor mix revocable and non-revocable resources: ${mixing}`;
  }
  if (!overlap(lists)) return undefined;
  return (
    "There are overlapping resources in the task group's task resources " +
    `${lists.slice(0, -1).join(", ")} and/or executor resources ${executor}`
  );
}

function faultOfAmount(total: Resources, { available }: LaunchContext): Fault {
  if (covers(available, total)) return undefined;
  return (
    `Total resources ${total} required by task group and its executor are more than available ` +
    `${available}`
  );
}

function faultOfCgroups(tasks: Members, info: ExecutorInfo, context: LaunchContext): Fault {
  if (info.container?.linux_info?.share_cgroups === true) {
    return "The 'share_cgroups' field cannot be set to 'true' on executor containers";
  }
  const running = context.containersUnder?.(info.executor_id.value) ?? [];
  const containers = [...tasks.map(({ task }) => task.container), ...running];
  const first = sharesCgroups(containers[0]);
  if (containers.every((container) => sharesCgroups(container) === first)) return undefined;
  return (
    "If set, the value of 'share_cgroups' must be the same for all tasks in each task group and " +
    "under a single executor"
  );
}
