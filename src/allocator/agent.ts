/** What the allocator knows of one agent in typed form. */
import type { Resources } from "../resources/mod.ts";
import type { AgentFacts } from "./exclusions.ts";
import type { RoleNode } from "./roles.ts";
import type { AgentCapability, FaultDomain, Unavailability } from "./types.ts";

/** A slice of an agent: the numbers live in the columns at `index`. */
export interface Slice {
  readonly index: number;
  readonly flags: number;
  readonly node: RoleNode | undefined;
  /** What the agent's total has of it, by kind. */
  total: Float64Array;
}

/** An agent in typed form. */
export interface Agent extends AgentFacts {
  readonly id: string;
  readonly handle: number;
  hostname: string;
  attributes: ReadonlyMap<string, string>;
  domain: FaultDomain | undefined;
  capabilities: ReadonlySet<AgentCapability>;
  hasGpus: boolean;
  active: boolean;
  unavailability: Unavailability | undefined;
  classIndex: number;
  total: Resources;
  /** What clients use, by client handle. */
  used: Map<number, Resources>;
  /** Sum of what is used, without shared volumes. */
  usedSum: Resources;
  /** What is used is more than there is, since the total shrank. */
  overcommitted: boolean;
  slices: Map<string, Slice>;
  /** What was free, besides main scalars, when an identity epoch began; where it may be asked. */
  contents: Map<number, Resources>;
}

/** Typed resources of outstanding offers, asked from whoever keeps them. */
export interface OfferedResources {
  /** Sum of the agent's outstanding offers, without shared volumes; they become materialised. */
  offered(agent: Agent): Resources;
  /** The same for offers of one identity epoch only. */
  offeredIn(agent: Agent, epoch: number): Resources;
}

/** Most agents use nothing and have neither slices nor epochs worth keeping: they share this. */
export const NONE = new Map<never, never>();

/** Set in place, or in a map of its own where the agent shares the empty one. */
export function put<K, V>(map: Map<K, V>, key: K, value: V): Map<K, V> {
  return (map.size === 0 ? new Map<K, V>() : map).set(key, value);
}
