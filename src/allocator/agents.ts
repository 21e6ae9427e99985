/** Agents: what they have in typed form, and the rows and slices that the kernel sees. */
import { FairleadError } from "../base/mod.ts";
import { type Resource, Resources } from "../resources/mod.ts";
import type { Core } from "./core.ts";
import type { AgentFacts, Exclusions } from "./exclusions.ts";
import type { Client } from "./frameworks.ts";
import { charge, chargeSlice, consume, unsort } from "./kernel/accounts.ts";
import {
  A_ELIGIBLE,
  A_IDENTITY_DIRTY,
  A_PRESENT,
  A_STALE,
  CAN_REVOCABLE,
  CAN_SHARED,
} from "./kernel/flags.ts";
import { H } from "./kernel/layout.ts";
import { isMainScalar, type SlicePart } from "./kinds.ts";
import type { RoleNode, RoleTree } from "./roles.ts";
import type { AgentCapability, AgentUpdate, FaultDomain, Unavailability } from "./types.ts";

/** A slice of an agent: the numbers live in the columns at `index`. */
interface Slice {
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

/** Keeps the agents. */
export class AgentBook {
  readonly #core: Core;
  readonly #roles: RoleTree;
  readonly #exclusions: Exclusions;
  readonly #byId = new Map<string, Agent>();
  readonly #byHandle: (Agent | undefined)[] = [];
  readonly #freeHandles: number[] = [];
  readonly #freeSlices: number[] = [];
  #nextSlice = 1;
  #nextToken = 1;
  #dirty: Agent[] = [];
  readonly #temp = new Float64Array(32);
  offers: OfferedResources = { offered: () => Resources.EMPTY, offeredIn: () => Resources.EMPTY };

  constructor(core: Core, roles: RoleTree, exclusions: Exclusions) {
    this.#core = core;
    this.#roles = roles;
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
    v.aToken[handle] = this.#nextToken++;
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
    this.#dirty = this.#dirty.filter((other) => other !== agent);
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
      freeSlices: [...this.#freeSlices],
      nextSlice: this.#nextSlice,
      nextToken: this.#nextToken,
      high: this.#byHandle.length,
      dirty: this.#dirty.map(({ handle }) => handle),
    };
  }

  restore(state: AgentBook["state"]): void {
    this.#byHandle.length = state.high;
    this.#freeHandles.push(...state.freeHandles);
    this.#freeSlices.push(...state.freeSlices);
    this.#nextSlice = state.nextSlice;
    this.#nextToken = state.nextToken;
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
      this.#sumUsed(agent);
    }
    this.#dirty = state.dirty.map((handle) => this.#byHandle[handle]!);
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
    if (update.domain !== undefined) agent.domain = update.domain ?? undefined;
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
    this.#setSlices(agent, after.slices);
    agent.overcommitted = !agent.usedSum.isEmpty && !total.contains(agent.usedSum);
    this.renewFree(agent);
    this.#dropSlices(agent);
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
    this.#sumUsed(agent);
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
    this.#sumUsed(agent);
    this.chargeTyped(agent, client, resources, -1);
    this.renewFree(agent);
    this.#dropSlices(agent);
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
      const slice = this.#sliceOf(agent, part);
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
    return rest.subtract(this.offers.offered(agent));
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

  /**
   * To be called before what is free on an agent changes in any way but offers made and returned:
   * keeps what the present identity epoch began with, where a filter may ask for it.
   */
  beforeChange(agent: Agent): void {
    const { v } = this.#core;
    const epoch = v.aToken[agent.handle]!;
    if (!agent.contents.has(epoch) && this.#isAskable(agent)) {
      const content = this.free(agent).add(this.offers.offeredIn(agent, epoch));
      agent.contents = put(agent.contents, epoch, identityContent(content, agent.total));
    }
    this.markDirty(agent);
  }

  #isAskable({ handle }: Agent): boolean {
    const { v } = this.#core;
    return v.aFilterHead[handle] !== 0 || v.aOfferHead[handle] !== 0;
  }

  /** The agent's next run begins a new identity epoch. */
  markDirty(agent: Agent): void {
    const { v } = this.#core;
    if (v.aFlags[agent.handle]! & A_IDENTITY_DIRTY) return;
    v.aFlags[agent.handle] = v.aFlags[agent.handle]! | A_IDENTITY_DIRTY;
    v.header[H.identityDirty] = v.header[H.identityDirty]! + 1;
    this.#dirty.push(agent);
  }

  /** Begin the epochs that are due; filters whose epoch covers the new one go on covering. */
  beginEpochs(): void {
    for (const agent of this.#dirty) this.#beginEpoch(agent);
    this.#dirty = [];
    this.#core.v.header[H.identityDirty] = 0;
  }

  #beginEpoch(agent: Agent): void {
    const { v } = this.#core;
    const { handle } = agent;
    v.aFlags[handle] = v.aFlags[handle]! & ~A_IDENTITY_DIRTY;
    const epoch = this.#nextToken++;
    v.aToken[handle] = epoch;
    const named = new Set<number>();
    if (v.aFilterHead[handle] !== 0) {
      const content = identityContent(this.free(agent), agent.total);
      agent.contents = put(agent.contents, epoch, content);
      named.add(epoch);
      const covering = new Map<number, boolean>();
      for (let f = v.aFilterHead[handle]!; f !== 0; f = v.fNext[f]!) {
        const origin = v.fOrigin[f]!;
        named.add(origin);
        let covers = covering.get(origin);
        if (covers === undefined) {
          covers = agent.contents.get(origin)?.contains(content) ?? false;
          covering.set(origin, covers);
        }
        if (covers) v.fToken[f] = epoch;
      }
    }
    for (let o = v.aOfferHead[handle]!; o !== 0; o = v.oNext[o]!) named.add(v.oToken[o]!);
    for (const known of agent.contents.keys()) if (!named.has(known)) agent.contents.delete(known);
    this.nominate(agent);
  }

  #sumUsed(agent: Agent): void {
    let sum = Resources.EMPTY;
    for (const resources of agent.used.values()) sum = sum.add(resources.nonShared());
    agent.usedSum = sum;
    agent.overcommitted = !agent.total.contains(sum);
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

  /** Let the slices have what the total says, reservations counting as consumed. */
  #setSlices(agent: Agent, parts: readonly SlicePart[]): void {
    if (parts.length === 0 && agent.slices.size === 0) return;
    const present = new Set<string>();
    for (const part of parts) {
      present.add(part.key);
      const slice = this.#sliceOf(agent, part);
      const total = new Float64Array(this.#core.row);
      for (const [kind, millis] of part.amounts) total[kind] = millis;
      this.#setSliceTotal(slice, total);
    }
    for (const [key, slice] of agent.slices) {
      if (!present.has(key)) this.#setSliceTotal(slice, new Float64Array(this.#core.row));
    }
  }

  #setSliceTotal(slice: Slice, total: Float64Array): void {
    const before = slice.total;
    slice.total = total;
    if (slice.flags & CAN_SHARED) {
      // A volume that is gone but still used keeps its size in the books, and nobody sees it.
      const there = total.some((millis) => millis > 0);
      this.#core.v.lNode[slice.index] = there ? slice.node!.index : NOBODY;
    }
    if (!slice.node || slice.flags & CAN_REVOCABLE) return;
    const { v } = this.#core;
    const kinds = this.#core.kinds.size;
    v.sCharge.fill(0);
    for (let k = 0; k < kinds; k++) v.sCharge[k] = (total[k] ?? 0) - (before[k] ?? 0);
    consume(v, slice.node.index, 1);
  }

  #sliceOf(agent: Agent, part: SlicePart): Slice {
    const known = agent.slices.get(part.key);
    if (known) return known;
    const node = part.role === undefined ? undefined : this.#roles.ensure(part.role);
    if (node) this.#roles.hold(node, 1);
    const index = this.#freeSlices.pop() ?? this.#nextSlice++;
    this.#core.ensure("slices", index + 1);
    const { v, row } = this.#core;
    v.lFree.fill(0, index * row, index * row + row);
    v.lAgent[index] = agent.handle;
    v.lNode[index] = node?.index ?? 0;
    v.lFlags[index] = part.flags;
    v.lCycle[index] = 0;
    v.lRefs[index] = 0;
    v.lTaken[index] = 0;
    v.lNext[index] = 0;
    let last = v.aSliceHead[agent.handle]!;
    while (last !== 0 && v.lNext[last] !== 0) last = v.lNext[last]!;
    if (last === 0) v.aSliceHead[agent.handle] = index;
    else v.lNext[last] = index;
    const slice = { index, flags: part.flags, node, total: new Float64Array(row) };
    agent.slices = put(agent.slices, part.key, slice);
    return slice;
  }

  /** Forget slices that the total has no more, and nobody uses. */
  #dropSlices(agent: Agent): void {
    if (agent.slices.size === 0) return;
    for (const [key, slice] of agent.slices) {
      if (slice.total.some((millis) => millis > 0)) continue;
      const stillUsed = [...agent.used.values()].some((resources) =>
        this.#core.kinds.decompose(resources).slices.some((part) => part.key === key),
      );
      if (!stillUsed) this.#dropSlice(agent, key, slice);
    }
  }

  #dropSlice(agent: Agent, key: string, slice: Slice): void {
    const { v } = this.#core;
    const { index, node } = slice;
    let before = 0;
    for (let at = v.aSliceHead[agent.handle]!; at !== index; at = v.lNext[at]!) before = at;
    if (before === 0) v.aSliceHead[agent.handle] = v.lNext[index]!;
    else v.lNext[before] = v.lNext[index]!;
    v.lFlags[index] = 0;
    agent.slices.delete(key);
    this.#freeSlices.push(index);
    if (node) this.#roles.hold(node, -1);
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

/** Most agents use nothing and have neither slices nor epochs worth keeping: they share this. */
const NONE = new Map<never, never>();

/** Set in place, or in a map of its own where the agent shares the empty one. */
function put<K, V>(map: Map<K, V>, key: K, value: V): Map<K, V> {
  return (map.size === 0 ? new Map<K, V>() : map).set(key, value);
}

/** What decline filters depend on, as text. */
function filterFacts({ hostname, attributes, domain }: Agent): string {
  const sorted = [...attributes].sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([hostname, sorted, domain?.region, domain?.zone]);
}

/** A node that no role has. */
const NOBODY = 0xffff_ffff;

/** A charge of a shared slice may count a client, a leaf and nodes up to the root. */
const REFS_A_CHARGE = 40;

/** Everything that has an identity: ranges, sets, slices; shared volumes count as free always. */
function identityContent(free: Resources, total: Resources): Resources {
  const own = free.filter((resource: Resource) => !isMainScalar(resource) && !resource.shared);
  const shared = total.shared();
  return shared.isEmpty ? own : own.add(shared);
}
