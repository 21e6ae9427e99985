import type { Side } from "./ports.ts";
import type { CountsPolicy } from "./reconcile.ts";
import type { Mapping } from "./scope.ts";
import type { EphemeralPolicy, Translation } from "./translate.ts";

/** What is moved, from where to where: a plan and a migration are told the same. */
export interface MoveOptions {
  /** Names the migration, in the paths of its own nodes: `[a-z0-9-]`, up to 64. */
  readonly id: string;
  readonly source: Side;
  readonly target: Side;
  readonly mappings: readonly Mapping[];
  readonly exclude?: readonly string[] | undefined;
  /** @default "drop" for all */
  readonly ephemerals?: ((path: string) => EphemeralPolicy) | undefined;
  /** @default both */
  readonly counts?: Partial<CountsPolicy> | undefined;
  /** Rewrites data that has paths in it; `path` is the target's. */
  readonly data?: Translation["data"];
}
