import type { ResourceJson } from "../../model/mod.ts";
import { Resources } from "../../resources/mod.ts";
import { checkpointAgent } from "./checkpoints.ts";
import { listOf } from "./operations.ts";
import type { AgentState } from "./state.ts";

/** The machine has other resources now; what was reserved at run time stays as it is. */
export function changeResources(agent: AgentState, list: readonly ResourceJson[]): void {
  const old = Resources.fromJson(agent.base);
  const now = Resources.fromJson(list);
  if (now.equals(old)) return;
  const lost = old.subtract(old.intersect(now));
  const rest = Resources.fromJson(agent.info.resources ?? []).trySubtract(lost);
  if (rest === undefined) {
    agent.log("error", `Cannot give up ${lost}: it is reserved or part of a volume`);
    return;
  }
  const total = rest.add(now.subtract(old.intersect(now)));
  agent.base = list;
  agent.info = { ...agent.info, resources: listOf(total) };
  checkpointAgent(agent);
  if (agent.registered) agent.send({ type: "resources", resources: agent.info.resources ?? [] });
}
