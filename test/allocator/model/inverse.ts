import type { InverseOffer, Unavailability } from "../../../src/allocator/types.ts";
import { FairleadError } from "../../../src/base/mod.ts";
import { findAgent, findFramework } from "./find.ts";
import type { Agent, ModelState } from "./state.ts";

/**
 * Ask for agents whose machines will be away.
 *
 * Every agent is looked at, not only eligible ones; asked are registered, active frameworks that
 * hold something there (this run's offers included), each once until it answered and the time it
 * asked for is over. In the order of agent handles, then of framework ids.
 */
export function sendInverseOffers(state: ModelState): InverseOffer[] {
  const nowMs = state.options.clock.nowMs();
  const agents = [...state.agents.values()].sort((a, b) => a.handle - b.handle);
  return agents.flatMap((agent) => {
    const { unavailability } = agent;
    if (unavailability === undefined) return [];
    return holders(agent).flatMap((frameworkId) => {
      if (!state.frameworks.get(frameworkId)?.active) return [];
      const sent = agent.inverse.get(frameworkId);
      if (sent !== undefined && (sent.againMs === undefined || nowMs < sent.againMs)) return [];
      agent.inverse.set(frameworkId, { againMs: undefined });
      return [{ agentId: agent.id, frameworkId, unavailability }];
    });
  });
}

function holders(agent: Agent): string[] {
  const clients = [...agent.used.keys(), ...[...agent.offers].map(({ client }) => client)];
  return [...new Set(clients.map(({ frameworkId }) => frameworkId))].sort();
}

/** Set, change or take away the window; a change forgets what was sent. */
export function setWindow(agent: Agent, unavailability: Unavailability | undefined): void {
  const before = agent.unavailability;
  const same =
    before?.startMs === unavailability?.startMs &&
    before?.durationMs === unavailability?.durationMs;
  if (same) return;
  agent.unavailability = unavailability;
  agent.inverse.clear();
}

/** A framework answered; it is asked again when `refuseMs` are over. */
export function answerInverse(
  state: ModelState,
  answer: { agentId: string; frameworkId: string; refuseMs: number },
): void {
  const { agentId, frameworkId, refuseMs } = answer;
  const agent = findAgent(state, agentId);
  findFramework(state, frameworkId);
  const sent = agent.inverse.get(frameworkId);
  if (sent === undefined || sent.againMs !== undefined) {
    throw new FairleadError(
      "unknown_offer",
      `Cannot answer for agent "${agentId}": no inverse offer waits for "${frameworkId}"`,
    );
  }
  agent.inverse.set(frameworkId, { againMs: state.options.clock.nowMs() + refuseMs });
}

/** Forget what was sent to a framework. */
export function forgetInverse(state: ModelState, frameworkId: string): void {
  for (const agent of state.agents.values()) agent.inverse.delete(frameworkId);
}
