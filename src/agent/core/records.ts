/** What an agent's core knows: read by shells and tests, changed by the core alone. */
import type {
  CheckStatusInfo,
  ExecutorInfo,
  FrameworkInfo,
  Operation,
  OperationStatus,
  TaskInfo,
  TaskReason,
  TaskState,
  TaskStatus,
} from "../../model/mod.ts";
import type { ExecutorConnection } from "./events.ts";
import type { Timer } from "./timers.ts";

/** Updates of one task, told in order: the first one is out until it is acknowledged. */
export interface UpdateStream {
  readonly frameworkId: string;
  readonly taskId: string;
  /** Not acknowledged, oldest first. */
  readonly pending: TaskStatus[];
  /** How long to wait for the acknowledgement of the first one; 0 when it is not out. */
  retryMs: number;
  timer: Timer | undefined;
}

/** Where a container stands, as the core sees it. */
export type ContainerPhase =
  /** Not asked for: the task waits for, or is in the hands of, a custom executor. */
  "none" | "recovering" | "launching" | "running" | "ended";

/** Why a task is being ended. */
export type KillCause =
  | "kill"
  | "unhealthy"
  | "completion_time"
  /** Another task of its group ended badly. */
  | "group"
  | "drain"
  | "shutdown";

/** A task being ended. */
export interface Killing {
  readonly startedMs: number;
  /** When it is killed outright; in milliseconds of the clock. */
  readonly deadlineMs: number;
  readonly cause: KillCause;
}

/** One check or health check under way. */
export interface Checking {
  /** When it began; in milliseconds of the clock. */
  readonly startedMs: number;
  /** Whether a look is out. */
  looking: boolean;
  /** Failures since the last success. */
  failures: number;
  succeeded: boolean;
  timer: Timer | undefined;
}

/** A task of this agent: it has not ended, or has updates that are not acknowledged. */
export interface TaskRecord {
  readonly type: "task";
  readonly info: TaskInfo;
  readonly framework: FrameworkRecord;
  readonly executor: ExecutorRecord;
  /** The container that it runs in: its own, or its custom executor's. */
  readonly container: string;
  /** Tasks of one LAUNCH_GROUP have the same number. */
  readonly group: number | undefined;
  readonly updates: UpdateStream;
  /** The latest, whether the master knows it or not. */
  state: TaskState;
  /** The last of each state, oldest first. */
  statuses: readonly TaskStatus[];
  phase: ContainerPhase;
  /** Sent to its custom executor. */
  delivered: boolean;
  pid: number | undefined;
  ipAddresses: readonly string[];
  /** When its container began to run; in milliseconds of the clock. */
  startedMs: number | undefined;
  killing: Killing | undefined;
  killTimer: Timer | undefined;
  completionTimer: Timer | undefined;
  healthy: boolean | undefined;
  checkStatus: CheckStatusInfo | undefined;
  check: Checking | undefined;
  healthCheck: Checking | undefined;
}

/** What runs tasks: built in for commands and task groups, a process of the framework's else. */
export interface ExecutorRecord {
  readonly type: "executor";
  readonly kind: "command" | "group" | "custom";
  readonly framework: FrameworkRecord;
  readonly info: ExecutorInfo;
  /** The container of a command or custom executor; only the name of a sandbox for a group. */
  readonly container: string;
  /** Of the agent when it began: it is part of the sandbox's path. */
  readonly agentId: string;
  readonly tasks: Map<string, TaskRecord>;
  /** Of a custom executor's own process. */
  phase: ContainerPhase;
  pid: number | undefined;
  ipAddresses: readonly string[];
  connection: ExecutorConnection | undefined;
  /** It has subscribed at some time. */
  subscribed: boolean;
  /** Why its tasks end, when the agent ends it. */
  ending: { readonly reason: TaskReason; readonly message: string } | undefined;
  /** For its subscription, or for its end. */
  timer: Timer | undefined;
}

/** A framework with something on this agent. */
export interface FrameworkRecord {
  readonly id: string;
  /** Absent while only updates of tasks that the agent never knew are out. */
  info: FrameworkInfo | undefined;
  readonly executors: Map<string, ExecutorRecord>;
  readonly tasks: Map<string, TaskRecord>;
  /** Updates by task id, those of refused tasks included. */
  readonly streams: Map<string, UpdateStream>;
  /** It was shut down: it takes no tasks, its updates are of no interest. */
  ending: boolean;
}

/** What is kept of a task that is over. */
export interface CompletedTask {
  readonly info: TaskInfo;
  readonly frameworkId: string;
  readonly executorId: string;
  readonly container: string;
  readonly agentId: string;
  readonly state: TaskState;
  readonly statuses: readonly TaskStatus[];
}

/** An operation on the agent's resources whose status is not acknowledged. */
export interface OperationRecord {
  readonly uuid: string;
  readonly frameworkId: string | undefined;
  readonly operation: Operation;
  readonly status: OperationStatus;
  retryMs: number;
  timer: Timer | undefined;
}

/** Where the agent stands with its master. */
export type Connection =
  /** Reading what it left behind; `linked` when a link is open already. */
  | { readonly status: "recovering"; readonly linked: boolean }
  | { readonly status: "disconnected" }
  /** It has said who it is and waits for the answer. */
  | { readonly status: "registering" }
  | { readonly status: "registered"; readonly masterId: string; readonly heartbeatMs: number };
