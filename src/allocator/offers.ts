/** Outstanding offers: handles, and their resources in typed form, worked out when asked for. */
import { FairleadError } from "../base/mod.ts";
import { type Resource, Resources, shrink } from "../resources/mod.ts";
import type { Agent, OfferedResources } from "./agent.ts";
import type { AgentBook } from "./agents.ts";
import { type Core, OFFERS_MAX } from "./core.ts";
import type { Client, FrameworkBook } from "./frameworks.ts";
import { O_LIVE } from "./kernel/flags.ts";
import { H } from "./kernel/layout.ts";
import { amountOf, sliceKey } from "./kinds.ts";
import type { Offer, OfferHandle } from "./types.ts";

/** Keeps what is known of outstanding offers beside the columns. */
export class OfferBook implements OfferedResources {
  readonly #core: Core;
  readonly #agents: AgentBook;
  readonly #frameworks: FrameworkBook;
  readonly #typed = new Map<number, Resources>();

  constructor(core: Core, agents: AgentBook, frameworks: FrameworkBook) {
    this.#core = core;
    this.#agents = agents;
    this.#frameworks = frameworks;
    agents.epochs.offers = this;
  }

  /** How many offers are outstanding. */
  get size(): number {
    return this.#core.v.header[H.outstanding]!;
  }

  handleOf(slot: number): OfferHandle {
    return this.#core.v.oGeneration[slot]! * OFFERS_MAX + slot;
  }

  /** @throws {FairleadError} `unknown_offer` when the offer is not outstanding (any more). */
  slotOf(handle: OfferHandle): number {
    const slot = this.liveSlot(handle);
    if (slot !== undefined) return slot;
    throw new FairleadError(
      "unknown_offer",
      `Cannot find offer ${handle}: it was never made, or it was answered or rescinded`,
      { details: { handle } },
    );
  }

  liveSlot(handle: OfferHandle): number | undefined {
    const slot = handle % OFFERS_MAX;
    const { v } = this.#core;
    const live =
      Number.isSafeInteger(handle) &&
      slot > 0 &&
      slot < v.oFlags.length &&
      (v.oFlags[slot]! & O_LIVE) !== 0 &&
      v.oGeneration[slot] === Math.floor(handle / OFFERS_MAX);
    return live ? slot : undefined;
  }

  agentOf(slot: number): Agent {
    return this.#agents.at(this.#core.v.oAgent[slot]!);
  }

  clientOf(slot: number): Client {
    return this.#frameworks.client(this.#core.v.oClient[slot]!);
  }

  /** One offer in full. */
  describe(slot: number): Offer {
    const client = this.clientOf(slot);
    return {
      handle: this.handleOf(slot),
      agentId: this.agentOf(slot).id,
      frameworkId: client.framework.id,
      role: client.role,
      resources: this.resources(slot).allocate(client.role),
    };
  }

  /** What an offer holds, without allocation role. */
  resources(slot: number): Resources {
    const known = this.#typed.get(slot);
    if (known) return known;
    this.materialise(this.agentOf(slot));
    return this.#typed.get(slot)!;
  }

  /** The offer's resources changed shape. */
  replace(slot: number, resources: Resources): void {
    this.#typed.set(slot, resources);
  }

  /** The slot is free again. */
  forget(slot: number): void {
    this.#typed.delete(slot);
  }

  /** Slots of an agent's outstanding offers, the oldest first. */
  on(agent: Agent): number[] {
    const slots: number[] = [];
    const { v } = this.#core;
    for (let o = v.aOfferHead[agent.handle]!; o !== 0; o = v.oNext[o]!) slots.push(o);
    return slots.reverse();
  }

  /** Slots of all outstanding offers that the predicate names. */
  all(goes: (client: Client) => boolean): number[] {
    const slots: number[] = [];
    const { v } = this.#core;
    for (let slot = 1; slot < v.oFlags.length; slot++) {
      if (v.oFlags[slot]! & O_LIVE && goes(this.clientOf(slot))) slots.push(slot);
    }
    return slots;
  }

  offered(agent: Agent): Resources {
    return this.#sum(agent, () => true);
  }

  offeredIn(agent: Agent, epoch: number): Resources {
    return this.#sum(agent, (slot) => this.#core.v.oToken[slot] === epoch);
  }

  #sum(agent: Agent, counts: (slot: number) => boolean): Resources {
    if (this.#core.v.aOfferHead[agent.handle] === 0) return Resources.EMPTY;
    this.materialise(agent);
    let sum = Resources.EMPTY;
    for (const slot of this.on(agent)) {
      if (counts(slot)) sum = sum.add(this.#typed.get(slot)!.nonShared());
    }
    return sum;
  }

  /**
   * Work out which resources the agent's offers hold, the oldest first, each from what the ones
   * before left. Which ports an offer holds must not depend on who looks when, so this runs before
   * anything else can change: at the end of a run where an agent has several offers, else when the
   * first looks or the agent's resources change.
   */
  materialise(agent: Agent): void {
    const slots = this.on(agent);
    const pending = slots.filter((slot) => !this.#typed.has(slot));
    if (pending.length === 0) return;
    let rest = this.#agents.unused(agent);
    for (const slot of slots) {
      const known = this.#typed.get(slot);
      if (known) rest = rest.subtract(known.nonShared());
    }
    for (const [i, slot] of pending.entries()) {
      const taken = this.#pick(agent, slot, rest);
      if (i < pending.length - 1) rest = rest.subtract(taken.nonShared());
      this.#typed.set(slot, taken);
    }
  }

  /** Pick from what is there the amounts that the columns say. */
  #pick(agent: Agent, slot: number, there: Resources): Resources {
    const { v, row, kinds } = this.#core;
    const taken = new Set<number>();
    for (let part = v.oParts[slot]!; part !== 0; part = v.tNext[part]!) taken.add(v.tSlice[part]!);
    const keys = new Set<string>();
    for (const [key, slice] of agent.slices) if (taken.has(slice.index)) keys.add(key);
    const rest = Array.from(kinds.names, (_, kind) => v.oMain[slot * row + kind]!);
    const picked: Resource[] = [];
    for (const resource of there) {
      const key = sliceKey(resource);
      if (key !== undefined) {
        if (keys.has(key)) picked.push(resource);
        continue;
      }
      const kind = kinds.numberOf(resource.name)!;
      const part = shrink(resource, rest[kind]!);
      if (part === undefined) continue;
      rest[kind] = rest[kind]! - amountOf(part);
      picked.push(part);
    }
    let resources = picked.length === there.size ? sameOr(there, picked) : Resources.of(picked);
    for (const volume of agent.total.shared()) {
      const slice = agent.slices.get(sliceKey(volume)!);
      if (slice && taken.has(slice.index)) resources = resources.add(Resources.of([volume]));
    }
    return resources;
  }

  /** What a snapshot has to keep beside the columns. */
  get state(): { typed: [number, Resources][] } {
    return { typed: [...this.#typed] };
  }

  restore({ typed }: { typed: [number, Resources][] }): void {
    for (const [slot, resources] of typed) this.#typed.set(slot, resources);
  }
}

/** The same object when every resource was picked whole: the common case makes nothing new. */
function sameOr(there: Resources, picked: readonly Resource[]): Resources {
  let i = 0;
  for (const resource of there) if (resource !== picked[i++]) return Resources.of(picked);
  return there;
}
