/** Records of the core as the operator API shows them; secrets are left out. */
import type {
  CommandInfo,
  ExecutorInfo,
  MasterAgent,
  MasterExecutor,
  MasterFramework,
  OperationRecord as OperationJson,
  Task,
  TimeInfo,
} from "../../model/mod.ts";
import type {
  AgentRecord,
  ExecutorRecord,
  FrameworkRecord,
  OfferRecord,
  OperationRecord,
  TaskRecord,
} from "../core/records.ts";
import { toJson } from "../validate/resources.ts";
import { type Holding, sumOf, sumOfOffers } from "./amounts.ts";
import { type FrameworkSnapshot, holdingsOf } from "./snapshot.ts";

const NANOS_PER_MS = 1_000_000;

/** A point of time in the protos' form. */
export function timeInfo(ms: number): TimeInfo {
  return { nanoseconds: ms * NANOS_PER_MS };
}

/** A task, without what may be secret: commands are not part of it. */
export function taskView(task: TaskRecord): Task {
  const { info } = task;
  const user = info.user ?? info.command?.user ?? info.executor?.command?.user;
  const pending = task.pending;
  return {
    name: info.name,
    task_id: { value: task.id },
    framework_id: { value: task.frameworkId },
    agent_id: { value: task.agentId },
    ...(task.executorId === undefined ? {} : { executor_id: { value: task.executorId } }),
    state: task.state,
    resources: toJson(task.resources.allocate(task.role)),
    statuses: [...task.statuses],
    ...(pending === undefined
      ? {}
      : { status_update_state: pending.state, status_update_uuid: pending.uuid }),
    ...(info.limits === undefined ? {} : { limits: info.limits }),
    ...(info.labels === undefined ? {} : { labels: info.labels }),
    ...(info.discovery === undefined ? {} : { discovery: info.discovery }),
    ...(info.container === undefined ? {} : { container: info.container }),
    ...(info.health_check === undefined ? {} : { health_check: info.health_check }),
    ...(info.kill_policy === undefined ? {} : { kill_policy: info.kill_policy }),
    ...(info.max_completion_time === undefined
      ? {}
      : { max_completion_time: info.max_completion_time }),
    ...(user === undefined ? {} : { user }),
  };
}

/** What an agent is, apart from what is used of it. */
export function isActive({ connection, standing }: AgentRecord): boolean {
  return connection.status === "connected" && !standing.deactivated && standing.drain === undefined;
}

/** A registered agent with what is used and offered of it. */
export function agentView(
  record: AgentRecord,
  { held, offers }: { readonly held: Iterable<Holding>; readonly offers: Iterable<OfferRecord> },
): MasterAgent {
  const { drain, deactivated } = record.standing;
  return {
    agent_info: record.info,
    active: isActive(record),
    deactivated,
    version: record.version,
    pid: pidOf(record),
    registered_time: timeInfo(record.registeredMs),
    ...(record.reregisteredMs === undefined
      ? {}
      : { reregistered_time: timeInfo(record.reregisteredMs) }),
    total_resources: toJson(record.resources),
    allocated_resources: toJson(sumOf(held)),
    offered_resources: toJson(sumOfOffers(offers)),
    capabilities: capabilitiesOf(record),
    ...(drain === undefined
      ? {}
      : { drain_info: { state: drain.state, config: drainConfig(drain.config) } }),
  };
}

type Capability = NonNullable<MasterAgent["capabilities"]>[number];

/** Those that the protos have names for. */
function capabilitiesOf({ capabilities }: AgentRecord): Capability[] {
  return CAPABILITIES.filter((type) => capabilities.includes(type)).map((type) => ({ type }));
}

const CAPABILITIES = [
  "MULTI_ROLE",
  "HIERARCHICAL_ROLE",
  "RESERVATION_REFINEMENT",
  "RESOURCE_PROVIDER",
  "RESIZE_VOLUME",
  "AGENT_OPERATION_FEEDBACK",
  "AGENT_DRAINING",
  "TASK_RESOURCE_LIMITS",
] as const;

function drainConfig(config: NonNullable<AgentRecord["standing"]["drain"]>["config"]) {
  return {
    ...(config.max_grace_period_ns === undefined
      ? {}
      : { max_grace_period: { nanoseconds: config.max_grace_period_ns } }),
    ...(config.mark_gone === undefined ? {} : { mark_gone: config.mark_gone }),
  };
}

/** As libprocess names an agent: `slave(1)@10.0.0.1:5051`; tools find its address in there. */
export function pidOf({ address, info }: AgentRecord): string {
  const host = address.includes(":") ? `[${address}]` : address;
  return `slave(1)@${host}:${info.port ?? 5_051}`;
}

/** A framework of this master. */
export function frameworkView(framework: FrameworkSnapshot): MasterFramework {
  return {
    ...frameworkFacts(framework.record),
    offers: framework.offers.map(({ json }) => json),
    inverse_offers: framework.inverseOffers.map(({ json }) => json),
    allocated_resources: toJson(sumOf(holdingsOf(framework))),
    offered_resources: toJson(sumOfOffers(framework.offers)),
  };
}

/** A framework without what it holds: one that is over, or an event about it. */
export function frameworkFacts(record: FrameworkRecord): MasterFramework {
  const { status } = record.connection;
  const isOver = record.unregisteredMs !== undefined;
  return {
    framework_info: record.info,
    active: !isOver && status === "connected",
    connected: !isOver && status === "connected",
    recovered: !isOver && status === "recovered",
    registered_time: timeInfo(record.registeredMs),
    ...(record.reregisteredMs === undefined
      ? {}
      : { reregistered_time: timeInfo(record.reregisteredMs) }),
    ...(record.unregisteredMs === undefined
      ? {}
      : { unregistered_time: timeInfo(record.unregisteredMs) }),
    ...(record.constraints === undefined ? {} : { offer_constraints: record.constraints }),
  };
}

/** An executor and where it runs. */
export function executorView({ info, agentId }: ExecutorRecord): MasterExecutor {
  return { executor_info: withoutSecrets(info), agent_id: { value: agentId } };
}

/** An operation and what became of it. */
export function operationView(operation: OperationRecord): OperationJson {
  return {
    ...(operation.frameworkId === undefined
      ? {}
      : { framework_id: { value: operation.frameworkId } }),
    agent_id: { value: operation.agentId },
    info: operation.info,
    latest_status: operation.status,
    statuses: [...operation.statuses],
    uuid: { value: operation.uuid },
  };
}

/** An executor without its data and without the values of secret variables. */
export function withoutSecrets(info: ExecutorInfo): ExecutorInfo {
  const { data: _, command, ...rest } = info;
  return command === undefined ? rest : { ...rest, command: commandWithoutSecrets(command) };
}

/** A command without the values of secret variables. */
export function commandWithoutSecrets(command: CommandInfo): CommandInfo {
  const variables = command.environment?.variables;
  if (!variables?.some(({ secret }) => secret !== undefined)) return command;
  const shown = variables.map(({ secret, ...variable }) => ({
    ...variable,
    ...(secret === undefined ? {} : { value: "********" }),
  }));
  return { ...command, environment: { variables: shown } };
}
