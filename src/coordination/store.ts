/** The Store port: a small tree of nodes with versions, ephemerals, watches and atomic writes. */
import type { Session } from "./session.ts";

/** How much one call may carry. A driver states its own; these are what callers can rely on. */
export interface StoreLimits {
  /** Largest value, in bytes. @default 1_000_000 */
  readonly valueBytesMax: number;
  /** All paths and values of one `multi`, and 50 bytes an operation. @default 1_000_000 */
  readonly multiBytesMax: number;
  /** Longest path in UTF-8, without the number of a sequential node. @default 1_024 */
  readonly pathBytesMax: number;
  /** Calls that wait for their answer at one time. @default 100_000 */
  readonly callsMax: number;
}

/**
 * What is known of a node besides its value.
 *
 * Times are those of the store's clock; a zxid is the number of the transaction.
 */
export interface NodeStat {
  /** Counts the `set`s, from 0. */
  readonly version: number;
  /** Counts the children that came and went. */
  readonly childrenVersion: number;
  readonly childrenCount: number;
  readonly valueBytes: number;
  /** The session that the node goes with; undefined for a node that stays. */
  readonly ephemeralOwner: bigint | undefined;
  readonly createdZxid: bigint;
  readonly modifiedZxid: bigint;
  readonly createdMs: number;
  readonly modifiedMs: number;
}

/** A node as `get` finds it; the value is the caller's own copy. */
export interface StoreNode extends NodeStat {
  readonly value: Uint8Array;
}

/** Options of every call. */
export interface CallOptions {
  /**
   * Ends the wait: the call rejects with the signal's reason. What was sent may still happen.
   */
  readonly signal?: AbortSignal | undefined;
}

/** Options of {@linkcode Store.set} and {@linkcode Store.delete}. */
export interface VersionOptions extends CallOptions {
  /** Act only on this version. @default any */
  readonly version?: number | undefined;
}

/** What kind of node to create. */
export interface NodeKind {
  /** Goes with the session; has no children. @default false */
  readonly ephemeral?: boolean | undefined;
  /**
   * Adds ten digits to the name: how many children the parent has had before. @default false
   */
  readonly sequential?: boolean | undefined;
}

/** Options of {@linkcode Store.create}. */
export interface CreateOptions extends NodeKind, CallOptions {
  /**
   * Makes what is missing above, empty and permanent, one after the other: when the call fails
   * they may be there. @default false
   */
  readonly parents?: boolean | undefined;
}

/** One operation of a {@linkcode Store.multi}. */
export type StoreOp =
  | ({ readonly type: "create"; readonly path: string; readonly value?: Uint8Array } & NodeKind)
  | {
      readonly type: "set";
      readonly path: string;
      readonly value: Uint8Array;
      readonly version?: number | undefined;
    }
  | { readonly type: "delete"; readonly path: string; readonly version?: number | undefined }
  /** Holds when the node is there, and at this version if one is named. */
  | { readonly type: "check"; readonly path: string; readonly version?: number | undefined };

/** What an operation of a `multi` did. */
export type OpResult =
  /** `path` is where the node is: with its number, if it is sequential. */
  | { readonly type: "create"; readonly path: string }
  | { readonly type: "set"; readonly stat: NodeStat }
  | { readonly type: "delete" }
  | { readonly type: "check" };

/** What a watch tells: that something happened, not what is there now. */
export type StoreChange =
  | { readonly type: "created"; readonly path: string }
  /** The value was set. */
  | { readonly type: "changed"; readonly path: string }
  | { readonly type: "deleted"; readonly path: string }
  /** A child came or went; only with `children`. */
  | { readonly type: "children"; readonly path: string }
  /**
   * Whatever was known may be old: read again. It comes first (`armed`), after a buffer that ran
   * full (`overflow`), and after the connection was lost (`reconnected`).
   */
  | { readonly type: "resync"; readonly cause: "armed" | "overflow" | "reconnected" };

/** Options of {@linkcode Store.watch}. */
export interface WatchOptions {
  /** Also tells when children of the node come and go. @default false */
  readonly children?: boolean | undefined;
  /** Tells of every node below, too; `children` adds nothing to it. @default false */
  readonly recursive?: boolean | undefined;
  /** How many changes may wait to be read before a `resync` replaces them. @default 1_024 */
  readonly bufferMax?: number | undefined;
  /** Ends the watch: the loop throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * A tree of nodes that several processes share: what elections, registries and locks stand on.
 *
 * The semantics are those of ZooKeeper, so that any driver can take the place of another by
 * configuration alone.
 *
 * - A path is `/a/b`; every node has a value (bytes) and may have children.
 * - A write that has resolved is durable, and is seen by every later read of this store. Other
 *   processes may see it somewhat later; `sync` waits until this store has caught up with all.
 * - What is missing is `undefined` when it is read and an error when it is written to.
 * - While the connection is lost, calls wait for it; at most `limits.callsMax` may.
 *
 * Every call throws a FairleadError: `invalid_path`, `value_too_large` or `invalid_argument` before
 * anything is sent; `store_unavailable` when the connection broke in between, so that nobody knows
 * whether it happened; `session_expired` when the session ended first, and it did not happen unless
 * it was sent before; `store_busy` above `callsMax`; `store_closed`, `store_failed` when the store
 * is of no use any more.
 *
 * @example
 * ```ts
 * import { MemoryTree } from "fairlead/coordination";
 *
 * await using store = new MemoryTree().connect();
 * const text = new TextEncoder();
 * await store.create("/apps/web", text.encode("v1"), { parents: true });
 * await store.set("/apps/web", text.encode("v2"), { version: 0 });
 * const node = await store.get("/apps/web");
 * console.assert(node?.version === 1 && (await store.list("/apps"))?.[0] === "web");
 * ```
 */
export interface Store extends AsyncDisposable {
  readonly session: Session;
  readonly limits: StoreLimits;
  /** The node with its value; undefined when there is none. */
  get(path: string, options?: CallOptions): Promise<StoreNode | undefined>;
  /** The node without its value; undefined when there is none. */
  exists(path: string, options?: CallOptions): Promise<NodeStat | undefined>;
  /** Names of the children, by UTF-16 code units; undefined when there is no such node. */
  list(path: string, options?: CallOptions): Promise<readonly string[] | undefined>;
  /**
   * Make a node; resolves to its path.
   *
   * @param value @default no bytes
   * @throws {FairleadError} `node_exists`, `no_node` (no parent), `no_children_for_ephemerals`.
   */
  create(path: string, value?: Uint8Array, options?: CreateOptions): Promise<string>;
  /** @throws {FairleadError} `no_node`, `bad_version`. */
  set(path: string, value: Uint8Array, options?: VersionOptions): Promise<NodeStat>;
  /** @throws {FairleadError} `no_node`, `bad_version`, `not_empty`. */
  delete(path: string, options?: VersionOptions): Promise<void>;
  /**
   * Do all of these in order, or none; each sees what those before it did.
   *
   * @throws {FairleadError} What the first that cannot be done would throw alone, with its
   * `index` in the details; `multi_too_large`.
   */
  multi(operations: readonly StoreOp[], options?: CallOptions): Promise<readonly OpResult[]>;
  /**
   * What happens to a node, from now on; the node need not be there.
   *
   * The first thing it yields is a `resync`: the watch is armed, now read. Changes come in order;
   * none is lost without a `resync`. It survives sessions and ends when the store is closed.
   */
  watch(path: string, options?: WatchOptions): AsyncGenerator<StoreChange, undefined>;
  /** Resolves when this store has seen all that any process had written when it was called. */
  sync(options?: CallOptions): Promise<void>;
  /** End the session: its ephemerals are gone, its watches end. Twice is harmless. */
  close(): Promise<void>;
}
