/** The master: one class that is told what happened and says what to do. */
import { Allocator, type Explanation } from "../../allocator/mod.ts";
import { Books } from "./books.ts";
import type { MasterEffect, MasterInput } from "./events.ts";
import { type MasterOptions, type ReadMasterOptions, readMasterOptions } from "./options.ts";
import type { MasterState } from "./records.ts";

/**
 * The decisions of a Mesos master, without I/O: who is offered what, which tasks run where, what
 * is told to whom. Equal options and equal inputs at equal times give equal effects.
 *
 * Cost: a step costs what its event touches.
 */
export class MasterCore {
  readonly options: ReadMasterOptions;
  readonly #books: Books;
  readonly #allocator: Allocator;
  #effects: MasterEffect[] = [];

  /** @throws {FairleadError} `invalid_option`. */
  constructor(options: MasterOptions) {
    this.options = readMasterOptions(options);
    this.#books = new Books();
    const { allocator, clock, seed } = this.options;
    this.#allocator = new Allocator({ ...allocator, clock, seed });
  }

  /** What the master knows; it changes in steps only. */
  get state(): MasterState {
    return this.#books;
  }

  /** When to come with a "tick"; undefined: not before the next event. */
  nextDueMs(): number | undefined {
    return undefined;
  }

  /** Take in what happened, and say what is to be done, in order. */
  step(_input: MasterInput): MasterEffect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  /** Ids of agents and frameworks whose rows changed since the last call. */
  takeChanges(): {
    readonly agents: ReadonlySet<string>;
    readonly frameworks: ReadonlySet<string>;
  } {
    return { agents: new Set(), frameworks: new Set() };
  }

  /** Why a framework is offered nothing; see `Allocator.explain`. */
  explain(frameworkId: string, agentId?: string): Explanation[] {
    return this.#allocator.explain(frameworkId, agentId);
  }
}
