/** Operations on the agent's own resources: reservations and persistent volumes. */
import { FairleadError } from "../../base/mod.ts";
import type {
  MasterMessage,
  OfType,
  Operation,
  OperationStatus,
  ResourceJson,
} from "../../model/mod.ts";
import {
  isPersistentVolume,
  type Resource,
  Resources,
  reservationRole,
} from "../../resources/mod.ts";
import { checkpointAgent, checkpointOperation } from "./checkpoints.ts";
import type { VolumeFolder } from "./events.ts";
import { statusUuid } from "./ids.ts";
import type { OperationRecord } from "./records.ts";
import type { AgentState } from "./state.ts";

/** Some of an agent's resources become others of the same amounts. */
interface Conversion {
  readonly from: Resources;
  readonly to: Resources;
}

/** What of these was reserved or created at run time and is not there; undefined: nothing. */
export function lacking(agent: AgentState, list: readonly ResourceJson[]): string | undefined {
  const special = list.filter(
    ({ reservations, reservation, disk }) =>
      reservation !== undefined ||
      disk?.persistence !== undefined ||
      reservations?.some(({ type }) => type !== "STATIC"),
  );
  if (special.length === 0) return undefined;
  try {
    const all = Resources.fromJson(agent.info.resources ?? []);
    const asked = Resources.fromJson(special).unallocate();
    const missing = asked.filter((resource) => !all.contains(Resources.of([resource])));
    return missing.isEmpty ? undefined : `The agent does not have ${missing}`;
  } catch (error) {
    return FairleadError.from(error).message;
  }
}

/** Apply an operation and say what came of it. */
export function operate(agent: AgentState, message: OfType<MasterMessage, "operation">): void {
  const { uuid, operation, framework_id: frameworkId } = message;
  const known = agent.operations.get(uuid);
  if (known !== undefined) {
    sendStatus(agent, known);
    return;
  }
  const failure = apply(agent, operation);
  const status: OperationStatus = {
    state: failure === undefined ? "OPERATION_FINISHED" : "OPERATION_FAILED",
    uuid: { value: statusUuid(agent.random) },
  };
  if (operation.id !== undefined) status.operation_id = operation.id;
  if (agent.info.id !== undefined) status.agent_id = agent.info.id;
  if (failure !== undefined) status.message = failure;
  const record: OperationRecord = {
    uuid,
    frameworkId,
    operation,
    status,
    retryMs: 0,
    timer: undefined,
  };
  agent.operations.set(uuid, record);
  checkpointOperation(agent, record);
  sendStatus(agent, record);
}

/** The master has seen the status of an operation. */
export function operationAcknowledged(agent: AgentState, uuid: string, statusUuid: string): void {
  const record = agent.operations.get(uuid);
  if (record === undefined || record.status.uuid?.value !== statusUuid) return;
  agent.timers.cancel(record.timer);
  agent.operations.delete(uuid);
  agent.forget(`operations/${uuid}`);
}

/**
 * Say the status of an operation (again).
 *
 * The master took it for done from the start, and operations after it may be on their way: what
 * the agent has now is told only when that was wrong.
 */
export function sendStatus(agent: AgentState, record: OperationRecord): void {
  if (!agent.registered) return;
  const failed = record.status.state !== "OPERATION_FINISHED";
  agent.send({
    type: "operation_update",
    uuid: record.uuid,
    status: record.status,
    ...(failed ? { resources: agent.info.resources ?? [] } : {}),
    ...(record.frameworkId === undefined ? {} : { framework_id: record.frameworkId }),
  });
  const { updateRetryMs, updateRetryMsMax } = agent.times;
  record.retryMs = Math.min(Math.max(record.retryMs * 2, updateRetryMs), updateRetryMsMax);
  agent.timers.cancel(record.timer);
  record.timer = agent.timers.set(agent.nowMs() + record.retryMs, {
    type: "operation_retry",
    operation: record,
  });
}

export function pauseOperations(agent: AgentState): void {
  for (const record of agent.operations.values()) {
    record.timer = agent.timers.cancel(record.timer);
    record.retryMs = 0;
  }
}

/** Say again whatever is not acknowledged. */
export function resumeOperations(agent: AgentState): void {
  for (const record of agent.operations.values()) sendStatus(agent, record);
}

/** Returns why it cannot be done; undefined when it is done. */
function apply(agent: AgentState, operation: Operation): string | undefined {
  try {
    const before = Resources.fromJson(agent.info.resources ?? []);
    let after = before;
    for (const { from, to } of conversions(operation)) {
      const rest = after.trySubtract(from);
      if (rest === undefined) return `The agent does not have ${from}`;
      after = rest.add(to);
    }
    agent.info = { ...agent.info, resources: listOf(after) };
    checkpointAgent(agent);
    changeVolumes(agent, before, after);
    return undefined;
  } catch (error) {
    return FairleadError.from(error).message;
  }
}

/** JSON of resources: what `toJson` writes is what `ResourceJson` describes. */
export function listOf(resources: Resources): ResourceJson[] {
  return resources.toJson() as ResourceJson[];
}

function conversions(operation: Operation): Conversion[] {
  switch (operation.type) {
    case "RESERVE": {
      const to = read(operation.reserve?.resources);
      const source = operation.reserve?.source;
      return [{ from: source?.length ? read(source) : to.popReservation(), to }];
    }
    case "UNRESERVE": {
      const from = read(operation.unreserve?.resources);
      return [{ from, to: from.popReservation() }];
    }
    case "CREATE":
      return Array.from(read(operation.create?.volumes), (volume) => ({
        from: Resources.of([withoutVolume(volume)]),
        to: Resources.of([volume]),
      }));
    case "DESTROY":
      return Array.from(read(operation.destroy?.volumes), (volume) => ({
        from: Resources.of([volume]),
        to: Resources.of([withoutVolume(volume)]),
      }));
    case "GROW_VOLUME":
      return grow(operation);
    case "SHRINK_VOLUME":
      return shrink(operation);
    default:
      throw unsupported(operation);
  }
}

function unsupported({ type }: Operation): FairleadError {
  return new FairleadError("unsupported_operation", `Cannot apply ${type}: no agent here can`, {
    details: { type },
  });
}

function read(list: readonly ResourceJson[] | undefined): Resources {
  return Resources.fromJson(list ?? []).unallocate();
}

/** The disk that a volume is made of. */
function withoutVolume({ disk, ...resource }: Resource): Resource {
  const plain = { ...resource, shared: false };
  return disk?.source === undefined ? plain : { ...plain, disk: { source: disk.source } };
}

function grow({ grow_volume: body, ...operation }: Operation): Conversion[] {
  const [volume] = read(body === undefined ? [] : [body.volume]);
  const [addition] = read(body === undefined ? [] : [body.addition]);
  if (volume === undefined || addition === undefined) throw unsupported(operation);
  const more = millisOf(addition);
  return [
    {
      from: Resources.of([volume, addition]),
      to: Resources.of([resized(volume, millisOf(volume) + more)]),
    },
  ];
}

function shrink({ shrink_volume: body, ...operation }: Operation): Conversion[] {
  const [volume] = read(body === undefined ? [] : [body.volume]);
  if (volume === undefined || body === undefined) throw unsupported(operation);
  const less = Math.round(body.subtract.value * 1_000);
  const freed = withoutVolume(resized(volume, less));
  return [
    {
      from: Resources.of([volume]),
      to: Resources.of([resized(volume, millisOf(volume) - less), freed]),
    },
  ];
}

function millisOf({ value }: Resource): number {
  return value.type === "SCALAR" ? value.millis : 0;
}

function resized(volume: Resource, millis: number): Resource {
  return { ...volume, value: { type: "SCALAR", millis } };
}

function changeVolumes(agent: AgentState, before: Resources, after: Resources): void {
  const old = volumesOf(before);
  const now = volumesOf(after);
  for (const [key, volume] of old) {
    if (!now.has(key)) agent.effects.push({ type: "destroy_volume", volume });
  }
  for (const [key, volume] of now) {
    if (!old.has(key)) agent.effects.push({ type: "create_volume", volume });
  }
}

/** The persistent volumes among resources, by role and id. */
export function volumesOf(resources: Resources): Map<string, VolumeFolder> {
  const volumes = new Map<string, VolumeFolder>();
  for (const resource of resources) {
    const { persistence, source } = resource.disk ?? {};
    const role = reservationRole(resource);
    if (!isPersistentVolume(resource) || persistence === undefined || role === undefined) continue;
    const root = source?.root;
    volumes.set(`${role}/${persistence.id}`, {
      role,
      id: persistence.id,
      mount: source?.type === "MOUNT",
      ...(root === undefined ? {} : { root }),
    });
  }
  return volumes;
}
