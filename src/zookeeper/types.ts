/** What ZooKeeper's users speak of: stats, ACLs, kinds of nodes, operations, transactions. */

/** All of a node's facts, as the server gives them. Zxids and sessions are 64-bit. */
export interface Stat {
  readonly czxid: bigint;
  readonly mzxid: bigint;
  readonly pzxid: bigint;
  readonly ctimeMs: number;
  readonly mtimeMs: number;
  /** Counts changes of the data. */
  readonly version: number;
  /** Counts changes of the children. */
  readonly cversion: number;
  /** Counts changes of the ACL. */
  readonly aversion: number;
  /** The session a node goes with; 0n for a node that stays. */
  readonly ephemeralOwner: bigint;
  readonly dataBytes: number;
  readonly childrenCount: number;
}

/** Who may do what: `permissions` is a sum of {@linkcode PERMISSIONS}. */
export interface Acl {
  readonly permissions: number;
  readonly scheme: string;
  readonly id: string;
}

/** Bits of {@linkcode Acl.permissions}. */
export const PERMISSIONS = {
  read: 1,
  write: 2,
  create: 4,
  delete: 8,
  admin: 16,
  all: 31,
} as const;

/** How long a node lives. */
export type Lifetime =
  | { readonly type: "persistent" }
  /** Goes with the session that made it. */
  | { readonly type: "ephemeral" }
  /** Goes when its last child has gone. */
  | { readonly type: "container" }
  /** Goes when it has had neither a change nor a child for so long. */
  | { readonly type: "ttl"; readonly ttlMs: number };

/** One operation of a `multi`. `version` undefined: whatever the version; 0 is version 0. */
export type Operation =
  | {
      readonly type: "create";
      readonly path: string;
      /** `null` is not empty data: both are kept as they are. */
      readonly data?: Uint8Array | null | undefined;
      /** @default everybody may do everything */
      readonly acl?: readonly Acl[] | undefined;
      /** @default persistent */
      readonly lifetime?: Lifetime | undefined;
      /** Adds ten digits to the name. @default false */
      readonly sequential?: boolean | undefined;
    }
  | {
      readonly type: "set";
      readonly path: string;
      readonly data: Uint8Array | null;
      readonly version?: number | undefined;
    }
  | { readonly type: "delete"; readonly path: string; readonly version?: number | undefined }
  | { readonly type: "check"; readonly path: string; readonly version?: number | undefined };

/** What an operation of a `multi` gave. */
export type OperationResult =
  | { readonly type: "create"; readonly path: string; readonly stat?: Stat | undefined }
  | { readonly type: "set"; readonly stat: Stat }
  | { readonly type: "delete" }
  | { readonly type: "check" };

/** What a committed transaction did to one node, as the ensemble's log has it. */
export type Change =
  | {
      readonly type: "create";
      readonly path: string;
      readonly data: Uint8Array | null;
      readonly acl: readonly Acl[];
      readonly lifetime: Lifetime;
      /** The parent's raw `cversion` after it: the counter that sequential names come from. */
      readonly parentCversion: number;
    }
  | { readonly type: "delete"; readonly path: string }
  | {
      readonly type: "set";
      readonly path: string;
      readonly data: Uint8Array | null;
      /** The node's version after it. */
      readonly version: number;
    }
  | {
      readonly type: "set_acl";
      readonly path: string;
      readonly acl: readonly Acl[];
      /** The node's aversion after it. */
      readonly aversion: number;
    }
  | { readonly type: "session_created"; readonly timeoutMs: number }
  /** Its ephemerals went with it. */
  | { readonly type: "session_closed"; readonly paths: readonly string[] }
  /** The transaction failed and changed nothing; or is of a kind that changes no node. */
  | { readonly type: "none"; readonly opcode: number; readonly code: number };

/** One committed transaction: a `multi` is one, with all its changes. */
export interface Transaction {
  readonly zxid: bigint;
  readonly sessionId: bigint;
  readonly cxid: number;
  /** The leader's clock. */
  readonly timeMs: number;
  readonly changes: readonly Change[];
}

/** A node as the ensemble's own snapshot has it: with what no client is told. */
export interface SnapshotNode {
  readonly path: string;
  readonly data: Uint8Array | null;
  readonly acl: readonly Acl[];
  readonly lifetime: Lifetime;
  /** The owner of an ephemeral; 0n of any other. */
  readonly ephemeralOwner: bigint;
  readonly czxid: bigint;
  readonly mzxid: bigint;
  readonly pzxid: bigint;
  readonly ctimeMs: number;
  readonly mtimeMs: number;
  readonly version: number;
  /** Raw: the next sequential child gets this number. */
  readonly cversion: number;
  readonly aversion: number;
}

/** What the observer tap hands on, in order. */
export type TapEvent =
  /** All of the tree at one zxid; `nodes` comes in the server's order, parents first. */
  | {
      readonly type: "snapshot";
      readonly zxid: bigint;
      readonly nodes: readonly SnapshotNode[];
      /** Sessions and their timeouts, ms. */
      readonly sessions: ReadonlyMap<bigint, number>;
    }
  | { readonly type: "transaction"; readonly transaction: Transaction }
  /** Connected (again) to a leader, which goes on after `zxid` without a gap. */
  | { readonly type: "resumed"; readonly leader: string; readonly zxid: bigint };
