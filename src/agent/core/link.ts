/** Coming to a master, staying with it, leaving one that is silent or refuses. */
import {
  LINK_VERSION,
  type MasterMessage,
  type OfType,
  type Registration,
  type RunningExecutor,
  type Task,
} from "../../model/mod.ts";
import { checkpointAgent } from "./checkpoints.ts";
import { applyDrain } from "./drain.ts";
import { pauseOperations, resumeOperations } from "./operations.ts";
import type { TaskRecord } from "./records.ts";
import type { AgentState } from "./state.ts";
import { shutdownFramework, startAnew } from "./stopping.ts";
import { pauseUpdates, resumeUpdates } from "./updates.ts";

/** How long a master may take to answer a registration. */
const ANSWER_MS = 60_000;
/** How long to stay away from a master that can never admit this agent as it is. */
const INVALID_RETRY_MS = 60_000;

/** Say who is here. */
export function linkOpened(agent: AgentState): void {
  if (agent.connection.status === "recovering") {
    agent.connection = { status: "recovering", linked: true };
    return;
  }
  pause(agent);
  agent.connection = { status: "registering" };
  agent.heardMs = agent.nowMs();
  const registration: Registration = {
    link_version: LINK_VERSION,
    agent_info: agent.info,
    version: agent.version,
    capabilities: agent.capabilities,
  };
  if (agent.agentId === undefined) agent.send({ type: "register", ...registration });
  else agent.send({ type: "reregister", ...registration, ...inventory(agent, agent.agentId) });
}

export function linkClosed(agent: AgentState): void {
  if (agent.connection.status === "recovering") {
    agent.connection = { status: "recovering", linked: false };
    return;
  }
  agent.connection = { status: "disconnected" };
  pause(agent);
}

function pause(agent: AgentState): void {
  pauseUpdates(agent);
  pauseOperations(agent);
}

/** Everything that is here, for a master that may never have heard of it. */
function inventory(agent: AgentState, agentId: string) {
  const tasks: Task[] = [];
  const executors: RunningExecutor[] = [];
  const frameworks = [];
  for (const framework of agent.frameworks.values()) {
    if (framework.ending || framework.info === undefined) continue;
    frameworks.push(framework.info);
    for (const task of framework.tasks.values()) tasks.push(taskOf(task, agentId));
    for (const { kind, phase, info } of framework.executors.values()) {
      if (kind === "command" || phase === "ended") continue;
      executors.push({ framework_id: framework.id, executor_info: info });
    }
  }
  const operations = Array.from(agent.operations.values(), (record) => ({
    uuid: record.uuid,
    operation: record.operation,
    latest_status: record.status,
    ...(record.frameworkId === undefined ? {} : { framework_id: record.frameworkId }),
  }));
  return { tasks, executors, frameworks, operations };
}

/** A task as state answers tell it. */
export function taskOf(record: TaskRecord, agentId: string): Task {
  const { info, framework, executor, updates } = record;
  const out = updates.pending[0];
  const task: Task = {
    name: info.name,
    task_id: info.task_id,
    framework_id: { value: framework.id },
    agent_id: { value: agentId },
    state: record.state,
    resources: info.resources ?? [],
    statuses: [...record.statuses],
  };
  if (executor.kind !== "command") task.executor_id = executor.info.executor_id;
  if (out !== undefined) {
    task.status_update_state = out.state;
    if (out.uuid !== undefined) task.status_update_uuid = out.uuid;
  }
  if (info.limits !== undefined) task.limits = info.limits;
  if (info.labels !== undefined) task.labels = info.labels;
  if (info.discovery !== undefined) task.discovery = info.discovery;
  if (info.container !== undefined) task.container = info.container;
  if (info.health_check !== undefined) task.health_check = info.health_check;
  if (info.kill_policy !== undefined) task.kill_policy = info.kill_policy;
  if (info.max_completion_time !== undefined) task.max_completion_time = info.max_completion_time;
  const user = info.command?.user ?? framework.info?.user;
  if (user !== undefined) task.user = user;
  return task;
}

/** The master has admitted the agent. */
export function registered(agent: AgentState, message: OfType<MasterMessage, "registered">): void {
  if (agent.connection.status !== "registering") return;
  const masterId = message.master_info.id;
  if (agent.agentId === undefined) {
    agent.info = { ...agent.info, id: { value: message.agent_id } };
    checkpointAgent(agent);
  } else if (agent.agentId !== message.agent_id) {
    agent.log("error", `The master answers agent ${message.agent_id}, this is ${agent.agentId}`);
    closeLink(agent, "the master answered another agent", INVALID_RETRY_MS);
    return;
  }
  agent.connection = { status: "registered", masterId, heartbeatMs: message.heartbeat_ms };
  agent.drained = false;
  agent.effects.push({ type: "registered", agentId: message.agent_id, masterId });
  for (const id of message.unwanted_frameworks ?? []) shutdownFramework(agent, id);
  if (message.drain !== undefined) applyDrain(agent, message.drain);
  resumeUpdates(agent);
  resumeOperations(agent);
}

/** The master has not admitted it. */
export function refused(agent: AgentState, message: OfType<MasterMessage, "refused">): void {
  const { reason, retry_after_ms: retryAfterMs } = message;
  if (reason === "gone") {
    agent.log("warning", `This agent is gone for its master: ${message.message}`);
    startAnew(agent);
    closeLink(agent, "gone", retryAfterMs);
    return;
  }
  const final = reason === "invalid" || reason === "unauthorized";
  agent.log(final ? "error" : "info", `The master refuses this agent: ${message.message}`, {
    reason,
  });
  closeLink(agent, reason, retryAfterMs ?? (final ? INVALID_RETRY_MS : undefined));
}

/** End the link, to open another. */
export function closeLink(agent: AgentState, reason: string, retryAfterMs?: number): void {
  linkClosed(agent);
  agent.effects.push({ type: "close_link", reason, retryAfterMs });
}

/** When a silent master is given up. */
export function silenceDueMs(agent: AgentState): number | undefined {
  const { connection } = agent;
  if (connection.status === "registering") return agent.heardMs + ANSWER_MS;
  if (connection.status !== "registered") return undefined;
  return agent.heardMs + connection.heartbeatMs * agent.times.heartbeatsMissedMax;
}

export function closeSilentLink(agent: AgentState): void {
  const dueMs = silenceDueMs(agent);
  if (dueMs !== undefined && dueMs <= agent.nowMs()) closeLink(agent, "the master is silent");
}
