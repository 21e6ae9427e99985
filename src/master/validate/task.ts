/** May this task be launched? Mesos' rules, in its order and its words. */
import type { ExecutorInfo, TaskInfo } from "../../model/mod.ts";
import { Resources } from "../../resources/mod.ts";
import { faultOfCheck, faultOfHealthCheck, withType } from "./checks.ts";
import { faultOfCommand } from "./command.ts";
import { faultOfContainer, sharesCgroups } from "./container.ts";
import { readExecutor } from "./executor.ts";
import { faultOfId } from "./ids.ts";
import {
  covers,
  faultOfMixing,
  faultOfPersistenceIds,
  faultOfRoles,
  overlap,
  type ResourceReader,
} from "./resources.ts";
import type { Fault, LaunchContext, ReadResources, TaskRefusal, TaskVerdict } from "./types.ts";

/** A task with what it uses, or what is wrong. */
type TaskRead =
  | { readonly ok: true; readonly task: TaskInfo; readonly resources: Resources }
  | { readonly ok: false; readonly fault: string };

/**
 * May a task of a LAUNCH be launched on what is left of the offers?
 *
 * Nothing is changed; the caller takes `total` from what is available and asks for the next task.
 * Cost: about two microseconds for a command on plain resources of a known shape.
 */
export function validateTask(
  task: TaskInfo,
  context: LaunchContext,
  reader: ResourceReader,
): TaskVerdict {
  const read = readTask(task, context, reader);
  if (!read.ok) return refused(read.fault);
  const { executor } = task;
  if ((executor === undefined) === (task.command === undefined)) {
    return refused(
      "Task should have at least one (but not both) of CommandInfo or ExecutorInfo present",
    );
  }
  if (executor !== undefined) return withExecutor(read, executor, { context, reader });
  const { resources } = read;
  const fault = faultOfAmount(resources, context) ?? faultOfCgroups(task);
  if (fault !== undefined) return refused(fault);
  return {
    ok: true,
    task: read.task,
    resources,
    executor: undefined,
    executorResources: Resources.EMPTY,
    total: resources,
  };
}

function refused(message: string): TaskRefusal {
  return { ok: false, state: "TASK_ERROR", reason: "REASON_TASK_INVALID", message };
}

/** What holds for every task, alone or in a group; its resources are read and filled in. */
export function readTask(task: TaskInfo, context: LaunchContext, reader: ResourceReader): TaskRead {
  const fault = faultOfIds(task, context) ?? faultOfTimes(task) ?? faultOfChecks(task);
  if (fault !== undefined) return { ok: false, fault };
  const list = task.resources ?? [];
  if (list.length === 0) return { ok: false, fault: "Task uses no resources" };
  const read = reader.read(list, context.role);
  if (!read.ok) return { ok: false, fault: `Task uses invalid resources: ${read.fault}` };
  const wrong =
    faultOfResources(read.resources) ?? faultOfParts(task) ?? faultOfLimits(task, read, context);
  if (wrong !== undefined) return { ok: false, fault: wrong };
  return { ok: true, task: filledIn(task, read), resources: read.resources };
}

function filledIn(task: TaskInfo, { json }: ReadResources): TaskInfo {
  const { health_check } = task;
  if (health_check === undefined) return { ...task, resources: json };
  return { ...task, resources: json, health_check: withType(health_check) };
}

function faultOfIds({ task_id, agent_id }: TaskInfo, context: LaunchContext): Fault {
  const id = task_id.value;
  const fault = faultOfId(id);
  if (fault !== undefined) return fault;
  if (context.tasks.has(id)) return `Task has duplicate ID: ${id}`;
  if (context.unreachableTasks.has(id)) {
    return `Task reuses the ID of an unreachable task: ${id}`;
  }
  if (agent_id.value === context.agentId) return undefined;
  return `Task uses invalid agent ${agent_id.value} while agent ${context.agentId} is expected`;
}

function faultOfTimes({ kill_policy, max_completion_time }: TaskInfo): Fault {
  if (kill_policy?.grace_period !== undefined && kill_policy.grace_period.nanoseconds < 0) {
    return "Task's 'kill_policy.grace_period' must be non-negative";
  }
  if (max_completion_time !== undefined && max_completion_time.nanoseconds < 0) {
    return "Task's `max_completion_time` must be non-negative";
  }
  return undefined;
}

function faultOfChecks({ check, health_check }: TaskInfo): Fault {
  const checked = check && faultOfCheck(check);
  if (checked !== undefined) return `Task uses invalid check: ${checked}`;
  const fault = health_check && faultOfHealthCheck(withType(health_check));
  return fault && `Task uses invalid health check: ${fault}`;
}

function faultOfResources(resources: Resources): Fault {
  const ids = faultOfPersistenceIds(resources);
  if (ids !== undefined) return `Task uses duplicate persistence ID: ${ids}`;
  const roles = faultOfRoles(resources);
  if (roles !== undefined) return `Invalid task resources: ${roles}`;
  const mixing = faultOfMixing(resources);
  return mixing && `Task mixes revocable and non-revocable resources: ${mixing}`;
}

function faultOfParts({ command, container }: TaskInfo): Fault {
  const wrong = command && faultOfCommand(command);
  if (wrong !== undefined) return `Task's \`CommandInfo\` is invalid: ${wrong}`;
  const fault = container && faultOfContainer(container);
  return fault && `Task's \`ContainerInfo\` is invalid: ${fault}`;
}

const LIMITED = [
  { kind: "cpus", name: "CPU", short: "cpu" },
  { kind: "mem", name: "memory", short: "memory" },
] as const;

function faultOfLimits(
  { limits = {} }: TaskInfo,
  { resources }: ReadResources,
  { agentTakesLimits = true }: LaunchContext,
): Fault {
  const kinds = Object.keys(limits);
  if (kinds.length === 0) return undefined;
  if (!agentTakesLimits) return "Agent is not capable of handling task resource limits";
  if (kinds.some((kind) => kind !== "cpus" && kind !== "mem")) {
    return "Only cpus and mem may be included in a task's resource limits";
  }
  const requests = resources.quantities();
  for (const { kind, name, short } of LIMITED) {
    const limit = limits[kind];
    if (limit === undefined) continue;
    const request = requests.get(kind);
    if (request === 0) {
      return `When a ${name} limit is specified, a ${name} request must also be specified`;
    }
    // Infinity passes; what is no number does not.
    if (!(Math.round(limit.value * 1000) >= request)) {
      return `The ${short} limit must be greater than or equal to the ${short} request`;
    }
  }
  return undefined;
}

function faultOfCgroups({ container }: TaskInfo): Fault {
  if (sharesCgroups(container)) return undefined;
  return "Only tasks in a task group may have 'share_cgroups' set to 'false'";
}

function faultOfAmount(total: Resources, { available }: LaunchContext): Fault {
  if (covers(available, total)) return undefined;
  return (
    `Total resources ${total} required by task and its executor is more than available ` +
    `${available}`
  );
}

/** A task that brings its executor: one to start, or one that runs already. */
function withExecutor(
  { task, resources }: TaskRead & { ok: true },
  asked: ExecutorInfo,
  { context, reader }: { readonly context: LaunchContext; readonly reader: ResourceReader },
): TaskVerdict {
  const read = readExecutor(asked, context, reader);
  if (!read.ok) return refused(read.fault);
  const { info, runs } = read;
  const executorResources = runs ? Resources.EMPTY : read.resources;
  const total = resources.add(executorResources);
  const fault =
    faultOfLaunchedExecutor(info, read.resources) ??
    faultOfBoth(resources, read.resources) ??
    faultOfAmount(total, context) ??
    faultOfCgroups(task);
  if (fault !== undefined) return refused(fault);
  const executor = runs ? undefined : info;
  return {
    ok: true,
    task: { ...task, executor: info },
    resources,
    executor,
    executorResources,
    total,
  };
}

function faultOfLaunchedExecutor(
  { type, command, container }: ExecutorInfo,
  resources: Resources,
): Fault {
  if (type !== undefined && type !== "CUSTOM") return "'ExecutorInfo.type' must be 'CUSTOM'";
  if (command === undefined) return "'ExecutorInfo.command' must be set";
  if (!resources.shared().isEmpty) {
    return `Executor resources ${resources} should not contain any shared resources`;
  }
  if (container?.linux_info?.share_cgroups !== true) return undefined;
  return "The 'share_cgroups' field cannot be set to 'true' on executor containers";
}

function faultOfBoth(task: Resources, executor: Resources): Fault {
  if (executor.isEmpty) return undefined;
  if (overlap([task, executor])) {
    return (
      `There are overlapping resources in the task resources ${task} and executor resources ` +
      `${executor}`
    );
  }
  const both = task.add(executor);
  const ids = faultOfPersistenceIds(both);
  if (ids !== undefined) return `Task and its executor use duplicate persistence ID: ${ids}`;
  const mixing = faultOfMixing(both);
  return mixing && `Task and its executor mix revocable and non-revocable resources: ${mixing}`;
}
