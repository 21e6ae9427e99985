/** What a migration tells, and to whom. */

import { BoundedQueue } from "../base/mod.ts";
import type { Comparison, Difference } from "./compare.ts";
import type { Phase } from "./journal.ts";

/** What happens in a migration, for whoever watches. */
export type MigrationEvent =
  | {
      readonly type: "phase";
      readonly phase: Phase;
      readonly reason: string;
      readonly atMs: number;
    }
  | { readonly type: "copied"; readonly done: number; readonly total: number }
  | { readonly type: "reconciled"; readonly nodes: number; readonly touched: number }
  /** A node was gone from the target, as servers delete empty containers: all is compared anew. */
  | { readonly type: "recopied"; readonly path: string }
  | { readonly type: "resumed"; readonly side: "source" | "target"; readonly leader: string }
  /** From the source's commit to the target's. */
  | {
      readonly type: "lag";
      readonly lagMs: number;
      readonly zxid: bigint;
      readonly transactions: number;
    }
  | { readonly type: "verified"; readonly comparison: Comparison }
  | ({ readonly type: "rolled" } & Rolled)
  /** How long nobody could write: from the fence to the opened target. */
  | { readonly type: "opened"; readonly fencedMs: number }
  | ({ readonly type: "rehomed" } & Rehoming);

/** One step of the rolling comparison. */
export interface Rolled {
  /** Nodes that this step compared. */
  readonly nodes: number;
  /** What differs, and did so twice. */
  readonly differences: readonly Difference[];
  /** Rounds over all nodes that are done. */
  readonly rounds: number;
  /** Rounds without a difference, since the last one that had any. */
  readonly cleanRounds: number;
}

/** How far clients have come to the target. */
export interface Rehoming {
  /** Ephemerals of the source that are not on the target yet. */
  readonly missingCount: number;
  /** The first hundred, by the target's paths; of a sequential name the part before its number. */
  readonly missing: readonly string[];
  /** Sessions of clients by side; undefined where that cannot be asked. */
  readonly clients: {
    readonly source: number | undefined;
    readonly target: number | undefined;
  };
}

const EVENTS_MAX = 1_024;

/** Whoever watches a migration. */
export class Listeners {
  readonly #queues = new Set<BoundedQueue<MigrationEvent>>();
  #isClosed = false;

  /** What is told from now on; a reader that lags loses the oldest. */
  async *events(signal?: AbortSignal): AsyncGenerator<MigrationEvent, undefined> {
    const queue = new BoundedQueue<MigrationEvent>({
      capacityMax: EVENTS_MAX,
      whenFull: "drop_oldest",
    });
    if (this.#isClosed) queue.close();
    this.#queues.add(queue);
    try {
      yield* queue.values({ signal });
    } finally {
      this.#queues.delete(queue);
    }
    return undefined;
  }

  tell(event: MigrationEvent): void {
    for (const queue of this.#queues) if (!queue.closed) queue.push(event);
  }

  /** All readers' iterations throw. */
  fail(error: unknown): void {
    for (const queue of this.#queues) if (!queue.closed) queue.fail(error);
  }

  /** All readers' iterations end, later ones at once. */
  close(): void {
    this.#isClosed = true;
    for (const queue of this.#queues) if (!queue.closed) queue.close();
  }
}
