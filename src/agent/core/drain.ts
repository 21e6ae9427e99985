/** Draining: every task is ended, none is taken, and the master hears when all are gone. */
import type { DrainConfig } from "../../model/mod.ts";
import { checkpointAgent } from "./checkpoints.ts";
import { graceMsOf, killTask } from "./ending.ts";
import { endIfUseless } from "./executors.ts";
import type { AgentState } from "./state.ts";

export function applyDrain(agent: AgentState, config: DrainConfig): void {
  const { max_grace_period_ns: maxNs, mark_gone: markGone } = config;
  agent.drain = {
    ...(maxNs === undefined ? {} : { max_grace_period_ns: maxNs }),
    ...(markGone === undefined ? {} : { mark_gone: markGone }),
  };
  agent.drained = false;
  checkpointAgent(agent);
  const maxMs = maxNs === undefined ? Number.POSITIVE_INFINITY : maxNs / 1e6;
  for (const framework of [...agent.frameworks.values()]) {
    for (const task of [...framework.tasks.values()]) {
      killTask(agent, task, "drain", Math.min(graceMsOf(agent, task), maxMs));
      endIfUseless(agent, task.executor);
    }
  }
}

export function endDrain(agent: AgentState): void {
  if (agent.drain === undefined) return;
  agent.drain = undefined;
  agent.drained = false;
  checkpointAgent(agent);
}

/** Say that all is gone, once, when it is. */
export function checkDrained(agent: AgentState): void {
  if (agent.drained || !agent.registered) return;
  if (agent.frameworks.size > 0 || agent.operations.size > 0) return;
  agent.drained = true;
  agent.send({ type: "drained" });
}
