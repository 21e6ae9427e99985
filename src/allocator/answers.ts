/** How offers end: declined, rescinded, accepted; and how used resources change. */
import { FairleadError } from "../base/mod.ts";
import { Resources } from "../resources/mod.ts";
import type { Agent } from "./agent.ts";
import type { AgentBook } from "./agents.ts";
import type { Core } from "./core.ts";
import { NEXT_EPOCH } from "./epochs.ts";
import type { FilterBook } from "./filters.ts";
import type { Client } from "./frameworks.ts";
import { CAN_SHARED } from "./kernel/flags.ts";
import { H } from "./kernel/layout.ts";
import type { OfferBook } from "./offers.ts";
import { readRefuseMs } from "./options.ts";
import { checkAcceptance } from "./read.ts";
import type { Acceptance, OfferHandle } from "./types.ts";

/** A conversion after reading: nobody's allocation. */
interface Conversion {
  readonly from: Resources;
  readonly to: Resources;
}

/** Ends offers. */
export class Answers {
  readonly #core: Core;
  readonly #agents: AgentBook;
  readonly #offers: OfferBook;
  readonly #filters: FilterBook;

  constructor(core: Core, parts: { agents: AgentBook; offers: OfferBook; filters: FilterBook }) {
    this.#core = core;
    this.#agents = parts.agents;
    this.#offers = parts.offers;
    this.#filters = parts.filters;
  }

  /** Return offers, each leaving a filter when `refuseMs` is not 0. */
  decline(handles: Iterable<OfferHandle>, refuseMs: number): void {
    const core = this.#core;
    const dueMs = this.#dueMs(refuseMs);
    let count = 0;
    for (const handle of handles) {
      const slot = this.#offers.liveSlot(handle);
      const twice = slot !== undefined && slot < this.#marks.length && this.#marks[slot] === 1;
      if (slot === undefined || twice) {
        this.#unmark(count);
        this.#offers.slotOf(handle);
        throw new FairleadError(
          "unknown_offer",
          `Cannot answer offer ${handle} twice in one call`,
          {
            details: { handle },
          },
        );
      }
      core.v.returning[count++] = slot;
      this.#mark(slot);
    }
    this.#unmark(count);
    this.#giveBack(count, dueMs);
  }

  /** Return these slots, without filters. */
  rescind(slots: readonly number[]): OfferHandle[] {
    const handles = slots.map((slot) => this.#offers.handleOf(slot));
    slots.forEach((slot, i) => {
      this.#core.v.returning[i] = slot;
    });
    this.#giveBack(slots.length, undefined);
    return handles;
  }

  /** See `Allocator.accept`. */
  accept(given: OfferHandle | readonly OfferHandle[], acceptance: Acceptance): void {
    checkAcceptance(given, acceptance);
    const handles = typeof given === "number" ? [given] : given;
    const { used = "", refuseMs, converted = [] } = acceptance;
    const waitMs = readRefuseMs(refuseMs);
    const slots = handles.map((handle) => this.#offers.slotOf(handle));
    const [slot, ...others] = slots;
    if (slot === undefined) throw oneAgent("none is named");
    this.#checkTogether(slot, others);
    const dueMs = this.#dueMs(waitMs);
    const agent = this.#offers.agentOf(slot);
    const client = this.#offers.clientOf(slot);
    const conversions = converted.map(({ from, to }) => {
      return { from: typed(from).unallocate(), to: typed(to).unallocate() };
    });
    const taken = typed(used);
    const offered = this.#together(slots);
    const totals = this.#convertTyped(agent, { slots, offered }, conversions);
    const last = totals.at(-1)?.offered ?? offered;
    const mine = taken.unallocate();
    checkHolder(taken, client.role);
    const isWithin = last.contains(mine);
    if (!isWithin && !covers(last, mine)) throw notHeld(mine, last);
    const within = isWithin ? mine : mine.nonShared().add(mine.intersect(last).shared());
    if (!mine.isEmpty || conversions.length > 0 || others.length > 0) {
      this.#agents.epochs.beforeChange(agent);
    }
    if (others.length > 0) this.#merge(agent, slot, others);
    totals.forEach(({ total, offered }, i) => {
      this.#reshape(agent, client, slot, { ...conversions[i]!, total });
      this.#offers.replace(slot, offered);
    });
    if (!mine.isEmpty) {
      this.#changeOffer(agent, slot, within, -1);
      this.#agents.noteUsed(agent, client, mine);
      // A shared volume that is offered once may be used more than once.
      if (within !== mine) this.#agents.chargeTyped(agent, client, mine.subtract(within), 1);
    }
    // What was converted came into being with the acceptance: the filter is of the next epoch.
    if (conversions.length > 0 || others.length > 0) this.#core.v.oToken[slot] = NEXT_EPOCH;
    this.#core.v.returning[0] = slot;
    this.#giveBack(1, dueMs);
  }

  /** Offers accepted in one are of one agent and for one client, and none is named twice. */
  #checkTogether(slot: number, others: readonly number[]): void {
    if (others.length === 0) return;
    const { oAgent, oClient } = this.#core.v;
    if (new Set([slot, ...others]).size <= others.length) throw oneAgent("one is named twice");
    const apart = others.some((other) => {
      return oAgent[other] !== oAgent[slot] || oClient[other] !== oClient[slot];
    });
    if (apart) throw oneAgent("they are of several agents, frameworks or roles");
  }

  #together(slots: readonly number[]): Resources {
    let sum = Resources.EMPTY;
    for (const slot of slots) sum = sum.add(this.#offers.resources(slot));
    return sum;
  }

  /** Let one offer hold what others of its agent and client hold, and end those. */
  #merge(agent: Agent, slot: number, others: readonly number[]): void {
    for (const other of others) {
      // The client holds a shared volume once for each offer: that hold ends with the offer.
      const moving = this.#offers.resources(other).nonShared();
      const shared = this.#offers.resources(other).shared();
      const held = this.#offers.resources(slot);
      this.#changeOffer(agent, other, moving, -1);
      this.#changeOffer(agent, slot, moving, 1);
      const fresh = shared.filter((volume) => held.copiesOf(volume) === 0);
      this.#changeOffer(agent, other, fresh, -1);
      this.#changeOffer(agent, slot, fresh, 1);
      this.#offers.replace(other, shared.subtract(fresh));
      this.#offers.replace(slot, held.add(moving).add(fresh));
    }
    this.rescind(others);
  }

  /** The offer and the agent's total after each conversion; nothing is changed. */
  #convertTyped(
    agent: Agent,
    held: { readonly slots: readonly number[]; readonly offered: Resources },
    conversions: readonly Conversion[],
  ) {
    let { offered } = held;
    let total = agent.total;
    return conversions.map(({ from, to }) => {
      checkSameAmounts(from, to);
      this.#core.kinds.check(to);
      const rest = offered.trySubtract(from);
      if (rest === undefined || !this.#sharedIdle(agent, from, held.slots)) {
        throw new FairleadError(
          "invalid_conversion",
          `Cannot convert ${from}: the offer holds ${offered}, or it is in use elsewhere`,
          { details: { agentId: agent.id } },
        );
      }
      offered = rest.add(to);
      total = total.subtract(from).add(to);
      this.#core.kinds.checkTotal(total);
      return { offered, total };
    });
  }

  /** No task uses the shared volumes among `resources`, and no other offer holds them. */
  #sharedIdle(agent: Agent, resources: Resources, except: readonly number[] = []): boolean {
    const shared = resources.shared();
    if (shared.isEmpty) return true;
    for (const used of agent.used.values()) {
      if (!used.intersect(shared).isEmpty) return false;
    }
    return this.#offers.on(agent).every((slot) => {
      return except.includes(slot) || this.#offers.resources(slot).intersect(shared).isEmpty;
    });
  }

  /** Is all of it free, neither used nor offered? */
  isFree(agent: Agent, resources: Resources): boolean {
    const free = this.#agents.free(agent);
    return (
      free.contains(resources.nonShared()) &&
      agent.total.contains(resources) &&
      this.#sharedIdle(agent, resources)
    );
  }

  /** Let an offer have its resources in another shape, and the agent too. */
  #reshape(
    agent: Agent,
    client: Client,
    slot: number,
    { from, to, total }: Conversion & { total: Resources },
  ): void {
    this.#changeOffer(agent, slot, from, -1);
    this.#agents.chargeTyped(agent, client, from, -1);
    this.#agents.setTotal(agent, total);
    this.#agents.chargeTyped(agent, client, to, 1);
    this.#changeOffer(agent, slot, to, 1);
    this.#agents.renewFree(agent);
  }

  /** Add `sign` × typed resources to what the columns say an offer holds. */
  #changeOffer(agent: Agent, slot: number, resources: Resources, sign: number): void {
    const core = this.#core;
    const { main, slices } = core.kinds.decompose(resources);
    core.ensureFree("parts", slices.length);
    const { v, row } = core;
    for (const [kind, millis] of main) {
      const at = slot * row + kind;
      v.oMain[at] = v.oMain[at]! + sign * millis;
    }
    for (const { key, amounts } of slices) {
      const part = this.#partOf(slot, agent.slices.get(key)!.index);
      for (const [kind, millis] of amounts) {
        const at = part * row + kind;
        v.tAmounts[at] = v.tAmounts[at]! + sign * millis;
      }
    }
  }

  #partOf(slot: number, slice: number): number {
    const { v, row } = this.#core;
    for (let part = v.oParts[slot]!; part !== 0; part = v.tNext[part]!) {
      if (v.tSlice[part] === slice) return part;
    }
    const part = v.header[H.partsFree]!;
    v.header[H.partsFree] = v.tNext[part]!;
    v.header[H.partsFreeCount] = v.header[H.partsFreeCount]! - 1;
    v.tAmounts.fill(0, part * row, part * row + row);
    v.tSlice[part] = slice;
    v.tNext[part] = v.oParts[slot]!;
    v.oParts[slot] = part;
    return part;
  }

  /** Hand the slots in `returning` back to the kernel. */
  #giveBack(count: number, dueMs: number | undefined): void {
    if (count === 0) return;
    const core = this.#core;
    for (let i = 0; i < count; i++) {
      const slot = core.v.returning[i]!;
      const handle = core.v.oAgent[slot]!;
      if (core.v.oToken[slot] !== core.v.aToken[handle]) {
        this.#agents.epochs.beforeChange(this.#agents.at(handle));
      }
    }
    for (let i = 0; i < count; i++) this.#offers.forget(core.v.returning[i]!);
    if (this.#someShared(count)) core.ensureFree("refs", count);
    this.#filters.returnOffers(count, dueMs);
  }

  /** When a filter of now is due; asked before anything changes, as the clock is not ours. */
  #dueMs(refuseMs: number): number | undefined {
    if (refuseMs === 0) return undefined;
    const { intervalMs } = this.#core.options;
    return this.#core.nowMs() + Math.max(refuseMs, intervalMs);
  }

  #someShared(count: number): boolean {
    const { v } = this.#core;
    for (let i = 0; i < count; i++) {
      const slot = v.returning[i]!;
      for (let part = v.oParts[slot]!; part !== 0; part = v.tNext[part]!) {
        if (v.lFlags[v.tSlice[part]!]! & CAN_SHARED) return true;
      }
    }
    return false;
  }

  /** Slots that the call in hand has named already. */
  #marks = new Uint8Array(0);

  #mark(slot: number): void {
    const { length } = this.#core.v.oFlags;
    if (this.#marks.length < length) {
      const wider = new Uint8Array(length);
      wider.set(this.#marks);
      this.#marks = wider;
    }
    this.#marks[slot] = 1;
  }

  #unmark(count: number): void {
    const { returning } = this.#core.v;
    for (let i = 0; i < count; i++) this.#marks[returning[i]!] = 0;
  }
}

/** @throws {FairleadError} `invalid_conversion` when a conversion changes amounts. */
export function checkSameAmounts(from: Resources, to: Resources): void {
  if (from.quantities().equals(to.quantities())) return;
  throw new FairleadError(
    "invalid_conversion",
    `Cannot convert ${from} to ${to}: the amounts by kind differ`,
    { details: { from: from.quantities(), to: to.quantities() } },
  );
}

/** @throws {FairleadError} `resources_not_held` when some of it is held for another role. */
export function checkHolder(resources: Resources, role: string): void {
  for (const { allocationRole = role } of resources) {
    if (allocationRole === role) continue;
    throw new FairleadError(
      "resources_not_held",
      `Cannot use ${resources}: it is for role "${allocationRole}", not "${role}"`,
      { details: { role, allocationRole } },
    );
  }
}

/** Whether all of it is there, where one copy of a shared volume stands for any number. */
function covers(held: Resources, wanted: Resources): boolean {
  if (!held.contains(wanted.nonShared())) return false;
  return Array.from(wanted.shared()).every((volume) => held.copiesOf(volume) > 0);
}

function oneAgent(fault: string): FairleadError {
  return new FairleadError(
    "invalid_argument",
    `Cannot accept these offers in one: ${fault}; they must be of one agent, framework and role`,
    { details: { field: "handle" } },
  );
}

function typed(given: Resources | string): Resources {
  return typeof given === "string" ? Resources.parse(given) : given;
}

function notHeld(wanted: Resources, held: Resources): FairleadError {
  return new FairleadError("resources_not_held", `Cannot use ${wanted}: the offer holds ${held}`, {
    details: { wanted, held },
  });
}
