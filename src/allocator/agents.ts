/** Agents: what they have in typed form, and the rows and slices that the kernel sees. */
import { FairleadError } from "../base/mod.ts";
import { Resources } from "../resources/mod.ts";
import { type Agent, NONE, put } from "./agent.ts";
import type { Core } from "./core.ts";
import { EpochBook } from "./epochs.ts";
import type { AgentFacts, Exclusions } from "./exclusions.ts";
import type { Client } from "./frameworks.ts";
import { charge, chargeSlice, consume, unsort } from "./kernel/accounts.ts";
import { A_ELIGIBLE, A_PRESENT, A_STALE, CAN_SHARED } from "./kernel/flags.ts";
import { H } from "./kernel/layout.ts";
import type { RoleTree } from "./roles.ts";
import { NOBODY, SliceBook } from "./slices.ts";
import type { AgentUpdate } from "./types.ts";

/** Keeps the agents. */
export class AgentBook {
  readonly #core: Core;
  readonly #roles: RoleTree;
  readonly #slices: SliceBook;
  readonly epochs: EpochBook;
  readonly #exclusions: Exclusions;
  readonly #byId = new Map<string, Agent>();
  readonly #byHandle: (Agent | undefined)[] = [];
  readonly #freeHandles: number[] = [];
  readonly #temp = new Float64Array(32);

  constructor(core: Core, roles: RoleTree, exclusions: Exclusions) {
    this.#core = core;
    this.#roles = roles;
    this.#slices = new SliceBook(core, roles);
    this.epochs = new EpochBook(core, (agent) => this.free(agent));
    this.#exclusions = exclusions;
    exclusions.onReclass = () => this.#reclassAll();
  }

  get size(): number {
    return this.#byId.size;
  }

  get all(): Iterable<Agent> {
    return this.#byId.values();
  }

  has(id: string): boolean {
    return this.#byId.has(id);
  }

  /** @throws {FairleadError} `unknown_agent`. */
  get(id: string): Agent {
    const agent = this.#byId.get(id);
    if (agent) return agent;
    throw new FairleadError("unknown_agent", `Cannot find agent "${id}": it is not added`, {
      details: { agentId: id },
    });
  }

  at(handle: number): Agent {
    return this.#byHandle[handle]!;
  }

  /** Make an agent that has nothing yet and is not eligible. */
  create(id: string, facts: Omit<AgentFacts, "hasGpus">): Agent {
    const handle = this.#freeHandles.pop() ?? this.#byHandle.length;
    this.#core.ensure("agents", handle + 1);
    const { v, row } = this.#core;
    v.header[H.agentsHigh] = Math.max(v.header[H.agentsHigh]!, handle + 1);
    v.aFree.fill(0, handle * row, handle * row + row);
    v.aFlags[handle] = A_PRESENT;
    v.aToken[handle] = this.epochs.take();
    v.aFilterRow[handle] = 0;
    v.aFilterHead[handle] = 0;
    v.aSliceHead[handle] = 0;
    v.aOfferHead[handle] = 0;
    const agent: Agent = {
      id,
      handle,
      hostname: facts.hostname,
      attributes: facts.attributes,
      domain: facts.domain,
      capabilities: facts.capabilities,
      hasGpus: false,
      active: false,
      unavailability: undefined,
      classIndex: -1,
      total: Resources.EMPTY,
      used: NONE,
      usedSum: Resources.EMPTY,
      overcommitted: false,
      slices: NONE,
      contents: NONE,
    };
    this.#byId.set(id, agent);
    this.#byHandle[handle] = agent;
    return agent;
  }

  /** Forget an agent that has nothing any more. */
  dispose(agent: Agent): void {
    this.#core.v.aFlags[agent.handle] = 0;
    this.#core.v.aCandidate[agent.handle] = 0;
    if (agent.classIndex >= 0) this.#exclusions.leave(agent.classIndex);
    this.#byId.delete(agent.id);
    this.#byHandle[agent.handle] = undefined;
    this.#freeHandles.push(agent.handle);
    this.epochs.forget(agent);
  }

  /** What a snapshot has to keep beside the columns. */
  get state() {
    return {
      agents: Array.from(this.#byId.values(), (agent) => ({
        id: agent.id,
        handle: agent.handle,
        hostname: agent.hostname,
        attributes: [...agent.attributes],
        domain: agent.domain,
        capabilities: [...agent.capabilities],
        hasGpus: agent.hasGpus,
        active: agent.active,
        classIndex: agent.classIndex,
        overcommitted: agent.overcommitted,
        resources: agent.total,
        used: [...agent.used],
        contents: [...agent.contents],
        slices: Array.from(agent.slices, ([key, { index, flags, node, total }]) => {
          return { key, index, flags, role: node?.path, total: [...total] };
        }),
      })),
      freeHandles: [...this.#freeHandles],
      slices: this.#slices.state,
      epochs: this.epochs.state,
      high: this.#byHandle.length,
    };
  }

  restore(state: AgentBook["state"]): void {
    this.#byHandle.length = state.high;
    this.#freeHandles.push(...state.freeHandles);
    this.#slices.restore(state.slices);
    for (const { resources, slices, ...saved } of state.agents) {
      const agent: Agent = {
        ...saved,
        domain: saved.domain,
        unavailability: undefined,
        total: resources,
        usedSum: Resources.EMPTY,
        attributes: new Map(saved.attributes),
        capabilities: new Set(saved.capabilities),
        used: new Map(saved.used),
        contents: new Map(saved.contents),
        slices: new Map(),
      };
      for (const { key, index, flags, role, total } of slices) {
        const node = role === undefined ? undefined : this.#roles.get(role);
        agent.slices.set(key, { index, flags, node, total: Float64Array.from(total) });
      }
      this.#byId.set(agent.id, agent);
      this.#byHandle[agent.handle] = agent;
      this.#setUsedSum(agent, sumOf(agent.used));
    }
    this.epochs.restore(state.epochs, (handle) => this.at(handle));
  }

  /** Put the agent into the class that its facts say. */
  reclass(agent: Agent): void {
    const before = agent.classIndex < 0 ? undefined : agent.classIndex;
    agent.classIndex = this.#exclusions.classify(agent.handle, agent, before);
    this.nominate(agent);
  }

  /** Change what rules look at; true when filters go with it. */
  setFacts(agent: Agent, update: AgentUpdate): boolean {
    const before = filterFacts(agent);
    if (update.hostname !== undefined) agent.hostname = update.hostname;
    if (update.attributes) agent.attributes = new Map(Object.entries(update.attributes));
    if (update.domain !== undefined)
      agent.domain = update.domain ? { ...update.domain } : undefined;
    if (update.capabilities) agent.capabilities = new Set(update.capabilities);
    this.reclass(agent);
    return filterFacts(agent) !== before;
  }

  #reclassAll(): void {
    for (const agent of this.#byId.values()) this.reclass(agent);
  }

  /** Look at the agent in the next run, and at its filters. */
  nominate(agent: Agent): void {
    const { v } = this.#core;
    v.aCandidate[agent.handle] = 1;
    v.aFlags[agent.handle] = v.aFlags[agent.handle]! | A_STALE;
  }

  setEligible(agent: Agent, eligible: boolean): void {
    const { aFlags } = this.#core.v;
    if (((aFlags[agent.handle]! & A_ELIGIBLE) !== 0) === eligible) return;
    this.#core.countHeadroom(agent.handle, -1);
    aFlags[agent.handle] = aFlags[agent.handle]! ^ A_ELIGIBLE;
    this.#core.countHeadroom(agent.handle, 1);
    this.nominate(agent);
    this.#core.loosen();
  }

  /** Change what the agent has. Its books follow; outstanding offers must lie within the new total. */
  setTotal(agent: Agent, total: Resources): void {
    const after = this.#core.kinds.decompose(total);
    this.#countTotal(agent.total, -1);
    this.#countTotal(total, 1);
    agent.total = total;
    this.#slices.setTotals(agent, after.slices);
    agent.overcommitted = !agent.usedSum.isEmpty && !total.contains(agent.usedSum);
    this.renewFree(agent);
    this.#slices.dropUnused(agent);
    const { hasGpus } = after;
    if (hasGpus !== agent.hasGpus || agent.classIndex < 0) {
      agent.hasGpus = hasGpus;
      this.reclass(agent);
    }
    this.nominate(agent);
    this.#core.v.header[H.sharesStale] = 1;
    this.#core.loosen();
  }

  /** Note that a client uses more on the agent; it holds and pays for it already. */
  noteUsed(agent: Agent, client: Client, resources: Resources): void {
    const held = agent.used.get(client.handle);
    if (!held) client.holdings++;
    agent.used = put(agent.used, client.handle, held ? held.add(resources) : resources);
    this.#setUsedSum(agent, agent.usedSum.add(resources.nonShared()));
  }

  /** A client uses something on the agent that nobody has counted so far. */
  addUsed(agent: Agent, client: Client, resources: Resources): void {
    this.noteUsed(agent, client, resources);
    this.chargeTyped(agent, client, resources, 1);
    this.renewFree(agent);
  }

  /** A client uses less; its part becomes free. */
  removeUsed(agent: Agent, client: Client, resources: Resources): void {
    const rest = agent.used.get(client.handle)!.subtract(resources);
    if (rest.isEmpty) {
      agent.used.delete(client.handle);
      client.holdings--;
    } else agent.used = put(agent.used, client.handle, rest);
    this.#setUsedSum(agent, this.#usedWithout(agent, resources));
    this.chargeTyped(agent, client, resources, -1);
    this.renewFree(agent);
    this.#slices.dropUnused(agent);
    this.nominate(agent);
    this.#core.loosen();
  }

  /** Put typed resources into (or out of) the books of a client. */
  chargeTyped(agent: Agent, client: Client, resources: Resources, sign: number): void {
    const { main, slices } = this.#core.kinds.decompose(resources);
    const { v } = this.#core;
    if (main.length > 0) {
      v.sCharge.fill(0);
      for (const [kind, millis] of main) v.sCharge[kind] = v.sCharge[kind]! + millis;
      charge(v, client.handle, sign);
      consume(v, client.node.index, sign);
    }
    for (const part of slices) {
      const slice = this.#slices.of(agent, part);
      this.#core.ensureFree("refs", REFS_A_CHARGE);
      this.#temp.fill(0);
      for (const [kind, millis] of part.amounts) this.#temp[kind] = millis;
      for (let copy = 0; copy < part.copies; copy++) {
        chargeSlice(this.#core.v, slice.index, this.#temp, 0, client.handle, sign);
      }
    }
    unsort(this.#core.v, client.handle);
  }

  /** What is free in typed form: neither used nor offered; shared volumes not among it. */
  free(agent: Agent): Resources {
    const rest = this.unused(agent);
    return rest.subtract(this.epochs.offers.offered(agent));
  }

  /** What is not used in typed form; shared volumes not among it. */
  unused(agent: Agent): Resources {
    const { slices } = this.#core.kinds.decompose(agent.total);
    const all = slices.length === 0 ? agent.total : agent.total.nonShared();
    if (agent.usedSum.isEmpty) return all;
    return agent.overcommitted
      ? all.subtract(all.intersect(agent.usedSum))
      : all.subtract(agent.usedSum);
  }

  #setUsedSum(agent: Agent, sum: Resources): void {
    agent.usedSum = sum;
    agent.overcommitted = !agent.total.contains(sum);
  }

  /** The sum of what is used, where `resources` are not any more. */
  #usedWithout(agent: Agent, resources: Resources): Resources {
    if (agent.used.size === 0) return Resources.EMPTY;
    // Members of ranges and sets that several clients claim are united in the sum.
    const isScalar = ![...resources].some(({ value }) => value.type !== "SCALAR");
    const rest = isScalar ? agent.usedSum.trySubtract(resources.nonShared()) : undefined;
    return rest ?? sumOf(agent.used);
  }

  #countTotal(total: Resources, sign: number): void {
    if (total.isEmpty) return;
    const { kTotal } = this.#core.v;
    const { totals } = this.#core.kinds.decompose(total);
    for (let i = 0; i < totals.length; i++) {
      const [kind, millis] = totals[i]!;
      kTotal[kind] = kTotal[kind]! + sign * millis;
    }
  }

  /** Work the free rows out anew from what is total, used and offered. */
  renewFree(agent: Agent): void {
    const core = this.#core;
    core.countHeadroom(agent.handle, -1);
    const { v, row } = core;
    const base = agent.handle * row;
    v.aFree.fill(0, base, base + row);
    for (const slice of agent.slices.values()) {
      const at = slice.index * row;
      if (!(slice.flags & CAN_SHARED)) v.lFree.fill(0, at, at + row);
      else if (v.lNode[slice.index] !== NOBODY) v.lFree.set(slice.total.subarray(0, row), at);
    }
    this.#addFree(agent, this.unused(agent));
    for (let offer = v.aOfferHead[agent.handle]!; offer !== 0; offer = v.oNext[offer]!) {
      for (let k = 0; k < row; k++) {
        v.aFree[base + k] = v.aFree[base + k]! - v.oMain[offer * row + k]!;
      }
      for (let part = v.oParts[offer]!; part !== 0; part = v.tNext[part]!) {
        const slice = v.tSlice[part]!;
        if (v.lFlags[slice]! & CAN_SHARED) continue;
        for (let k = 0; k < row; k++) {
          const at = slice * row + k;
          v.lFree[at] = v.lFree[at]! - v.tAmounts[part * row + k]!;
        }
      }
    }
    core.countHeadroom(agent.handle, 1);
  }

  #addFree(agent: Agent, resources: Resources): void {
    const { main, slices } = this.#core.kinds.decompose(resources);
    const { v, row } = this.#core;
    const base = agent.handle * row;
    for (const [kind, millis] of main) {
      v.aFree[base + kind] = v.aFree[base + kind]! + millis;
    }
    for (const part of slices) {
      const slice = agent.slices.get(part.key);
      if (!slice) continue;
      for (const [kind, millis] of part.amounts) {
        const at = slice.index * row + kind;
        v.lFree[at] = v.lFree[at]! + millis;
      }
    }
  }
}

function sumOf(used: ReadonlyMap<number, Resources>): Resources {
  let sum = Resources.EMPTY;
  for (const resources of used.values()) sum = sum.add(resources.nonShared());
  return sum;
}

/** What decline filters depend on, as text. */
function filterFacts({ hostname, attributes, domain }: Agent): string {
  const sorted = [...attributes].sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([hostname, sorted, domain?.region, domain?.zone]);
}

/** A charge of a shared slice may count a client, a leaf and nodes up to the root. */
const REFS_A_CHARGE = 40;
