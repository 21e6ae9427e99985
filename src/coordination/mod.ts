/**
 * State that several processes share: the Store port, a driver in memory, and what is built on the
 * port alone. A store is a small tree of nodes with versions, ephemerals, watches and atomic
 * writes, with the semantics of ZooKeeper, so that drivers are exchanged by configuration. Nothing
 * here touches a file or a socket: `fairlead/coordination/node` has the durable driver.
 *
 * @example
 * ```ts
 * import { decodeValue, encodeValue, MemoryTree } from "fairlead/coordination";
 *
 * await using store = new MemoryTree().connect();
 * await store.create("/quota/web", encodeValue({ cpus: 4 }), { parents: true });
 * for await (const change of store.watch("/quota/web")) {
 *   if (change.type === "changed") break;
 *   await store.set("/quota/web", encodeValue({ cpus: 8 })); // the watch is armed
 * }
 * const node = await store.get("/quota/web");
 * console.assert(JSON.stringify(decodeValue(node!.value)) === '{"cpus":8}');
 * ```
 *
 * @module
 */
export { type BarrierOptions, type Entry, enterBarrier } from "./barrier.ts";
export { ensurePath } from "./base_store.ts";
export { decodeJson, decodeValue, encodeJson, encodeValue } from "./codec.ts";
export { type Detector, type DetectorOptions, masterDetector } from "./detect.ts";
export {
  currentLeader,
  type ElectOptions,
  elect,
  type Leader,
  type LeaderOptions,
  type Leadership,
  watchLeader,
} from "./elect.ts";
export {
  type GroupOptions,
  joinGroup,
  type Members,
  type Membership,
  members,
  watchMembers,
} from "./group.ts";
export { acquireLock, type Lock, type LockOptions } from "./lock.ts";
export { type ConnectOptions, MemoryStore, type StoreFaults } from "./memory_store.ts";
export { MemoryTree, type MemoryTreeOptions } from "./memory_tree.ts";
export { Mirror, type MirrorChange, type MirrorChangesOptions } from "./mirror.ts";
export {
  memoryDriver,
  type OpenStoreOptions,
  openStore,
  type StoreDriver,
} from "./open.ts";
export type { Session, SessionState } from "./session.ts";
export type {
  CallOptions,
  CreateOptions,
  NodeKind,
  NodeStat,
  OpResult,
  Store,
  StoreChange,
  StoreLimits,
  StoreNode,
  StoreOp,
  VersionOptions,
  WatchOptions,
} from "./store.ts";
export { deleteTree, type ReadTreeOptions, readTree } from "./subtree.ts";
export type { Holding } from "./turn.ts";
