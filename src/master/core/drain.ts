/** Draining: an agent whose tasks are to end. */
import type { AgentBook } from "./books.ts";
import type { Context } from "./context.ts";
import { putNode } from "./registry.ts";
import { markGone } from "./removal.ts";

/** Look at the agents that may be drained by now. */
export function settleDrains(core: Context): void {
  const ids = [...core.drainable];
  core.drainable.clear();
  for (const id of ids) {
    const agent = core.books.agents.get(id);
    if (agent) checkDrained(core, agent);
  }
}

/** When nothing is left on a draining agent it is drained, or gone when that was asked for. */
function checkDrained(core: Context, agent: AgentBook): void {
  const { standing, info } = agent.record;
  const { drain } = standing;
  if (drain?.state !== "DRAINING") return;
  if (agent.tasks.size > 0 || agent.operations.size > 0) return;
  if (core.transitions.has(agent.id)) return;
  if (drain.config.mark_gone === true) {
    markGone(core, agent.id);
    return;
  }
  const drained = { ...standing, drain: { ...drain, state: "DRAINED" as const } };
  agent.record = { ...agent.record, standing: drained };
  core.agentChanged(agent.id);
  core.persist([putNode("agents", agent.id, { info, standing: drained })]);
  core.log("info", `Agent ${agent.id} is drained`);
}
