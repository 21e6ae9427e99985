/** Agents, frameworks and roles as rows of the console. */
import type { RoleShare } from "../../allocator/mod.ts";
import type {
  AgentInfo,
  Attribute,
  ConsoleAgentRow,
  ConsoleAgentState,
  ConsoleFrameworkRow,
  ConsoleRoleRow,
  TaskState,
} from "../../model/mod.ts";
import { Resources } from "../../resources/mod.ts";
import type {
  AgentRecord,
  AgentStanding,
  AgentView,
  CompletedFramework,
  FrameworkRecord,
  FrameworkView,
  MasterState,
  RecoveredAgent,
  UnreachableAgent,
} from "../core/records.ts";
import { holdingsOnAgent } from "../operator/amounts.ts";
import { machineKey } from "../validate/machines.ts";
import { amountsHeld, amountsOf, limitsOf, NOTHING } from "./amounts.ts";

const NANOS_PER_MS = 1_000_000;

/** A registered agent. */
export function agentRow(state: MasterState, agent: AgentView): ConsoleAgentRow {
  const { record } = agent;
  let tasks = 0;
  for (const ids of agent.tasks.values()) tasks += ids.size;
  return {
    ...agentFacts(state, record.info, record.address),
    id: record.id,
    state: agentState(record),
    total: amountsOf(record.resources.quantities()),
    used: amountsHeld(holdingsOnAgent(state, agent)),
    offered: amountsHeld(agent.offers),
    reserved: amountsOf(record.resources.reservedTo().quantities()),
    tasks,
    registeredMs: record.reregisteredMs ?? record.registeredMs,
  };
}

/** An agent that is known and not here: unreachable, or not back since the failover. */
export function absentAgentRow(
  state: MasterState,
  { id, info }: RecoveredAgent | UnreachableAgent,
  as: "unreachable" | "recovered",
): ConsoleAgentRow {
  return {
    ...agentFacts(state, info, ""),
    id,
    state: as,
    total: amountsOf(Resources.fromJson(info.resources ?? []).quantities()),
    used: NOTHING,
    offered: NOTHING,
    reserved: NOTHING,
    tasks: 0,
    registeredMs: 0,
  };
}

function agentFacts(state: MasterState, info: AgentInfo, address: string) {
  const domain = info.domain?.fault_domain;
  const machine = state.machines.get(machineKey({ hostname: info.hostname, ip: address }));
  const window = machine?.unavailability;
  return {
    hostname: info.hostname,
    address: `${address}:${info.port ?? 5_051}`,
    attributes: attributesOf(info.attributes ?? []),
    ...(domain === undefined ? {} : { region: domain.region.name, zone: domain.zone.name }),
    ...(window === undefined
      ? {}
      : {
          unavailable: {
            startMs: window.start.nanoseconds / NANOS_PER_MS,
            ...(window.duration === undefined
              ? {}
              : { durationMs: window.duration.nanoseconds / NANOS_PER_MS }),
          },
        }),
  };
}

function agentState({ connection, standing }: AgentRecord): ConsoleAgentState {
  return connection.status === "disconnected" ? "inactive" : standingState(standing);
}

function standingState({ deactivated, drain }: AgentStanding): ConsoleAgentState {
  if (drain !== undefined) return drain.state === "DRAINED" ? "drained" : "draining";
  return deactivated ? "deactivated" : "active";
}

/** Attributes as text, the way `--attributes` takes them. */
function attributesOf(attributes: readonly Attribute[]): Record<string, string> {
  return Object.fromEntries(attributes.map((each) => [each.name, attributeText(each)]));
}

function attributeText({ text, scalar, ranges, set }: Attribute): string {
  if (text !== undefined) return text.value;
  if (scalar !== undefined) return String(scalar.value);
  if (set !== undefined) return `{${(set.item ?? []).join(",")}}`;
  const list = (ranges?.range ?? []).map(({ begin, end }) => `${begin}-${end}`);
  return `[${list.join(",")}]`;
}

/** A framework of this master. */
export function frameworkRow(framework: FrameworkView): ConsoleFrameworkRow {
  const { record } = framework;
  const { status } = record.connection;
  const held = function* () {
    for (const task of framework.tasks.values()) if (!task.released) yield task;
    for (const executors of framework.executors.values()) yield* executors.values();
  };
  return {
    ...frameworkFacts(record),
    state: status === "connected" ? "active" : status === "recovered" ? "recovered" : "inactive",
    used: amountsHeld(held()),
    offered: amountsHeld(framework.offers),
    tasks: countsOf(framework.taskCounts),
  };
}

/** A framework that is over. */
export function completedRow({ record }: CompletedFramework): ConsoleFrameworkRow {
  return {
    ...frameworkFacts(record),
    state: "completed",
    used: NOTHING,
    offered: NOTHING,
    tasks: {},
  };
}

function frameworkFacts(record: FrameworkRecord) {
  const { info } = record;
  return {
    id: record.id,
    name: info.name,
    roles: record.roles,
    ...(info.principal === undefined ? {} : { principal: info.principal }),
    ...(info.hostname === undefined ? {} : { hostname: info.hostname }),
    ...(info.webui_url === undefined ? {} : { webuiUrl: info.webui_url }),
    capabilities: [...record.capabilities],
    registeredMs: record.registeredMs,
    ...(record.reregisteredMs === undefined ? {} : { reregisteredMs: record.reregisteredMs }),
    failoverTimeoutS: record.failoverTimeoutMs / 1000,
  };
}

/** Counts by state in lower case without the prefix. */
export function countsOf(counts: Iterable<readonly [TaskState, number]>): Record<string, number> {
  const named: Record<string, number> = {};
  for (const [state, count] of counts) if (count > 0) named[stateName(state)] = count;
  return named;
}

/** `TASK_GONE_BY_OPERATOR` is `gone_by_operator`. */
export function stateName(state: TaskState): string {
  return state.slice("TASK_".length).toLowerCase();
}

/** Every role's standing, quotas and weights of roles that nobody is in included. */
export function roleRows(shares: readonly RoleShare[], state: MasterState): ConsoleRoleRow[] {
  const rows = shares.map((share) => ({
    role: share.role,
    share: share.share * share.weight,
    weight: share.weight,
    guarantees: amountsOf(share.guarantees),
    limits: limitsOf(share.limits),
    allocated: amountsOf(share.allocated),
    consumed: amountsOf(share.consumed),
    frameworks: share.frameworks.map(({ id, share: part, allocated }) => ({
      id,
      share: part,
      allocated: amountsOf(allocated),
    })),
  }));
  const known = new Set(rows.map(({ role }) => role));
  for (const [role, weight] of state.weights) {
    if (known.has(role)) continue;
    rows.push({
      role,
      share: 0,
      weight,
      guarantees: NOTHING,
      limits: {},
      allocated: NOTHING,
      consumed: NOTHING,
      frameworks: [],
    });
  }
  return rows;
}
