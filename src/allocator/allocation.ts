/** What a run granted: packed rows, spelled out only where somebody looks. */
import { FairleadError } from "../base/mod.ts";
import type { Resources } from "../resources/mod.ts";
import type { Core } from "./core.ts";
import type { OfferBook } from "./offers.ts";
import type { InverseOffer, Offer, OfferHandle } from "./types.ts";

/**
 * The offers of one run, in the order in which they were decided.
 *
 * Shapes: `size` offers; `handles[i]`, `agentId(i)`, `frameworkId(i)`, `role(i)` and
 * `amount(i, kind)` cost next to nothing; `offer(i)` and `offers()` make objects.
 * Units: amounts are integers of thousandths.
 * An offer can be read until it is answered, rescinded, or its agent or framework goes: after that
 * the readers throw `unknown_offer`; `handles` stays.
 */
export class Allocation implements Iterable<Offer> {
  /** Counts the runs, from 1; 0 for a run that was paused. */
  readonly cycle: number;
  readonly handles: Float64Array;
  readonly inverseOffers: readonly InverseOffer[];
  readonly #core: Core;
  readonly #book: OfferBook;

  constructor(
    core: Core,
    book: OfferBook,
    run: { cycle: number; handles: Float64Array; inverseOffers: readonly InverseOffer[] },
  ) {
    this.#core = core;
    this.#book = book;
    this.cycle = run.cycle;
    this.handles = run.handles;
    this.inverseOffers = run.inverseOffers;
  }

  get size(): number {
    return this.handles.length;
  }

  handle(index: number): OfferHandle {
    const handle = this.handles[index];
    if (handle !== undefined) return handle;
    throw new FairleadError(
      "invalid_argument",
      `Cannot read offer ${index}: the run made ${this.size}`,
      { details: { field: "index", value: index, min: 0, max: this.size - 1 } },
    );
  }

  agentId(index: number): string {
    return this.#book.agentOf(this.#slot(index)).id;
  }

  frameworkId(index: number): string {
    return this.#book.clientOf(this.#slot(index)).framework.id;
  }

  role(index: number): string {
    return this.#book.clientOf(this.#slot(index)).role;
  }

  /** Thousandths of a kind in the offer, slices included. */
  amount(index: number, kind: string): number {
    const { v, row, kinds } = this.#core;
    const slot = this.#slot(index);
    const column = kinds.numberOf(kind);
    if (column === undefined) return 0;
    let sum = v.oMain[slot * row + column]!;
    for (let part = v.oParts[slot]!; part !== 0; part = v.tNext[part]!) {
      sum += v.tAmounts[part * row + column]!;
    }
    return sum;
  }

  /** What the offer holds, not marked with its role: an offer of a whole agent costs nothing. */
  resources(index: number): Resources {
    return this.#book.resources(this.#slot(index));
  }

  /** One offer in full. */
  offer(index: number): Offer {
    return this.#book.describe(this.#slot(index));
  }

  /** All offers in full. */
  offers(): Offer[] {
    return [...this];
  }

  *[Symbol.iterator](): IterableIterator<Offer> {
    for (let i = 0; i < this.size; i++) yield this.offer(i);
  }

  #slot(index: number): number {
    return this.#book.slotOf(this.handle(index));
  }
}
