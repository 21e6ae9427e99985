/** Whether agents still answer: pings, links that end, and what follows. */
import { endLinkOf, removeAgent, setActive } from "./agents.ts";
import type { AgentBook } from "./books.ts";
import type { Context } from "./context.ts";
import { dropOffers } from "./offers.ts";
import { endOperations } from "./operations.ts";
import { deleteNode, putNode } from "./registry.ts";

/** A ping timer rang. */
export function pingDue(core: Context, agentId: string): void {
  const agent = core.books.agents.get(agentId);
  if (!agent?.isConnected) return;
  const { agentPingMs, agentPingsMax } = core.options;
  const dueMs = agent.pingedMs + agentPingMs;
  // Timers of an earlier link ring, too.
  if (core.nowMs < dueMs) return;
  if (core.nowMs - agent.heardMs >= agentPingMs * agentPingsMax) {
    core.log("warning", `Agent ${agentId} does not answer`);
    unreachableSoon(core, agentId);
    return;
  }
  agent.pingedMs = core.nowMs;
  core.send(agent, { type: "ping", sequence: agent.pings++ });
  core.timers.set(core.nowMs + agentPingMs, "ping", agentId);
}

/** A link ended: no offers of the agent, and so long to come back as without answers to pings. */
export function linkClosed(core: Context, agent: AgentBook): void {
  const { agentPingMs, agentPingsMax } = core.options;
  const dueMs = core.nowMs + agentPingMs * agentPingsMax;
  agent.record = {
    ...agent.record,
    connection: { status: "disconnected", sinceMs: core.nowMs, dueMs },
  };
  setActive(core, agent);
  rescindAll(core, agent);
  core.timers.set(dueMs, "away", agent.id);
  core.log("info", `Agent ${agent.id} disconnected`);
}

/** Take back everything that is offered of an agent. */
export function rescindAll(core: Context, agent: AgentBook): void {
  const handles = Array.from(agent.offers, ({ handle }) => handle);
  if (handles.length === 0) return;
  core.allocator.rescind(handles);
  dropOffers(core, handles);
}

/** An agent was away: has it come back, or gone away again since? */
export function awayDue(core: Context, agentId: string): void {
  const connection = core.books.agents.get(agentId)?.record.connection;
  if (connection?.status !== "disconnected" || connection.dueMs > core.nowMs) return;
  unreachableSoon(core, agentId);
}

/** After a failover: who has not come back by now is unreachable. */
export function recoveredDue(core: Context, agentId: string): void {
  if (agentId !== "") {
    if (core.books.recoveredAgents.has(agentId)) unreachableSoon(core, agentId);
    return;
  }
  for (const id of core.books.recoveredAgents.keys()) unreachableSoon(core, id);
}

/** At once, or when the rate of removals allows it. */
function unreachableSoon(core: Context, agentId: string): void {
  const { agentRemovalsPerMinute } = core.options;
  if (agentRemovalsPerMinute === 0) {
    markUnreachable(core, agentId);
    return;
  }
  if (core.removals.waiting.has(agentId)) return;
  core.removals.waiting.add(agentId);
  if (core.removals.waiting.size > 1) return;
  core.timers.set(Math.max(core.nowMs, core.removals.nextMs), "removal", "");
}

/** The next removal may be: of the first that still does not answer. */
export function removalDue(core: Context): void {
  const { waiting } = core.removals;
  for (const agentId of waiting) {
    waiting.delete(agentId);
    if (!isAway(core, agentId)) continue;
    core.removals.nextMs = core.nowMs + 60_000 / core.options.agentRemovalsPerMinute;
    markUnreachable(core, agentId);
    break;
  }
  if (waiting.size > 0) core.timers.set(core.removals.nextMs, "removal", "");
}

function isAway(core: Context, agentId: string): boolean {
  const agent = core.books.agents.get(agentId);
  if (agent === undefined) return core.books.recoveredAgents.has(agentId);
  if (!agent.isConnected) return true;
  const { agentPingMs, agentPingsMax } = core.options;
  if (core.nowMs - agent.heardMs >= agentPingMs * agentPingsMax) return true;
  core.timers.set(core.nowMs, "ping", agentId);
  return false;
}

/** When to look again at an agent that something is being written about. */
const RETRY_MS = 1_000;

/** Written first; then its frameworks hear of it. */
function markUnreachable(core: Context, agentId: string): void {
  const agent = core.books.agents.get(agentId);
  const known = agent?.record ?? core.books.recoveredAgents.get(agentId);
  if (known === undefined) return;
  if (core.transitions.has(agentId)) {
    // What is being written about it comes first.
    core.timers.set(core.nowMs + RETRY_MS, agent ? "away" : "recovered", agentId);
    return;
  }
  const { info, standing } = known;
  const sinceMs = core.nowMs;
  core.transitions.set(agentId, "unreachable");
  core.count("master/slave_unreachable_scheduled");
  if (agent) {
    // It may still be connected: it has to come again, and is heard when this is written.
    core.allocator.deactivateAgent(agentId);
    rescindAll(core, agent);
    endLinkOf(core, agent, "Agent does not answer");
    agent.record = {
      ...agent.record,
      connection: { status: "disconnected", sinceMs, dueMs: sinceMs },
    };
  }
  const ops = [
    deleteNode("agents", agentId),
    putNode("unreachable", agentId, { info, standing, sinceMs }),
  ];
  core.persist(ops, () => {
    core.transitions.delete(agentId);
    core.books.recoveredAgents.delete(agentId);
    core.books.unreachableAgents.set(agentId, { id: agentId, info, standing, sinceMs });
    core.count("master/slave_unreachable_completed");
    core.log("warning", `Agent ${agentId} (${info.hostname}) is unreachable`);
    if (agent === undefined) {
      core.count("master/recovery_slave_removals");
      core.agentChanged(agentId);
      return;
    }
    core.count("master/slave_removals");
    core.count("master/slave_removals/reason_unhealthy");
    const message = `Agent ${info.hostname} is unreachable`;
    endOperations(core, agent, { state: "OPERATION_UNREACHABLE", message });
    removeAgent(core, agent, {
      state: "TASK_UNREACHABLE",
      reason: "REASON_AGENT_REMOVED",
      message,
      unreachableMs: sinceMs,
    });
  });
}
