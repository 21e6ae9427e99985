import type { Clock } from "../base/mod.ts";
import type { Fence, Hooks, Side } from "./ports.ts";
import type { CountsPolicy } from "./reconcile.ts";
import type { Mapping } from "./scope.ts";
import type { EphemeralPolicy, Translation } from "./translate.ts";
import type { WriterLimits } from "./writer.ts";

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

/** Options of {@linkcode Migration.open}. */
export interface MigrationOptions extends MoveOptions {
  /** Who drives it, in the journal; another one who takes over ends this one. */
  readonly owner: string;
  /** What shuts clients out besides ACLs: proxies, routers. @default none */
  readonly fences?: readonly Fence[] | undefined;
  /**
   * Whether all ACLs become read-only in the cutover: a write to the source for each node. Without
   * it the other fences have to hold by themselves. @default true
   */
  readonly fenceAcls?: boolean | undefined;
  readonly hooks?: Hooks | undefined;
  /** The cutover gives up by itself after so long. @default 300_000 */
  readonly cutoverDeadlineMs?: number | undefined;
  /** How long nothing may have changed before the source is sealed. @default 100 */
  readonly quietMs?: number | undefined;
  /** How often the lag is measured; 0: never. @default 250 */
  readonly heartbeatMs?: number | undefined;
  /** How often a slice of the nodes is compared while it follows; 0: never. @default 0 */
  readonly rollingMs?: number | undefined;
  /** Nodes of a slice. @default 500 */
  readonly rollingNodes?: number | undefined;
  /**
   * How long the cutover waits, with the target open, for ephemerals to come back and for clients
   * to have left the source. What is missing then is told, and in the ledger. @default 0
   */
  readonly rehomeMs?: number | undefined;
  /** How long `finalize` is refused behind the cutover. @default 0 */
  readonly soakMs?: number | undefined;
  readonly writer?: Partial<WriterLimits> | undefined;
  readonly clock?: Clock | undefined;
}
