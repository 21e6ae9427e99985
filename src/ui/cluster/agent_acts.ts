/** Which acts an agent's state allows. */
import type { ConsoleAgentRow } from "../../model/mod.ts";
import type { ConsoleApi } from "../feed/api.ts";
import type { Act } from "../parts/dialog.ts";
import { deactivate, drain, markGone, reactivate } from "./acts.ts";

/** An act by the word on its button. */
export interface NamedAct {
  readonly label: string;
  readonly danger?: boolean;
  readonly act: () => Act;
}

/** What can be done with an agent as it is now. */
export function agentActs(api: ConsoleApi, agent: ConsoleAgentRow): NamedAct[] {
  const { state } = agent;
  const isStopped = state === "draining" || state === "drained" || state === "deactivated";
  const acts: NamedAct[] = [];
  if (isStopped) acts.push({ label: "Reactivate", act: () => reactivate(api, agent) });
  else acts.push({ label: "Deactivate", act: () => deactivate(api, agent) });
  if (state !== "draining" && state !== "drained") {
    acts.push({ label: "Drain…", act: () => drain(api, agent) });
  }
  acts.push({ label: "Mark gone…", danger: true, act: () => markGone(api, agent) });
  return acts;
}
