/** Agents that go for good: marked gone, unregistered, or on a machine that goes down. */
import { type Farewell, removeAgent } from "./agents.ts";
import type { AgentBook, FrameworkBook } from "./books.ts";
import type { Context } from "./context.ts";
import { endOperations } from "./operations.ts";
import type { TaskRecord } from "./records.ts";
import { deleteNode, putNode } from "./registry.ts";
import { forgetUnreachable, masterStatus, tellStatus } from "./tasks.ts";

const GONE: Farewell = {
  state: "TASK_GONE_BY_OPERATOR",
  reason: "REASON_AGENT_REMOVED_BY_OPERATOR",
  lostReason: "REASON_AGENT_REMOVED",
  message: "Agent has been marked gone",
};

/**
 * Written first: never again is the agent admitted. Then its frameworks hear of their tasks.
 *
 * @param then Runs once it is written.
 */
export function markGone(core: Context, agentId: string, then?: () => void): void {
  const sinceMs = core.nowMs;
  core.transitions.set(agentId, "gone");
  const ops = [
    deleteNode("agents", agentId),
    deleteNode("unreachable", agentId),
    putNode("gone", agentId, sinceMs),
  ];
  core.persist(ops, () => {
    core.transitions.delete(agentId);
    core.books.goneAgents.set(agentId, sinceMs);
    core.books.recoveredAgents.delete(agentId);
    core.books.unreachableAgents.delete(agentId);
    endUnreachable(core, agentId);
    const agent = core.books.agents.get(agentId);
    if (agent) {
      core.send(agent, { type: "shutdown", message: GONE.message });
      endOperations(core, agent, { state: "OPERATION_GONE_BY_OPERATOR", message: GONE.message });
      removeAgent(core, agent, GONE);
    }
    core.agentChanged(agentId);
    core.log("info", `Agent ${agentId} is marked gone`);
    then?.();
  });
}

/** Tasks that were unreachable will not come back. */
function endUnreachable(core: Context, agentId: string): void {
  for (const [frameworkId, ids] of core.books.unreachableTasks.get(agentId) ?? []) {
    const framework = core.books.frameworks.get(frameworkId);
    if (framework === undefined) continue;
    for (const id of ids) {
      const task = framework.unreachableTasks.get(id);
      if (task) endUnreachableTask(core, framework, task);
    }
  }
  core.books.unreachableTasks.delete(agentId);
}

function endUnreachableTask(core: Context, framework: FrameworkBook, task: TaskRecord): void {
  const status = masterStatus(core, task, {
    state: "TASK_GONE_BY_OPERATOR",
    message: GONE.message,
    reason: GONE.reason,
  });
  forgetUnreachable(framework, task.id);
  const ended: TaskRecord = {
    ...task,
    state: status.state,
    statuses: [...task.statuses, status],
  };
  framework.completedTasks.push(ended);
  core.publish({ type: "task_updated", task: ended, status, state: status.state });
  tellStatus(core, framework, status);
}

/** The agent says that it goes, or an operator takes its machine down. */
export function remove(core: Context, agent: AgentBook, cause: string, then?: () => void): void {
  if (core.transitions.has(agent.id)) {
    then?.();
    return;
  }
  core.transitions.set(agent.id, "removing");
  core.persist([deleteNode("agents", agent.id)], () => {
    core.transitions.delete(agent.id);
    core.count("master/slave_removals");
    core.count("master/slave_removals/reason_unregistered");
    const message = `Agent ${agent.record.info.hostname} removed: ${cause}`;
    endOperations(core, agent, { state: "OPERATION_GONE_BY_OPERATOR", message });
    removeAgent(core, agent, { state: "TASK_GONE", reason: "REASON_AGENT_REMOVED", message });
    core.log("info", message);
    then?.();
  });
}
