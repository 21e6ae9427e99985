/** The allocator: the one class that callers use; each part of it has a file of its own. */
import { FairleadError } from "../base/mod.ts";
import { Resources } from "../resources/mod.ts";
import type { Agent } from "./agent.ts";
import { AgentBook } from "./agents.ts";
import { Allocation } from "./allocation.ts";
import { Answers, checkHolder, checkSameAmounts } from "./answers.ts";
import { Core } from "./core.ts";
import { Exclusions } from "./exclusions.ts";
import { Explainer, type Explanation } from "./explain.ts";
import { FilterBook } from "./filters.ts";
import { type Client, type Framework, FrameworkBook } from "./frameworks.ts";
import { H } from "./kernel/layout.ts";
import { HOLDERS_A_GRANT, slicesOf } from "./kernel/reference.ts";
import { createKernel } from "./kernel/wasm.ts";
import { Maintenance } from "./maintenance.ts";
import { Minimums } from "./minimums.ts";
import { OfferBook } from "./offers.ts";
import { type AllocatorOptions, type ReadOptions, readOptions, readRefuseMs } from "./options.ts";
import { QuotaBook } from "./quota.ts";
import {
  checkAgent,
  checkAgentUpdate,
  checkExpected,
  checkFramework,
  checkFrameworkUpdate,
  checkRelease,
  checkResources,
  checkSomeRoles,
  checkStatus,
  checkUsed,
  readHandles,
  readWhitelist,
  refuseMsOf,
} from "./read.ts";
import { type ExpectedAgents, Recovery } from "./recovery.ts";
import { checkRole, RoleTree } from "./roles.ts";
import { type AllocatorStats, cycleOf, readShares, readTotal } from "./shares.ts";
import { type Parts, readSnapshot, restoreParts, writeSnapshot } from "./snapshot.ts";
import type {
  Acceptance,
  AgentCapability,
  AgentSpec,
  AgentUpdate,
  Allocated,
  FrameworkSpec,
  FrameworkUpdate,
  InverseOfferStatus,
  OfferHandle,
  QuotaSpec,
  RoleShare,
  Unavailability,
} from "./types.ts";

const AGENT_CAPABILITIES: ReadonlySet<AgentCapability> = new Set([
  "MULTI_ROLE",
  "HIERARCHICAL_ROLE",
  "RESERVATION_REFINEMENT",
]);
const NO_ATTRIBUTES: ReadonlyMap<string, string> = new Map();

/**
 * Divides the resources of agents among frameworks: hierarchical Dominant Resource Fairness with
 * weights, quotas, reservations, filters and constraints, as Mesos does it.
 *
 * A library with no I/O: calls tell it what happened, `run()` says what to offer. Calls only note
 * what changed; the next run looks at just that. Equal calls with an equal seed give equal offers,
 * on every runtime and with either kernel. A call that throws has changed nothing.
 *
 * Units: amounts are integers of thousandths; times are milliseconds.
 * Cost: a run without changes scans a byte an agent; one with n agents to look at is
 * O(n · log frameworks), and as much again for each filter that stands on them.
 * Memory: about 0.4 KB an agent, 1.2 KB a framework in a role, 1.6 KB a role, 0.2 KB a filter.
 * Source: docs/allocator_semantics.md says exactly what is offered to whom.
 */
export class Allocator {
  readonly #core: Core;
  readonly #roles: RoleTree;
  readonly #quotas: QuotaBook;
  readonly #exclusions: Exclusions;
  readonly #filters: FilterBook;
  readonly #frameworks: FrameworkBook;
  readonly #agents: AgentBook;
  readonly #offers: OfferBook;
  readonly #answers: Answers;
  readonly #maintenance: Maintenance;
  readonly #recovery: Recovery;
  readonly #minimums: Minimums;
  readonly #options: Omit<ReadOptions, "clock">;
  #whitelist: ReadonlySet<string> | undefined;

  /** @throws {FairleadError} `invalid_argument` when an option is not understood. */
  constructor(options: AllocatorOptions = {}) {
    const read = readOptions(options);
    const { clock: _, ...lasting } = read;
    this.#options = lasting;
    const { memory, kernel } = createKernel(read.kernel);
    this.#core = new Core(memory, kernel, read);
    memory.views.header[H.seed] = read.seed;
    memory.views.header[H.randomSorter] = read.sorter === "random" ? 1 : 0;
    this.#excludeFromFairness(read.fairnessExcluded);
    this.#minimums = new Minimums(this.#core, read.minAllocatable);
    this.#roles = new RoleTree(this.#core);
    this.#quotas = new QuotaBook(this.#core, this.#roles);
    this.#exclusions = new Exclusions(this.#core);
    this.#filters = new FilterBook(this.#core);
    this.#frameworks = new FrameworkBook(this.#core, {
      roles: this.#roles,
      exclusions: this.#exclusions,
      minimums: this.#minimums,
      filters: this.#filters,
    });
    this.#agents = new AgentBook(this.#core, this.#roles, this.#exclusions);
    this.#offers = new OfferBook(this.#core, this.#agents, this.#frameworks);
    this.#answers = new Answers(this.#core, {
      agents: this.#agents,
      offers: this.#offers,
      filters: this.#filters,
    });
    this.#maintenance = new Maintenance(this.#core, this.#agents, this.#frameworks);
    this.#recovery = new Recovery(this.#core);
  }

  #excludeFromFairness(names: readonly string[]): void {
    let mask = 0;
    for (const name of names) mask |= 1 << this.#core.kinds.add(name);
    this.#core.v.header[H.excludedMask] = mask;
  }

  /** What decides the order of agents; with the calls made it reproduces every offer. */
  get seed(): number {
    return this.#core.options.seed;
  }

  /** The allocator's clock. */
  nowMs(): number {
    return this.#core.nowMs();
  }

  /**
   * Add an agent, with what running tasks use on it.
   *
   * @throws {FairleadError} `duplicate_agent`, `invalid_resource`, `invalid_role`,
   * `invalid_argument`.
   */
  addAgent(spec: AgentSpec<Resources | string>): void {
    checkAgent(spec);
    if (spec.id === "") throw emptyId("agent");
    if (this.#agents.has(spec.id)) {
      throw new FairleadError(
        "duplicate_agent",
        `Cannot add agent "${spec.id}": it is there already`,
        { details: { agentId: spec.id } },
      );
    }
    const total = readResources(spec.resources);
    const used = readUsed(spec.used ?? []);
    this.#core.kinds.checkTotal(total);
    this.#checkUsed(total, used);
    const facts = {
      hostname: spec.hostname ?? spec.id,
      attributes: spec.attributes ? new Map(Object.entries(spec.attributes)) : NO_ATTRIBUTES,
      domain: spec.domain && { ...spec.domain },
      capabilities: spec.capabilities ? new Set(spec.capabilities) : AGENT_CAPABILITIES,
    };
    const agent = this.#agents.create(spec.id, facts);
    this.#agents.setTotal(agent, total);
    agent.active = spec.active ?? true;
    this.#agents.setEligible(agent, this.#isEligible(agent));
    this.#takeUsed(agent, used);
    this.#maintenance.setWindow(agent, spec.unavailability);
    this.#recovery.agentAdded();
  }

  /**
   * Change an agent. New resources rescind what was offered of it; what is used stays used.
   *
   * @returns The offers that are rescinded.
   * @throws {FairleadError} `unknown_agent`, `invalid_resource`, `invalid_argument`.
   */
  updateAgent(id: string, update: AgentUpdate): OfferHandle[] {
    checkAgentUpdate(update);
    const agent = this.#agents.get(id);
    const total = update.resources === undefined ? undefined : readResources(update.resources);
    if (total) this.#core.kinds.checkTotal(total);
    if (this.#agents.setFacts(agent, update)) this.#filters.removeAgent(agent.handle);
    if (!total) return [];
    const rescinded = this.#answers.rescind(this.#offers.on(agent));
    this.#agents.epochs.beforeChange(agent);
    this.#agents.setTotal(agent, total);
    return rescinded;
  }

  /**
   * Forget an agent and all that was used or offered on it.
   *
   * @returns The offers that are rescinded.
   * @throws {FairleadError} `unknown_agent`.
   */
  removeAgent(id: string): OfferHandle[] {
    const agent = this.#agents.get(id);
    const rescinded = this.#answers.rescind(this.#offers.on(agent));
    for (const [handle, resources] of [...agent.used]) {
      const client = this.#frameworks.client(handle);
      this.#agents.removeUsed(agent, client, resources);
      this.#frameworks.disposeIfIdle(client);
    }
    this.#agents.setEligible(agent, false);
    this.#filters.removeAgent(agent.handle);
    this.#agents.setTotal(agent, Resources.EMPTY);
    this.#maintenance.forgetAgent(id);
    this.#agents.dispose(agent);
    return rescinded;
  }

  /** Offer the agent again. @throws {FairleadError} `unknown_agent`. */
  activateAgent(id: string): void {
    this.#setActive(this.#agents.get(id), true);
  }

  /** Offer the agent no more; nothing is rescinded. @throws {FairleadError} `unknown_agent`. */
  deactivateAgent(id: string): void {
    this.#setActive(this.#agents.get(id), false);
  }

  /**
   * Offer only these agents, known ones and others to come; undefined: all.
   *
   * @throws {FairleadError} `invalid_argument`.
   */
  setWhitelist(ids: Iterable<string> | undefined): void {
    this.#whitelist = readWhitelist(ids);
    for (const agent of this.#agents.all) {
      this.#agents.setEligible(agent, this.#isEligible(agent));
    }
  }

  /**
   * Let an agent grow by what a resource provider brings.
   *
   * @throws {FairleadError} `unknown_agent`, `invalid_resource`, `invalid_role`,
   * `invalid_argument`.
   */
  addResourceProvider(
    agentId: string,
    resources: Resources | string,
    used: readonly Allocated<Resources | string>[] = [],
  ): void {
    checkResources("add a resource provider", "resources", resources);
    checkUsed("add a resource provider", used);
    const agent = this.#agents.get(agentId);
    const more = readResources(resources);
    const held = readUsed(used);
    const total = agent.total.add(more);
    this.#core.kinds.checkTotal(total);
    this.#checkUsed(total, held, agent);
    this.#agents.epochs.beforeChange(agent);
    this.#agents.setTotal(agent, total);
    this.#takeUsed(agent, held);
  }

  /**
   * Let an agent shrink by what a resource provider brought; all of it must be free.
   *
   * @throws {FairleadError} `unknown_agent`, `resources_not_available`, `invalid_resource`,
   * `invalid_argument`.
   */
  removeResourceProvider(agentId: string, resources: Resources | string): void {
    checkResources("remove a resource provider", "resources", resources);
    const agent = this.#agents.get(agentId);
    const less = readResources(resources);
    this.#checkFree(agent, less);
    this.#agents.epochs.beforeChange(agent);
    this.#agents.setTotal(agent, agent.total.subtract(less));
  }

  /**
   * Add a framework.
   *
   * @throws {FairleadError} `duplicate_framework`, `invalid_role`, `unknown_role` (suppressing a
   * role that it is not in), `invalid_argument`, `invalid_pattern`, `invalid_resource`.
   */
  addFramework(spec: FrameworkSpec): void {
    checkFramework(spec);
    this.#frameworks.add(spec);
  }

  /**
   * Change a framework. What was offered to it under roles that it leaves is rescinded.
   *
   * @returns The offers that are rescinded.
   * @throws {FairleadError} `unknown_framework`, and as `addFramework`.
   */
  updateFramework(id: string, update: FrameworkUpdate): OfferHandle[] {
    checkFrameworkUpdate(update);
    const framework = this.#frameworks.get(id);
    const spec = this.#frameworks.merge(framework, update);
    const left = framework.roles.filter((role) => !spec.roles.includes(role));
    const rescinded = this.#leave(framework, left);
    this.#frameworks.apply(framework, spec);
    return rescinded;
  }

  /**
   * Forget a framework; what it was offered or used is free again.
   *
   * @returns The offers that are rescinded.
   * @throws {FairleadError} `unknown_framework`.
   */
  removeFramework(id: string): OfferHandle[] {
    const framework = this.#frameworks.get(id);
    const rescinded = this.deactivateFramework(id);
    const clients = new Set(Array.from(framework.clients.values(), ({ handle }) => handle));
    for (const agent of this.#agents.all) {
      for (const [handle, resources] of [...agent.used]) {
        if (!clients.has(handle)) continue;
        this.#agents.epochs.beforeChange(agent);
        this.#agents.removeUsed(agent, this.#frameworks.client(handle), resources);
      }
    }
    this.#frameworks.unregister(framework);
    return rescinded;
  }

  /** @throws {FairleadError} `unknown_framework`. */
  activateFramework(id: string): void {
    this.#frameworks.setActive(this.#frameworks.get(id), true);
  }

  /**
   * Offer the framework nothing; its filters go.
   *
   * @returns The offers that are rescinded.
   * @throws {FairleadError} `unknown_framework`.
   */
  deactivateFramework(id: string): OfferHandle[] {
    const framework = this.#frameworks.get(id);
    this.#frameworks.setActive(framework, false);
    this.#maintenance.forgetFramework(id);
    return this.#leave(framework, [...framework.clients.keys()]);
  }

  /**
   * Take roles of a framework (all by default) out of the allocation.
   *
   * @throws {FairleadError} `unknown_framework`, `unknown_role`.
   */
  suppress(id: string, roles?: readonly string[]): void {
    checkSomeRoles("suppress roles", roles);
    const framework = this.#frameworks.get(id);
    this.#frameworks.checkRoles(framework, roles ?? []);
    for (const role of roles ?? framework.roles) this.#frameworks.suppress(framework, role, true);
  }

  /**
   * Let roles of a framework (all by default) take part again, and drop their filters.
   *
   * @throws {FairleadError} `unknown_framework`, `unknown_role`.
   */
  revive(id: string, roles?: readonly string[]): void {
    checkSomeRoles("revive roles", roles);
    const framework = this.#frameworks.get(id);
    this.#frameworks.checkRoles(framework, roles ?? []);
    for (const role of roles ?? framework.roles) {
      this.#frameworks.suppress(framework, role, false);
      this.#filters.removeClient(framework.clients.get(role)!.handle);
    }
  }

  /** @throws {FairleadError} `invalid_role`, `invalid_weight`, `invalid_argument`. */
  setWeight(role: string, weight: number): void {
    this.#quotas.setWeight(role, weight);
  }

  /** @throws {FairleadError} `invalid_role`, `invalid_quota`, `invalid_argument`. */
  setQuota(role: string, quota: QuotaSpec): void {
    this.#quotas.set(role, quota);
  }

  /** @throws {FairleadError} `unknown_role`, `invalid_quota` (its children have guarantees). */
  removeQuota(role: string): void {
    this.#quotas.remove(role);
  }

  /** Decide what to offer now. While agents are awaited (`expectAgents`) that is nothing. */
  run(): Allocation {
    if (this.#recovery.isPaused) return this.#allocation(0, 0);
    const core = this.#core;
    if (this.#filters.size > 0) this.#filters.expire(core.nowMs());
    if (core.v.header[H.identityDirty] !== 0) this.#agents.epochs.begin();
    this.#roles.settleRanks();
    core.v.header[H.cycle] = core.v.header[H.cycle]! + 1;
    while (core.kernel.run() !== 0) this.#makeRoom();
    const size = core.v.header[H.resultCount]!;
    this.#settleShared(size);
    return this.#allocation(cycleOf(core), size);
  }

  /**
   * The kernel stopped before an agent whose visit may use up more slots than there are. Mostly
   * each agent makes one offer, so room for all that are to come is made at once.
   */
  #makeRoom(): void {
    const core = this.#core;
    const { header, aSortHandle } = core.v;
    const { slices, shared } = slicesOf(core.v, aSortHandle[header[H.position]!]!);
    const toCome = header[H.orderedCount]! - header[H.position]!;
    core.ensureFree("offers", toCome + header[H.activeClients]!);
    core.ensureFree("parts", slices);
    core.ensureFree("refs", shared * HOLDERS_A_GRANT);
  }

  /** Where an agent has several offers, which ranges each holds is settled at once. */
  #settleShared(size: number): void {
    const { v } = this.#core;
    for (let i = 0; i < size; i++) {
      const slot = v.results[i]!;
      const agent = v.oAgent[slot]!;
      if (v.oNext[slot] === 0 && v.aOfferHead[agent] === slot) continue;
      this.#offers.materialise(this.#agents.at(agent));
    }
  }

  #allocation(cycle: number, size: number): Allocation {
    const { results } = this.#core.v;
    const handles = new Float64Array(size);
    for (let i = 0; i < size; i++) handles[i] = this.#offers.handleOf(results[i]!);
    const inverseOffers = cycle === 0 ? [] : this.#maintenance.run();
    return new Allocation(this.#core, this.#offers, { cycle, handles, inverseOffers });
  }

  /**
   * Refuse offers: their resources return, and none of them is offered to the same framework and
   * role for `refuseMs`.
   *
   * Cost: well below a microsecond an offer when many are declined in one call.
   * @param options.refuseMs From 0 (no filter) to a year. @default 5000
   * @throws {FairleadError} `unknown_offer`, `invalid_argument`; then none of them is declined.
   */
  decline(
    handles: OfferHandle | Iterable<OfferHandle>,
    options?: { readonly refuseMs?: number },
  ): void {
    const refuseMs = readRefuseMs(refuseMsOf("decline offers", options));
    this.#answers.decline(readHandles("decline offers", handles), refuseMs);
  }

  /**
   * Take offers back, without a filter.
   *
   * @throws {FairleadError} `unknown_offer`, `invalid_argument`; then none of them is taken back.
   */
  rescind(handles: OfferHandle | Iterable<OfferHandle>): void {
    this.#answers.decline(readHandles("rescind offers", handles), 0);
  }

  /**
   * Accept an offer: apply conversions, use some of it, return the rest with a filter.
   *
   * Several offers of one agent, framework and role are accepted as if they were one. A shared
   * volume that is offered once may be used any number of times.
   *
   * @throws {FairleadError} `unknown_offer`, `resources_not_held` (using what the offer has not),
   * `invalid_conversion`, `invalid_resource`, `invalid_argument`.
   */
  accept(handle: OfferHandle | readonly OfferHandle[], acceptance: Acceptance = {}): void {
    this.#answers.accept(handle, acceptance);
  }

  /**
   * A task ended: what it used is free again.
   *
   * @throws {FairleadError} `unknown_agent`, `unknown_framework`, `resources_not_held`,
   * `invalid_resource`, `invalid_argument`.
   */
  release(freed: {
    readonly agentId: string;
    readonly frameworkId: string;
    readonly role: string;
    readonly resources: Resources | string;
  }): void {
    checkRelease(freed);
    const agent = this.#agents.get(freed.agentId);
    if (!this.#frameworks.isKnown(freed.frameworkId)) this.#frameworks.get(freed.frameworkId);
    const given =
      typeof freed.resources === "string" ? Resources.parse(freed.resources) : freed.resources;
    const client = this.#frameworks.find(freed.frameworkId, freed.role);
    const held = client && agent.used.get(client.handle);
    const resources = given.unallocate();
    checkHolder(given, freed.role);
    if (!client || !held?.contains(resources)) {
      throw new FairleadError(
        "resources_not_held",
        `Cannot release ${resources} of "${freed.frameworkId}" on agent "${freed.agentId}": it ` +
          `uses ${held ?? "nothing"} there for role "${freed.role}"`,
        { details: { ...freed, held } },
      );
    }
    if (resources.isEmpty) return;
    this.#agents.epochs.beforeChange(agent);
    this.#agents.removeUsed(agent, client, resources);
    this.#frameworks.disposeIfIdle(client);
  }

  /**
   * An operator reserves, creates volumes and the like on what is free.
   *
   * @throws {FairleadError} `unknown_agent`, `invalid_conversion`, `invalid_resource`,
   * `invalid_argument`, `resources_not_available` (used or offered: a race that the caller may
   * try again).
   */
  updateAvailable(agentId: string, from: Resources | string, to: Resources | string): void {
    checkResources("update what is available", "from", from);
    checkResources("update what is available", "to", to);
    const agent = this.#agents.get(agentId);
    const before = readResources(from);
    const after = readResources(to);
    checkSameAmounts(before, after);
    this.#core.kinds.check(after);
    this.#checkFree(agent, before);
    const total = agent.total.subtract(before).add(after);
    this.#core.kinds.checkTotal(total);
    this.#agents.epochs.beforeChange(agent);
    this.#agents.setTotal(agent, total);
  }

  /**
   * Say when an agent's machine will be away, or (undefined) that it will not.
   *
   * @throws {FairleadError} `unknown_agent`, `invalid_argument`.
   */
  setUnavailability(agentId: string, unavailability: Unavailability | undefined): void {
    this.#maintenance.setWindow(this.#agents.get(agentId), unavailability);
  }

  /**
   * A framework answered an inverse offer; it is asked again after `refuseMs`.
   *
   * @throws {FairleadError} `unknown_agent`, `unknown_framework`, `unknown_offer`,
   * `invalid_argument`.
   */
  answerInverseOffer(
    agentId: string,
    frameworkId: string,
    status: InverseOfferStatus,
    options?: { readonly refuseMs?: number },
  ): void {
    checkStatus(status);
    const waitMs = readRefuseMs(refuseMsOf("answer an inverse offer", options));
    this.#agents.get(agentId);
    this.#frameworks.get(frameworkId);
    this.#maintenance.answer(agentId, frameworkId, { status, refuseMs: waitMs });
  }

  /** How frameworks answered for an agent. @throws {FairleadError} `unknown_agent`. */
  inverseOfferStatuses(agentId: string): ReadonlyMap<string, InverseOfferStatus> {
    this.#agents.get(agentId);
    return this.#maintenance.statuses(agentId);
  }

  /**
   * Allocate nothing before most of the agents known from before are back, or time is over.
   *
   * @throws {FairleadError} `invalid_argument`.
   */
  expectAgents(expected: ExpectedAgents): void {
    checkExpected(expected);
    this.#recovery.expect(expected);
  }

  /**
   * What tasks use on an agent, by framework and role.
   *
   * @throws {FairleadError} `unknown_agent`.
   */
  used(agentId: string): Allocated[] {
    return Array.from(this.#agents.get(agentId).used, ([handle, resources]) => {
      const { framework, role } = this.#frameworks.client(handle);
      return { frameworkId: framework.id, role, resources };
    });
  }

  /** Every role's standing, sorted by name. Cost: O(roles + frameworks), objects included. */
  shares(): RoleShare[] {
    return readShares(this.#core, this.#roles);
  }

  /**
   * Why a framework got nothing: for one agent, or for every agent.
   *
   * Tells what stands in the way now, with numbers; reads only.
   * Cost: some microseconds an agent.
   * @throws {FairleadError} `unknown_framework`, `unknown_agent`.
   */
  explain(frameworkId: string, agentId?: string): Explanation[] {
    const framework = this.#frameworks.get(frameworkId);
    const agents = agentId === undefined ? this.#agents.all : [this.#agents.get(agentId)];
    this.#roles.settleRanks();
    this.#core.kernel.refresh();
    const explainer = new Explainer(this.#core, {
      frameworks: this.#frameworks,
      filters: this.#filters,
      exclusions: this.#exclusions,
      isPaused: this.#recovery.isPaused,
    });
    return Array.from(agents, (agent) => explainer.explain(framework, agent)).flat();
  }

  /**
   * Everything the allocator knows, as bytes: the columns as they are in memory, the rest beside
   * them. `Allocator.restore` goes on exactly from here.
   *
   * Cost: a copy of `stats().memoryBytes`, and some microseconds an agent.
   */
  snapshot(): Uint8Array {
    const { memory } = this.#core;
    const parts = this.#parts();
    parts.roles.settleRanks();
    return writeSnapshot(parts, {
      options: this.#options,
      capacities: memory.capacities,
      columns: memory.copyOut(),
      whitelist: this.#whitelist ? [...this.#whitelist] : null,
    });
  }

  /**
   * An allocator in the state of a snapshot.
   *
   * @param clock Dates go on by this clock; where it stands before the snapshot's time, filters
   * and pauses end that much later.
   * @throws {FairleadError} `snapshot_mismatch` when the bytes are damaged or of another format.
   */
  static restore(
    bytes: Uint8Array,
    { clock, kernel }: Pick<AllocatorOptions, "clock" | "kernel"> = {},
  ): Allocator {
    const snapshot = readSnapshot(bytes);
    const allocator = new Allocator({
      ...snapshot.options,
      ...(clock && { clock }),
      ...(kernel && { kernel }),
    });
    allocator.#core.memory.resize(snapshot.capacities);
    allocator.#core.memory.copyIn(snapshot.columns);
    restoreParts(allocator.#parts(), snapshot.states);
    if (snapshot.whitelist) allocator.#whitelist = new Set(snapshot.whitelist);
    return allocator;
  }

  #parts(): Parts {
    return {
      kinds: this.#core.kinds,
      roles: this.#roles,
      quotas: this.#quotas,
      exclusions: this.#exclusions,
      minimums: this.#minimums,
      filters: this.#filters,
      frameworks: this.#frameworks,
      agents: this.#agents,
      offers: this.#offers,
      maintenance: this.#maintenance,
      recovery: this.#recovery,
    };
  }

  /** Counters and sizes. */
  stats(): AllocatorStats {
    return {
      agents: this.#agents.size,
      frameworks: [...this.#frameworks.registered()].length,
      offersOutstanding: this.#offers.size,
      filters: this.#filters.size,
      cycle: cycleOf(this.#core),
      candidates: this.#core.v.aCandidate.reduce((sum, candidate) => sum + candidate, 0),
      activeClients: this.#core.v.header[H.activeClients]!,
      memoryBytes: this.#core.memory.bytes,
      kernel: this.#core.kernel.name,
    };
  }

  /** Everything in the cluster by kind. */
  total() {
    return readTotal(this.#core);
  }

  #setActive(agent: Agent, active: boolean): void {
    agent.active = active;
    this.#agents.setEligible(agent, this.#isEligible(agent));
  }

  #isEligible(agent: Agent): boolean {
    return agent.active && (this.#whitelist === undefined || this.#whitelist.has(agent.id));
  }

  /** What is used must fit the kinds together with the total, and its sums must be amounts. */
  #checkUsed(total: Resources, used: readonly Allocated[], agent?: Agent): void {
    if (used.length === 0) return;
    this.#core.kinds.check(total, ...used.map(({ resources }) => resources));
    let sum = agent?.usedSum ?? Resources.EMPTY;
    for (const { resources } of used) sum = sum.add(resources.nonShared());
  }

  #takeUsed(agent: Agent, used: readonly Allocated[]): void {
    for (const { frameworkId, role, resources } of used) {
      if (resources.isEmpty) continue;
      this.#agents.addUsed(agent, this.#frameworks.clientOf(frameworkId, role), resources);
    }
  }

  /** A framework's clients of some roles lose their offers and filters. */
  #leave(framework: Framework, roles: readonly string[]): OfferHandle[] {
    const clients = new Set<Client>();
    for (const role of roles) {
      const client = framework.clients.get(role);
      if (client) clients.add(client);
    }
    if (clients.size === 0) return [];
    const rescinded = this.#answers.rescind(this.#offers.all((client) => clients.has(client)));
    for (const { handle } of clients) this.#filters.removeClient(handle);
    return rescinded;
  }

  #checkFree(agent: Agent, resources: Resources): void {
    if (this.#answers.isFree(agent, resources)) return;
    throw new FairleadError(
      "resources_not_available",
      `Cannot change ${resources} of agent "${agent.id}": not all of it is free`,
      { details: { agentId: agent.id, wanted: resources, free: this.#agents.free(agent) } },
    );
  }
}

function emptyId(what: string): FairleadError {
  return new FairleadError("invalid_argument", `Cannot add ${what} "": id must not be empty`, {
    details: { field: "id" },
  });
}

/** Texts that agents were added with: a cluster has few kinds of machines. */
const parsed = new Map<string, Resources>();
const PARSED_MAX = 256;

function readResources(given: Resources | string): Resources {
  if (typeof given !== "string")
    return given.unallocated().size === given.size ? given : given.unallocate();
  const known = parsed.get(given);
  if (known) return known;
  const read = Resources.parse(given);
  if (parsed.size >= PARSED_MAX) parsed.clear();
  parsed.set(given, read);
  return read;
}

function readUsed(used: readonly Allocated<Resources | string>[]): Allocated[] {
  return used.map(({ frameworkId, role, resources }) => {
    checkRole(role);
    if (frameworkId === "") throw emptyId("framework");
    return { frameworkId, role, resources: readResources(resources) };
  });
}
