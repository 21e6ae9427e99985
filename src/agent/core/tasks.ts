/** How tasks begin: refused, handed to their executor, or started by the agent itself. */
import {
  type ExecutorInfo,
  type FrameworkInfo,
  isTerminal,
  type TaskInfo,
  type TaskLaunch,
  type TaskReason,
} from "../../model/mod.ts";
import { checkpointContainer, checkpointExecutor, checkpointTask } from "./checkpoints.ts";
import { initialCheckStatus, startChecks } from "./checks.ts";
import { killTask, resize } from "./ending.ts";
import { deliver, launchExecutor } from "./executors.ts";
import { hasCapability, updateFramework } from "./frameworks.ts";
import { uuidText } from "./ids.ts";
import { lacking } from "./operations.ts";
import type { ExecutorRecord, FrameworkRecord, TaskRecord } from "./records.ts";
import type { AgentState } from "./state.ts";
import { openStream, report, reportUnknown } from "./updates.ts";

const NO_ADDRESSES: readonly string[] = [];

/** Start these, each on its own. */
export function launch(
  agent: AgentState,
  info: FrameworkInfo,
  launches: readonly TaskLaunch[],
): void {
  const framework = updateFramework(agent, info);
  for (const { task, executor } of launches) {
    if (refuse(agent, framework, task, executor)) continue;
    if (executor === undefined) launchCommand(agent, framework, task);
    else launchUnder(agent, framework, executor, [task], undefined);
  }
}

/** Start all of these or none. */
export function launchGroup(
  agent: AgentState,
  info: FrameworkInfo,
  executor: ExecutorInfo,
  tasks: readonly TaskInfo[],
): void {
  const framework = updateFramework(agent, info);
  const fresh = tasks.filter((task) => !isKnown(framework, task));
  const reason = fresh.map((task) => refusal(agent, framework, task, executor)).find(Boolean);
  if (reason === undefined) {
    agent.groups += 1;
    launchUnder(agent, framework, executor, fresh, agent.groups);
    return;
  }
  for (const task of fresh) drop(agent, framework, task, reason);
}

interface Refusal {
  readonly reason: TaskReason;
  readonly message: string;
}

function isKnown(framework: FrameworkRecord, task: TaskInfo): boolean {
  return framework.streams.has(task.task_id.value);
}

function refuse(
  agent: AgentState,
  framework: FrameworkRecord,
  task: TaskInfo,
  executor: ExecutorInfo | undefined,
): boolean {
  if (isKnown(framework, task)) {
    agent.log("warning", `Ignoring task ${task.task_id.value}: it was launched before`);
    return true;
  }
  const why = refusal(agent, framework, task, executor);
  if (why !== undefined) drop(agent, framework, task, why);
  return why !== undefined;
}

function refusal(
  agent: AgentState,
  framework: FrameworkRecord,
  task: TaskInfo,
  executor: ExecutorInfo | undefined,
): Refusal | undefined {
  if (agent.stopping !== undefined) {
    return { reason: "REASON_AGENT_DISCONNECTED", message: "The agent is shutting down" };
  }
  if (framework.ending) {
    return { reason: "REASON_FRAMEWORK_REMOVED", message: "The framework is being shut down" };
  }
  if (agent.drain !== undefined) {
    return { reason: "REASON_AGENT_DRAINING", message: "The agent is draining" };
  }
  const running = executor && framework.executors.get(executor.executor_id.value);
  if (running?.ending !== undefined && running.phase !== "ended") {
    return { reason: "REASON_EXECUTOR_TERMINATED", message: "The executor is being ended" };
  }
  const missing = lacking(agent, [...(task.resources ?? []), ...(executor?.resources ?? [])]);
  if (missing === undefined) return undefined;
  return { reason: "REASON_RESOURCES_UNKNOWN", message: missing };
}

function drop(
  agent: AgentState,
  framework: FrameworkRecord,
  task: TaskInfo,
  { reason, message }: Refusal,
): void {
  const aware = hasCapability(framework.info, "PARTITION_AWARE");
  reportUnknown(agent, framework, task.task_id.value, {
    state: aware ? "TASK_DROPPED" : "TASK_LOST",
    source: "SOURCE_AGENT",
    reason,
    message,
  });
}

function launchCommand(agent: AgentState, framework: FrameworkRecord, info: TaskInfo): void {
  const container = uuidText(agent.random);
  const executor = addExecutor(
    agent,
    framework,
    "command",
    commandExecutor(framework, info),
    container,
  );
  startTask(agent, addTask(agent, executor, info, container, undefined));
}

/** What stands for the executor of a task that brings its own command. */
function commandExecutor(framework: FrameworkRecord, info: TaskInfo): ExecutorInfo {
  return {
    executor_id: info.task_id,
    framework_id: { value: framework.id },
    name: `Command Executor (Task: ${info.task_id.value})`,
    source: info.task_id.value,
    ...(info.command === undefined ? {} : { command: info.command }),
  };
}

function launchUnder(
  agent: AgentState,
  framework: FrameworkRecord,
  info: ExecutorInfo,
  tasks: readonly TaskInfo[],
  group: number | undefined,
): void {
  const known = framework.executors.get(info.executor_id.value);
  const kind = info.type === "DEFAULT" ? "group" : "custom";
  const executor =
    known === undefined || known.phase === "ended"
      ? addExecutor(agent, framework, kind, info, uuidText(agent.random))
      : known;
  const added = tasks.map((task) => {
    const container =
      executor.kind === "custom"
        ? executor.container
        : `${executor.container}.${uuidText(agent.random)}`;
    return addTask(agent, executor, task, container, group);
  });
  if (executor.kind !== "custom") {
    for (const task of added) startTask(agent, task);
  } else if (executor.phase === "none") launchExecutor(agent, executor);
  else {
    resize(agent, executor);
    deliver(agent, executor);
  }
}

function addExecutor(
  agent: AgentState,
  framework: FrameworkRecord,
  kind: ExecutorRecord["kind"],
  info: ExecutorInfo,
  container: string,
): ExecutorRecord {
  const executor: ExecutorRecord = {
    type: "executor",
    kind,
    framework,
    info,
    container,
    agentId: agent.agentId ?? "",
    tasks: new Map(),
    phase: kind === "custom" ? "none" : "running",
    pid: undefined,
    ipAddresses: NO_ADDRESSES,
    connection: undefined,
    subscribed: false,
    ending: undefined,
    timer: undefined,
  };
  framework.executors.set(info.executor_id.value, executor);
  checkpointExecutor(agent, executor);
  return executor;
}

/** A task that has not done anything yet. */
export function newTask(
  executor: ExecutorRecord,
  info: TaskInfo,
  container: string,
  group: number | undefined,
): TaskRecord {
  return {
    type: "task",
    info,
    framework: executor.framework,
    executor,
    container,
    group,
    updates: openStream(executor.framework.id, info.task_id.value),
    state: "TASK_STAGING",
    statuses: [],
    phase: "none",
    delivered: false,
    pid: undefined,
    ipAddresses: NO_ADDRESSES,
    startedMs: undefined,
    killing: undefined,
    killTimer: undefined,
    completionTimer: undefined,
    healthy: undefined,
    checkStatus: initialCheckStatus(info),
    check: undefined,
    healthCheck: undefined,
  };
}

function addTask(
  agent: AgentState,
  executor: ExecutorRecord,
  info: TaskInfo,
  container: string,
  group: number | undefined,
): TaskRecord {
  const task = newTask(executor, info, container, group);
  const { framework } = executor;
  framework.tasks.set(task.updates.taskId, task);
  framework.streams.set(task.updates.taskId, task.updates);
  executor.tasks.set(task.updates.taskId, task);
  checkpointTask(agent, task);
  return task;
}

function startTask(agent: AgentState, task: TaskRecord): void {
  const { info, executor, framework } = task;
  task.phase = "launching";
  agent.containers.set(task.container, task);
  if (framework.info === undefined) return;
  if (takesTime(info)) report(agent, task, { state: "TASK_STARTING" });
  agent.effects.push({
    type: "launch_container",
    launch: {
      container: task.container,
      agentId: executor.agentId,
      framework: framework.info,
      executor: executor.info,
      task: info,
      resources: info.resources ?? [],
      ...(executor.kind === "group" ? { parent: executor.container } : {}),
    },
  });
}

/** Whether there is something to fetch first, so that people see why it does not run yet. */
function takesTime({ command, container }: TaskInfo): boolean {
  const image = container?.mesos?.image ?? container?.docker?.image;
  return (command?.uris?.length ?? 0) > 0 || image !== undefined;
}

/** The task's container runs. */
export function taskLaunched(
  agent: AgentState,
  task: TaskRecord,
  started: {
    readonly pid?: number | undefined;
    readonly ipAddresses?: readonly string[] | undefined;
    readonly checkpoint: unknown;
  },
): void {
  if (isTerminal(task.state)) return;
  task.startedMs = agent.nowMs();
  checkpointContainer(agent, task.container, started.checkpoint, task.startedMs);
  taskRuns(agent, task, started);
}

/** The task's container runs (still). */
export function taskRuns(
  agent: AgentState,
  task: TaskRecord,
  found: {
    readonly pid?: number | undefined;
    readonly ipAddresses?: readonly string[] | undefined;
  },
): void {
  task.phase = "running";
  task.pid = found.pid;
  task.ipAddresses = found.ipAddresses ?? NO_ADDRESSES;
  if (task.killing !== undefined) {
    agent.effects.push({ type: "destroy_container", container: task.container });
    return;
  }
  if (task.state === "TASK_STAGING" || task.state === "TASK_STARTING") {
    report(agent, task, { state: "TASK_RUNNING" });
  }
  limitTime(agent, task);
  startChecks(agent, task);
}

function limitTime(agent: AgentState, task: TaskRecord): void {
  const max = task.info.max_completion_time;
  if (max === undefined || task.startedMs === undefined) return;
  const dueMs = task.startedMs + max.nanoseconds / 1e6;
  task.completionTimer = agent.timers.set(dueMs, { type: "completion", task });
}

/** The task runs longer than it may. */
export function completionTimePassed(agent: AgentState, task: TaskRecord, graceMs: number): void {
  task.completionTimer = undefined;
  if (task.killing === undefined) killTask(agent, task, "completion_time", graceMs);
}
