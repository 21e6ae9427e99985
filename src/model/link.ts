/**
 * What a master and its agents say to each other over their one connection: msgpack frames on a
 * WebSocket, plain objects in a simulation. Every message travels in a batch (an array), in order.
 *
 * The agent opens the link and sends `register` (or `reregister`) first; nothing else is heard
 * before it is answered by `registered` or `refused`. Both sides end a link on which nothing came
 * for `heartbeatMs * 5`. A new link of an agent ends its older one.
 */
import type { AgentInfo, ExecutorInfo, FrameworkInfo, MasterInfo, TaskInfo } from "./infos.ts";
import type { Operation } from "./offers.ts";
import type { ResourceJson } from "./resource_json.ts";
import type { OperationStatus, Task, TaskStatus } from "./status.ts";
import type { KillPolicy } from "./values.ts";

/** The version of these frames; a master refuses another major one. */
export const LINK_VERSION = 1;
/** Where an agent opens its link: a WebSocket, */
export const LINK_PATH = "/api/v1/link";
/** of this subprotocol. */
export const LINK_PROTOCOL = "fairlead.link.v1";

/** What an agent says of itself when it comes, for the first time or again. */
export interface Registration {
  readonly link_version: number;
  /** `resources` is everything it has: reservations made at run time and volumes included. */
  readonly agent_info: AgentInfo;
  readonly version: string;
  readonly capabilities: readonly string[];
}

/** An executor that runs, with the framework that it belongs to. */
export interface RunningExecutor {
  readonly framework_id: string;
  readonly executor_info: ExecutorInfo;
}

/** An operation that an agent has applied or is applying. */
export interface PendingOperation {
  readonly framework_id?: string;
  /** Names the operation between master and agent. */
  readonly uuid: string;
  readonly operation: Operation;
  readonly latest_status: OperationStatus;
}

/** Messages of an agent. */
export type AgentMessage =
  /** Here for the first time: an id is asked for. */
  | ({ readonly type: "register" } & Registration)
  /** Here again, with an id (`agent_info.id`) and all that runs. */
  | ({
      readonly type: "reregister";
      /** Tasks that are not terminal, or whose terminal update is not acknowledged yet. */
      readonly tasks: readonly Task[];
      readonly executors: readonly RunningExecutor[];
      /** Frameworks that the tasks, executors and operations belong to. */
      readonly frameworks: readonly FrameworkInfo[];
      readonly operations: readonly PendingOperation[];
    } & Registration)
  | { readonly type: "pong"; readonly sequence: number }
  /**
   * A status update, again and again until `ack` names its uuid; in order for each task.
   * `latest_state` is where the task stands now, when that is further than `status`.
   */
  | {
      readonly type: "update";
      readonly framework_id: string;
      readonly status: TaskStatus;
      readonly latest_state?: Task["state"];
    }
  | {
      readonly type: "operation_update";
      readonly framework_id?: string;
      readonly uuid: string;
      readonly status: OperationStatus;
      /** Everything the agent has now. */
      readonly resources?: readonly ResourceJson[];
    }
  /** An executor's message for its scheduler; base64. */
  | {
      readonly type: "message";
      readonly framework_id: string;
      readonly executor_id: string;
      readonly data: string;
    }
  | {
      readonly type: "executor_exited";
      readonly framework_id: string;
      readonly executor_id: string;
      /** As wait(2) gives it. */
      readonly status: number;
    }
  /** What it has changed (oversubscription, a disk more): the whole of it. */
  | { readonly type: "resources"; readonly resources: readonly ResourceJson[] }
  /** The answer to an `ask`; `error` is set when it failed. */
  | {
      readonly type: "answer";
      readonly id: number;
      readonly body?: unknown;
      readonly error?: { readonly code: string; readonly message: string };
    }
  /** All that a drain asked for is gone. */
  | { readonly type: "drained" }
  /** It goes for good, its tasks have ended. */
  | { readonly type: "unregister" };

/** One task to launch. */
export interface TaskLaunch {
  readonly task: TaskInfo;
  /** Set when the task brings no command of its own: custom or default executor. */
  readonly executor?: ExecutorInfo;
}

/** What a drain asks of an agent. */
export interface DrainConfig {
  /** Overrides longer kill policies; absent: each task's own. */
  readonly max_grace_period_ns?: number;
  readonly mark_gone?: boolean;
}

/** Questions about files and containers; the answer is the body of the agent API's response. */
export type Ask =
  | { readonly type: "LIST_FILES"; readonly path: string }
  | {
      readonly type: "READ_FILE";
      readonly path: string;
      readonly offset: number;
      readonly length?: number;
    }
  | { readonly type: "GET_CONTAINERS" }
  | { readonly type: "GET_METRICS" };

/** Messages of a master. */
export type MasterMessage =
  | {
      readonly type: "registered";
      readonly agent_id: string;
      readonly master_info: MasterInfo;
      readonly heartbeat_ms: number;
      /** Tasks and operations that the agent told and the master does not want: kill them. */
      readonly unwanted_frameworks?: readonly string[];
      readonly drain?: DrainConfig;
    }
  /**
   * Not admitted. `gone`: never again with this id (start anew, kill all). `not_leader`: look for
   * the leader. `retry`: later. `invalid`: the registration itself is wrong.
   */
  | {
      readonly type: "refused";
      readonly reason: "gone" | "not_leader" | "retry" | "invalid" | "unauthorized";
      readonly message: string;
      readonly retry_after_ms?: number;
    }
  | { readonly type: "ping"; readonly sequence: number }
  /** Start these, in order; each with the framework's info as it is now. */
  | {
      readonly type: "launch";
      readonly framework: FrameworkInfo;
      readonly launches: readonly TaskLaunch[];
    }
  /** Start all of these or none, under one executor. */
  | {
      readonly type: "launch_group";
      readonly framework: FrameworkInfo;
      readonly executor: ExecutorInfo;
      readonly tasks: readonly TaskInfo[];
    }
  | {
      readonly type: "kill";
      readonly framework_id: string;
      readonly task_id: string;
      readonly kill_policy?: KillPolicy;
    }
  /** The scheduler (or the master for it) has seen this update. */
  | {
      readonly type: "ack";
      readonly framework_id: string;
      readonly task_id: string;
      readonly uuid: string;
    }
  | {
      readonly type: "operation_ack";
      readonly uuid: string;
      /** The status' own uuid. */
      readonly status_uuid: string;
    }
  /** Apply an operation; `resources` is what the agent has after it. */
  | {
      readonly type: "operation";
      readonly framework_id?: string;
      readonly uuid: string;
      readonly operation: Operation;
      /** Whether a status update is wanted. */
      readonly feedback: boolean;
    }
  | {
      readonly type: "shutdown_executor";
      readonly framework_id: string;
      readonly executor_id: string;
    }
  | { readonly type: "shutdown_framework"; readonly framework_id: string }
  /** A framework's info changed. */
  | { readonly type: "framework"; readonly framework: FrameworkInfo }
  /** A scheduler's message for its executor; base64. */
  | {
      readonly type: "message";
      readonly framework_id: string;
      readonly executor_id: string;
      readonly data: string;
    }
  /** Which of these does the agent know? It answers for each that it does not: an `update` TASK_DROPPED. */
  | {
      readonly type: "reconcile";
      readonly tasks: readonly { readonly framework_id: string; readonly task_id: string }[];
    }
  | ({ readonly type: "drain" } & DrainConfig)
  | { readonly type: "undrain" }
  | { readonly type: "ask"; readonly id: number; readonly ask: Ask }
  /** Kill all tasks and stop. */
  | { readonly type: "shutdown"; readonly message: string };
