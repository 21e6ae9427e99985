/** RECONCILE: what the master knows of tasks, or why it cannot say. */
import type { Id, TaskReason, TaskState, TaskStatus } from "../../model/mod.ts";
import type { FrameworkBook } from "./books.ts";
import type { Context } from "./context.ts";
import type { TaskRecord } from "./records.ts";
import { masterStatus, tellStatus } from "./tasks.ts";

const REASON: TaskReason = "REASON_RECONCILIATION";

/** An empty list asks for all tasks that are known; else every task gets an answer, or none yet. */
export function reconcile(
  core: Context,
  framework: FrameworkBook,
  tasks: readonly { readonly task_id: Id; readonly agent_id?: Id | undefined }[],
): void {
  core.count("master/messages_reconcile_tasks");
  if (tasks.length === 0) {
    for (const task of framework.tasks.values()) {
      tellStatus(core, framework, knownStatus(core, task));
    }
    return;
  }
  for (const { task_id, agent_id } of tasks) {
    const status = statusOf(core, framework, { id: task_id.value, agentId: agent_id?.value });
    if (status) tellStatus(core, framework, status);
  }
}

function statusOf(
  core: Context,
  framework: FrameworkBook,
  asked: { readonly id: string; readonly agentId: string | undefined },
): TaskStatus | undefined {
  const task = framework.tasks.get(asked.id);
  if (task !== undefined) return knownStatus(core, task);
  const { agentId } = asked;
  const { books } = core;
  const answer = (state: TaskState, message: string, unreachableMs?: number): TaskStatus =>
    masterStatus(core, asked, {
      state: framework.isPartitionAware ? state : "TASK_LOST",
      message: `Reconciliation: ${message}`,
      reason: REASON,
      unreachableMs,
    });
  if (agentId === undefined) {
    // It may be on an agent that has yet to come back.
    if (books.recoveredAgents.size > 0) return undefined;
    return answer("TASK_UNKNOWN", "Task is unknown");
  }
  if (books.recoveredAgents.has(agentId)) return undefined;
  if (core.transitions.has(agentId) && !books.agents.has(agentId)) return undefined;
  if (books.agents.has(agentId)) return answer("TASK_GONE", "Task is unknown to the agent");
  const unreachable = books.unreachableAgents.get(agentId);
  if (unreachable) return answer("TASK_UNREACHABLE", "Task is unreachable", unreachable.sinceMs);
  if (books.goneAgents.has(agentId)) return answer("TASK_GONE_BY_OPERATOR", "Task is gone");
  return answer("TASK_UNKNOWN", "Task is unknown");
}

/** The status that the framework was told last, or where the task stands. */
function knownStatus(core: Context, task: TaskRecord): TaskStatus {
  const last = task.statuses[task.statuses.length - 1];
  const status = masterStatus(core, task, {
    state: task.isLost ? "TASK_LOST" : (task.pending?.state ?? task.state),
    message: "Reconciliation: Latest task state",
    reason: REASON,
  });
  return {
    ...status,
    ...(last?.healthy !== undefined && { healthy: last.healthy }),
    ...(last?.check_status && { check_status: last.check_status }),
    ...(last?.container_status && { container_status: last.container_status }),
  };
}
