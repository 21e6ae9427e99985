/** Ending a framework here, or everything. */
import { checkpointAgent, checkpointFramework } from "./checkpoints.ts";
import { graceMsOf, killTask, removeFrameworkIfDone, removeTask } from "./ending.ts";
import { shutdownExecutor } from "./executors.ts";
import type { FrameworkRecord } from "./records.ts";
import type { AgentState } from "./state.ts";
import { closeStream, resumeUpdates } from "./updates.ts";

/** How long to wait for acknowledgements once everything has ended. */
const ACKNOWLEDGE_MS = 2_000;

/** End all that a framework has here; nobody wants to hear of it. */
export function shutdownFramework(agent: AgentState, id: string): void {
  const framework = agent.frameworks.get(id);
  if (framework === undefined || framework.ending) return;
  framework.ending = true;
  checkpointFramework(agent, framework);
  for (const task of [...framework.tasks.values()]) {
    if (task.phase === "ended") removeTask(agent, task);
  }
  endExecutors(agent, framework);
  for (const stream of [...framework.streams.values()]) {
    if (!framework.tasks.has(stream.taskId)) closeStream(agent, framework, stream);
  }
  removeFrameworkIfDone(agent, framework);
}

function endExecutors(agent: AgentState, framework: FrameworkRecord): void {
  for (const executor of [...framework.executors.values()]) {
    if (executor.kind === "custom") {
      shutdownExecutor(agent, executor, {
        reason: "REASON_FRAMEWORK_REMOVED",
        message: "The framework was shut down",
      });
    }
  }
  for (const task of [...framework.tasks.values()]) {
    if (task.executor.kind === "custom") continue;
    killTask(agent, task, "shutdown", graceMsOf(agent, task));
  }
}

/** End everything, then stop. */
export function shutdownAll(agent: AgentState, message: string, unregister: boolean): void {
  if (agent.stopping !== undefined) return;
  agent.stopping = { unregister };
  agent.log("info", `Shutting down: ${message}`);
  // Whoever was away when they were said first is asked now, not when the next retry is due.
  resumeUpdates(agent);
  for (const framework of [...agent.frameworks.values()]) {
    for (const executor of [...framework.executors.values()]) {
      if (executor.kind !== "custom") continue;
      shutdownExecutor(agent, executor, {
        reason: "REASON_AGENT_DISCONNECTED",
        message: "The agent was shut down",
      });
    }
    for (const task of [...framework.tasks.values()]) {
      if (task.executor.kind === "custom" && task.delivered) continue;
      killTask(agent, task, "shutdown", graceMsOf(agent, task));
    }
  }
}

/** Whether a shutdown has nothing left to wait for. */
export function checkStopped(agent: AgentState): void {
  if (agent.stopped || agent.containers.size > 0) return;
  if (agent.frameworks.size === 0 || !agent.registered) {
    finishStop(agent);
    return;
  }
  if (agent.stopTimer !== undefined) return;
  agent.stopTimer = agent.timers.set(agent.nowMs() + ACKNOWLEDGE_MS, { type: "stop" });
}

/** All has ended, and was acknowledged or never will be. */
export function finishStop(agent: AgentState): void {
  if (agent.stopped || agent.stopping === undefined) return;
  agent.stopped = true;
  agent.timers.cancel(agent.stopTimer);
  if (agent.stopping.unregister) {
    agent.send({ type: "unregister" });
    forgetAll(agent);
  }
  agent.effects.push({ type: "stopped" });
}

/** Be nobody again: end everything at once, and come to the master as a new agent. */
export function startAnew(agent: AgentState): void {
  for (const container of agent.containers.keys()) {
    agent.effects.push({ type: "destroy_container", container });
  }
  forgetAll(agent);
}

function forgetAll(agent: AgentState): void {
  const { agentId } = agent;
  for (const framework of agent.frameworks.values()) forgetFramework(agent, framework);
  for (const uuid of agent.operations.keys()) agent.forget(`operations/${uuid}`);
  agent.frameworks.clear();
  agent.containers.clear();
  agent.operations.clear();
  agent.timers.clear();
  agent.drain = undefined;
  const { id: _, ...info } = agent.info;
  agent.info = { ...info, resources: [...agent.base] };
  checkpointAgent(agent);
  if (agentId !== undefined) agent.effects.push({ type: "set_aside_volumes", agentId });
}

function forgetFramework(agent: AgentState, framework: FrameworkRecord): void {
  agent.forget(`frameworks/${framework.id}`);
  for (const taskId of framework.streams.keys()) {
    agent.forget(`updates/${framework.id}/${taskId}`);
    agent.forget(`tasks/${framework.id}/${taskId}`);
  }
  for (const executor of framework.executors.values()) {
    agent.forget(`executors/${executor.container}`);
    agent.effects.push({
      type: "release_sandbox",
      agentId: executor.agentId,
      frameworkId: framework.id,
      executorId: executor.info.executor_id.value,
      container: executor.container,
    });
    for (const { container } of executor.tasks.values()) agent.forget(`containers/${container}`);
    agent.forget(`containers/${executor.container}`);
  }
}
