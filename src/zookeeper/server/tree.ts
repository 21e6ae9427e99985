import { nameOf, parentOf } from "../path.ts";
import { NEW_NODE } from "../tap/snapshot_tree.ts";
import { type Acl, PERMISSIONS, type SnapshotNode, type Stat } from "../types.ts";

/** A node in the server's memory. */
export interface TreeNode {
  /** Grows with every node made: parents have lower ones than their children. */
  readonly id: number;
  /** Names of the children. */
  readonly children: Set<string>;
  /** Replaced as a whole on every change; `cversion` is raw: it counts creations. */
  facts: SnapshotNode;
}

const READ_ONLY: readonly Acl[] = [
  { permissions: PERMISSIONS.read, scheme: "world", id: "anyone" },
];

/**
 * The nodes of a server, with what has to be written down and what a failed multi takes back.
 *
 * Nothing is checked here: who writes has looked. Costs: a change costs a look-up of the node and
 * its parent, whatever the size of the tree.
 */
export class ServerTree {
  readonly #nodes = new Map<string, TreeNode>();
  readonly #ephemerals = new Map<bigint, Set<string>>();
  readonly #reapable = new Set<string>();
  #dirty = new Map<number, TreeNode>();
  #undo: (() => void)[] | undefined;
  #nextId = 1;

  /** A server's tree before its first transaction; it is dirty. */
  static empty(): ServerTree {
    const tree = new ServerTree();
    for (const path of ["/", "/zookeeper", "/zookeeper/config", "/zookeeper/quota"]) {
      // As every server of ZooKeeper has it, the odd aversion included.
      const own = path === "/zookeeper/config" ? { acl: READ_ONLY, aversion: -1 } : {};
      const node = tree.load(tree.#nextId, { ...NEW_NODE, path, ...own });
      tree.#dirty.set(node.id, node);
    }
    return tree;
  }

  /** How many nodes there are, the root among them. */
  get size(): number {
    return this.#nodes.size;
  }

  /** Whether anything has changed since `takeDirty`. */
  get isDirty(): boolean {
    return this.#dirty.size > 0;
  }

  get ephemeralsCount(): number {
    let count = 0;
    for (const paths of this.#ephemerals.values()) count += paths.size;
    return count;
  }

  get(path: string): TreeNode | undefined {
    return this.#nodes.get(path);
  }

  nodes(): IterableIterator<TreeNode> {
    return this.#nodes.values();
  }

  /** The ephemerals of a session. */
  ephemeralsOf(sessionId: bigint): readonly string[] {
    return [...(this.#ephemerals.get(sessionId) ?? [])];
  }

  /** Sessions that have ephemerals. */
  owners(): readonly bigint[] {
    return [...this.#ephemerals.keys()];
  }

  /** Containers and nodes with a time to live. */
  reapable(): readonly string[] {
    return [...this.#reapable];
  }

  /** How many nodes are below a path, at any depth; costs as many steps. */
  countBelow(path: string): number {
    if (path === "/") return this.#nodes.size - 1;
    let count = 0;
    const waiting = [path];
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      const children = this.#nodes.get(at)?.children ?? [];
      for (const name of children) {
        count += 1;
        waiting.push(`${at}/${name}`);
      }
    }
    return count;
  }

  /** A node as it was written down; parents come before their children. */
  load(id: number, facts: SnapshotNode): TreeNode {
    const node: TreeNode = { id, children: new Set(), facts };
    this.#nextId = Math.max(this.#nextId, id + 1);
    this.#link(node);
    return node;
  }

  /** Make a node; its parent is there and it is not. */
  add(facts: SnapshotNode): TreeNode {
    const node: TreeNode = { id: this.#nextId, children: new Set(), facts };
    this.#nextId += 1;
    this.#link(node);
    this.#note(node, () => this.#unlink(node));
    const parent = this.#parentOf(node);
    const cversion = (parent.facts.cversion + 1) | 0;
    this.change(parent, { ...parent.facts, cversion, pzxid: facts.czxid });
    return node;
  }

  /** Take a node without children away. */
  remove(node: TreeNode, zxid: bigint): void {
    this.#unlink(node);
    this.#note(node, () => this.#link(node));
    const parent = this.#parentOf(node);
    this.change(parent, { ...parent.facts, pzxid: zxid });
  }

  change(node: TreeNode, facts: SnapshotNode): void {
    const before = node.facts;
    node.facts = facts;
    this.#note(node, () => {
      node.facts = before;
    });
  }

  /** Run; when it says that it failed, everything that it did is taken back. */
  attempt(run: () => boolean): boolean {
    const undo: (() => void)[] = [];
    this.#undo = undo;
    const done = run();
    this.#undo = undefined;
    if (!done) for (const step of undo.reverse()) step();
    return done;
  }

  /** What changed since the last call: each node, or its id alone when it is gone. */
  takeDirty(): ReadonlyMap<number, SnapshotNode | undefined> {
    const taken = new Map<number, SnapshotNode | undefined>();
    for (const [id, node] of this.#dirty) {
      const isThere = this.#nodes.get(node.facts.path) === node;
      taken.set(id, isThere ? node.facts : undefined);
    }
    this.#dirty = new Map();
    return taken;
  }

  #note(node: TreeNode, undo: () => void): void {
    this.#dirty.set(node.id, node);
    this.#undo?.push(undo);
  }

  #parentOf({ facts }: TreeNode): TreeNode {
    const parent = this.#nodes.get(parentOf(facts.path));
    if (parent === undefined) throw new RangeError(`${facts.path} has no parent`);
    return parent;
  }

  #link(node: TreeNode): void {
    const { path, lifetime, ephemeralOwner } = node.facts;
    this.#nodes.set(path, node);
    if (path !== "/") this.#parentOf(node).children.add(nameOf(path));
    if (lifetime.type === "container" || lifetime.type === "ttl") this.#reapable.add(path);
    if (lifetime.type !== "ephemeral") return;
    const owned = this.#ephemerals.get(ephemeralOwner);
    if (owned === undefined) this.#ephemerals.set(ephemeralOwner, new Set([path]));
    else owned.add(path);
  }

  #unlink(node: TreeNode): void {
    const { path, ephemeralOwner } = node.facts;
    this.#nodes.delete(path);
    this.#parentOf(node).children.delete(nameOf(path));
    this.#reapable.delete(path);
    const owned = this.#ephemerals.get(ephemeralOwner);
    if (owned?.delete(path) && owned.size === 0) this.#ephemerals.delete(ephemeralOwner);
  }
}

/** A node's stat as clients are told it: creations and deletions of children make its cversion. */
export function statOf({ facts, children }: TreeNode): Stat {
  return {
    czxid: facts.czxid,
    mzxid: facts.mzxid,
    pzxid: facts.pzxid,
    ctimeMs: facts.ctimeMs,
    mtimeMs: facts.mtimeMs,
    version: facts.version,
    cversion: (facts.cversion * 2 - children.size) | 0,
    aversion: facts.aversion,
    ephemeralOwner: facts.ephemeralOwner,
    dataBytes: facts.data?.length ?? 0,
    childrenCount: children.size,
  };
}
