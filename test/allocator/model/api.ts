import type {
  AgentSpec,
  AgentUpdate,
  Allocated,
  FrameworkSpec,
  FrameworkUpdate,
  InverseOffer,
  InverseOfferStatus,
  Offer,
  OfferHandle,
  QuotaSpec,
  Unavailability,
} from "../../../src/allocator/types.ts";
import type { Clock } from "../../../src/base/mod.ts";
import type { Quantities, Resources } from "../../../src/resources/mod.ts";

/** What every implementation of the contract is made with. */
export interface AllocatorApiOptions {
  readonly seed?: number;
  readonly sorter?: "drf" | "random";
  readonly minAllocatable?: (Quantities | string)[];
  readonly fairnessExcluded?: string[];
  readonly filterGpuResources?: boolean;
  readonly region?: string;
  readonly intervalMs?: number;
  readonly clock?: Clock;
}

/** What one run came to. */
export interface AllocationApi {
  readonly cycle: number;
  readonly size: number;
  /** In the order of their first grant. */
  offers(): readonly Offer[];
  readonly inverseOffers: readonly InverseOffer[];
}

/** RESERVE, CREATE and their like: the same amounts in another shape. */
export interface Conversion {
  readonly from: Resources;
  readonly to: Resources;
}

/** How an offer is accepted. */
export interface Acceptance {
  readonly used: Resources;
  readonly refuseMs?: number;
  readonly converted?: readonly Conversion[];
}

/** What a task gives back. */
export interface Release {
  readonly agentId: string;
  readonly frameworkId: string;
  readonly role: string;
  readonly resources: Resources;
}

/** One role as `shares()` shows it. */
export interface RoleShare {
  readonly role: string;
  readonly share: number;
  readonly count: number;
  readonly allocated: Quantities;
  readonly consumed: Quantities;
  readonly frameworks: readonly {
    readonly id: string;
    readonly share: number;
    readonly count: number;
    readonly allocated: Quantities;
  }[];
}

/** The calls that the model and the real allocators share; tests are written against this. */
export interface AllocatorApi {
  addAgent(spec: AgentSpec): void;
  updateAgent(id: string, update: AgentUpdate): OfferHandle[];
  removeAgent(id: string): OfferHandle[];
  activateAgent(id: string): void;
  deactivateAgent(id: string): void;
  setWhitelist(ids: Iterable<string> | undefined): void;
  addResourceProvider(
    agentId: string,
    resources: Resources | string,
    used?: readonly Allocated[],
  ): void;
  removeResourceProvider(agentId: string, resources: Resources | string): void;
  addFramework(spec: FrameworkSpec): void;
  updateFramework(id: string, update: FrameworkUpdate): OfferHandle[];
  removeFramework(id: string): OfferHandle[];
  activateFramework(id: string): void;
  deactivateFramework(id: string): OfferHandle[];
  suppress(id: string, roles?: string[]): void;
  revive(id: string, roles?: string[]): void;
  setWeight(role: string, weight: number): void;
  setQuota(role: string, quota: QuotaSpec): void;
  removeQuota(role: string): void;
  run(): AllocationApi;
  decline(handles: OfferHandle | OfferHandle[], options?: { refuseMs?: number }): void;
  rescind(handles: OfferHandle | OfferHandle[]): void;
  accept(handle: OfferHandle, acceptance: Acceptance): void;
  release(release: Release): void;
  updateAvailable(agentId: string, from: Resources, to: Resources): void;
  setUnavailability(agentId: string, unavailability: Unavailability | undefined): void;
  answerInverseOffer(
    agentId: string,
    frameworkId: string,
    status: InverseOfferStatus,
    options?: { refuseMs?: number },
  ): void;
  expectAgents(options: { count: number; factor?: number; timeoutMs?: number }): void;
  shares(): RoleShare[];
}
