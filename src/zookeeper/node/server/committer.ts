import { FairleadError } from "../../../base/mod.ts";

/** Where batches go. */
export interface Journal<Batch> {
  /** Resolves when the batch is on the disk, all of it. */
  commit(batch: Batch): Promise<void>;
}

/** What batches are made of. */
export interface Source<Batch> {
  readonly isDirty: boolean;
  takeChanges(): Batch;
}

/**
 * Group commit: what changed while the disk was busy goes to it in one transaction, and what would
 * tell of it waits until then.
 *
 * A batch that cannot be written ends everything: memory has moved on, and nobody may hear of what
 * could be lost. Then nothing settles any more.
 */
export class GroupCommitter<Batch> {
  readonly #source: Source<Batch>;
  readonly #journal: Journal<Batch> | undefined;
  readonly #onFailure: (error: FairleadError) => void;
  #waiting: (() => void)[] = [];
  #loop: Promise<void> | undefined;
  #failure: FairleadError | undefined;

  /** @param journal undefined: nothing is written down, and nothing waits. */
  constructor(
    source: Source<Batch>,
    journal: Journal<Batch> | undefined,
    onFailure: (error: FairleadError) => void,
  ) {
    this.#source = source;
    this.#journal = journal;
    this.#onFailure = onFailure;
  }

  /** How much waits for the disk. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Call it once all that has changed until now is on the disk; in the order of calls. */
  whenDurable(settle: () => void): void {
    if (this.#failure !== undefined) return;
    if (this.#journal === undefined) {
      this.#source.takeChanges();
      settle();
    } else if (this.#loop === undefined && !this.#source.isDirty) settle();
    else {
      this.#waiting.push(settle);
      this.#loop ??= this.#run(this.#journal);
    }
  }

  /** Resolves when everything is written; rejects when it cannot be. */
  async drain(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.whenDurable(resolve);
      // After a failure nothing settles.
      void this.#loop?.then(resolve);
      if (this.#failure !== undefined) resolve();
    });
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #run(journal: Journal<Batch>): Promise<void> {
    await undefined; // Everything that this turn of the loop changes belongs to the first batch.
    try {
      while (this.#waiting.length > 0) {
        const settled = this.#waiting;
        this.#waiting = [];
        if (this.#source.isDirty) await journal.commit(this.#source.takeChanges());
        for (const settle of settled) settle();
      }
    } catch (cause) {
      this.#failure = new FairleadError("store_failed", "Cannot write to the disk", { cause });
      this.#waiting = [];
      this.#onFailure(this.#failure);
    }
    this.#loop = undefined;
  }
}
