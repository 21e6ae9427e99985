/** Agents come: for the first time, or again with all that runs on them. */
import type { AgentMessage, OfType } from "../../model/mod.ts";
import { admit, recordOf, refusalOf, refuse, STANDING, welcome } from "./admission.ts";
import { AgentBook } from "./books.ts";
import type { Context, LinkRecord } from "./context.ts";
import { readmit } from "./readmit.ts";
import { reconnect } from "./reconnect.ts";
import { deleteNode, putNode } from "./registry.ts";

type Reregistration = OfType<AgentMessage, "reregister">;

/** What an agent waits whose registration meets something that is being written. */
const RETRY_MS = 1_000;

/** An agent without an id: it gets one, durably, and then it is in. */
export function register(
  core: Context,
  link: LinkRecord,
  message: OfType<AgentMessage, "register">,
): void {
  core.count("master/messages_register_slave");
  const refusal = refusalOf(core, link, message);
  if (refusal) {
    refuse(core, link, refusal);
    return;
  }
  const id = core.nextAgentId();
  link.agentId = id;
  core.transitions.set(id, "registering");
  const info = { ...message.agent_info, id: { value: id } };
  const node = { info, standing: STANDING };
  core.persist([putNode("agents", id, node)], () => {
    core.transitions.delete(id);
    if (core.links.get(link.link) !== link) {
      // It comes again and gets another id: nobody will ask for this one.
      core.persist([deleteNode("agents", id)]);
      return;
    }
    const record = recordOf(
      core,
      { id, link, message: { ...message, agent_info: info } },
      STANDING,
    );
    const fault = admit(core, new AgentBook(record, core.nowMs), []);
    if (fault !== undefined) {
      core.persist([deleteNode("agents", id)]);
      refuse(core, link, { reason: "invalid", message: fault });
      return;
    }
    core.count("master/slave_registrations");
    welcome(core, core.books.agents.get(id)!);
    core.log("info", `Registered agent ${id} (${info.hostname})`);
  });
}

/** An agent with an id: known, away for a while, from before a failover, or from anywhere. */
export function reregister(core: Context, link: LinkRecord, message: Reregistration): void {
  core.count("master/messages_reregister_slave");
  const id = message.agent_info.id?.value;
  if (id === undefined || id === "") {
    refuse(core, link, { reason: "invalid", message: "Agent re-registers without an id" });
    return;
  }
  if (core.books.goneAgents.has(id)) {
    refuse(core, link, { reason: "gone", message: "Agent has been marked gone" });
    return;
  }
  if (core.transitions.has(id)) {
    const text = "Agent is being written to the registry";
    refuse(core, link, { reason: "retry", message: text, retry_after_ms: RETRY_MS });
    return;
  }
  const refusal = refusalOf(core, link, message);
  if (refusal) {
    refuse(core, link, refusal);
    return;
  }
  link.agentId = id;
  const known = core.books.agents.get(id);
  if (known) reconnect(core, known, link, message);
  else readmit(core, { id, link, message });
}
