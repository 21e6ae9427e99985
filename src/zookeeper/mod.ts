/**
 * ZooKeeper's words and wire: nodes, ACLs, operations, transactions, paths, and the packets that
 * clients and servers exchange. The client itself is `fairlead/zookeeper/node`.
 *
 * @example
 * ```ts
 * import { checkPath, parseEnsembleConfig } from "fairlead/zookeeper";
 *
 * checkPath("/marathon/state", 1_024);
 * const { members } = parseEnsembleConfig("server.1=a:2888:3888:participant;2181\nversion=0");
 * console.assert(members[0]?.clientPort === 2181);
 * ```
 *
 * @module
 */
export { Chroot } from "./chroot.ts";
export {
  type EnsembleConfig,
  type EnsembleMember,
  formatMember,
  parseEnsembleConfig,
} from "./ensemble_config.ts";
export { JuteReader } from "./jute/reader.ts";
export { JuteWriter } from "./jute/writer.ts";
export { checkPath, childOf, nameOf, parentOf, utf8Bytes } from "./path.ts";
export { ERRORS, serverError } from "./protocol/codes.ts";
export { CREATE_FLAGS, OPCODES, XIDS } from "./protocol/opcodes.ts";
export { OPEN_ACL } from "./protocol/records.ts";
export type {
  AclResult,
  Children,
  Created,
  Identity,
  ReadResult,
  Reconfiguration,
  ZNode,
} from "./protocol/requests.ts";
export { NEW_NODE, SnapshotTree } from "./tap/snapshot_tree.ts";
export {
  type Acl,
  type Change,
  type Lifetime,
  type Operation,
  type OperationResult,
  PERMISSIONS,
  type SnapshotNode,
  type Stat,
  type TapEvent,
  type Transaction,
} from "./types.ts";
export type { WatchEvent, WatchKind } from "./watch_events.ts";
