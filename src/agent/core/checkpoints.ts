/** What is kept of each record, and under which name; recovery.ts reads it back. */
import type {
  AgentInfo,
  CheckStatusInfo,
  DrainConfig,
  ExecutorInfo,
  FrameworkInfo,
  Operation,
  OperationStatus,
  ResourceJson,
  TaskInfo,
  TaskState,
  TaskStatus,
} from "../../model/mod.ts";
import type { Checkpoint } from "./events.ts";
import type {
  ExecutorRecord,
  FrameworkRecord,
  Killing,
  OperationRecord,
  TaskRecord,
  UpdateStream,
} from "./records.ts";
import type { AgentState } from "./state.ts";

/** "agent": who it is and what it has. */
export interface AgentCheckpoint {
  readonly info: AgentInfo;
  readonly base: readonly ResourceJson[];
  readonly drain?: DrainConfig;
}

/** "frameworks/<id>". */
export interface FrameworkCheckpoint {
  readonly info: FrameworkInfo;
  readonly ending: boolean;
}

/** "executors/<container>". */
export interface ExecutorCheckpoint {
  readonly kind: "command" | "group" | "custom";
  readonly framework_id: string;
  readonly info: ExecutorInfo;
  readonly container: string;
  readonly agent_id: string;
  readonly subscribed: boolean;
}

/** "tasks/<framework>/<task>": what does not change. */
export interface TaskCheckpoint {
  readonly framework_id: string;
  readonly info: TaskInfo;
  readonly executor_container: string;
  readonly container: string;
  readonly group?: number;
}

/** "updates/<framework>/<task>": what does; only `pending` for tasks that were refused. */
export interface UpdatesCheckpoint {
  readonly framework_id: string;
  readonly task_id: string;
  readonly pending: readonly TaskStatus[];
  readonly state?: TaskState;
  readonly statuses?: readonly TaskStatus[];
  readonly delivered?: boolean;
  readonly killing?: Killing;
  readonly healthy?: boolean;
  readonly check_status?: CheckStatusInfo;
}

/** "containers/<id>": how the containerizer finds it again. */
export interface ContainerCheckpoint {
  readonly container: string;
  readonly checkpoint: unknown;
  readonly started_ms: number;
}

/** "operations/<uuid>". */
export interface OperationCheckpoint {
  readonly uuid: string;
  readonly framework_id?: string;
  readonly operation: Operation;
  readonly status: OperationStatus;
}

/** What the agent of these checkpoints had, without what was reserved at run time. */
export function lastResources(checkpoints: Iterable<Checkpoint>): readonly ResourceJson[] {
  for (const { path, value } of checkpoints) {
    // Written by `checkpointAgent`, and by nobody else.
    if (path === "agent") return (value as AgentCheckpoint).base;
  }
  return [];
}

export function checkpointAgent(agent: AgentState): void {
  if (!agent.checkpoints) return;
  const value: AgentCheckpoint = {
    info: agent.info,
    base: agent.base,
    ...(agent.drain === undefined ? {} : { drain: agent.drain }),
  };
  agent.checkpoint("agent", value);
}

export function checkpointFramework(agent: AgentState, framework: FrameworkRecord): void {
  if (!agent.checkpoints) return;
  if (framework.info === undefined) return;
  const value: FrameworkCheckpoint = { info: framework.info, ending: framework.ending };
  agent.checkpoint(`frameworks/${framework.id}`, value);
}

export function checkpointExecutor(agent: AgentState, executor: ExecutorRecord): void {
  if (!agent.checkpoints) return;
  const value: ExecutorCheckpoint = {
    kind: executor.kind,
    framework_id: executor.framework.id,
    info: executor.info,
    container: executor.container,
    agent_id: executor.agentId,
    subscribed: executor.subscribed,
  };
  agent.checkpoint(`executors/${executor.container}`, value);
}

export function checkpointTask(agent: AgentState, task: TaskRecord): void {
  if (!agent.checkpoints) return;
  const value: TaskCheckpoint = {
    framework_id: task.framework.id,
    info: task.info,
    executor_container: task.executor.container,
    container: task.container,
    ...(task.group === undefined ? {} : { group: task.group }),
  };
  agent.checkpoint(`tasks/${task.framework.id}/${task.updates.taskId}`, value);
}

export function checkpointUpdates(
  agent: AgentState,
  framework: FrameworkRecord,
  stream: UpdateStream,
): void {
  if (!agent.checkpoints) return;
  const { frameworkId, taskId } = stream;
  const task = framework.tasks.get(taskId);
  const value: UpdatesCheckpoint = {
    framework_id: frameworkId,
    task_id: taskId,
    pending: stream.pending.slice(),
    ...(task === undefined ? {} : progress(task)),
  };
  agent.checkpoint(`updates/${frameworkId}/${taskId}`, value);
}

function progress(task: TaskRecord): Partial<UpdatesCheckpoint> {
  const { state, statuses, delivered, killing, healthy, checkStatus } = task;
  return {
    state,
    statuses,
    ...(delivered ? { delivered } : {}),
    ...(killing === undefined ? {} : { killing }),
    ...(healthy === undefined ? {} : { healthy }),
    ...(checkStatus === undefined ? {} : { check_status: checkStatus }),
  };
}

export function checkpointContainer(
  agent: AgentState,
  container: string,
  checkpoint: unknown,
  startedMs: number,
): void {
  if (!agent.checkpoints) return;
  const value: ContainerCheckpoint = { container, checkpoint, started_ms: startedMs };
  agent.checkpoint(`containers/${container}`, value);
}

export function checkpointOperation(agent: AgentState, operation: OperationRecord): void {
  if (!agent.checkpoints) return;
  const value: OperationCheckpoint = {
    uuid: operation.uuid,
    operation: operation.operation,
    status: operation.status,
    ...(operation.frameworkId === undefined ? {} : { framework_id: operation.frameworkId }),
  };
  agent.checkpoint(`operations/${operation.uuid}`, value);
}

export function forgetStream(agent: AgentState, { frameworkId, taskId }: UpdateStream): void {
  agent.forget(`updates/${frameworkId}/${taskId}`);
}

export function forgetTask(agent: AgentState, task: TaskRecord): void {
  agent.forget(`tasks/${task.framework.id}/${task.updates.taskId}`);
}

export function forgetContainer(agent: AgentState, container: string): void {
  agent.forget(`containers/${container}`);
}
