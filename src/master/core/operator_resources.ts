/** Operators reserve, create volumes and the like on what is free of an agent. */
import type { Operation } from "../../model/mod.ts";
import { Resources } from "../../resources/mod.ts";
import { readOperation } from "../operations/operation.ts";
import type { ResourceConversion } from "../validate/types.ts";
import { usedOn } from "./agents.ts";
import { mayOperate } from "./authorize.ts";
import type { AgentBook } from "./books.ts";
import type { Context } from "./context.ts";
import type { OperatorCall } from "./events.ts";
import { rescindOffers } from "./offers.ts";
import { newUuid, operationContext } from "./operations.ts";
import type { Answer } from "./quota.ts";
import { tried } from "./tried.ts";

type ResourceCall = Extract<
  OperatorCall,
  {
    readonly type:
      | "RESERVE_RESOURCES"
      | "UNRESERVE_RESOURCES"
      | "CREATE_VOLUMES"
      | "DESTROY_VOLUMES"
      | "GROW_VOLUME"
      | "SHRINK_VOLUME";
  }
>;

/** What the call asks for, as an operation of the scheduler API. */
function operationOf(call: ResourceCall): { readonly agentId: string; operation: Operation } {
  switch (call.type) {
    case "RESERVE_RESOURCES": {
      const { agent_id, ...reserve } = call.reserve_resources;
      return { agentId: agent_id.value, operation: { type: "RESERVE", reserve } };
    }
    case "UNRESERVE_RESOURCES": {
      const { agent_id, ...unreserve } = call.unreserve_resources;
      return { agentId: agent_id.value, operation: { type: "UNRESERVE", unreserve } };
    }
    case "CREATE_VOLUMES": {
      const { agent_id, ...create } = call.create_volumes;
      return { agentId: agent_id.value, operation: { type: "CREATE", create } };
    }
    case "DESTROY_VOLUMES": {
      const { agent_id, ...destroy } = call.destroy_volumes;
      return { agentId: agent_id.value, operation: { type: "DESTROY", destroy } };
    }
    case "GROW_VOLUME": {
      const { agent_id, ...grow_volume } = call.grow_volume;
      return { agentId: agent_id?.value ?? "", operation: { type: "GROW_VOLUME", grow_volume } };
    }
    case "SHRINK_VOLUME": {
      const { agent_id, ...shrink_volume } = call.shrink_volume;
      return {
        agentId: agent_id?.value ?? "",
        operation: { type: "SHRINK_VOLUME", shrink_volume },
      };
    }
  }
}

/** 202 once the master has made it and the agent is told; 409 when somebody uses the resources. */
export function operateOnAgent(
  core: Context,
  call: ResourceCall,
  principal: string | undefined,
): Answer {
  const { agentId, operation: asked } = operationOf(call);
  const agent = core.books.agents.get(agentId);
  if (agent === undefined) return { status: 400, message: "No agent found with specified ID" };
  const total = agent.record.resources;
  const used = usedOn(core, agent).map(({ resources }) => resources);
  const context = operationContext(undefined, agent, { role: "*", total, used, principal });
  const verdict = readOperation(asked, context);
  if (!verdict.ok) {
    return { status: 400, message: `Invalid ${asked.type} operation: ${verdict.message}` };
  }
  const forbidden = mayOperate(core, principal, verdict.operation);
  if (forbidden !== undefined) return { status: 403, message: forbidden };
  if (!agent.isConnected) return { status: 409, message: `Agent ${agentId} is not connected` };
  const conflict = convert(core, agent, verdict.conversions);
  if (conflict !== undefined) return { status: 409, message: conflict };
  const uuid = newUuid(core);
  core.send(agent, { type: "operation", uuid, operation: verdict.operation, feedback: false });
  core.allocate();
  core.agentChanged(agentId);
  return { status: 202 };
}

/** Change what is free, taking offers back one by one where that helps. */
function convert(
  core: Context,
  agent: AgentBook,
  conversions: readonly ResourceConversion[],
): string | undefined {
  // The parts of one operation do not depend on each other: they are made as one.
  const from = conversions.reduce((sum, each) => sum.add(each.from), Resources.EMPTY);
  const to = conversions.reduce((sum, each) => sum.add(each.to), Resources.EMPTY);
  let fault = update(core, agent, from, to);
  for (const offer of [...agent.offers]) {
    if (fault === undefined) break;
    if (offer.resources.intersect(from).isEmpty) continue;
    rescindOffers(core, [offer]);
    fault = update(core, agent, from, to);
  }
  if (fault !== undefined) return fault;
  agent.record = { ...agent.record, resources: agent.record.resources.subtract(from).add(to) };
  return undefined;
}

function update(
  core: Context,
  agent: AgentBook,
  from: Resources,
  to: Resources,
): string | undefined {
  return tried(() => core.allocator.updateAvailable(agent.id, from, to));
}
