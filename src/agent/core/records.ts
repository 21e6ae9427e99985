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

/** Updates of one task, told in order: the first one is out until it is acknowledged. */
export interface UpdateStream {
  readonly frameworkId: string;
  readonly taskId: string;
  /** Not acknowledged, oldest first. */
  readonly pending: TaskStatus[];
  /** How long to wait for the acknowledgement of the first one; 0 when it is not out. */
  retryMs: number;
  /** The uuid of the last one acknowledged: repeats of it are no surprise. */
  acknowledged: string | undefined;
}

/** Where a container stands, as the core sees it. */
export type ContainerPhase =
  /** Not asked for: its executor has not subscribed, or the task is in a custom executor's hands. */
  "none" | "recovering" | "launching" | "running" | "ended";

/** A task being ended. */
export interface Killing {
  /** When it is killed outright; in milliseconds of the clock. */
  readonly deadlineMs: number;
  readonly startedMs: number;
  readonly cause: "kill" | "unhealthy" | "completion_time" | "group" | "drain" | "shutdown";
  /** Whether SIGKILL was sent. */
  readonly forced: boolean;
}

/** One check or health check under way. */
export interface Checking {
  /** Results of looks that were asked for before this moment are stale. */
  readonly startedMs: number;
  /** Whether a look is out. */
  looking: boolean;
  /** Failures since the last success. */
  failures: number;
  succeeded: boolean;
}

/** A task of this agent. */
export interface TaskRecord {
  readonly info: TaskInfo;
  readonly frameworkId: string;
  readonly executor: ExecutorRecord;
  /** The container that it runs in: its own, or its custom executor's. */
  readonly container: string;
  /** Tasks of one LAUNCH_GROUP have the same number. */
  readonly group: number | undefined;
  /** The latest, whether the master knows it or not. */
  state: TaskState;
  /** The last of each state, oldest first. */
  statuses: TaskStatus[];
  readonly updates: UpdateStream;
  phase: ContainerPhase;
  /** Sent to its custom executor. */
  delivered: boolean;
  pid: number | undefined;
  ipAddresses: readonly string[];
  killing: Killing | undefined;
  healthy: boolean | undefined;
  checkStatus: CheckStatusInfo | undefined;
  check: Checking | undefined;
  healthCheck: Checking | undefined;
  /** When it began to run; in milliseconds of the clock. */
  startedMs: number | undefined;
}

/** What runs tasks: built in for commands and task groups, a process of the framework's else. */
export interface ExecutorRecord {
  readonly kind: "command" | "group" | "custom";
  readonly frameworkId: string;
  readonly info: ExecutorInfo;
  /** The container of a command or custom executor; only the name of a sandbox for a group. */
  readonly container: string;
  /** Of the agent at the time: it is part of the sandbox's path. */
  readonly agentId: string;
  /** Not ended, or with updates that are not acknowledged. */
  readonly tasks: Map<string, TaskRecord>;
  /** For a custom executor. */
  phase: ContainerPhase;
  connection: ExecutorConnection | undefined;
  subscribed: boolean;
  /** Why its tasks end, when the agent ends it. */
  ending: { readonly reason: TaskReason; readonly message: string } | undefined;
}

/** A framework with something on this agent. */
export interface FrameworkRecord {
  readonly id: string;
  /** Absent while only updates of unknown tasks are out. */
  info: FrameworkInfo | undefined;
  readonly executors: Map<string, ExecutorRecord>;
  readonly tasks: Map<string, TaskRecord>;
  readonly streams: Map<string, UpdateStream>;
  /** Its executors are being ended; it takes no tasks. */
  ending: boolean;
  /** Ended tasks, oldest first; bounded. */
  readonly completed: CompletedTask[];
}

/** What is kept of a task that is over. */
export interface CompletedTask {
  readonly info: TaskInfo;
  readonly executorId: string;
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
}

/** Where the agent stands with its master. */
export type Connection =
  /** Reading what it left behind. */
  | { readonly status: "recovering" }
  | { readonly status: "disconnected" }
  /** It has said who it is and waits for the answer. */
  | { readonly status: "registering" }
  | { readonly status: "registered"; readonly masterId: string; readonly heartbeatMs: number };
