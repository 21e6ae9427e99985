/** The rules for executors. */
import type { ExecutorInfo, ResourceJson } from "../../model/mod.ts";
import type { Resources } from "../../resources/mod.ts";
import { faultOfCommand } from "./command.ts";
import { faultOfContainer } from "./container.ts";
import { fieldsOf, sameJson } from "./equal.ts";
import { faultOfId } from "./ids.ts";
import {
  faultOfMixing,
  faultOfPersistenceIds,
  faultOfRoles,
  type ResourceReader,
  readList,
} from "./resources.ts";
import type { Fault, LaunchContext } from "./types.ts";

/** An executor read, with what it uses; or what is wrong. */
export type ExecutorVerdict =
  | {
      readonly ok: true;
      readonly info: ExecutorInfo;
      readonly resources: Resources;
      /** Whether it runs on the agent already. */
      readonly runs: boolean;
    }
  | { readonly ok: false; readonly fault: string };

/** What every executor must be, whoever launches it. */
export function faultOfExecutor(executor: ExecutorInfo): Fault {
  return (
    faultOfType(executor) ??
    faultOfId(executor.executor_id.value) ??
    faultOfGrace(executor) ??
    faultOfParts(executor)
  );
}

function faultOfType({ type, command, container }: ExecutorInfo): Fault {
  if (type === "CUSTOM" && command === undefined) {
    return "'ExecutorInfo.command' must be set for 'CUSTOM' executor";
  }
  if (type !== "DEFAULT") return undefined;
  if (command !== undefined) {
    return "'ExecutorInfo.command' must not be set for 'DEFAULT' executor";
  }
  if (container === undefined) return undefined;
  if (container.type !== "MESOS") {
    return "'ExecutorInfo.container.type' must be 'MESOS' for 'DEFAULT' executor";
  }
  if (container.mesos?.image === undefined) return undefined;
  return "'ExecutorInfo.container.mesos.image' must not be set for 'DEFAULT' executor";
}

function faultOfGrace({ shutdown_grace_period }: ExecutorInfo): Fault {
  if (shutdown_grace_period === undefined || shutdown_grace_period.nanoseconds >= 0) {
    return undefined;
  }
  return "ExecutorInfo's 'shutdown_grace_period' must be non-negative";
}

function faultOfParts({ command, container }: ExecutorInfo): Fault {
  const command_ = command && faultOfCommand(command);
  if (command_ !== undefined) return `Executor's \`CommandInfo\` is invalid: ${command_}`;
  const container_ = container && faultOfContainer(container);
  return container_ && `Executor's \`ContainerInfo\` is invalid: ${container_}`;
}

/** Read an executor of a launch: filled in, with resources, compatible with one that runs. */
export function readExecutor(
  executor: ExecutorInfo,
  context: LaunchContext,
  reader: ResourceReader,
): ExecutorVerdict {
  const fault = faultOfExecutor(executor) ?? faultOfFramework(executor, context.frameworkId);
  if (fault !== undefined) return { ok: false, fault };
  const read = reader.read(executor.resources ?? [], context.role);
  if (!read.ok) return { ok: false, fault: `Executor uses invalid resources: ${read.fault}` };
  const { resources, json } = read;
  const wrong = faultOfExecutorResources(resources);
  if (wrong !== undefined) return { ok: false, fault: wrong };
  const info = { ...executor, framework_id: { value: context.frameworkId }, resources: json };
  const running = context.executorOf(executor.executor_id.value);
  const differing = running && faultOfDifference(running, info, context.role);
  if (differing !== undefined) return { ok: false, fault: differing };
  return { ok: true, info, resources, runs: running !== undefined };
}

function faultOfFramework({ framework_id }: ExecutorInfo, frameworkId: string): Fault {
  if (framework_id === undefined || framework_id.value === frameworkId) return undefined;
  return (
    `ExecutorInfo has an invalid FrameworkID (Actual: ${framework_id.value} vs Expected: ` +
    `${frameworkId})`
  );
}

function faultOfExecutorResources(resources: Resources): Fault {
  const ids = faultOfPersistenceIds(resources);
  if (ids !== undefined) return `Executor uses duplicate persistence ID: ${ids}`;
  const roles = faultOfRoles(resources);
  if (roles !== undefined) return `Invalid executor resources: ${roles}`;
  const mixing = faultOfMixing(resources);
  return mixing && `Executor mixes revocable and non-revocable resources: ${mixing}`;
}

/**
 * One id, one executor of a framework: the message names the fields that differ, not what is in
 * them.
 *
 * @param role What resources are held for that do not say it.
 */
export function faultOfDifference(running: ExecutorInfo, asked: ExecutorInfo, role: string): Fault {
  const { resources: held = [], framework_id: _held, ...left } = running;
  const { resources: wanted = [], framework_id: _wanted, ...right } = asked;
  const differing = differingFields(left, right);
  if (!sameResources(held, wanted, role)) differing.push("resources");
  if (differing.length === 0) return undefined;
  return (
    "ExecutorInfo is not compatible with existing ExecutorInfo with same ExecutorID. They differ " +
    `in: ${differing.sort().join(", ")}`
  );
}

function differingFields(a: object, b: object): string[] {
  const [left, right] = [fieldsOf(a), fieldsOf(b)];
  const fields = new Set([...left.keys(), ...right.keys()]);
  return [...fields].filter((field) => !sameJson(left.get(field), right.get(field)));
}

function sameResources(
  held: readonly ResourceJson[],
  wanted: readonly ResourceJson[],
  role: string,
): boolean {
  if (sameJson(held, wanted)) return true;
  const [a, b] = [readList(held, role), readList(wanted, role)];
  return a.ok && b.ok && a.resources.equals(b.resources);
}
