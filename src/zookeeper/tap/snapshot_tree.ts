import { parentOf } from "../path.ts";
import { OPEN_ACL } from "../protocol/records.ts";
import type { Change, SnapshotNode, Transaction } from "../types.ts";

/** A node before its first transaction: plain, empty, and open to everybody. */
export const NEW_NODE: SnapshotNode = {
  path: "/",
  data: new Uint8Array(0),
  acl: OPEN_ACL,
  lifetime: { type: "persistent" },
  ephemeralOwner: 0n,
  czxid: 0n,
  mzxid: 0n,
  pzxid: 0n,
  ctimeMs: 0,
  mtimeMs: 0,
  version: 0,
  cversion: 0,
  aversion: 0,
};

type Writable = { -readonly [Key in keyof SnapshotNode]: SnapshotNode[Key] };

/**
 * The tree of a snapshot while it is made exact.
 *
 * A server writes its snapshot while it goes on: nodes may be newer than the snapshot says, or be
 * missing already. What was committed meanwhile follows, and doing it once more gives the state
 * of one moment, as servers themselves do. Transactions are those of the ensemble's log, so none
 * of them is checked.
 */
export class SnapshotTree {
  readonly #nodes = new Map<string, Writable>();
  readonly sessions = new Map<bigint, number>();

  /** An ensemble's tree before its first transaction. */
  static empty(): SnapshotTree {
    const tree = new SnapshotTree();
    for (const path of ["/", "/zookeeper", "/zookeeper/quota", "/zookeeper/config"]) {
      tree.load({ ...NEW_NODE, path });
    }
    return tree;
  }

  get size(): number {
    return this.#nodes.size;
  }

  get(path: string): Readonly<SnapshotNode> | undefined {
    return this.#nodes.get(path);
  }

  load(node: SnapshotNode): void {
    this.#nodes.set(node.path, { ...node });
  }

  /** Parents come before their children. */
  nodes(): SnapshotNode[] {
    const byDepth = [...this.#nodes.values()];
    // A node that was made again stands behind its children's first place in the map.
    return byDepth.sort((left, right) => left.path.length - right.path.length);
  }

  apply({ zxid, sessionId, timeMs, changes }: Transaction): void {
    for (const change of changes) this.#apply(change, { zxid, sessionId, timeMs });
  }

  #apply(change: Change, at: Omit<Transaction, "cxid" | "changes">): void {
    switch (change.type) {
      case "create":
        this.#create(change, at);
        return;
      case "delete":
        this.#delete(change.path, at.zxid);
        return;
      case "set": {
        const node = this.#nodes.get(change.path);
        if (node === undefined) return;
        Object.assign(node, { data: change.data, version: change.version });
        Object.assign(node, { mzxid: at.zxid, mtimeMs: at.timeMs });
        return;
      }
      case "set_acl": {
        const node = this.#nodes.get(change.path);
        if (node !== undefined) Object.assign(node, { acl: change.acl, aversion: change.aversion });
        return;
      }
      case "session_created":
        this.sessions.set(at.sessionId, change.timeoutMs);
        return;
      case "session_closed":
        this.sessions.delete(at.sessionId);
        for (const path of change.paths) this.#delete(path, at.zxid);
        return;
      case "none":
        return;
    }
  }

  #create(
    { path, data, acl, lifetime, parentCversion }: Extract<Change, { readonly type: "create" }>,
    { zxid, sessionId, timeMs }: Omit<Transaction, "cxid" | "changes">,
  ): void {
    const parent = this.#nodes.get(parentOf(path));
    if (parent !== undefined && parentCversion > parent.cversion) {
      parent.cversion = parentCversion;
      if (zxid > parent.pzxid) parent.pzxid = zxid;
    }
    // The snapshot had it: what came after its creation follows.
    if (this.#nodes.has(path)) return;
    const ephemeralOwner = lifetime.type === "ephemeral" ? sessionId : 0n;
    const times = { ctimeMs: timeMs, mtimeMs: timeMs, czxid: zxid, mzxid: zxid, pzxid: zxid };
    this.#nodes.set(path, { ...NEW_NODE, ...times, path, data, acl, lifetime, ephemeralOwner });
  }

  #delete(path: string, zxid: bigint): void {
    const parent = this.#nodes.get(parentOf(path));
    if (parent !== undefined && zxid > parent.pzxid) parent.pzxid = zxid;
    this.#nodes.delete(path);
  }
}
