/** A subtree as it was at every moment of a log, by a checker's own hands. */
import { createHash } from "node:crypto";
import type { Acl, Change, SnapshotNode } from "fairlead/zookeeper";
import { aclText, isBelow, type LogEntry } from "./history.ts";

/** A node as far as it moves. */
export interface ReplayedNode {
  readonly hash: bigint;
  readonly version: number;
  readonly acl: string;
  readonly kind: string;
}

/** The digest of a subtree behind a transaction. */
export interface Moment {
  readonly zxid: bigint;
  readonly digest: bigint;
  /** Nothing is known of what lies between the moment before and this one. */
  readonly isBehindGap: boolean;
}

/** Hash of what a node has, null apart from empty. */
export function nodeHash(path: string, data: Uint8Array | null): bigint {
  const hash = createHash("sha1")
    .update(path)
    .update(data === null ? "\0null" : "\0data");
  return hash
    .update(data ?? new Uint8Array(0))
    .digest()
    .readBigUInt64BE(0);
}

/** Replays a log; ephemerals are left out, for they do not move. */
export class Replay {
  readonly nodes = new Map<string, ReplayedNode>();
  readonly #root: string;
  /** Sessions, as in the cursor, whose ACLs are a fence's. */
  readonly #fencing: ReadonlySet<string>;
  #digest = 0n;

  constructor(root: string, fencing: ReadonlySet<string> = new Set()) {
    this.#root = root;
    this.#fencing = fencing;
  }

  /** One number for all paths and data: the order of changes does not count. */
  get digest(): bigint {
    return this.#digest;
  }

  take(entry: LogEntry): void {
    if (entry.type === "snapshot") {
      this.#load(entry.nodes);
      return;
    }
    const { sessionId, changes } = entry.transaction;
    const session = `0x${BigInt.asUintN(64, sessionId).toString(16)}`;
    for (const change of changes) this.#apply(change, this.#fencing.has(session));
  }

  #load(nodes: readonly SnapshotNode[]): void {
    this.nodes.clear();
    this.#digest = 0n;
    for (const { path, data, version, acl, lifetime } of nodes) {
      if (lifetime.type !== "ephemeral")
        this.#put(path, { data, version, acl, kind: lifetime.type });
    }
  }

  #apply(change: Change, isFence: boolean): void {
    if (change.type === "create" && change.lifetime.type !== "ephemeral") {
      const { path, data, acl, lifetime } = change;
      this.#put(path, { data, version: 0, acl, kind: lifetime.type });
    }
    if (change.type === "delete") this.#drop(change.path);
    const known = "path" in change ? this.nodes.get(change.path) : undefined;
    if (known === undefined) return;
    if (change.type === "set") {
      const { path, data, version } = change;
      this.#digest ^= known.hash;
      const hash = nodeHash(path, data);
      this.#digest ^= hash;
      this.nodes.set(path, { ...known, hash, version });
    }
    if (change.type !== "set_acl" || isFence) return;
    this.nodes.set(change.path, { ...known, acl: aclText(change.acl) });
  }

  #put(
    path: string,
    node: { data: Uint8Array | null; version: number; acl: readonly Acl[]; kind: string },
  ): void {
    if (!isBelow(path, this.#root)) return;
    this.#drop(path);
    const hash = nodeHash(path, node.data);
    this.#digest ^= hash;
    this.nodes.set(path, { hash, version: node.version, acl: aclText(node.acl), kind: node.kind });
  }

  #drop(path: string): void {
    const known = this.nodes.get(path);
    if (known === undefined) return;
    this.#digest ^= known.hash;
    this.nodes.delete(path);
  }
}

/** The digest behind every transaction of a log. */
export function momentsOf(log: readonly LogEntry[], root: string): Moment[] {
  const replay = new Replay(root);
  return log.map((entry, index) => {
    replay.take(entry);
    const isSnapshot = entry.type === "snapshot";
    const zxid = isSnapshot ? entry.zxid : entry.transaction.zxid;
    return { zxid, digest: replay.digest, isBehindGap: isSnapshot && index > 0 };
  });
}

/** The digest at a zxid; undefined where the log does not tell. */
export function digestAt(moments: readonly Moment[], zxid: bigint): bigint | undefined {
  let low = 0;
  let high = moments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((moments[middle]?.zxid ?? 0n) <= zxid) low = middle + 1;
    else high = middle;
  }
  const found = moments[low - 1];
  if (found === undefined) return undefined;
  const isInGap = moments[low]?.isBehindGap === true && zxid !== found.zxid;
  return isInGap ? undefined : found.digest;
}

/** The nodes at a zxid of a log; undefined where the log does not tell. */
export function nodesAt(
  log: readonly LogEntry[],
  zxid: bigint,
  { root, fencing }: { readonly root: string; readonly fencing: ReadonlySet<string> },
): ReadonlyMap<string, ReplayedNode> | undefined {
  const replay = new Replay(root, fencing);
  let last = 0n;
  for (const [index, entry] of log.entries()) {
    const at = entry.type === "snapshot" ? entry.zxid : entry.transaction.zxid;
    if (at > zxid) return entry.type === "snapshot" && last !== zxid ? undefined : replay.nodes;
    // A snapshot taken later may be of a fenced tree, whose own ACLs nobody knows.
    if (entry.type === "snapshot" && index > 0) return undefined;
    replay.take(entry);
    last = at;
  }
  return replay.nodes;
}
