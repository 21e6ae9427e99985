/**
 * ZooKeeper's words: nodes, ACLs, operations, transactions.
 *
 * @module
 */
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
