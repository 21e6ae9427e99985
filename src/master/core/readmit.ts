/** An agent comes to a master that has it not: after a failover, or from being unreachable. */
import type { AgentMessage, OfType, Task } from "../../model/mod.ts";
import { admit, recordOf, refuse, STANDING, sameInfo, welcome } from "./admission.ts";
import { usedOn } from "./agents.ts";
import { AgentBook } from "./books.ts";
import type { Context, LinkRecord } from "./context.ts";
import type { AgentStanding } from "./records.ts";
import { deleteNode, putNode } from "./registry.ts";
import { takeOver, unwantedOf } from "./take_over.ts";
import {
  forgetUnreachable,
  masterStatus,
  removeExecutor,
  removeTask,
  tellStatus,
} from "./tasks.ts";
import { tried } from "./tried.ts";

type Reregistration = OfType<AgentMessage, "reregister">;

/** An agent that this master does not have: what it tells is taken over. */
export function readmit(
  core: Context,
  { id, link, message }: { id: string; link: LinkRecord; message: Reregistration },
): void {
  const recovered = core.books.recoveredAgents.get(id);
  const standing = (recovered ?? core.books.unreachableAgents.get(id))?.standing ?? STANDING;
  if (recovered && sameInfo(recovered.info, message.agent_info)) {
    takeIn(core, { id, link, message, standing });
    return;
  }
  core.transitions.set(id, "reregistering");
  const node = { info: message.agent_info, standing };
  core.persist([putNode("agents", id, node), deleteNode("unreachable", id)], () => {
    core.transitions.delete(id);
    if (core.links.get(link.link) === link) {
      takeIn(core, { id, link, message, standing });
      return;
    }
    // Admitted, but away again: it has as long to come back as after a failover.
    core.books.unreachableAgents.delete(id);
    core.books.recoveredAgents.set(id, { id, info: message.agent_info, standing });
    core.timers.set(core.nowMs + core.options.agentReregisterTimeoutMs, "recovered", id);
  });
}

function takeIn(
  core: Context,
  {
    id,
    link,
    message,
    standing,
  }: { id: string; link: LinkRecord; message: Reregistration; standing: AgentStanding },
): void {
  const { books } = core;
  const wasUnreachable = books.unreachableAgents.has(id);
  const wasRecovered = books.recoveredAgents.has(id);
  const unwanted = unwantedOf(core, message);
  const record = { ...recordOf(core, { id, link, message }, standing), reregisteredMs: core.nowMs };
  const agent = new AgentBook(record, core.nowMs);
  const wanted = {
    ...message,
    tasks: message.tasks.filter((task) => !unwanted.includes(task.framework_id.value)),
    executors: message.executors.filter((each) => !unwanted.includes(each.framework_id)),
  };
  const fault =
    tried(() => takeOver(core, agent, wanted, { wasUnreachable })) ??
    admit(core, agent, usedOn(core, agent));
  if (fault !== undefined) {
    undo(core, agent);
    refuse(core, link, { reason: "invalid", message: fault });
    return;
  }
  forgetTasks(core, id, wanted.tasks);
  books.recoveredAgents.delete(id);
  books.unreachableAgents.delete(id);
  core.returned();
  core.count("master/slave_reregistrations");
  welcome(core, agent, unwanted);
  if (!wasRecovered) tellReturned(core, agent, { wasUnreachable });
  killLost(core, agent);
  core.mayBeDrained(agent);
  core.log("info", `Re-registered agent ${id} (${record.info.hostname})`);
}

/** What the agent tells replaces what was known of its tasks while it was away. */
function forgetTasks(core: Context, agentId: string, tasks: readonly Task[]): void {
  for (const [frameworkId, ids] of core.books.unreachableTasks.get(agentId) ?? []) {
    const framework = core.books.frameworks.get(frameworkId);
    if (framework) for (const id of ids) forgetUnreachable(framework, id);
  }
  core.books.unreachableTasks.delete(agentId);
  for (const { framework_id, task_id } of tasks) {
    const framework = core.books.frameworks.get(framework_id.value);
    if (framework) forgetUnreachable(framework, task_id.value);
  }
}

/** Frameworks that were told that these tasks are lost or unreachable hear that they are back. */
function tellReturned(
  core: Context,
  agent: AgentBook,
  { wasUnreachable }: { readonly wasUnreachable: boolean },
): void {
  const message = wasUnreachable
    ? "Unreachable agent re-reregistered"
    : "Unknown agent reregistered";
  for (const [frameworkId, ids] of agent.tasks) {
    const framework = core.books.frameworks.get(frameworkId);
    if (!framework?.isConnected) continue;
    for (const id of ids) {
      const task = framework.tasks.get(id)!;
      if (task.isLost) continue;
      const last = task.statuses[task.statuses.length - 1];
      tellStatus(core, framework, {
        ...masterStatus(core, task, {
          state: task.state,
          message,
          reason: "REASON_AGENT_REREGISTERED",
        }),
        ...(last?.healthy !== undefined && { healthy: last.healthy }),
        ...(last?.container_status && { container_status: last.container_status }),
      });
    }
  }
}

/** Their frameworks have heard TASK_LOST, which is final: so they must end. */
function killLost(core: Context, agent: AgentBook): void {
  for (const [frameworkId, ids] of agent.tasks) {
    const framework = core.books.frameworks.get(frameworkId);
    for (const id of ids) {
      if (!framework?.tasks.get(id)?.isLost) continue;
      core.send(agent, { type: "kill", framework_id: frameworkId, task_id: id });
    }
  }
}

/** The allocator would not have the agent: its tasks leave the books again. */
function undo(core: Context, agent: AgentBook): void {
  for (const [frameworkId, ids] of [...agent.tasks]) {
    const framework = core.books.frameworks.get(frameworkId);
    for (const id of [...ids]) {
      const task = framework?.tasks.get(id);
      if (framework && task) removeTask(core, framework, task);
    }
  }
  for (const [frameworkId, executors] of [...agent.executors]) {
    const framework = core.books.frameworks.get(frameworkId);
    for (const executor of [...executors.values()]) {
      removeExecutor(core, framework, executor, { released: true });
    }
  }
}
