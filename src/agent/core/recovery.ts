/** From checkpoints back to records, and to the containers that may still run. */
import { FairleadError } from "../../base/mod.ts";
import { type AgentInfo, isTerminal } from "../../model/mod.ts";
import { Resources } from "../../resources/mod.ts";
import type {
  AgentCheckpoint,
  ContainerCheckpoint,
  ExecutorCheckpoint,
  FrameworkCheckpoint,
  OperationCheckpoint,
  TaskCheckpoint,
  UpdatesCheckpoint,
} from "./checkpoints.ts";
import { checkpointAgent } from "./checkpoints.ts";
import {
  containerOfTaskEnded,
  executorEnded,
  isIdle,
  removeFrameworkIfDone,
  removeTask,
  resumeKill,
} from "./ending.ts";
import type { AgentInput, Checkpoint } from "./events.ts";
import { containerOfExecutorEnded, executorRuns } from "./executors.ts";
import { frameworkOf } from "./frameworks.ts";
import { listOf } from "./operations.ts";
import type { ExecutorRecord, TaskRecord } from "./records.ts";
import type { AgentState } from "./state.ts";
import { newTask, taskRuns } from "./tasks.ts";
import { openStream } from "./updates.ts";

/** What was read, by kind. */
interface Found {
  agent: AgentCheckpoint | undefined;
  readonly frameworks: FrameworkCheckpoint[];
  readonly executors: ExecutorCheckpoint[];
  readonly tasks: TaskCheckpoint[];
  readonly updates: UpdatesCheckpoint[];
  readonly containers: Map<string, ContainerCheckpoint>;
  readonly operations: OperationCheckpoint[];
}

/**
 * Read what earlier runs left, and ask for every container that ran.
 *
 * @throws {FairleadError} `incompatible_reconfiguration` when the machine lost what the agent had.
 */
export function recover(agent: AgentState, checkpoints: Iterable<Checkpoint>): void {
  const found = sort(checkpoints);
  if (found.agent !== undefined) recoverAgent(agent, found.agent);
  for (const { info, ending } of found.frameworks) {
    const framework = frameworkOf(agent, info.id?.value ?? "");
    framework.info = info;
    framework.ending = ending;
  }
  const executors = new Map<string, ExecutorRecord>();
  for (const checkpoint of found.executors) {
    executors.set(checkpoint.container, recoverExecutor(agent, checkpoint));
  }
  for (const checkpoint of found.tasks) {
    const executor = executors.get(checkpoint.executor_container);
    if (executor === undefined) forgetOrphan(agent, checkpoint);
    else recoverTask(agent, executor, checkpoint);
  }
  for (const checkpoint of found.updates) recoverUpdates(agent, checkpoint);
  for (const checkpoint of found.operations) recoverOperation(agent, checkpoint);
  for (const executor of executors.values()) askForContainers(agent, executor, found.containers);
  for (const framework of [...agent.frameworks.values()]) removeFrameworkIfDone(agent, framework);
}

/** Sort checkpoints by their names; those of other parts of the agent are left alone. */
function sort(checkpoints: Iterable<Checkpoint>): Found {
  const found: Found = {
    agent: undefined,
    frameworks: [],
    executors: [],
    tasks: [],
    updates: [],
    containers: new Map(),
    operations: [],
  };
  for (const { path, value } of checkpoints) place(found, path, value);
  return found;
}

/** The one place where checkpoints become records: what was written by this very core. */
function place(found: Found, path: string, value: unknown): void {
  const [kind] = path.split("/", 1);
  if (kind === "agent") found.agent = value as AgentCheckpoint;
  else if (kind === "frameworks") found.frameworks.push(value as FrameworkCheckpoint);
  else if (kind === "executors") found.executors.push(value as ExecutorCheckpoint);
  else if (kind === "tasks") found.tasks.push(value as TaskCheckpoint);
  else if (kind === "updates") found.updates.push(value as UpdatesCheckpoint);
  else if (kind === "operations") found.operations.push(value as OperationCheckpoint);
  else if (kind === "containers") {
    const checkpoint = value as ContainerCheckpoint;
    found.containers.set(checkpoint.container, checkpoint);
  }
}

function recoverAgent(agent: AgentState, checkpoint: AgentCheckpoint): void {
  const old = Resources.fromJson(checkpoint.base);
  const now = Resources.fromJson(agent.base);
  const strict = agent.reconfiguration === "equal";
  if (strict && !sameInfo(agent.info, checkpoint.info)) throw otherInfo(checkpoint.info);
  if (!now.contains(old) || (strict && !now.equals(old))) {
    throw new FairleadError(
      "incompatible_reconfiguration",
      `Cannot go on as agent ${checkpoint.info.id?.value}: it had ${old}, now there is ${now}`,
      { details: { had: listOf(old), has: listOf(now) } },
    );
  }
  const total = Resources.fromJson(checkpoint.info.resources ?? []);
  agent.drain = checkpoint.drain;
  agent.info = {
    ...agent.info,
    ...(checkpoint.info.id === undefined ? {} : { id: checkpoint.info.id }),
    resources: listOf(total.add(now.subtract(old))),
  };
  if (!now.equals(old)) checkpointAgent(agent);
}

function sameInfo(one: AgentInfo, other: AgentInfo): boolean {
  const essence = ({ hostname, attributes = [], domain }: AgentInfo) =>
    JSON.stringify([hostname, attributes, domain ?? null]);
  return essence(one) === essence(other);
}

function otherInfo({ id, hostname }: AgentInfo): FairleadError {
  return new FairleadError(
    "incompatible_reconfiguration",
    `Cannot go on as agent ${id?.value}: its hostname, attributes or domain are not what they were`,
    { details: { hostname } },
  );
}

function recoverExecutor(agent: AgentState, checkpoint: ExecutorCheckpoint): ExecutorRecord {
  const framework = frameworkOf(agent, checkpoint.framework_id);
  const executor: ExecutorRecord = {
    type: "executor",
    kind: checkpoint.kind,
    framework,
    info: checkpoint.info,
    container: checkpoint.container,
    agentId: checkpoint.agent_id,
    tasks: new Map(),
    phase: checkpoint.kind === "custom" ? "recovering" : "running",
    pid: undefined,
    ipAddresses: [],
    connection: undefined,
    subscribed: checkpoint.subscribed,
    ending: undefined,
    timer: undefined,
  };
  framework.executors.set(checkpoint.info.executor_id.value, executor);
  return executor;
}

function forgetOrphan(agent: AgentState, { framework_id, info }: TaskCheckpoint): void {
  agent.log("error", `Cannot recover task ${info.task_id.value}: its executor's record is lost`);
  agent.forget(`tasks/${framework_id}/${info.task_id.value}`);
}

function recoverTask(
  agent: AgentState,
  executor: ExecutorRecord,
  { info, container, group }: TaskCheckpoint,
): void {
  const task = newTask(executor, info, container, group);
  const { framework } = executor;
  framework.tasks.set(task.updates.taskId, task);
  framework.streams.set(task.updates.taskId, task.updates);
  executor.tasks.set(task.updates.taskId, task);
  agent.groups = Math.max(agent.groups, group ?? 0);
}

function recoverUpdates(agent: AgentState, checkpoint: UpdatesCheckpoint): void {
  const { framework_id: frameworkId, task_id: taskId, pending } = checkpoint;
  const framework = frameworkOf(agent, frameworkId);
  const task = framework.tasks.get(taskId);
  if (task === undefined) {
    if (pending.length === 0) {
      agent.forget(`updates/${frameworkId}/${taskId}`);
      return;
    }
    const stream = openStream(frameworkId, taskId);
    stream.pending.push(...pending);
    framework.streams.set(taskId, stream);
    return;
  }
  task.updates.pending.push(...pending);
  task.state = checkpoint.state ?? task.state;
  task.statuses = checkpoint.statuses ?? [];
  task.delivered = checkpoint.delivered ?? false;
  task.killing = checkpoint.killing;
  task.healthy = checkpoint.healthy;
  task.checkStatus = checkpoint.check_status ?? task.checkStatus;
}

function recoverOperation(agent: AgentState, checkpoint: OperationCheckpoint): void {
  agent.operations.set(checkpoint.uuid, {
    uuid: checkpoint.uuid,
    frameworkId: checkpoint.framework_id,
    operation: checkpoint.operation,
    status: checkpoint.status,
    retryMs: 0,
    timer: undefined,
  });
}

function askForContainers(
  agent: AgentState,
  executor: ExecutorRecord,
  containers: ReadonlyMap<string, ContainerCheckpoint>,
): void {
  for (const task of [...executor.tasks.values()]) {
    if (isTerminal(task.state)) task.phase = "ended";
    else if (executor.kind !== "custom") {
      task.phase = "recovering";
      task.startedMs = containers.get(task.container)?.started_ms;
      ask(agent, task, containers.get(task.container));
    }
    if (isTerminal(task.state) && task.updates.pending.length === 0) removeTask(agent, task);
  }
  if (executor.kind === "custom") ask(agent, executor, containers.get(executor.container));
  else if (isIdle(executor)) executorEnded(agent, executor, 0);
}

function ask(
  agent: AgentState,
  owner: TaskRecord | ExecutorRecord,
  known: ContainerCheckpoint | undefined,
): void {
  const { container } = owner;
  agent.containers.set(container, owner);
  agent.recovering += 1;
  agent.effects.push({
    type: "recover_container",
    container,
    ...(known === undefined ? {} : { checkpoint: known.checkpoint }),
  });
}

/** A container was found, or is known to be gone. */
export function containerRecovered(
  agent: AgentState,
  input: Extract<AgentInput, { type: "container_recovered" }>,
): void {
  const owner = agent.containers.get(input.container);
  if (owner?.phase !== "recovering") return;
  agent.recovering -= 1;
  if (!input.running) {
    const termination = input.termination ?? {
      reason: "REASON_AGENT_RESTARTED" as const,
      message: "It ended while the agent was away: nobody knows how",
    };
    if (owner.type === "task") containerOfTaskEnded(agent, owner, termination);
    else containerOfExecutorEnded(agent, owner, termination);
  } else if (owner.type === "executor") {
    executorRuns(agent, owner, input, agent.times.executorReregistrationMs);
  } else taskFound(agent, owner, input);
}

function taskFound(
  agent: AgentState,
  task: TaskRecord,
  input: Extract<AgentInput, { type: "container_recovered" }>,
): void {
  const { killing } = task;
  if (killing !== undefined && killing.deadlineMs > agent.nowMs()) {
    task.phase = "running";
    task.pid = input.pid;
    task.ipAddresses = input.ipAddresses ?? [];
    resumeKill(agent, task);
  } else taskRuns(agent, task, input);
}
