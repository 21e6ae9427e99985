/**
 * Moves a live ensemble of ZooKeeper, or subtrees of it, to another one, and proves that both are
 * equal: a copy that follows the source's log transaction by transaction, a cutover that undoes
 * itself when anything is wrong, and a way back that loses nothing.
 *
 * The parts serve alone, too: what differs between two trees, and what makes one of the other.
 *
 * @example
 * ```ts
 * import { compare, reconcile } from "fairlead/migration";
 * import { OPEN_ACL, type SnapshotNode } from "fairlead/zookeeper";
 *
 * const policy = { versions: true, counters: true };
 * const node: SnapshotNode = {
 *   path: "/a",
 *   data: new Uint8Array(3),
 *   acl: OPEN_ACL,
 *   lifetime: { type: "persistent" },
 *   ephemeralOwner: 0n,
 *   czxid: 1n,
 *   mzxid: 2n,
 *   pzxid: 1n,
 *   ctimeMs: 0,
 *   mtimeMs: 0,
 *   version: 1,
 *   cversion: 0,
 *   aversion: 0,
 * };
 * console.assert(compare([node], [], { policy }).differences[0]?.facets[0] === "missing");
 * console.assert(reconcile([node], [], policy).operations.length === 2);
 * ```
 *
 * @module
 */
export {
  type CompareOptions,
  type Comparison,
  compare,
  type Difference,
  type Facet,
} from "./compare.ts";
export {
  type DigestDifferences,
  type DigestOptions,
  DigestTree,
  type SubtreeDigest,
} from "./digests.ts";
export type { MigrationEvent, Rehoming, Rolled } from "./events.ts";
export { aclFence, type FencedNode, readOnly } from "./fences.ts";
export { type Cursor, journalPaths, PHASES, type Phase } from "./journal.ts";
export { readJournal } from "./journal_nodes.ts";
export { DIFFERS, type DiffColumns, type DiffKernel } from "./kernel/contract.ts";
export { createKernel, provideKernel } from "./kernel/wasm.ts";
export { Migration } from "./migration.ts";
export type { MigrationOptions, MoveOptions } from "./options.ts";
export {
  type Finding,
  type Inventory,
  type Plan,
  type PlanOptions,
  planMigration,
} from "./plan.ts";
export type {
  EnsembleClient,
  Feed,
  FeedEvent,
  Fence,
  Hooks,
  Side,
  Strategy,
} from "./ports.ts";
export { type CountsPolicy, type Reconciliation, reconcile } from "./reconcile.ts";
export {
  type MemberStatus,
  type MoveServersOptions,
  moveServers,
  type ReconfigurableClient,
  type ServersEvent,
} from "./reconfigure.ts";
export {
  checkReport,
  type MigrationReport,
  ReportBuilder,
  type SealedReport,
  sealReport,
} from "./report.ts";
export { CONTROL_ROOT, isWithin, type Mapping, Scope } from "./scope.ts";
export {
  type EphemeralPolicy,
  type Translated,
  type Translation,
  translate,
} from "./translate.ts";
export { type WatchFeedOptions, type WatchingClient, watchFeed } from "./watch_feed.ts";
export { WRITER_LIMITS, type Write, Writer, type WriterLimits } from "./writer.ts";
