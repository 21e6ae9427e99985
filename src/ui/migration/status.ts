/** What a migration tells its page. */
import { FairleadError } from "../../base/mod.ts";

/** Something that an operator can ask a migration for. */
export type MigrationAct = "verify" | "cutover" | "rollback" | "finalize";

/** A node that differs between the sides, and in what. */
export interface MigrationDifference {
  readonly path: string;
  readonly facets: readonly string[];
}

/**
 * A migration as it stands: the answer to `GET` of the address that a page is given. Times are ms
 * since 1970, of the migration's clock.
 */
export interface MigrationStatus {
  readonly id: string;
  /** One of the phases of `fairlead/migration`. */
  readonly phase: string;
  readonly nowMs: number;
  /** How each side is followed. */
  readonly strategies: { readonly source: string; readonly target: string };
  /** Of the first copy: operations done and in all, a second, and until it is done. */
  readonly copy: {
    readonly done: number;
    readonly total: number;
    readonly perSecond: number;
    readonly etaMs?: number | undefined;
  };
  /** Nodes that move. */
  readonly nodes: number;
  /** Of the source, since this process follows. */
  readonly transactions: number;
  readonly transactionsPerSecond: number;
  /** From the source to the target; `samplesMs` oldest first. */
  readonly lag: {
    readonly lastMs: number;
    readonly p50Ms: number;
    readonly p99Ms: number;
    readonly samplesMs: readonly number[];
  };
  /** The last comparison of all nodes. */
  readonly verified?:
    | {
        readonly atMs: number;
        readonly nodes: number;
        readonly differencesCount: number;
        /** The first hundred. */
        readonly differences: readonly MigrationDifference[];
      }
    | undefined;
  /** The comparison that goes on while it follows. */
  readonly rolling: {
    readonly nodes: number;
    readonly rounds: number;
    readonly differences: readonly MigrationDifference[];
  };
  /** How far clients have come, once the target is open. */
  readonly rehoming?:
    | {
        readonly missingCount: number;
        readonly missing: readonly string[];
        readonly clients: {
          readonly source?: number | undefined;
          readonly target?: number | undefined;
        };
      }
    | undefined;
  /** For so long nobody could write. */
  readonly fencedMs?: number | undefined;
  readonly timeline: readonly {
    readonly phase: string;
    readonly reason: string;
    readonly atMs: number;
  }[];
  /** What may be asked for; where an act is not allowed, why. Empty: nothing can be from here. */
  readonly acts: readonly {
    readonly name: MigrationAct;
    readonly isAllowed: boolean;
    readonly why: string;
  }[];
  /** An act that is under way. */
  readonly acting?: { readonly name: MigrationAct; readonly sinceMs: number } | undefined;
  /** How the last act ended. */
  readonly acted?:
    | { readonly name: MigrationAct; readonly isDone: boolean; readonly message: string }
    | undefined;
}

const SHAPE: Readonly<Record<string, string>> = {
  id: "string",
  phase: "string",
  nowMs: "number",
  copy: "object",
  lag: "object",
  rolling: "object",
  timeline: "list",
  acts: "list",
};

/**
 * Read a status off the wire: its outline is looked at, for it comes from the page's own server.
 *
 * @throws {FairleadError} `invalid_answer`.
 */
export function readStatus(value: unknown): MigrationStatus {
  if (isStatus(value)) return value;
  throw new FairleadError("invalid_answer", "Cannot read the answer: it is no migration's status");
}

function isStatus(value: unknown): value is MigrationStatus {
  if (typeof value !== "object" || value === null) return false;
  const fields = new Map<string, unknown>(Object.entries(value));
  return Object.entries(SHAPE).every(([name, kind]) => {
    const field = fields.get(name);
    return (Array.isArray(field) ? "list" : typeof field) === kind;
  });
}
