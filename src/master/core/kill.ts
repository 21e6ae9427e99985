/** KILL, SHUTDOWN and MESSAGE: what frameworks tell agents through the master. */
import type { OfType, SchedulerCall } from "../../model/mod.ts";
import type { FrameworkBook } from "./books.ts";
import type { Context } from "./context.ts";
import { reconcile } from "./reconcile.ts";

/** A task that is not known is answered as by RECONCILE. */
export function kill(
  core: Context,
  framework: FrameworkBook,
  { task_id, agent_id, kill_policy }: OfType<SchedulerCall, "KILL">["kill"],
): void {
  core.count("master/messages_kill_task");
  const task = framework.tasks.get(task_id.value);
  if (task === undefined) {
    reconcile(core, framework, [{ task_id, ...(agent_id && { agent_id }) }]);
    return;
  }
  if (agent_id !== undefined && agent_id.value !== task.agentId) {
    core.log("warning", `Dropped KILL of task ${task.id}: it is on agent ${task.agentId}`);
    return;
  }
  const agent = core.books.agents.get(task.agentId)!;
  const killed = agent.killed.get(framework.id);
  if (killed) killed.add(task.id);
  else agent.killed.set(framework.id, new Set([task.id]));
  core.send(agent, {
    type: "kill",
    framework_id: framework.id,
    task_id: task.id,
    ...(kill_policy && { kill_policy }),
  });
}

export function shutdownExecutor(
  core: Context,
  framework: FrameworkBook,
  { executor_id, agent_id }: OfType<SchedulerCall, "SHUTDOWN">["shutdown"],
): void {
  core.count("master/messages_shutdown_executor");
  const agent = core.books.agents.get(agent_id.value);
  if (agent === undefined) return;
  core.send(agent, {
    type: "shutdown_executor",
    framework_id: framework.id,
    executor_id: executor_id.value,
  });
}

/** At most once; nobody hears when it is lost. */
export function sendMessage(
  core: Context,
  framework: FrameworkBook,
  { agent_id, executor_id, data }: OfType<SchedulerCall, "MESSAGE">["message"],
): void {
  core.count("master/messages_framework_to_executor");
  const agent = core.books.agents.get(agent_id.value);
  const sent =
    agent !== undefined &&
    core.send(agent, {
      type: "message",
      framework_id: framework.id,
      executor_id: executor_id.value,
      data,
    });
  core.count(
    sent
      ? "master/valid_framework_to_executor_messages"
      : "master/invalid_framework_to_executor_messages",
  );
}
