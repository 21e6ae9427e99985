import type {
  AgentSpec,
  AgentUpdate,
  Allocated,
  FrameworkSpec,
  FrameworkUpdate,
  InverseOfferStatus,
  OfferHandle,
  QuotaSpec,
  Unavailability,
} from "../../../src/allocator/types.ts";
import { FairleadError } from "../../../src/base/mod.ts";
import { type Resources, validateRole } from "../../../src/resources/mod.ts";
import { addAgent, addProvider, removeAgent, removeProvider, updateAgent } from "./agents.ts";
import type {
  Acceptance,
  AllocationApi,
  AllocatorApi,
  AllocatorApiOptions,
  Release,
  RoleShare,
} from "./api.ts";
import { findAgent, findFramework } from "./find.ts";
import {
  addFramework,
  deactivateFramework,
  removeFramework,
  revive,
  suppress,
  updateFramework,
} from "./frameworks.ts";
import { answerInverse, setWindow } from "./inverse.ts";
import { accept, decline, release, rescind, updateAvailable } from "./offers.ts";
import { checkQuotas, quotasOf } from "./quota.ts";
import { checkWindow, invalidArgument, readOptions, readQuota, readRefuseMs } from "./read.ts";
import { ensureNode, findNode, pruneNode } from "./roles.ts";
import { runOnce } from "./run.ts";
import { sharesOf } from "./shares.ts";
import { emptyState, type ModelState } from "./state.ts";

/**
 * The contract in `docs/allocator_semantics.md`, read literally: plain objects, everything that
 * can be computed from scratch is, every agent is visited in every run.
 *
 * What a run decides is in run.ts and attempt.ts; what a call changes is in the file of its noun.
 */
export class ModelAllocator implements AllocatorApi {
  readonly #state: ModelState;

  constructor(options: AllocatorApiOptions = {}) {
    this.#state = emptyState(readOptions(options));
  }

  addAgent(spec: AgentSpec): void {
    addAgent(this.#state, spec);
  }

  updateAgent(id: string, update: AgentUpdate): OfferHandle[] {
    return updateAgent(this.#state, id, update);
  }

  removeAgent(id: string): OfferHandle[] {
    return removeAgent(this.#state, id);
  }

  activateAgent(id: string): void {
    findAgent(this.#state, id).active = true;
  }

  deactivateAgent(id: string): void {
    findAgent(this.#state, id).active = false;
  }

  setWhitelist(ids: Iterable<string> | undefined): void {
    this.#state.whitelist = ids === undefined ? undefined : new Set(ids);
  }

  addResourceProvider(
    agentId: string,
    resources: Resources | string,
    used?: readonly Allocated[],
  ): void {
    addProvider(this.#state, agentId, resources, used);
  }

  removeResourceProvider(agentId: string, resources: Resources | string): void {
    removeProvider(this.#state, agentId, resources);
  }

  addFramework(spec: FrameworkSpec): void {
    addFramework(this.#state, spec);
  }

  updateFramework(id: string, update: FrameworkUpdate): OfferHandle[] {
    return updateFramework(this.#state, id, update);
  }

  removeFramework(id: string): OfferHandle[] {
    return removeFramework(this.#state, id);
  }

  activateFramework(id: string): void {
    findFramework(this.#state, id).active = true;
  }

  deactivateFramework(id: string): OfferHandle[] {
    return deactivateFramework(this.#state, id);
  }

  suppress(id: string, roles?: string[]): void {
    suppress(this.#state, id, roles);
  }

  revive(id: string, roles?: string[]): void {
    revive(this.#state, id, roles);
  }

  setWeight(role: string, weight: number): void {
    validateRole(role);
    if (!(weight > 0 && Number.isFinite(weight))) {
      throw new FairleadError("invalid_weight", `Cannot weigh role "${role}" with ${weight}`);
    }
    const node = ensureNode(this.#state, role);
    node.weight = weight;
    pruneNode(node);
  }

  setQuota(role: string, spec: QuotaSpec): void {
    validateRole(role);
    const quota = readQuota(spec);
    checkQuotas(quotasOf(this.#state).set(role, quota));
    ensureNode(this.#state, role).quota = quota;
  }

  removeQuota(role: string): void {
    validateRole(role);
    const node = findNode(this.#state, role);
    const quotas = quotasOf(this.#state);
    if (node === undefined || !quotas.delete(role)) {
      throw new FairleadError("unknown_role", `Cannot remove quota: role "${role}" has none`);
    }
    checkQuotas(quotas);
    node.quota = undefined;
    pruneNode(node);
  }

  run(): AllocationApi {
    return runOnce(this.#state);
  }

  decline(handles: OfferHandle | OfferHandle[], { refuseMs }: { refuseMs?: number } = {}): void {
    decline(this.#state, handles, refuseMs);
  }

  rescind(handles: OfferHandle | OfferHandle[]): void {
    rescind(this.#state, handles);
  }

  accept(handle: OfferHandle, acceptance: Acceptance): void {
    accept(this.#state, handle, acceptance);
  }

  release(freed: Release): void {
    release(this.#state, freed);
  }

  updateAvailable(agentId: string, from: Resources, to: Resources): void {
    updateAvailable(this.#state, agentId, { from, to });
  }

  setUnavailability(agentId: string, unavailability: Unavailability | undefined): void {
    checkWindow(unavailability);
    setWindow(findAgent(this.#state, agentId), unavailability);
  }

  answerInverseOffer(
    agentId: string,
    frameworkId: string,
    _status: InverseOfferStatus,
    { refuseMs }: { refuseMs?: number } = {},
  ): void {
    answerInverse(this.#state, { agentId, frameworkId, refuseMs: readRefuseMs(refuseMs) });
  }

  expectAgents(options: { count: number; factor?: number; timeoutMs?: number }): void {
    const { count, factor = 0.8, timeoutMs = 600_000 } = options;
    if (!(Number.isInteger(count) && count >= 0)) throw invalidArgument(`count ${count}`);
    if (!(factor >= 0 && factor <= 1)) throw invalidArgument(`factor ${factor}`);
    if (!(timeoutMs >= 0)) throw invalidArgument(`timeoutMs ${timeoutMs}`);
    const untilMs = this.#state.options.clock.nowMs() + timeoutMs;
    this.#state.recovery = { needed: factor * count, added: 0, untilMs };
  }

  shares(): RoleShare[] {
    return sharesOf(this.#state);
  }
}
