/** What the master knows, as the core writes it; everybody else reads it as `MasterState`. */
import type { TaskState } from "../../model/mod.ts";
import { frameworkPrefix } from "../metrics/names.ts";
import type {
  AgentRecord,
  AgentView,
  CompletedFramework,
  ExecutorRecord,
  FrameworkRecord,
  FrameworkView,
  InverseOfferRecord,
  MachineRecord,
  MasterState,
  OfferRecord,
  OperationRecord,
  QuotaRecord,
  RecoveredAgent,
  TaskRecord,
  UnreachableAgent,
} from "./records.ts";
import { Ring } from "./ring.ts";

/** A framework and all that belongs to it. */
export class FrameworkBook implements FrameworkView {
  record: FrameworkRecord;
  readonly tasks = new Map<string, TaskRecord>();
  readonly unreachableTasks = new Map<string, TaskRecord>();
  readonly completedTasks: Ring<TaskRecord>;
  readonly executors = new Map<string, Map<string, ExecutorRecord>>();
  readonly offers = new Set<OfferRecord>();
  readonly inverseOffers = new Set<InverseOfferRecord>();
  readonly taskCounts = new Map<TaskState, number>();
  /** By the framework's own ids. */
  readonly operations = new Map<string, OperationRecord>();
  /** What the names of its own counters begin with. */
  readonly metrics: string;
  /** How many tasks and executors it has on each agent. */
  readonly presence = new Map<string, number>();
  /** How often in a row offers were taken back from it because it let them lie. */
  ignored = 0;
  /** Until then a REVIVE does not bring back what it let lie. */
  ignoredUntilMs = 0;

  constructor(record: FrameworkRecord, completedTasksMax: number) {
    this.record = record;
    this.metrics = frameworkPrefix(record.info);
    this.completedTasks = new Ring(completedTasksMax);
  }

  get id(): string {
    return this.record.id;
  }

  get isConnected(): boolean {
    return this.record.connection.status === "connected";
  }

  get isPartitionAware(): boolean {
    return this.record.capabilities.has("PARTITION_AWARE");
  }

  /** It said something to an offer. */
  answered(): void {
    this.ignored = 0;
    this.ignoredUntilMs = 0;
  }
}

/** A registered agent and all that is on it. */
export class AgentBook implements AgentView {
  record: AgentRecord;
  readonly tasks = new Map<string, Set<string>>();
  readonly executors = new Map<string, Map<string, ExecutorRecord>>();
  readonly offers = new Set<OfferRecord>();
  readonly inverseOffers = new Set<InverseOfferRecord>();
  readonly operations = new Set<OperationRecord>();
  /** When frameworks said something to its inverse offers last, by their ids. */
  readonly inverseAnswersMs = new Map<string, number>();
  /** Tasks that are to be killed, by framework: told again when the agent comes back. */
  readonly killed = new Map<string, Set<string>>();
  /** When anything was heard of it last. */
  heardMs: number;
  pingedMs: number;
  pings = 0;

  constructor(record: AgentRecord, nowMs: number) {
    this.record = record;
    this.heardMs = nowMs;
    this.pingedMs = nowMs;
  }

  get id(): string {
    return this.record.id;
  }

  get isConnected(): boolean {
    return this.record.connection.status === "connected";
  }
}

/** Everything. */
export class Books implements MasterState {
  status: MasterState["status"] = "recovering";
  recoveredMs = 0;
  readonly frameworks = new Map<string, FrameworkBook>();
  readonly completedFrameworks = new Map<string, CompletedFramework>();
  /** Ids of frameworks that are over, from the registry too. */
  readonly completedIds = new Set<string>();
  readonly agents = new Map<string, AgentBook>();
  readonly recoveredAgents = new Map<string, RecoveredAgent>();
  readonly unreachableAgents = new Map<string, UnreachableAgent>();
  /** Which tasks were on an unreachable agent, by framework. */
  readonly unreachableTasks = new Map<string, Map<string, Set<string>>>();
  readonly goneAgents = new Map<string, number>();
  readonly offers = new Map<string, OfferRecord>();
  readonly inverseOffers = new Map<string, InverseOfferRecord>();
  readonly operations = new Map<string, OperationRecord>();
  readonly machines = new Map<string, MachineRecord>();
  readonly quotas = new Map<string, QuotaRecord>();
  readonly weights = new Map<string, number>();
}
