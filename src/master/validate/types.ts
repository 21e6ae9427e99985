/** What the rules are asked with and answer: plain readonly data, refusals as values. */
import type {
  ExecutorInfo,
  Operation,
  ResourceJson,
  TaskInfo,
  TaskReason,
} from "../../model/mod.ts";
import type { Resources } from "../../resources/mod.ts";

/** What is wrong, in Mesos' words; undefined when nothing is. Secrets never stand in it. */
export type Fault = string | undefined;

/** Resources of a call, read: typed, and as JSON with today's fields and the role they are held for. */
export interface ReadResources {
  readonly resources: Resources;
  /** The same in Mesos' JSON; shared between tasks of one shape: never change it. */
  readonly json: ResourceJson[];
}

/**
 * What a task is held against; one object an ACCEPT, its `available` replaced after each launch.
 *
 * Maps of the master's records fit into `tasks` and `unreachableTasks` as they are.
 */
export interface LaunchContext {
  readonly frameworkId: string;
  readonly agentId: string;
  /** The role of the offers; what the task does not say otherwise is held for it. */
  readonly role: string;
  /**
   * What the offers still hold, with `allocationRole`; all shared copies of the offers count,
   * even those that earlier tasks of the ACCEPT use (`OfferedResources.available`).
   */
  readonly available: Resources;
  /** Ids of the framework's tasks that are pending, launched or not yet acknowledged. */
  readonly tasks: { has(taskId: string): boolean };
  /** Ids of the framework's unreachable tasks. */
  readonly unreachableTasks: { has(taskId: string): boolean };
  /** The info of the framework's executor that runs on the agent. */
  readonly executorOf: (executorId: string) => ExecutorInfo | undefined;
  /** Containers of the tasks under an executor that runs on the agent, for `share_cgroups`. @default none */
  readonly containersUnder?: (executorId: string) => Iterable<TaskInfo["container"]>;
  /** Whether the agent keeps to task limits (TASK_RESOURCE_LIMITS). @default true */
  readonly agentTakesLimits?: boolean;
}

/** Not launched: the status update to send, with source MASTER. */
export interface TaskRefusal {
  readonly ok: false;
  readonly state: "TASK_ERROR";
  readonly reason: TaskReason;
  readonly message: string;
}

/** A task that may be launched. */
export interface TaskGrant {
  readonly ok: true;
  /** The task with what was left open filled in: roles held for, framework id, type of check. */
  readonly task: TaskInfo;
  /** What the task uses. */
  readonly resources: Resources;
  /** The executor to start with it; undefined when there is none or it runs already. */
  readonly executor: ExecutorInfo | undefined;
  /** What that executor uses; empty without one. */
  readonly executorResources: Resources;
  /** Both together: what the launch takes of what is available. */
  readonly total: Resources;
}

/** A task group that may be launched, whole. */
export interface GroupGrant {
  readonly ok: true;
  readonly tasks: readonly { readonly task: TaskInfo; readonly resources: Resources }[];
  /** As the call has it, filled in, whether it runs already or not. */
  readonly executorInfo: ExecutorInfo;
  /** The executor to start; undefined when it runs already. */
  readonly executor: ExecutorInfo | undefined;
  readonly executorResources: Resources;
  readonly total: Resources;
}

export type TaskVerdict = TaskGrant | TaskRefusal;
export type GroupVerdict = GroupGrant | TaskRefusal;

/** What an operation other than a launch is held against. */
export interface OperationContext {
  /** Who reserves or creates: the framework's own principal, or the operator's. */
  readonly principal?: string | undefined;
  /** Absent: an operator asks, and resources are held for nobody. */
  readonly framework?: {
    readonly id: string;
    readonly roles: { has(role: string): boolean };
    readonly capabilities: { has(capability: string): boolean };
    /** The role of the offers. */
    readonly role: string;
  };
  /** The agent as it is now, after earlier operations of the same ACCEPT. */
  readonly agent: {
    readonly id: string;
    /** Everything it has; held for nobody. */
    readonly total: Resources;
    /** What tasks and executors use there, by framework. */
    readonly used: Iterable<Resources>;
    /** Mesos' agent capabilities. @default all */
    readonly capabilities?: { has(capability: string): boolean };
  };
}

/** Resources of one shape become the same amounts in another. */
export interface ResourceConversion {
  readonly from: Resources;
  readonly to: Resources;
  /** The volumes that may not be left over afterwards: destroyed while copies are elsewhere. */
  readonly gone?: Resources;
}

export type OperationVerdict =
  | {
      readonly ok: true;
      /** The operation with today's fields and the role held for: what agents get. */
      readonly operation: Operation;
      /** To apply one after the other. */
      readonly conversions: readonly ResourceConversion[];
    }
  | { readonly ok: false; readonly state: "OPERATION_ERROR"; readonly message: string };
