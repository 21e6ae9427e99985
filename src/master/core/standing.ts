/** DRAIN_AGENT, DEACTIVATE_AGENT and REACTIVATE_AGENT: what operators want of an agent's use. */
import { setActive } from "./agents.ts";
import type { Context } from "./context.ts";
import type { OperatorCall } from "./events.ts";
import { rescindAll } from "./health.ts";
import { machineOf } from "./offers.ts";
import type { Answer } from "./quota.ts";
import type { AgentStanding } from "./records.ts";
import { putNode } from "./registry.ts";

type Of<Type extends OperatorCall["type"]> = OperatorCall & { readonly type: Type };

/** Its tasks are killed; it is offered no more, and drained when nothing is left. */
export function drainAgent(
  core: Context,
  { drain_agent }: Of<"DRAIN_AGENT">,
  answer: (answer: Answer) => void,
): void {
  const { agent_id, max_grace_period, mark_gone } = drain_agent;
  const id = agent_id.value;
  const agent = core.books.agents.get(id);
  if (agent) {
    const machine = machineOf(core, agent.record.info.hostname, agent.record.address);
    if (machine !== undefined) {
      const message = `Agent ${id} is part of a maintenance schedule under Machine ${JSON.stringify(machine.id)}`;
      answer({ status: 400, message });
      return;
    }
  }
  const config = {
    ...(max_grace_period && { max_grace_period_ns: nanosecondsOf(max_grace_period) }),
    ...(mark_gone && { mark_gone }),
  };
  change(core, id, {
    standing: { deactivated: true, drain: { config, state: "DRAINING" } },
    answer,
    applied: () => {
      const there = core.books.agents.get(id);
      if (there === undefined) return;
      core.send(there, { type: "drain", ...config });
      core.mayBeDrained(there);
    },
  });
}

/** As protobufs write it. */
interface Duration {
  readonly seconds?: number | undefined;
  readonly nanos?: number | undefined;
}

function nanosecondsOf({ seconds = 0, nanos = 0 }: Duration): number {
  return seconds * 1_000_000_000 + nanos;
}

export function deactivateAgent(
  core: Context,
  { deactivate_agent }: Of<"DEACTIVATE_AGENT">,
  answer: (answer: Answer) => void,
): void {
  const id = deactivate_agent.agent_id.value;
  const standing = standingOf(core, id);
  change(core, id, { standing: { ...standing, deactivated: true }, answer });
}

/** An agent that still drains has to be drained first. */
export function reactivateAgent(
  core: Context,
  { reactivate_agent }: Of<"REACTIVATE_AGENT">,
  answer: (answer: Answer) => void,
): void {
  const id = reactivate_agent.agent_id.value;
  const standing = standingOf(core, id);
  if (standing?.deactivated === false) {
    answer({ status: 400, message: "Agent is not deactivated" });
    return;
  }
  if (standing?.drain?.state === "DRAINING") {
    answer({ status: 400, message: "Agent is still in the DRAINING state" });
    return;
  }
  change(core, id, {
    standing: { deactivated: false },
    answer,
    applied: () => {
      const agent = core.books.agents.get(id);
      if (agent && standing?.drain) core.send(agent, { type: "undrain" });
    },
  });
}

function standingOf(core: Context, id: string): AgentStanding | undefined {
  const { agents, recoveredAgents, unreachableAgents } = core.books;
  const known = agents.get(id)?.record ?? recoveredAgents.get(id) ?? unreachableAgents.get(id);
  return known?.standing;
}

/** Write how an agent stands, wherever it is; then it holds. */
function change(
  core: Context,
  id: string,
  {
    standing,
    answer,
    applied,
  }: {
    readonly standing: AgentStanding;
    readonly answer: (answer: Answer) => void;
    readonly applied?: () => void;
  },
): void {
  const { agents, recoveredAgents, unreachableAgents } = core.books;
  const agent = agents.get(id);
  const recovered = recoveredAgents.get(id);
  const unreachable = unreachableAgents.get(id);
  const info = (agent?.record ?? recovered ?? unreachable)?.info;
  if (info === undefined) {
    answer({ status: 400, message: "Unknown agent" });
    return;
  }
  if (core.transitions.has(id)) {
    answer({ status: 409, message: `Agent ${id} is being written to the registry: try again` });
    return;
  }
  core.transitions.set(id, "standing");
  const op =
    unreachable && !agent && !recovered
      ? putNode("unreachable", id, { info, standing, sinceMs: unreachable.sinceMs })
      : putNode("agents", id, { info, standing });
  core.persist([op], () => {
    core.transitions.delete(id);
    if (recovered) recoveredAgents.set(id, { ...recovered, standing });
    else if (unreachable) unreachableAgents.set(id, { ...unreachable, standing });
    if (agent) {
      agent.record = { ...agent.record, standing };
      setActive(core, agent);
      if (standing.deactivated) rescindAll(core, agent);
    }
    core.agentChanged(id);
    applied?.();
    answer({ status: 200 });
  });
}
