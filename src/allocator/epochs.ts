/** Identity epochs: whether a filter still covers what is free when resources have changed. */
import { type Resource, Resources } from "../resources/mod.ts";
import { type Agent, type OfferedResources, put } from "./agent.ts";
import type { Core } from "./core.ts";
import { A_IDENTITY_DIRTY, A_STALE } from "./kernel/flags.ts";
import { H } from "./kernel/layout.ts";
import { isMainScalar } from "./kinds.ts";

/** Marks a filter that belongs to the epoch which its agent's next run begins. */
export const NEXT_EPOCH = 0;

/** Keeps the epochs of all agents. Source: docs/allocator_semantics.md, section 7. */
export class EpochBook {
  readonly #core: Core;
  readonly #freeOf: (agent: Agent) => Resources;
  #next = 1;
  readonly #dirty = new Set<Agent>();
  offers: OfferedResources = { offered: () => Resources.EMPTY, offeredIn: () => Resources.EMPTY };

  /** @param freeOf What is free on an agent in typed form. */
  constructor(core: Core, freeOf: (agent: Agent) => Resources) {
    this.#core = core;
    this.#freeOf = freeOf;
  }

  /** What a snapshot has to keep; contents come with their agents. */
  get state() {
    return { next: this.#next, dirty: Array.from(this.#dirty, ({ handle }) => handle) };
  }

  restore(state: EpochBook["state"], at: (handle: number) => Agent): void {
    this.#next = state.next;
    for (const handle of state.dirty) this.#dirty.add(at(handle));
  }

  /** A number that no epoch had before. */
  take(): number {
    return this.#next++;
  }

  forget(agent: Agent): void {
    this.#dirty.delete(agent);
  }

  /**
   * To be called before what is free on an agent changes in any way but offers made and returned:
   * keeps what the present identity epoch began with, where a filter may ask for it.
   */
  beforeChange(agent: Agent): void {
    const { v } = this.#core;
    const epoch = v.aToken[agent.handle]!;
    if (!agent.contents.has(epoch) && this.#isAskable(agent)) {
      const content = this.#freeOf(agent).add(this.offers.offeredIn(agent, epoch));
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
    this.#dirty.add(agent);
  }

  /** Begin the epochs that are due; filters whose epoch covers the new one go on covering. */
  begin(): void {
    for (const agent of this.#dirty) this.#beginOne(agent);
    this.#dirty.clear();
    this.#core.v.header[H.identityDirty] = 0;
  }

  #beginOne(agent: Agent): void {
    const { v } = this.#core;
    const { handle } = agent;
    v.aFlags[handle] = v.aFlags[handle]! & ~A_IDENTITY_DIRTY;
    const epoch = this.take();
    v.aToken[handle] = epoch;
    const named = new Set<number>();
    if (v.aFilterHead[handle] !== 0) {
      const content = identityContent(this.#freeOf(agent), agent.total);
      agent.contents = put(agent.contents, epoch, content);
      named.add(epoch);
      const covering = new Map<number, boolean>();
      for (let f = v.aFilterHead[handle]!; f !== 0; f = v.fNext[f]!) {
        if (v.fOrigin[f] === NEXT_EPOCH) v.fOrigin[f] = epoch;
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
    v.aCandidate[handle] = 1;
    v.aFlags[handle] = v.aFlags[handle]! | A_STALE;
  }
}

/** Everything that has an identity: ranges, sets, slices; shared volumes count as free always. */
function identityContent(free: Resources, total: Resources): Resources {
  const own = free.filter((resource: Resource) => !isMainScalar(resource) && !resource.shared);
  const shared = total.shared();
  return shared.isEmpty ? own : own.add(shared);
}
