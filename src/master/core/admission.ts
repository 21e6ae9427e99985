/** What every agent that comes has in common: may it, and how it enters. */
import {
  type AgentInfo,
  type AgentMessage,
  LINK_VERSION,
  type MasterMessage,
  type OfType,
  type Registration,
} from "../../model/mod.ts";
import { Resources } from "../../resources/mod.ts";
import { faultOfRegistration, faultOfReregistration } from "../validate/agent.ts";
import { agentSpec, type usedOn } from "./agents.ts";
import type { AgentBook } from "./books.ts";
import type { Context, LinkRecord } from "./context.ts";
import { machineOf } from "./offers.ts";
import type { AgentRecord, AgentStanding } from "./records.ts";
import { tried } from "./tried.ts";

/** How an agent stands that no operator has touched. */
export const STANDING: AgentStanding = { deactivated: false };

type Reregistration = OfType<AgentMessage, "reregister">;

type Refusal = Omit<OfType<MasterMessage, "refused">, "type">;

/** The record of an agent as it registers. */
export function recordOf(
  core: Context,
  { id, link, message }: { id: string; link: LinkRecord; message: Registration },
  standing: AgentStanding,
): AgentRecord {
  return {
    id,
    info: message.agent_info,
    version: message.version,
    capabilities: message.capabilities,
    address: link.address,
    ...(link.principal !== undefined && { principal: link.principal }),
    resources: Resources.fromJson(message.agent_info.resources ?? []),
    connection: { status: "connected", link: link.link },
    standing,
    registeredMs: core.nowMs,
  };
}

/** Enter an agent in the allocator and in the books; a sentence when the allocator refuses it. */
export function admit(
  core: Context,
  agent: AgentBook,
  used: ReturnType<typeof usedOn>,
): string | undefined {
  const fault = tried(() => core.allocator.addAgent(agentSpec(core, agent.record, used)));
  if (fault !== undefined) return fault;
  core.books.agents.set(agent.id, agent);
  core.timers.set(core.nowMs + core.options.agentPingMs, "ping", agent.id);
  core.allocate();
  core.agentChanged(agent.id);
  core.publish({ type: "agent_added", agent: agent.record });
  return undefined;
}

/** Tell the agent that it is in. */
export function welcome(core: Context, agent: AgentBook, unwanted: readonly string[] = []): void {
  const { drain } = agent.record.standing;
  core.send(agent, {
    type: "registered",
    agent_id: agent.id,
    master_info: core.options.masterInfo,
    heartbeat_ms: core.options.agentPingMs,
    ...(unwanted.length > 0 && { unwanted_frameworks: unwanted }),
    ...(drain && { drain: drain.config }),
  });
}

/** Tell an agent why it is not in, and end its link. */
export function refuse(core: Context, link: LinkRecord, refusal: Refusal): void {
  link.agentId = undefined;
  core.effects.push(
    { type: "send_agent", link: link.link, message: { type: "refused", ...refusal } },
    { type: "end_link", link: link.link, message: refusal.message },
  );
  core.links.delete(link.link);
  core.log("warning", `Refused agent at ${link.address}: ${refusal.message}`);
}

/** Why a registration is refused, whoever it is; undefined when it is not. */
export function refusalOf(
  core: Context,
  link: LinkRecord,
  message: OfType<AgentMessage, "register"> | Reregistration,
): Refusal | undefined {
  const { agent_info: info, link_version } = message;
  if (Math.floor(link_version) !== LINK_VERSION) {
    const text = `Link version ${link_version} is not spoken here: it must be ${LINK_VERSION}`;
    return { reason: "invalid", message: text };
  }
  if (!core.options.authorize(link.principal, "register_agents")) {
    const who = link.principal === undefined ? "without a principal" : `'${link.principal}'`;
    return { reason: "unauthorized", message: `Not authorized to register agent ${who}` };
  }
  if (core.options.requireAgentDomain && info.domain === undefined) {
    const text = "Agent has no domain, but this master requires agent domains";
    return { reason: "invalid", message: text };
  }
  if (machineOf(core, info.hostname, link.address)?.mode === "DOWN") {
    return { reason: "retry", message: "Machine is `DOWN`", retry_after_ms: DOWN_RETRY_MS };
  }
  const fault =
    message.type === "reregister" ? faultOfReregistration(message) : faultOfRegistration(message);
  return fault === undefined ? undefined : { reason: "invalid", message: fault };
}

/** An agent on a machine that is down for maintenance need not ask often. */
const DOWN_RETRY_MS = 30_000;

export function sameInfo(a: AgentInfo, b: AgentInfo): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
