/** ACKNOWLEDGE: a framework has seen a status; the agent may forget it. */
import { isTerminal, type OfType, type SchedulerCall } from "../../model/mod.ts";
import type { FrameworkBook } from "./books.ts";
import type { Context } from "./context.ts";
import { removeTask } from "./tasks.ts";

/** Passed on to the agent; a task that is over goes with the acknowledgement of its last status. */
export function acknowledge(
  core: Context,
  framework: FrameworkBook,
  { agent_id, task_id, uuid }: OfType<SchedulerCall, "ACKNOWLEDGE">["acknowledge"],
): void {
  core.count("master/messages_status_update_acknowledgement");
  const agent = core.books.agents.get(agent_id.value);
  if (!agent?.isConnected) {
    // The agent tells the status again when it is back.
    core.count("master/invalid_status_update_acknowledgements");
    return;
  }
  const task = framework.tasks.get(task_id.value);
  if (task !== undefined && task.agentId === agent.id) {
    const { pending } = task;
    if (pending === undefined) {
      // Not told by this master: the agent tells it again.
      core.count("master/invalid_status_update_acknowledgements");
      return;
    }
    if (pending.uuid === uuid) {
      if (isTerminal(pending.state)) removeTask(core, framework, task);
      else framework.tasks.set(task.id, { ...task, pending: undefined });
    }
  }
  core.send(agent, {
    type: "ack",
    framework_id: framework.id,
    task_id: task_id.value,
    uuid,
  });
  core.count("master/valid_status_update_acknowledgements");
  core.mayBeDrained(agent);
}
