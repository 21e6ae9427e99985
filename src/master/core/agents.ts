/** Agents in the books and in the allocator: how they come, change and go. */
import type { AgentCapability, AgentSpec, Allocated } from "../../allocator/mod.ts";
import type { AgentInfo, Attribute, TaskReason, TaskState } from "../../model/mod.ts";
import type { Resources } from "../../resources/mod.ts";
import type { AgentBook, FrameworkBook } from "./books.ts";
import type { Context } from "./context.ts";
import { dropOffers, machineOf, removeInverseOffer } from "./offers.ts";
import type { AgentRecord, TaskRecord } from "./records.ts";
import { masterStatus, removeExecutor, removeTask, tellStatus, updateTask } from "./tasks.ts";

const CAPABILITIES: readonly AgentCapability[] = [
  "MULTI_ROLE",
  "HIERARCHICAL_ROLE",
  "RESERVATION_REFINEMENT",
];

/** An agent as the allocator wants it, with what tasks and executors use on it. */
export function agentSpec(
  core: Context,
  record: AgentRecord,
  used: readonly Allocated[],
): AgentSpec {
  const { id, info, resources, standing, connection, address } = record;
  const machine = machineOf(core, info.hostname, address);
  const { unavailability } = machine ?? {};
  const { domain, ...facts } = agentFacts(record);
  return {
    id,
    resources,
    used,
    ...facts,
    ...(domain && { domain }),
    active: connection.status === "connected" && !standing.deactivated,
    ...(unavailability && {
      unavailability: {
        startMs: unavailability.start.nanoseconds / 1_000_000,
        ...(unavailability.duration && {
          durationMs: unavailability.duration.nanoseconds / 1_000_000,
        }),
      },
    }),
  };
}

/** What the allocator looks at besides resources; all of it may change when an agent comes again. */
export function agentFacts({ info, capabilities }: AgentRecord) {
  const domain = info.domain?.fault_domain;
  return {
    hostname: info.hostname,
    attributes: attributesOf(info),
    domain: domain ? { region: domain.region.name, zone: domain.zone.name } : null,
    capabilities:
      capabilities.length === 0
        ? CAPABILITIES
        : CAPABILITIES.filter((name) => capabilities.includes(name)),
  };
}

/** Attributes by name, as text: what offer constraints look at. */
function attributesOf({ attributes = [] }: AgentInfo): Record<string, string> {
  return Object.fromEntries(attributes.map((attribute) => [attribute.name, textOf(attribute)]));
}

function textOf({ text, scalar, ranges, set }: Attribute): string {
  if (text !== undefined) return text.value;
  if (scalar !== undefined) return String(scalar.value);
  if (set !== undefined) return `{${(set.item ?? []).join(", ")}}`;
  const parts = (ranges?.range ?? []).map(({ begin, end }) => `${begin}-${end}`);
  return `[${parts.join(", ")}]`;
}

/** What tasks and executors use on an agent, by framework and role. */
export function usedOn(core: Context, agent: AgentBook): Allocated[] {
  const used: Allocated[] = [];
  for (const [frameworkId, ids] of agent.tasks) {
    const framework = core.books.frameworks.get(frameworkId);
    for (const id of ids) {
      const task = framework?.tasks.get(id);
      if (task === undefined || task.released) continue;
      used.push({ frameworkId, role: task.role, resources: task.resources });
    }
  }
  for (const [frameworkId, executors] of agent.executors) {
    for (const { role, resources } of executors.values()) {
      used.push({ frameworkId, role, resources });
    }
  }
  return used;
}

/** Whether the agent takes part in the allocation: its link is open and no operator objects. */
export function setActive(core: Context, agent: AgentBook): void {
  const { standing } = agent.record;
  if (agent.isConnected && !standing.deactivated) core.allocator.activateAgent(agent.id);
  else core.allocator.deactivateAgent(agent.id);
  core.allocate();
  core.agentChanged(agent.id);
}

/** What the agent has is something else now: its offers are rescinded. */
export function setAgentResources(core: Context, agent: AgentBook, resources: Resources): void {
  if (agent.record.resources.equals(resources)) return;
  dropOffers(core, core.allocator.updateAgent(agent.id, { resources }));
  agent.record = { ...agent.record, resources };
  core.allocate();
  core.agentChanged(agent.id);
}

/** How tasks end, or seem to, when their agent goes. */
export interface Farewell {
  /** For frameworks that are PARTITION_AWARE; the others hear TASK_LOST. */
  readonly state: TaskState;
  readonly reason: TaskReason;
  /** For all others; by default the same. */
  readonly lostReason?: TaskReason;
  readonly message: string;
  readonly unreachableMs?: number;
}

/**
 * Take a registered agent out of the books and the allocator; its frameworks hear of their tasks.
 *
 * The caller has written it to the registry, and has ended its operations.
 */
export function removeAgent(core: Context, agent: AgentBook, farewell: Farewell): void {
  const { books } = core;
  const rescinded = core.allocator.removeAgent(agent.id);
  dropOffers(core, rescinded);
  for (const offer of [...agent.inverseOffers]) removeInverseOffer(core, offer, { rescind: true });
  endLinkOf(core, agent, farewell.message);
  books.agents.delete(agent.id);
  for (const [frameworkId, ids] of agent.tasks) {
    const framework = books.frameworks.get(frameworkId);
    if (framework === undefined) continue;
    for (const id of [...ids]) {
      const task = framework.tasks.get(id);
      if (task !== undefined) sayFarewell(core, framework, task, farewell);
    }
  }
  for (const [frameworkId, executors] of [...agent.executors]) {
    const framework = books.frameworks.get(frameworkId);
    for (const executor of [...executors.values()]) removeExecutor(core, framework, executor);
  }
  for (const framework of books.frameworks.values()) {
    core.tell(framework, { type: "FAILURE", failure: { agent_id: { value: agent.id } } });
  }
  core.allocate();
  core.agentChanged(agent.id);
  core.publish({ type: "agent_removed", agentId: agent.id });
}

function sayFarewell(
  core: Context,
  framework: FrameworkBook,
  task: TaskRecord,
  { state, reason, lostReason = reason, message, unreachableMs }: Farewell,
): void {
  const isAware = framework.isPartitionAware;
  const status = masterStatus(core, task, {
    state: isAware ? state : "TASK_LOST",
    message,
    reason: isAware ? reason : lostReason,
    unreachableMs,
  });
  const updated = updateTask(core, framework, task, { status });
  const isUnreachable = unreachableMs !== undefined && updated.state === "TASK_UNREACHABLE";
  if (isUnreachable) noteUnreachable(core, task);
  removeTask(core, framework, updated, isUnreachable ? "unreachable" : "completed");
  if (!task.isLost) tellStatus(core, framework, status);
}

/** Remember which tasks were on an agent, so that they are found when it comes back. */
function noteUnreachable(core: Context, { agentId, frameworkId, id }: TaskRecord): void {
  const byFramework = core.books.unreachableTasks.get(agentId) ?? new Map<string, Set<string>>();
  core.books.unreachableTasks.set(agentId, byFramework);
  const ids = byFramework.get(frameworkId) ?? new Set<string>();
  byFramework.set(frameworkId, ids);
  ids.add(id);
}

/** Close the agent's link, if it is open. */
export function endLinkOf(core: Context, agent: AgentBook, message: string): void {
  const { connection } = agent.record;
  if (connection.status !== "connected") return;
  const link = core.links.get(connection.link);
  if (link) link.agentId = undefined;
  core.links.delete(connection.link);
  core.effects.push({ type: "end_link", link: connection.link, message });
}
