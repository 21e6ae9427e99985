import type { OfferHandle } from "../../src/allocator/types.ts";
import { Quantities, Resources } from "../../src/resources/mod.ts";
import type { PlainEvent } from "./calls.ts";
import type { Conversion } from "./model/api.ts";
import { applied } from "./moves.ts";

/** What a task holds, or an offer; resources are those of nobody's allocation. */
export interface Holding {
  readonly agentId: string;
  readonly frameworkId: string;
  readonly role: string;
  readonly resources: Resources;
}

/** An outstanding offer; each contender has its own handle for it. */
export interface OpenOffer extends Holding {
  readonly handles: readonly OfferHandle[];
}

/** What a master would know: totals, offers and tasks, kept without asking any allocator. */
export class Ledger {
  offers: OpenOffer[] = [];
  tasks: Holding[] = [];
  readonly #totals = new Map<string, Resources>();

  /** What an agent has in all. */
  total(id: string): Resources {
    return this.#totals.get(id) ?? Resources.EMPTY;
  }

  /** What of an agent is neither offered nor used, shared volumes aside. */
  free(id: string): Resources {
    const total = this.total(id);
    return total.subtract(total.intersect(sumOf(this.#on(id))));
  }

  #on(id: string): Holding[] {
    return [...this.offers, ...this.tasks].filter(({ agentId }) => agentId === id);
  }

  /** Resources of an agent changed their shape. */
  convert(id: string, conversions: readonly Conversion[]): void {
    const total = applied(this.total(id), conversions);
    if (total !== undefined) this.#totals.set(id, total);
  }

  /** An offer is no longer outstanding. */
  close(...gone: readonly OpenOffer[]): void {
    this.offers = this.offers.filter((offer) => !gone.includes(offer));
  }

  /** A task gave back a part of what it holds. */
  release(task: Holding, freed: Resources): void {
    this.tasks = this.tasks.filter((other) => other !== task);
    const resources = task.resources.subtract(freed);
    if (!resources.isEmpty) this.tasks.push({ ...task, resources });
  }

  /** A call succeeded that may have changed agents or tasks. */
  follow(event: PlainEvent): void {
    switch (event.do) {
      case "addAgent":
        this.#add(event.spec);
        break;
      case "updateAgent":
        if (event.update.resources === undefined) break;
        this.#totals.set(event.id, Resources.parse(String(event.update.resources)));
        break;
      case "removeAgent":
        this.#totals.delete(event.id);
        this.tasks = this.tasks.filter(({ agentId }) => agentId !== event.id);
        break;
      case "removeFramework":
        this.tasks = this.tasks.filter(({ frameworkId }) => frameworkId !== event.id);
        break;
      case "addProvider":
        this.#totals.set(event.id, this.total(event.id).add(Resources.parse(event.resources)));
        break;
      case "removeProvider":
        this.#totals.set(event.id, this.total(event.id).subtract(Resources.parse(event.resources)));
        break;
      default:
    }
  }

  #add({ id, resources, used = [] }: Extract<PlainEvent, { do: "addAgent" }>["spec"]): void {
    this.#totals.set(id, Resources.parse(resources));
    for (const held of used) {
      this.tasks.push({ ...held, agentId: id, resources: Resources.parse(held.resources) });
    }
  }

  /**
   * Check that nothing is held twice: holdings do not overlap, and lie within the total unless
   * tasks alone do not.
   *
   * @throws {Error} when something is.
   */
  check(): void {
    for (const [id, total] of this.#totals) {
      const tasks = sumOf(this.tasks.filter(({ agentId }) => agentId === id));
      if (!total.contains(tasks)) continue;
      const held = sumOf(this.#on(id));
      let amounts = Quantities.EMPTY;
      for (const { resources } of this.#on(id)) {
        amounts = amounts.add(resources.nonShared().quantities());
      }
      if (total.contains(held) && amounts.equals(held.quantities())) continue;
      throw new Error(`granted twice on ${id}: total ${total}, held ${held}`);
    }
  }
}

/** What several holders hold together, shared volumes left out. */
function sumOf(holders: readonly Holding[]): Resources {
  return holders.reduce((sum, { resources }) => sum.add(resources.nonShared()), Resources.EMPTY);
}
