/** Offers by agent and role, as the rows of a placement. */
import type { Id, Offer } from "../../model/mod.ts";
import type { AgentSpec } from "../../placement/mod.ts";
import { type AgentFacts, agentFacts, type RunningInstance, roleOf } from "./agents.ts";
import type { Condition } from "./conditions.ts";
import { Pool } from "./pool.ts";

/** What a framework may use of one agent for one role; without offers, an agent that only counts. */
export interface Row {
  /** Unique among the rows; the agent's id where it has one row only. */
  readonly id: string;
  readonly facts: AgentFacts;
  /** As tasks of the row name it. */
  readonly agentId: Id;
  readonly role: string;
  readonly offers: readonly Offer[];
  readonly pool: Pool;
  /** Executors that run there. */
  readonly executorIds: Set<string>;
}

/** The attribute that running instances are pinned by. */
export const ROW_FIELD = "fairlead row";
/** The attribute of rows on which a task could not be cut, with the task's id behind it. */
export const TRIED_FIELD = "fairlead tried";
/** The attribute of rows that have offers. */
export const OFFERED_FIELD = "fairlead offered";

const PLAIN = { reserved: "prefer", revocable: false } as const;
/** Devices that the kernel keeps of an agent. */
const GPUS_MAX = 16;

/** One row for each agent and role, in the order in which the offers come. */
export function rowsOf(offers: readonly Offer[]): Row[] {
  const grouped = new Map<string, Offer[]>();
  const rolesOf = new Map<string, Set<string>>();
  for (const offer of offers) {
    const agentId = offer.agent_id.value;
    const role = roleOf(offer);
    const key = `${agentId}\n${role}`;
    const group = grouped.get(key);
    if (group === undefined) grouped.set(key, [offer]);
    else group.push(offer);
    const roles = rolesOf.get(agentId);
    if (roles === undefined) rolesOf.set(agentId, new Set([role]));
    else roles.add(role);
  }
  const rows: Row[] = [];
  for (const group of grouped.values()) {
    const [offer] = group;
    if (offer === undefined) continue;
    const facts = agentFacts(offer);
    const role = roleOf(offer);
    const isOnly = rolesOf.get(facts.agentId)?.size === 1;
    const executorIds = new Set<string>();
    for (const { executor_ids = [] } of group) {
      for (const { value } of executor_ids) executorIds.add(value);
    }
    const id = isOnly ? facts.agentId : `${facts.agentId} (${role})`;
    const pool = new Pool(group);
    rows.push({ id, facts, agentId: offer.agent_id, role, offers: group, pool, executorIds });
  }
  return rows;
}

/** Rows without offers, for agents on which instances run that are counted. */
export function ghostRows(
  instances: readonly RunningInstance[],
  isOffered: (agentId: string) => boolean,
): Row[] {
  const ghosts = new Map<string, Row>();
  for (const facts of instances) {
    const { agentId } = facts;
    if (isOffered(agentId) || ghosts.has(agentId)) continue;
    ghosts.set(agentId, {
      id: agentId,
      facts,
      agentId: { value: agentId },
      role: "",
      offers: [],
      pool: new Pool([]),
      executorIds: new Set(),
    });
  }
  return [...ghosts.values()];
}

/** A row as the kernel sees it: sums, attributes, and which conditions hold. */
export function specOf(
  row: Row,
  conditions: Iterable<Condition>,
  arePortsCounted: boolean,
): AgentSpec {
  const { pool, facts } = row;
  const attributes: Record<string, string | number> = { ...facts.attributes };
  attributes[ROW_FIELD] = row.id;
  if (row.offers.length > 0) attributes[OFFERED_FIELD] = "yes";
  for (const { field, holds } of conditions) attributes[field] = holds(row) ? "yes" : "no";
  const gpuModel = facts.attributes.gpu_model;
  return {
    id: row.id,
    cpusMillis: pool.millisOf("cpus", PLAIN),
    memMillis: pool.millisOf("mem", PLAIN),
    diskMillis: arePortsCounted ? pool.portsOf(PLAIN) * 1_000 : pool.millisOf("disk", PLAIN),
    gpus: Math.min(GPUS_MAX, Math.floor(pool.millisOf("gpus", PLAIN) / 1_000)),
    hostname: facts.hostname,
    attributes,
    ...(gpuModel === undefined ? {} : { gpuModel: String(gpuModel) }),
  };
}
