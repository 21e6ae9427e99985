/**
 * What a master knows, as immutable records: a change replaces the record, so whoever holds an old
 * one still sees a consistent whole. Ids are plain strings here, times are milliseconds since 1970.
 */
import type {
  AgentInfo,
  DrainConfig,
  ExecutorInfo,
  FrameworkInfo,
  InverseOffer,
  MachineID,
  OfferConstraintsJson,
  Offer as OfferJson,
  Operation,
  OperationStatus,
  Task,
  TaskInfo,
  TaskState,
  TaskStatus,
  Unavailability,
} from "../../model/mod.ts";
import type { Quantities, Resources } from "../../resources/mod.ts";

/** Names one stream to a framework: the `Mesos-Stream-Id` that the shell made for a SUBSCRIBE. */
export type ConnectionId = string;
/** Names one link to an agent; the shell counts them. */
export type LinkId = number;
/** Names one request that waits for an answer; the shell counts them. */
export type RequestId = number;

/** How a framework stands to this master. */
export type FrameworkConnection =
  /** Its stream is open. */
  | { readonly status: "connected"; readonly connection: ConnectionId }
  /** The stream ended; the framework is removed at `dueMs` unless it subscribes again. */
  | { readonly status: "disconnected"; readonly sinceMs: number; readonly dueMs: number }
  /** Known from the registry or from agents, but not heard of since this master was elected. */
  | { readonly status: "recovered"; readonly dueMs: number };

/** A framework. */
export interface FrameworkRecord {
  readonly id: string;
  /** With its id, and its principal when it authenticated. */
  readonly info: FrameworkInfo;
  readonly roles: readonly string[];
  readonly suppressedRoles: ReadonlySet<string>;
  readonly capabilities: ReadonlySet<string>;
  readonly constraints: OfferConstraintsJson | undefined;
  readonly failoverTimeoutMs: number;
  readonly connection: FrameworkConnection;
  readonly registeredMs: number;
  readonly reregisteredMs?: number;
  /** Set once it is over, and only then: torn down, or its failover timeout passed. */
  readonly unregisteredMs?: number;
}

/** How an agent stands to this master. */
export type AgentConnection =
  /** Its link is open and it answers. */
  | { readonly status: "connected"; readonly link: LinkId }
  /** The link ended; it is unreachable at `dueMs` unless it comes back. */
  | { readonly status: "disconnected"; readonly sinceMs: number; readonly dueMs: number };

/** What an operator wants of an agent's use; all of it is kept in the registry. */
export interface AgentStanding {
  /** No offers. */
  readonly deactivated: boolean;
  readonly drain?: { readonly config: DrainConfig; readonly state: "DRAINING" | "DRAINED" };
}

/** A registered agent. */
export interface AgentRecord {
  readonly id: string;
  /** With its id; `resources` as registered, see `resources` of this record for what is now. */
  readonly info: AgentInfo;
  readonly version: string;
  readonly capabilities: readonly string[];
  /** Where it called from. */
  readonly address: string;
  readonly principal?: string;
  /** Everything it has, reservations made at run time and volumes included. */
  readonly resources: Resources;
  readonly connection: AgentConnection;
  readonly standing: AgentStanding;
  readonly registeredMs: number;
  readonly reregisteredMs?: number;
}

/** An agent that the registry has admitted and that has not come back since the failover. */
export interface RecoveredAgent {
  readonly id: string;
  readonly info: AgentInfo;
  readonly standing: AgentStanding;
}

/** An agent that stopped answering. */
export interface UnreachableAgent {
  readonly id: string;
  readonly info: AgentInfo;
  readonly standing: AgentStanding;
  readonly sinceMs: number;
}

/** What is the same in a `TaskInfo` that is launched and a `Task` that an agent tells of. */
export type TaskFacts = TaskInfo & { readonly user?: Task["user"] };

/** A task. */
export interface TaskRecord {
  readonly id: string;
  readonly frameworkId: string;
  readonly agentId: string;
  /** The executor that runs it; undefined for a command task, whose executor is the agent itself. */
  readonly executorId: string | undefined;
  /** The role that its resources are allocated to. */
  readonly role: string;
  /** Not marked with the role. */
  readonly resources: Resources;
  readonly info: TaskFacts;
  /** The latest state that the master knows of; resources follow it. */
  readonly state: TaskState;
  /** The status that waits for the framework's acknowledgement, when there is one. */
  readonly pending: { readonly state: TaskState; readonly uuid: string } | undefined;
  /** One a state, the latest of each, oldest first. */
  readonly statuses: readonly TaskStatus[];
  /** Whether its resources were given back. */
  readonly released: boolean;
  /**
   * Its framework was told that it is lost, but its agent came back with it: it is being killed,
   * and no further status of it is told.
   */
  readonly isLost: boolean;
  readonly launchedMs: number;
}

/** An executor with resources of its own: a custom or default one. */
export interface ExecutorRecord {
  readonly id: string;
  readonly frameworkId: string;
  readonly agentId: string;
  readonly role: string;
  readonly info: ExecutorInfo;
  readonly resources: Resources;
}

/** An outstanding offer. */
export interface OfferRecord {
  readonly id: string;
  readonly frameworkId: string;
  readonly agentId: string;
  readonly role: string;
  /** The allocator's name for it. */
  readonly handle: number;
  /** Not marked with the role. */
  readonly resources: Resources;
  /** As the framework got it. */
  readonly json: OfferJson;
  readonly sinceMs: number;
}

/** An outstanding inverse offer. */
export interface InverseOfferRecord {
  readonly id: string;
  readonly frameworkId: string;
  readonly agentId: string;
  readonly json: InverseOffer;
}

/** An operation on an agent's resources that is not over, or whose end is not acknowledged. */
export interface OperationRecord {
  /** Between master and agent; base64 of 16 bytes. */
  readonly uuid: string;
  /** Undefined for an operator's. */
  readonly frameworkId: string | undefined;
  readonly agentId: string;
  /** The framework's name for it, when it wants to hear of it. */
  readonly id: string | undefined;
  readonly info: Operation;
  readonly status: OperationStatus;
  readonly statuses: readonly OperationStatus[];
}

/** A machine of the maintenance schedule. */
export interface MachineRecord {
  readonly id: MachineID;
  readonly mode: "DRAINING" | "DOWN";
  readonly unavailability: Unavailability;
  /** Which window of the schedule it stands in, from 0. */
  readonly window: number;
}

/** A role's quota as operators set it. */
export interface QuotaRecord {
  readonly role: string;
  readonly guarantees: Quantities;
  /** Kinds that are not named have no limit; thousandths, 0 means none of it. */
  readonly limits: Readonly<Record<string, number>>;
}

/** A framework with all that belongs to it: readable, kept up to date by the core. */
export interface FrameworkView {
  readonly record: FrameworkRecord;
  /** By task id; tasks that are over stay until their last status is acknowledged. */
  readonly tasks: ReadonlyMap<string, TaskRecord>;
  /** Tasks on unreachable agents, by task id; bounded. */
  readonly unreachableTasks: ReadonlyMap<string, TaskRecord>;
  /** Oldest first; bounded. */
  readonly completedTasks: Iterable<TaskRecord>;
  /** By agent, then by executor id. */
  readonly executors: ReadonlyMap<string, ReadonlyMap<string, ExecutorRecord>>;
  readonly offers: ReadonlySet<OfferRecord>;
  readonly inverseOffers: ReadonlySet<InverseOfferRecord>;
  /** How many tasks of `tasks` and `unreachableTasks` are in each state now. */
  readonly taskCounts: ReadonlyMap<TaskState, number>;
}

/** A registered agent with all that is on it: readable, kept up to date by the core. */
export interface AgentView {
  readonly record: AgentRecord;
  /** Ids of tasks by framework. */
  readonly tasks: ReadonlyMap<string, ReadonlySet<string>>;
  /** By framework, then by executor id. */
  readonly executors: ReadonlyMap<string, ReadonlyMap<string, ExecutorRecord>>;
  readonly offers: ReadonlySet<OfferRecord>;
  readonly inverseOffers: ReadonlySet<InverseOfferRecord>;
  readonly operations: ReadonlySet<OperationRecord>;
}

/** A framework that is over, and the last of its tasks; both are bounded. */
export interface CompletedFramework {
  readonly record: FrameworkRecord;
  readonly completedTasks: Iterable<TaskRecord>;
}

/** Everything a master knows. Maps may be read at any time between two steps. */
export interface MasterState {
  /** "ended" once it has lost its leadership; then nothing in here changes any more. */
  readonly status: "recovering" | "leading" | "ended";
  /** When the registry was read; 0 while recovering. */
  readonly recoveredMs: number;
  readonly frameworks: ReadonlyMap<string, FrameworkView>;
  /** By id, oldest first. */
  readonly completedFrameworks: ReadonlyMap<string, CompletedFramework>;
  readonly agents: ReadonlyMap<string, AgentView>;
  readonly recoveredAgents: ReadonlyMap<string, RecoveredAgent>;
  readonly unreachableAgents: ReadonlyMap<string, UnreachableAgent>;
  /** When each was marked gone. */
  readonly goneAgents: ReadonlyMap<string, number>;
  readonly offers: ReadonlyMap<string, OfferRecord>;
  readonly inverseOffers: ReadonlyMap<string, InverseOfferRecord>;
  /** By uuid. */
  readonly operations: ReadonlyMap<string, OperationRecord>;
  /** By "hostname/ip". */
  readonly machines: ReadonlyMap<string, MachineRecord>;
  readonly quotas: ReadonlyMap<string, QuotaRecord>;
  readonly weights: ReadonlyMap<string, number>;
}
