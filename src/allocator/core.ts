/** What all parts of the allocator share: the columns, the kernel, and row arithmetic. */
import { type Clock, FairleadError } from "../base/mod.ts";
import type { DrfKernel } from "./kernel/contract.ts";
import { A_ELIGIBLE, L_INDIVISIBLE } from "./kernel/flags.ts";
import { type Dimension, H, type Views } from "./kernel/layout.ts";
import type { KernelMemory } from "./kernel/memory.ts";
import { KindTable } from "./kinds.ts";

/** Slots of outstanding offers; a handle counts a slot's generations above this. */
export const OFFERS_MAX = 2 ** 24;

/** The allocator's options after reading. */
export interface CoreOptions {
  readonly seed: number;
  readonly filterGpuResources: boolean;
  readonly region?: string | undefined;
  readonly intervalMs: number;
  readonly clock: Pick<Clock, "nowMs">;
}

/** The ground that the parts stand on. */
export class Core {
  readonly memory: KernelMemory;
  readonly kernel: DrfKernel;
  readonly options: CoreOptions;
  readonly kinds: KindTable;

  constructor(memory: KernelMemory, kernel: DrfKernel, options: CoreOptions) {
    this.memory = memory;
    this.kernel = kernel;
    this.options = options;
    this.kinds = new KindTable(memory);
  }

  /** The columns; never kept over a call that may grow. */
  get v(): Views {
    return this.memory.views;
  }

  get row(): number {
    return this.memory.capacities.rowStride;
  }

  /** The allocator's clock, read at a call. */
  nowMs(): number {
    return this.options.clock.nowMs();
  }

  ensure(dimension: Dimension, needed: number): void {
    this.memory.ensure(dimension, needed);
  }

  /**
   * Make sure that more than this many slots of a free list are there.
   *
   * @throws {FairleadError} `memory_exhausted`, also when that would be too many offers.
   */
  ensureFree(dimension: "offers" | "parts" | "refs", needed: number): void {
    const word = { offers: H.offersFreeCount, parts: H.partsFreeCount, refs: H.refsFreeCount };
    const missing = needed + 1 - this.v.header[word[dimension]]!;
    if (missing <= 0) return;
    const slots = this.memory.capacities[dimension] + missing;
    if (dimension === "offers" && slots > OFFERS_MAX) {
      throw new FairleadError(
        "memory_exhausted",
        `Cannot make more offers: ${OFFERS_MAX} may be outstanding at once`,
        { details: { max: OFFERS_MAX } },
      );
    }
    this.ensure(dimension, slots);
  }

  /** Something was set free that a quota may have held back elsewhere. */
  loosen(): void {
    const { header } = this.v;
    if (header[H.quotaNodes] !== 0) header[H.loosened] = 1;
  }

  /** Look at every agent in the next run: something changed that may concern all. */
  nominateAll(): void {
    const { header, aCandidate } = this.v;
    aCandidate.fill(1, 0, header[H.agentsHigh]!);
  }

  /** Add `sign` × what the agent has free, and quota may count on, to the headroom. */
  countHeadroom(agent: number, sign: number): void {
    const { v, row } = this;
    if ((v.aFlags[agent]! & A_ELIGIBLE) === 0) return;
    const kinds = this.kinds.size;
    const add = (rows: Float64Array, base: number): void => {
      for (let k = 0; k < kinds; k++) v.kHeadroom[k] = v.kHeadroom[k]! + sign * rows[base + k]!;
    };
    add(v.aFree, agent * row);
    for (let slice = v.aSliceHead[agent]!; slice !== 0; slice = v.lNext[slice]!) {
      if (v.lFlags[slice]! & L_INDIVISIBLE) add(v.lFree, slice * row);
    }
  }
}
