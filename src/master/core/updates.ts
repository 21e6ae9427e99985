/** What agents tell of tasks and executors. */
import {
  type AgentMessage,
  isTerminal,
  type OfType,
  type TaskState,
  type TaskStatus,
} from "../../model/mod.ts";
import type { AgentBook, FrameworkBook } from "./books.ts";
import type { Context } from "./context.ts";
import type { TaskRecord } from "./records.ts";
import { removeExecutor, removeTask, updateTask } from "./tasks.ts";

/**
 * A status update: to the framework, and into the task's record.
 *
 * It comes again until the framework acknowledges it; the record changes once.
 */
export function statusUpdate(
  core: Context,
  agent: AgentBook,
  { framework_id, status, latest_state }: OfType<AgentMessage, "update">,
): void {
  core.count("master/messages_status_update");
  const framework = core.books.frameworks.get(framework_id);
  const taskId = status.task_id.value;
  if (framework === undefined) {
    // It is over: what the agent still runs of it is to end, and nobody waits for statuses.
    core.count("master/invalid_status_updates");
    core.send(agent, { type: "shutdown_framework", framework_id });
    acknowledgeFor(core, agent, { framework_id, taskId, uuid: status.uuid });
    return;
  }
  const task = framework.tasks.get(taskId);
  const isKnown = task !== undefined && task.agentId === agent.id;
  if (isKnown && task.isLost) {
    lostTaskUpdate(core, { agent, framework, task }, { status, latest: latest_state });
    return;
  }
  const told = core.tell(framework, { type: "UPDATE", update: { status } });
  core.count(isKnown && told ? "master/valid_status_updates" : "master/invalid_status_updates");
  if (!isKnown) return;
  const { uuid, state } = status;
  const pending = told && uuid !== undefined ? { state, uuid } : task.pending;
  updateTask(core, framework, { ...task, pending }, { status, latest: latest_state });
}

/** Its framework was told that it is lost: it is being killed, and the master sees it off. */
function lostTaskUpdate(
  core: Context,
  { agent, framework, task }: { agent: AgentBook; framework: FrameworkBook; task: TaskRecord },
  { status, latest }: { status: TaskStatus; latest: TaskState | undefined },
): void {
  const updated = updateTask(core, framework, task, { status, latest });
  acknowledgeFor(core, agent, { framework_id: framework.id, taskId: task.id, uuid: status.uuid });
  if (!isTerminal(status.state)) return;
  removeTask(core, framework, updated, "lost");
  core.mayBeDrained(agent);
}

function acknowledgeFor(
  core: Context,
  agent: AgentBook,
  {
    framework_id,
    taskId,
    uuid,
  }: { framework_id: string; taskId: string; uuid: string | undefined },
): void {
  if (uuid === undefined) return;
  core.send(agent, { type: "ack", framework_id, task_id: taskId, uuid });
}

/** An executor ended; what becomes of its tasks comes as updates. */
export function executorExited(
  core: Context,
  agent: AgentBook,
  { framework_id, executor_id, status }: OfType<AgentMessage, "executor_exited">,
): void {
  core.count("master/messages_exited_executor");
  const executor = agent.executors.get(framework_id)?.get(executor_id);
  if (executor === undefined) return;
  const framework = core.books.frameworks.get(framework_id);
  removeExecutor(core, framework, executor);
  if (framework === undefined) return;
  core.tell(framework, {
    type: "FAILURE",
    failure: { agent_id: { value: agent.id }, executor_id: { value: executor_id }, status },
  });
}

/** An executor's message for its scheduler: at most once. */
export function executorMessage(
  core: Context,
  agent: AgentBook,
  { framework_id, executor_id, data }: OfType<AgentMessage, "message">,
): void {
  core.count("master/messages_executor_to_framework");
  const framework = core.books.frameworks.get(framework_id);
  const told =
    framework !== undefined &&
    core.tell(framework, {
      type: "MESSAGE",
      message: { agent_id: { value: agent.id }, executor_id: { value: executor_id }, data },
    });
  core.count(
    told
      ? "master/valid_executor_to_framework_messages"
      : "master/invalid_executor_to_framework_messages",
  );
}
