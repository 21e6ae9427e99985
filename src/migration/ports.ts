/** What a migration needs of the world: two ensembles, their feeds, and hands to shut doors with. */

import type {
  Acl,
  AclResult,
  Children,
  Identity,
  Operation,
  OperationResult,
  ReadResult,
  Stat,
  TapEvent,
  ZNode,
} from "../zookeeper/mod.ts";

/** A client of an ensemble; `ZooKeeper` of `fairlead/zookeeper/node` is one. */
export interface EnsembleClient {
  /** The newest transaction that an answer told of. */
  readonly lastZxid: bigint;
  readonly session: { readonly id: bigint };
  get(path: string): Promise<ZNode>;
  exists(path: string): Promise<Stat | undefined>;
  children(path: string): Promise<Children>;
  getAcl(path: string): Promise<AclResult>;
  /** With a `version`: only while the ACL's own version is that one. */
  setAcl(path: string, acl: readonly Acl[], options?: { readonly version?: number }): Promise<Stat>;
  getMany(paths: readonly string[]): Promise<readonly ReadResult[]>;
  multi(operations: readonly Operation[]): Promise<readonly OperationResult[]>;
  sync(path?: string): Promise<void>;
  /** Whom the ensemble takes it for; from 3.7. */
  whoAmI?(): Promise<readonly Identity[]>;
}

/**
 * What a feed tells: that of the observer tap, each transaction as it was committed; or, by
 * watches, what was found to have changed up to a zxid, which may be as new as `seenZxid`.
 */
export type FeedEvent =
  | (Extract<TapEvent, { readonly type: "snapshot" }> & { readonly seenZxid?: bigint })
  | (Extract<TapEvent, { readonly type: "transaction" }> & { readonly seenZxid?: bigint })
  | Extract<TapEvent, { readonly type: "resumed" }>;

/** Every committed transaction behind one, or first a snapshot when there is none. */
export type Feed = (fromZxid: bigint, signal: AbortSignal) => AsyncGenerator<FeedEvent, undefined>;

/** How a side is followed. */
export type Strategy = "tap" | "watch";

/** One of the two ensembles. */
export interface Side {
  readonly client: EnsembleClient;
  readonly feed: Feed;
  /** @default "tap" */
  readonly strategy?: Strategy | undefined;
  /** Sessions that are connected now, ours included. @default that cannot be asked */
  readonly sessions?: (() => Promise<readonly bigint[]>) | undefined;
}

/** Keeps clients from writing to the source; each act may be done twice. */
export interface Fence {
  readonly name: string;
  close(signal: AbortSignal): Promise<void>;
  open(signal: AbortSignal): Promise<void>;
}

/** What the operator's own systems do at the turns of a cutover; each may be called twice. */
export interface Hooks {
  /** Pause what changes much: deployments, rebalancing. */
  readonly drain?: (signal: AbortSignal) => Promise<void>;
  readonly undrain?: (signal: AbortSignal) => Promise<void>;
  /** Send clients to the target: addresses, names, configuration. */
  readonly openTarget?: (signal: AbortSignal) => Promise<void>;
  /** Send clients back to the source. */
  readonly openSource?: (signal: AbortSignal) => Promise<void>;
}
