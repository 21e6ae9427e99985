/** What an agent's core is told, and what it wants done. */
import type {
  AgentMessage,
  Ask,
  ExecutorCall,
  ExecutorEvent,
  ExecutorInfo,
  FrameworkInfo,
  MasterMessage,
  OfType,
  ResourceJson,
  TaskInfo,
  TaskReason,
} from "../../model/mod.ts";
import type { CheckResult, ContainerSignal, Termination } from "../containerizer.ts";

/** One checkpoint: a name such as "tasks/<framework>/<task>", and plain JSON. */
export interface Checkpoint {
  readonly path: string;
  readonly value: unknown;
}

/** Names the open stream of one executor; each SUBSCRIBE brings a fresh one. */
export type ExecutorConnection = string | number;

/** What happened. */
export type AgentInput =
  /**
   * The first event of all: what earlier runs of this agent left in its checkpoints (none, for a
   * new agent). Every container that ran then is asked for with `recover_container`.
   */
  | { readonly type: "recovered"; readonly checkpoints: Iterable<Checkpoint> }
  /** The answer to `recover_container`. */
  | {
      readonly type: "container_recovered";
      readonly container: string;
      readonly running: boolean;
      readonly pid?: number | undefined;
      readonly ipAddresses?: readonly string[] | undefined;
      /** How it ended, when it does not run any more and somebody knows. */
      readonly termination?: Termination | undefined;
    }
  /** A connection to what says that it is the leading master. */
  | { readonly type: "link_opened" }
  | { readonly type: "link_closed" }
  /** One batch of the link, in order. */
  | { readonly type: "messages"; readonly messages: readonly MasterMessage[] }
  /**
   * Every `launch_container` is answered by either `container_failed`, or `container_launched` and
   * in the end `container_ended`.
   */
  | {
      readonly type: "container_launched";
      readonly container: string;
      readonly pid?: number | undefined;
      readonly ipAddresses?: readonly string[] | undefined;
      /** JSON that finds it again after a restart. */
      readonly checkpoint: unknown;
    }
  | {
      readonly type: "container_failed";
      readonly container: string;
      readonly message: string;
      /** @default "REASON_CONTAINER_LAUNCH_FAILED" */
      readonly reason?: TaskReason | undefined;
    }
  | {
      readonly type: "container_ended";
      readonly container: string;
      readonly termination: Termination;
    }
  /** The answer to `run_check`. */
  | {
      readonly type: "check_result";
      readonly container: string;
      readonly check: CheckKind;
      readonly result: CheckResult;
    }
  /** A custom executor subscribed; `knowsExecutor` of the core was true for it. */
  | {
      readonly type: "executor_subscribed";
      readonly connection: ExecutorConnection;
      readonly call: OfType<ExecutorCall, "SUBSCRIBE">;
    }
  | {
      readonly type: "executor_call";
      readonly call: Exclude<ExecutorCall, { readonly type: "SUBSCRIBE" }>;
    }
  | { readonly type: "executor_disconnected"; readonly connection: ExecutorConnection }
  /** The answer to `ask`. */
  | {
      readonly type: "answered";
      readonly id: number;
      readonly body?: unknown;
      readonly error?: { readonly code: string; readonly message: string } | undefined;
    }
  /** The machine has other resources now: all of them, without what was reserved at run time. */
  | { readonly type: "resources"; readonly resources: readonly ResourceJson[] }
  /** Kill all tasks, then `stopped`. */
  | {
      readonly type: "shutdown";
      readonly message: string;
      /** Take leave of the master for good: the next start is that of a new agent. @default false */
      readonly unregister?: boolean | undefined;
    }
  /** `nextDueMs` has come. */
  | { readonly type: "tick" };

/** A task has at most one of each. */
export type CheckKind = "check" | "health_check";

/**
 * A container to start. `containerSpec` makes the whole specification of it; whoever only
 * simulates containers can do without.
 */
export interface ContainerLaunch {
  readonly container: string;
  /** The executor of a task group, which has no process of its own. */
  readonly parent?: string;
  readonly agentId: string;
  readonly framework: FrameworkInfo;
  /** The task's; one made up for it when the task brings a command of its own. */
  readonly executor: ExecutorInfo;
  /** Absent: the process to start is a custom executor. */
  readonly task?: TaskInfo;
  /** What it may use. */
  readonly resources: readonly ResourceJson[];
}

/** A persistent volume of the agent. */
export interface VolumeFolder {
  readonly role: string;
  readonly id: string;
  /** The root of the disk that it is on; absent: the work folder's. */
  readonly root?: string;
  /** Whether the volume is that whole disk. */
  readonly mount: boolean;
}

/**
 * What to do, in this order. What leaves the process (`send`, `launch_container`,
 * `executor_event`) waits until every `checkpoint` and `forget` before it is durable.
 */
export type AgentEffect =
  /** To the master; lost when there is no link: the core says it again where it matters. */
  | { readonly type: "send"; readonly message: AgentMessage }
  /** End the link and open another after this long; to the leader, wherever it is then. */
  | {
      readonly type: "close_link";
      readonly reason: string;
      /** @default 0 (and the shell's own backoff) */
      readonly retryAfterMs?: number | undefined;
    }
  | { readonly type: "checkpoint"; readonly path: string; readonly value: unknown }
  | { readonly type: "forget"; readonly path: string }
  | { readonly type: "launch_container"; readonly launch: ContainerLaunch }
  /** Answered by `container_recovered`. */
  | {
      readonly type: "recover_container";
      readonly container: string;
      /** Absent: the start was under way; if it runs, it must be ended. */
      readonly checkpoint?: unknown;
    }
  | {
      readonly type: "signal_container";
      readonly container: string;
      readonly signal: ContainerSignal;
    }
  /** Kill what is left of it and clean up; also a start that is under way. Twice is harmless. */
  | { readonly type: "destroy_container"; readonly container: string }
  /** Hold it to the limits that follow from these resources. */
  | {
      readonly type: "update_container";
      readonly container: string;
      readonly resources: readonly ResourceJson[];
    }
  /** Look once, answered by `check_result`; `checkSpec` makes the specification. */
  | {
      readonly type: "run_check";
      readonly container: string;
      readonly check: CheckKind;
      readonly task: TaskInfo;
    }
  | {
      readonly type: "executor_event";
      readonly connection: ExecutorConnection;
      readonly event: ExecutorEvent;
    }
  | { readonly type: "end_executor"; readonly connection: ExecutorConnection }
  /** Have an empty folder for it, unless there is one. */
  | { readonly type: "create_volume"; readonly volume: VolumeFolder }
  | { readonly type: "destroy_volume"; readonly volume: VolumeFolder }
  /** Keep the volumes of an identity that is gone where no new volume can be. */
  | { readonly type: "set_aside_volumes"; readonly agentId: string }
  /** Nothing runs in this executor's sandbox any more: it may be collected. */
  | {
      readonly type: "release_sandbox";
      readonly agentId: string;
      readonly frameworkId: string;
      readonly executorId: string;
      readonly container: string;
    }
  /** Answered by `answered`. */
  | { readonly type: "ask"; readonly id: number; readonly ask: Ask }
  /** Admitted, for the first time or again. */
  | { readonly type: "registered"; readonly agentId: string; readonly masterId: string }
  /** A `shutdown` has come to its end. */
  | { readonly type: "stopped" }
  | {
      readonly type: "log";
      readonly level: "debug" | "info" | "warning" | "error";
      readonly message: string;
      readonly details?: Readonly<Record<string, unknown>>;
    };
