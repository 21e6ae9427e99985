/** Group commit: what many calls changed while the disk was busy goes to it in one transaction. */
import { FairleadError } from "../../base/mod.ts";
import { parentOf } from "../../zookeeper/mod.ts";
import type { NodeRecord, Transaction, Tree } from "../tree.ts";
import type { Batch } from "./disk.ts";

/** What waits for the disk. */
interface Waiter {
  readonly settle: () => void;
  readonly reject: (error: FairleadError) => void;
}

/** Where batches go. */
export interface Journal {
  commit(batch: Batch, zxid: number): Promise<void>;
}

/**
 * Writes down what was applied to a tree, and lets callers know when it is safe.
 *
 * The tree is ahead of the disk by at most the batch that is being written and the one that
 * gathers behind it. A batch that cannot be written ends everything: the tree has moved on, and
 * nobody may hear of what could be lost.
 */
export class Committer {
  readonly #tree: Tree;
  readonly #journal: Journal;
  readonly #onFailure: (error: FairleadError) => void;
  #dirty = new Set<string>();
  #waiters: Waiter[] = [];
  #writing: readonly Waiter[] = [];
  #loop: Promise<void> | undefined;
  #durableZxid: number;
  #failure: FairleadError | undefined;

  constructor(tree: Tree, journal: Journal, onFailure: (error: FairleadError) => void) {
    this.#tree = tree;
    this.#journal = journal;
    this.#onFailure = onFailure;
    this.#durableZxid = tree.zxid;
  }

  /** How many calls wait for the disk. */
  get waiting(): number {
    return this.#waiters.length + this.#writing.length;
  }

  /** The last transaction that is on the disk. */
  get durableZxid(): number {
    return this.#durableZxid;
  }

  /** What the tree has done is to be written. */
  note({ changes }: Transaction): void {
    for (const { path, type } of changes) {
      this.#dirty.add(path);
      if (type !== "changed") this.#dirty.add(parentOf(path));
    }
    if (this.#dirty.size > 0) this.#loop ??= this.#run();
  }

  /** Settle once all that the tree has done until now is on the disk; in the order of calls. */
  whenDurable(settle: () => void, reject: (error: FairleadError) => void): void {
    if (this.#failure !== undefined) reject(this.#failure);
    else if (this.#loop === undefined) settle();
    else this.#waiters.push({ settle, reject });
  }

  /** Resolves when nothing is left to write. */
  async drain(): Promise<void> {
    while (this.#loop !== undefined) await this.#loop;
  }

  async #run(): Promise<void> {
    await undefined; // Everything that this turn of the loop writes belongs to the first batch.
    while (this.#failure === undefined && this.#dirty.size + this.#waiters.length > 0) {
      const zxid = this.#tree.zxid;
      const batch = this.#takeBatch();
      this.#writing = this.#waiters;
      this.#waiters = [];
      try {
        // Reads that came while the last batch was written wait without a batch of their own.
        if (batch.size > 0) await this.#journal.commit(batch, zxid);
        this.#durableZxid = zxid;
        const settled = this.#writing;
        this.#writing = [];
        for (const { settle } of settled) settle();
      } catch (cause) {
        this.#fail(cause);
      }
    }
    this.#loop = undefined;
  }

  #takeBatch(): Batch {
    const batch = new Map<string, Readonly<NodeRecord> | undefined>();
    for (const path of this.#dirty) {
      const record = this.#tree.record(path);
      // Ephemerals go with the process, so they are nothing to write down.
      batch.set(path, record?.ephemeralOwner === undefined ? record : undefined);
    }
    this.#dirty = new Set();
    return batch;
  }

  #fail(cause: unknown): void {
    const failure = new FairleadError("store_failed", "Cannot write to the disk", { cause });
    this.#failure = failure;
    const waiters = [...this.#writing, ...this.#waiters];
    this.#writing = [];
    this.#waiters = [];
    for (const { reject } of waiters) reject(failure);
    this.#onFailure(failure);
  }
}
