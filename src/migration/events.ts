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
