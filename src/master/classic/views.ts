/** Agents, frameworks and tasks as `/state` and its like tell them. */
import type { ExecutorInfo, Label, TaskStatus } from "../../model/mod.ts";
import { Resources } from "../../resources/mod.ts";
import type {
  AgentRecord,
  ExecutorRecord,
  FrameworkRecord,
  RecoveredAgent,
  TaskRecord,
} from "../core/records.ts";
import { type Holding, sumOf, sumOfOffers } from "../operator/amounts.ts";
import { type AgentSnapshot, type FrameworkSnapshot, holdingsOf } from "../operator/snapshot.ts";
import { isActive, pidOf, withoutSecrets } from "../operator/views.ts";
import type { Visible } from "../operator/visible.ts";
import { toJson } from "../validate/resources.ts";
import { plain, reservedByRole } from "./resources.ts";

/** An element of `slaves`. */
export function slave({ record, offers }: AgentSnapshot, held: Iterable<Holding>): object {
  const used = sumOf(held);
  const { resources, standing } = record;
  const reserved = reservedByRole(resources);
  return {
    ...slaveFacts(record),
    pid: pidOf(record),
    registered_time: record.registeredMs / 1000,
    ...(record.reregisteredMs === undefined
      ? {}
      : { reregistered_time: record.reregisteredMs / 1000 }),
    resources: plain(resources),
    used_resources: plain(used),
    offered_resources: plain(sumOfOffers(offers)),
    reserved_resources: Object.fromEntries(
      Array.from(reserved, ([role, some]) => [role, plain(some)]),
    ),
    unreserved_resources: plain(resources.unreserved()),
    active: isActive(record),
    deactivated: standing.deactivated,
    version: record.version,
    capabilities: record.capabilities,
    ...(standing.drain === undefined ? {} : { drain_info: { state: standing.drain.state } }),
    reserved_resources_full: Object.fromEntries(
      Array.from(reserved, ([role, some]) => [role, toJson(some)]),
    ),
    unreserved_resources_full: toJson(resources.unreserved()),
    used_resources_full: toJson(used),
    offered_resources_full: toJson(sumOfOffers(offers)),
  };
}

/** An element of `recovered_slaves`. */
export function recoveredSlave({ id, info }: RecoveredAgent): object {
  return slaveFacts({ id, info, resources: Resources.fromJson(info.resources ?? []) });
}

function slaveFacts({ id, info, resources }: Pick<AgentRecord, "id" | "info" | "resources">) {
  const attributes = (info.attributes ?? []).map(({ name, text, scalar, ranges, set }) => {
    const value =
      text?.value ??
      scalar?.value ??
      (set === undefined
        ? `[${(ranges?.range ?? []).map(({ begin, end }) => `${begin}-${end}`).join(", ")}]`
        : `{${(set.item ?? []).join(", ")}}`);
    return [name, value] as const;
  });
  return {
    id,
    hostname: info.hostname,
    port: info.port ?? 5_051,
    attributes: Object.fromEntries(attributes),
    ...(info.domain === undefined ? {} : { domain: info.domain }),
    resources: plain(resources),
  };
}

/** What `/state-summary` tells of a framework. */
export function frameworkSummary(framework: FrameworkSnapshot): object {
  const { record } = framework;
  const { info } = record;
  const { status } = record.connection;
  const isOver = record.unregisteredMs !== undefined;
  return {
    id: record.id,
    name: info.name,
    pid: "",
    used_resources: plain(sumOf(holdingsOf(framework))),
    offered_resources: plain(sumOfOffers(framework.offers)),
    capabilities: [...record.capabilities],
    hostname: info.hostname ?? "",
    webui_url: info.webui_url ?? "",
    active: !isOver && status === "connected",
    connected: !isOver && status === "connected",
    recovered: !isOver && status === "recovered",
  };
}

/** An element of `frameworks` and `completed_frameworks`. */
export function framework(snapshot: FrameworkSnapshot, visible: Visible): object {
  const { record, executors, offers } = snapshot;
  const { info } = record;
  const tasks = (list: readonly TaskRecord[]) =>
    list.filter((each) => visible.task(each, record)).map(task);
  return {
    ...frameworkSummary(snapshot),
    user: info.user,
    failover_timeout: record.failoverTimeoutMs / 1000,
    checkpoint: info.checkpoint ?? false,
    registered_time: record.registeredMs / 1000,
    unregistered_time: (record.unregisteredMs ?? 0) / 1000,
    ...(info.principal === undefined ? {} : { principal: info.principal }),
    resources: plain(sumOf(holdingsOf(snapshot)).add(sumOfOffers(offers))),
    ...(record.reregisteredMs === undefined
      ? {}
      : { reregistered_time: record.reregisteredMs / 1000 }),
    ...rolesOf(record),
    tasks: tasks(snapshot.tasks),
    unreachable_tasks: tasks(snapshot.unreachableTasks),
    completed_tasks: tasks(snapshot.completedTasks),
    offers: offers.map(({ id, agentId, role, resources }) => ({
      id,
      framework_id: record.id,
      allocation_info: { role },
      slave_id: agentId,
      resources: plain(resources),
    })),
    executors: executors.filter((each) => visible.executor(each, record)).map(executor),
    ...(info.labels === undefined ? {} : { labels: labelsOf(info.labels.labels) }),
  };
}

function rolesOf({ capabilities, roles }: FrameworkRecord): object {
  return capabilities.has("MULTI_ROLE") ? { roles } : { role: roles[0] ?? "*" };
}

/** A task. */
export function task(record: TaskRecord): object {
  const { info } = record;
  return {
    id: record.id,
    name: info.name,
    framework_id: record.frameworkId,
    executor_id: record.executorId ?? "",
    slave_id: record.agentId,
    state: record.state,
    resources: plain(record.resources),
    role: record.role,
    statuses: record.statuses.map(status),
    ...(info.labels === undefined ? {} : { labels: labelsOf(info.labels.labels) }),
    ...(info.discovery === undefined ? {} : { discovery: info.discovery }),
    ...(info.container === undefined ? {} : { container: info.container }),
    ...(info.health_check === undefined ? {} : { health_check: info.health_check }),
  };
}

function status(told: TaskStatus): object {
  const { state, timestamp = 0, labels, container_status, healthy } = told;
  return {
    state,
    timestamp,
    ...(labels === undefined ? {} : { labels: labelsOf(labels.labels) }),
    ...(container_status === undefined ? {} : { container_status }),
    ...(healthy === undefined ? {} : { healthy }),
  };
}

function labelsOf(labels: readonly Label[] = []): readonly Label[] {
  return labels;
}

function executor({ info, agentId, resources, role }: ExecutorRecord): object {
  const shown: ExecutorInfo = withoutSecrets(info);
  return {
    executor_id: info.executor_id.value,
    name: info.name ?? "",
    framework_id: info.framework_id?.value ?? "",
    command: shown.command ?? {},
    resources: plain(resources),
    role,
    slave_id: agentId,
  };
}
