/** The nouns that go into the allocator and come out of it: plain readonly data, ids as strings. */
import type { Quantities, Resources } from "../resources/mod.ts";

/** What a framework can handle; names as in Mesos's `FrameworkInfo.Capability`. */
export type FrameworkCapability =
  | "REVOCABLE_RESOURCES"
  | "SHARED_RESOURCES"
  | "RESERVATION_REFINEMENT"
  | "GPU_RESOURCES"
  | "REGION_AWARE"
  | "MULTI_ROLE";

/** What an agent can handle; names as in Mesos's `AgentInfo.Capability`. */
export type AgentCapability = "MULTI_ROLE" | "HIERARCHICAL_ROLE" | "RESERVATION_REFINEMENT";

/** Where a machine stands. */
export interface FaultDomain {
  readonly region: string;
  readonly zone: string;
}

/** A time window in which an agent's machine will be away. */
export interface Unavailability {
  readonly startMs: number;
  /** Left out: until further notice. */
  readonly durationMs?: number;
}

/**
 * What one framework already holds on an agent, under one of its roles.
 *
 * @typeParam R Methods of the allocator take text as well: `Resources | string`.
 */
export interface Allocated<R extends Resources | string = Resources> {
  readonly frameworkId: string;
  readonly role: string;
  readonly resources: R;
}

/**
 * An agent as the allocator knows it.
 *
 * @typeParam R How `used` tells resources; methods take text as well: `Resources | string`.
 */
export interface AgentSpec<R extends Resources | string = Resources> {
  readonly id: string;
  /** Everything it has: reserved, revocable and used resources included; text is parsed. */
  readonly resources: Resources | string;
  /** What running tasks hold already (an agent that comes back). @default [] */
  readonly used?: readonly Allocated<R>[];
  /** @default the id */
  readonly hostname?: string;
  /** Attribute values as text; what offer constraints look at. @default {} */
  readonly attributes?: Readonly<Record<string, string>>;
  readonly domain?: FaultDomain;
  /** @default all three */
  readonly capabilities?: readonly AgentCapability[];
  /** A deactivated agent is accounted for but not offered. @default true */
  readonly active?: boolean;
  readonly unavailability?: Unavailability;
}

/** What may change about an agent at run time; what is left out stays. */
export interface AgentUpdate {
  readonly resources?: Resources | string;
  readonly hostname?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  /** `null` takes the domain away. */
  readonly domain?: FaultDomain | null;
  readonly capabilities?: readonly AgentCapability[];
}

/** A framework as the allocator knows it. */
export interface FrameworkSpec {
  readonly id: string;
  readonly roles: readonly string[];
  /** Roles that start suppressed. @default [] */
  readonly suppressedRoles?: readonly string[];
  /** @default [] */
  readonly capabilities?: readonly FrameworkCapability[];
  /** An inactive framework keeps what it has and is offered nothing. @default true */
  readonly active?: boolean;
  /**
   * By role: an offer must contain one of these whole. An empty list (or one that holds an empty
   * set) takes anything. @default the allocator's `minAllocatable`
   */
  readonly minAllocatable?: Readonly<Record<string, readonly (Quantities | string)[]>>;
  /** By role: which agents may be offered at all. @default no constraint */
  readonly offerConstraints?: Readonly<Record<string, OfferConstraints>>;
}

/** What may change about a framework at run time; what is left out stays. */
export type FrameworkUpdate = Partial<Omit<FrameworkSpec, "id" | "active">>;

/** An agent qualifies when one of the groups holds; a group holds when all its constraints do. */
export interface OfferConstraints {
  readonly groups: readonly (readonly AttributeConstraint[])[];
}

/** What a constraint looks at: a named attribute, or one of three facts every agent has. */
export type ConstraintSelector =
  | { readonly attribute: string }
  | { readonly pseudo: "HOSTNAME" | "REGION" | "ZONE" };

/** One predicate over one selector; patterns must match the whole text. */
export type AttributeConstraint = { readonly selector: ConstraintSelector } & (
  | { readonly type: "exists" }
  | { readonly type: "not_exists" }
  | { readonly type: "text_equals"; readonly value: string }
  | { readonly type: "text_not_equals"; readonly value: string }
  | { readonly type: "text_matches"; readonly pattern: string }
  | { readonly type: "text_not_matches"; readonly pattern: string }
);

/** A role's quota: what it is sure to get and what it never exceeds, by resource kind. */
export interface QuotaSpec {
  /** @default nothing guaranteed */
  readonly guarantees?: Quantities | string;
  /** Kinds that are not named have no limit. @default no limit */
  readonly limits?: Quantities | string;
}

/** Names an outstanding offer; never used twice by one allocator. */
export type OfferHandle = number;

/** One offer, spelled out. */
export interface Offer {
  readonly handle: OfferHandle;
  readonly agentId: string;
  readonly frameworkId: string;
  readonly role: string;
  /** With `allocationRole` set to `role`. */
  readonly resources: Resources;
}

/** RESERVE, CREATE and the like: resources in one shape become the same amounts in another. */
export interface Conversion {
  readonly from: Resources | string;
  readonly to: Resources | string;
}

/** How an offer is accepted. */
export interface Acceptance {
  /** What tasks will use, in the shape after conversions. @default nothing */
  readonly used?: Resources | string;
  /** How long the rest of the offer is refused. @default 5000 */
  readonly refuseMs?: number;
  /** Applied to the offer one after the other before anything is used. @default [] */
  readonly converted?: readonly Conversion[];
}

/** A role's standing. */
export interface RoleShare {
  readonly role: string;
  /** Dominant share by weight. */
  readonly share: number;
  readonly weight: number;
  /** How many grants the role and those below it had. */
  readonly count: number;
  readonly allocated: Quantities;
  /** What counts against quota: reservations, and what is allocated without one. */
  readonly consumed: Quantities;
  /** The role's own quota: what it is sure to get, */
  readonly guarantees: Quantities;
  /** and what it never passes, in thousandths by kind; kinds that are not named have no limit. */
  readonly limits: Readonly<Record<string, number>>;
  readonly frameworks: readonly FrameworkShare[];
}

/** A framework's standing in one role. */
export interface FrameworkShare {
  readonly id: string;
  readonly share: number;
  readonly count: number;
  readonly allocated: Quantities;
}

/** Asks a framework to give up an agent before its machine goes away. */
export interface InverseOffer {
  readonly agentId: string;
  readonly frameworkId: string;
  readonly unavailability: Unavailability;
}

/** How a framework answered an inverse offer. */
export type InverseOfferStatus = "ACCEPT" | "DECLINE" | "UNKNOWN";
