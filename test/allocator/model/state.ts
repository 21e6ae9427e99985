import type {
  AgentCapability,
  FaultDomain,
  FrameworkCapability,
  OfferConstraints,
  Unavailability,
} from "../../../src/allocator/types.ts";
import type { Clock } from "../../../src/base/mod.ts";
import type { Resources } from "../../../src/resources/mod.ts";
import type { Amounts } from "./amounts.ts";

/** A refusal that hides an agent from a client for a while. */
export interface Filter {
  /** Refused of the main row. */
  readonly main: Amounts;
  /** Refused of all slices together. */
  readonly sliced: Amounts;
  /** `NEXT_EPOCH` until the agent's next run. */
  epoch: number;
  /** Identity content of that epoch. */
  content: Resources;
  readonly dueMs: number;
}

/** The epoch of a filter that an acceptance with conversions left. */
export const NEXT_EPOCH = -1;

/** An inverse offer that was sent. */
export interface SentInverse {
  /** Undefined while it waits for its answer. */
  readonly againMs: number | undefined;
}

/** A machine. */
export interface Agent {
  readonly id: string;
  readonly handle: number;
  total: Resources;
  hostname: string;
  attributes: Readonly<Record<string, string>>;
  domain: FaultDomain | undefined;
  capabilities: ReadonlySet<AgentCapability>;
  active: boolean;
  unavailability: Unavailability | undefined;
  readonly used: Map<Client, Resources>;
  readonly offers: Set<OfferRecord>;
  /** Slices in the order in which they came into being: see `sliceKeys`. */
  slices: string[];
  epoch: number;
  content: Resources;
  dirty: boolean;
  readonly filters: Map<Client, Filter[]>;
  readonly inverse: Map<string, SentInverse>;
}

/** A shared volume that a client holds. */
export interface HeldVolume {
  copies: number;
  readonly amounts: Amounts;
}

/** A framework under one of its roles. */
export interface Client {
  readonly frameworkId: string;
  readonly role: string;
  count: number;
  /** Used and offered, shared volumes left out. */
  readonly allocated: Amounts;
  /** Of `allocated`, what is unreserved and not revocable. */
  readonly unreserved: Amounts;
  /** By agent and identity. */
  readonly volumes: Map<string, HeldVolume>;
  readonly filteredOn: Set<Agent>;
  readonly usedOn: Set<Agent>;
}

/** A framework as it is registered. */
export interface Framework {
  readonly id: string;
  roles: ReadonlySet<string>;
  suppressed: Set<string>;
  capabilities: ReadonlySet<FrameworkCapability>;
  active: boolean;
  minimums: ReadonlyMap<string, readonly Amounts[]>;
  constraints: ReadonlyMap<string, OfferConstraints>;
}

/** What stands on a role. */
export interface Quota {
  readonly guarantees: Amounts;
  /** A kind that is named with 0 has a limit of 0. */
  readonly limits: Amounts;
}

/** A role in the tree; the root's name is empty. */
export interface RoleNode {
  readonly name: string;
  readonly parent: RoleNode | undefined;
  readonly children: Map<string, RoleNode>;
  readonly clients: Map<string, Client>;
  /** Reserved to exactly this role, by agent; revocable amounts left out. */
  readonly reserved: Map<Agent, Amounts>;
  count: number;
  /** The virtual leaf's count; it means something while there are children. */
  ownCount: number;
  weight: number;
  quota: Quota | undefined;
}

/** An outstanding offer; its resources carry no allocation role. */
export interface OfferRecord {
  readonly handle: number;
  readonly agent: Agent;
  readonly client: Client;
  readonly resources: Resources;
  readonly epoch: number;
  readonly content: Resources;
}

/** The pause until enough agents are back. */
export interface Recovery {
  readonly needed: number;
  added: number;
  readonly untilMs: number;
}

/** Options with their defaults filled in. */
export interface ModelOptions {
  readonly seed: number;
  readonly sorter: "drf" | "random";
  readonly minimums: readonly Amounts[];
  readonly fairnessExcluded: ReadonlySet<string>;
  readonly filterGpuResources: boolean;
  readonly region: string | undefined;
  readonly intervalMs: number;
  readonly clock: Clock;
}

/** Everything the model knows. */
export interface ModelState {
  readonly options: ModelOptions;
  readonly agents: Map<string, Agent>;
  readonly freedHandles: number[];
  nextAgentHandle: number;
  readonly frameworks: Map<string, Framework>;
  readonly root: RoleNode;
  /** The total of the cluster. */
  readonly total: Amounts;
  readonly kindTypes: Map<string, "SCALAR" | "RANGES" | "SET">;
  readonly offers: Map<number, OfferRecord>;
  nextOfferHandle: number;
  whitelist: ReadonlySet<string> | undefined;
  recovery: Recovery | undefined;
  cycle: number;
}

/** A role without anything on it. */
export function emptyNode(name: string, parent: RoleNode | undefined): RoleNode {
  return {
    name,
    parent,
    children: new Map(),
    clients: new Map(),
    reserved: new Map(),
    count: 0,
    ownCount: 0,
    weight: 1,
    quota: undefined,
  };
}

/** A cluster of nothing. */
export function emptyState(options: ModelOptions): ModelState {
  return {
    options,
    agents: new Map(),
    freedHandles: [],
    nextAgentHandle: 0,
    frameworks: new Map(),
    root: emptyNode("", undefined),
    total: new Map(),
    kindTypes: new Map(),
    offers: new Map(),
    nextOfferHandle: 1,
    whitelist: undefined,
    recovery: undefined,
    cycle: 0,
  };
}

/** Whether a client is in the sort: registered, active, its role listed and not suppressed. */
export function isActive(state: ModelState, client: Client): boolean {
  const framework = state.frameworks.get(client.frameworkId);
  if (framework === undefined || !framework.active) return false;
  return framework.roles.has(client.role) && !framework.suppressed.has(client.role);
}

/** Whether an agent may be offered at all. */
export function isEligible(state: ModelState, agent: Agent): boolean {
  return agent.active && (state.whitelist === undefined || state.whitelist.has(agent.id));
}
