/**
 * What the master tells its console under `/api/fairlead`: plain JSON rows, made for reading at a
 * glance. Amounts are in cores and megabytes, times are milliseconds since 1970, absent kinds are 0.
 */
import type { TaskSource, TaskState } from "./status.ts";

/** Scalars of the four kinds that every agent has: cores, MB, MB, devices. */
export interface ConsoleAmounts {
  readonly cpus: number;
  readonly mem: number;
  readonly disk: number;
  readonly gpus: number;
}

/** How many agents are in which state. */
export interface ConsoleAgentCounts {
  readonly active: number;
  readonly inactive: number;
  readonly unreachable: number;
  readonly draining: number;
}

/** `GET /summary`, and a part of every event of the stream. */
export interface ConsoleSummary {
  readonly cluster: string;
  readonly version: string;
  readonly masterId: string;
  readonly hostname: string;
  readonly startedMs: number;
  readonly electedMs: number;
  /** The master's clock when it wrote this. */
  readonly nowMs: number;
  readonly agents: ConsoleAgentCounts;
  readonly frameworks: {
    readonly active: number;
    readonly inactive: number;
    readonly completed: number;
  };
  /** Counts by state in lower case without the prefix: `running`, `gone_by_operator`. */
  readonly tasks: Readonly<Record<string, number>>;
  readonly offers: number;
  readonly total: ConsoleAmounts;
  readonly used: ConsoleAmounts;
  readonly offered: ConsoleAmounts;
}

/** What an agent is at the moment; `deactivated` is by an operator, `inactive` by a lost link. */
export type ConsoleAgentState =
  | "active"
  | "inactive"
  | "unreachable"
  | "draining"
  | "drained"
  | "deactivated"
  | "recovered";

/** One agent in a list. */
export interface ConsoleAgentRow {
  readonly id: string;
  readonly hostname: string;
  /** `ip:port`. */
  readonly address: string;
  readonly state: ConsoleAgentState;
  readonly total: ConsoleAmounts;
  readonly used: ConsoleAmounts;
  readonly offered: ConsoleAmounts;
  readonly reserved: ConsoleAmounts;
  /** Tasks that are not over. */
  readonly tasks: number;
  readonly region?: string;
  readonly zone?: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly registeredMs: number;
  /** Maintenance that is scheduled; without a duration it has no end. */
  readonly unavailable?: { readonly startMs: number; readonly durationMs?: number };
}

export type ConsoleFrameworkState = "active" | "inactive" | "recovered" | "completed";

/** One framework in a list. */
export interface ConsoleFrameworkRow {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly string[];
  readonly state: ConsoleFrameworkState;
  readonly principal?: string;
  readonly hostname?: string;
  readonly webuiUrl?: string;
  readonly capabilities: readonly string[];
  readonly used: ConsoleAmounts;
  readonly offered: ConsoleAmounts;
  /** Counts by state, named as in {@linkcode ConsoleSummary.tasks}. */
  readonly tasks: Readonly<Record<string, number>>;
  readonly registeredMs: number;
  readonly reregisteredMs?: number;
  readonly failoverTimeoutS: number;
}

/** One role: its dominant share by weight, its quota, and who is in it. */
export interface ConsoleRoleRow {
  readonly role: string;
  /** Dominant share of the cluster, 0 to 1, not divided by the weight. */
  readonly share: number;
  readonly weight: number;
  readonly guarantees: ConsoleAmounts;
  /** Kinds without a limit are absent. */
  readonly limits: Partial<ConsoleAmounts>;
  /** Used and offered. */
  readonly allocated: ConsoleAmounts;
  /** What counts against the quota. */
  readonly consumed: ConsoleAmounts;
  readonly frameworks: readonly ConsoleRoleMember[];
}

/** A framework's part in a role. */
export interface ConsoleRoleMember {
  readonly id: string;
  readonly share: number;
  readonly allocated: ConsoleAmounts;
}

/** Event `snapshot` of `GET /stream`: everything, first of all and whenever deltas would not do. */
export interface ConsoleSnapshot {
  readonly sequence: number;
  readonly summary: ConsoleSummary;
  readonly agents: readonly ConsoleAgentRow[];
  readonly frameworks: readonly ConsoleFrameworkRow[];
  readonly roles: readonly ConsoleRoleRow[];
}

/** Event `delta` of `GET /stream`: what changed since the event before it. */
export interface ConsoleDelta {
  readonly sequence: number;
  /** The sequence that this builds on, when the master tells it: a gap asks for a new snapshot. */
  readonly since?: number;
  readonly summary: ConsoleSummary;
  readonly agents: readonly ConsoleAgentRow[];
  readonly agentsRemoved: readonly string[];
  readonly frameworks: readonly ConsoleFrameworkRow[];
  readonly frameworksRemoved: readonly string[];
  /** All of them, when any changed. */
  readonly roles?: readonly ConsoleRoleRow[];
}

/** One task in a list. */
export interface ConsoleTaskRow {
  readonly id: string;
  readonly name: string;
  readonly frameworkId: string;
  readonly agentId: string;
  readonly hostname: string;
  readonly role: string;
  readonly state: TaskState;
  readonly healthy?: boolean;
  readonly resources: ConsoleAmounts;
  readonly startedMs?: number;
  readonly finishedMs?: number;
  readonly executorId?: string;
  readonly message?: string;
  /** One of Mesos' reasons, or a later one. */
  readonly reason?: string;
}

/** What `GET /tasks` may be sorted by. */
export type ConsoleTaskSort = "name" | "state" | "started" | "agent";

/** `GET /tasks?framework=&agent=&role=&state=&q=&sort=&desc=&offset=&limit=` */
export interface ConsoleTasks {
  /** How many match, of which these are a page. */
  readonly total: number;
  readonly tasks: readonly ConsoleTaskRow[];
}

/** One status of a task's history. */
export interface ConsoleTaskStatus {
  readonly state: TaskState;
  readonly timestampMs: number;
  readonly message?: string;
  /** One of Mesos' reasons, or a later one. */
  readonly reason?: string;
  readonly source?: TaskSource;
  readonly healthy?: boolean;
}

/** `GET /tasks/{frameworkId}/{taskId}` */
export interface ConsoleTask extends ConsoleTaskRow {
  /** Oldest first. */
  readonly statuses: readonly ConsoleTaskStatus[];
  readonly command?: string;
  readonly image?: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Ranges as text: `31000-31002, 31005`; empty when it has none. */
  readonly ports: string;
  readonly containerId?: string;
  /** Path for `GET /agents/{id}/files`. */
  readonly sandbox?: string;
}

/** `GET /agents/{id}` */
export interface ConsoleAgent extends ConsoleAgentRow {
  /** All resources in Mesos' text form. */
  readonly resources: string;
  readonly reservations: readonly {
    readonly role: string;
    readonly amounts: ConsoleAmounts;
  }[];
  readonly executors: readonly {
    readonly id: string;
    readonly frameworkId: string;
    readonly amounts: ConsoleAmounts;
  }[];
  /** Ids of the frameworks that have tasks or executors here. */
  readonly frameworks: readonly string[];
  readonly version: string;
  readonly capabilities: readonly string[];
}

/** One outstanding offer. */
export interface ConsoleOffer {
  readonly id: string;
  readonly agentId: string;
  readonly hostname: string;
  readonly frameworkId: string;
  readonly role: string;
  readonly amounts: ConsoleAmounts;
  /** Ranges as text: `31000-32000`. */
  readonly ports: string;
  readonly sinceMs: number;
}

/** `GET /offers?framework=&agent=&offset=&limit=` */
export interface ConsoleOffers {
  readonly total: number;
  readonly offers: readonly ConsoleOffer[];
}

/** `GET /explain?framework=&agent=&limit=`: why a framework has what it has. */
export interface ConsoleExplanations {
  readonly frameworkId: string;
  /** Pairs of agent and role, counted by the allocator's reason code: all of them. */
  readonly counts: Readonly<Record<string, number>>;
  /** As many as `limit` allows. */
  readonly agents: readonly {
    readonly agentId: string;
    readonly role: string;
    readonly code: string;
    readonly message: string;
  }[];
}

export interface ConsoleMachine {
  readonly hostname: string;
  readonly ip: string;
}

/** `GET /maintenance` */
export interface ConsoleMaintenance {
  readonly windows: readonly {
    readonly machines: readonly ConsoleMachine[];
    readonly startMs: number;
    readonly durationMs?: number;
  }[];
  readonly down: readonly ConsoleMachine[];
  readonly draining: readonly ConsoleMachine[];
}

export interface ConsoleFile {
  readonly path: string;
  readonly name: string;
  readonly directory: boolean;
  /** Bytes. */
  readonly size: number;
  readonly mtimeMs: number;
  /** As `ls -l` writes it: `-rw-r--r--`. */
  readonly mode: string;
}

/** `GET /agents/{id}/files?path=` */
export interface ConsoleFiles {
  readonly files: readonly ConsoleFile[];
}

/** `GET /agents/{id}/files/read?path=&offset=&length=`; an offset of -1 asks for the size alone. */
export interface ConsoleFileChunk {
  /** Where `data` begins, in bytes. */
  readonly offset: number;
  /** UTF-8 with replacement characters. */
  readonly data: string;
  /** How many bytes `data` stands for, when the master tells it. */
  readonly length?: number;
  /** Bytes of the file now. */
  readonly size: number;
}
