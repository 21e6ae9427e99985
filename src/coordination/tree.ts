/** The tree itself: what each operation does to it, with no clock, no waiting and no I/O. */
import { FairleadError } from "../base/mod.ts";
import { nameOf, parentOf } from "../zookeeper/mod.ts";
import type { NodeStat, OpResult, StoreChange, StoreOp } from "./store.ts";

/** A node at rest: what a durable driver writes down. */
export interface NodeRecord {
  value: Uint8Array;
  /** Signed 32 bits, as in ZooKeeper. */
  version: number;
  /** How many children it has had; the number of the next sequential one. */
  childrenCreated: number;
  createdZxid: number;
  modifiedZxid: number;
  /** The last transaction that made or deleted a child. */
  childrenZxid: number;
  createdMs: number;
  modifiedMs: number;
  ephemeralOwner: bigint | undefined;
}

interface TreeNode extends NodeRecord {
  /** Names of the children. */
  children: Set<string> | undefined;
}

/** A change of one node; never a `resync`. */
export type NodeChange = Extract<StoreChange, { readonly type: "created" | "changed" | "deleted" }>;

/** Who writes, and when. */
export interface Writer {
  readonly sessionId: bigint;
  readonly nowMs: number;
}

/** What a write did: all of it belongs to one zxid. */
export interface Transaction {
  readonly zxid: number;
  readonly results: readonly OpResult[];
  readonly changes: readonly NodeChange[];
}

/** One step back, for a `multi` whose later operation fails. */
type Undo = () => void;

/** ZooKeeper counts in signed 32 bits. */
const wrap = (count: number) => count | 0;

/** The version after this one; -1 means "any" to ZooKeeper and is left out. */
const nextVersion = (version: number) => (version === -2 ? 0 : wrap(version + 1));

/**
 * A tree of nodes. Writes are atomic: one that throws has changed nothing.
 *
 * Cost: an operation is O(length of its path); a transaction holds no more than it touches.
 */
export class Tree {
  readonly #nodes = new Map<string, TreeNode>();
  readonly #ephemerals = new Map<bigint, Set<string>>();
  #zxid: number;

  /** @param zxid The last transaction that was made before. */
  constructor(zxid = 0, root: NodeRecord = emptyNode(zxid, 0)) {
    this.#zxid = zxid;
    this.#nodes.set("/", { ...root, children: undefined });
  }

  /** Number of the last transaction. */
  get zxid(): number {
    return this.#zxid;
  }

  /** How many nodes there are, the root included. */
  get size(): number {
    return this.#nodes.size;
  }

  /** Put back a node that was written down; parents come first. */
  load(path: string, record: NodeRecord): void {
    this.#nodes.set(path, { ...record, children: undefined });
    const parent = this.#nodes.get(parentOf(path));
    if (parent === undefined) {
      throw new FairleadError("store_failed", `Cannot load ${path}: its parent is not there`, {
        details: { path },
      });
    }
    parent.children ??= new Set();
    parent.children.add(nameOf(path));
  }

  /** The node as it stands; it must not be changed. */
  record(path: string): Readonly<NodeRecord> | undefined {
    return this.#nodes.get(path);
  }

  stat(path: string): NodeStat | undefined {
    const node = this.#nodes.get(path);
    return node === undefined ? undefined : statOf(node);
  }

  /** Names of the children, sorted. */
  list(path: string): string[] | undefined {
    const node = this.#nodes.get(path);
    return node === undefined ? undefined : [...(node.children ?? [])].sort();
  }

  /** Do all operations or, when one throws, none. */
  apply(operations: readonly StoreOp[], { sessionId, nowMs }: Writer): Transaction {
    const zxid = this.#zxid + 1;
    const changes: NodeChange[] = [];
    const results: OpResult[] = [];
    // A lone operation changes nothing before it can fail, so there is nothing to take back.
    const undos: Undo[] | undefined = operations.length > 1 ? [] : undefined;
    const step: Step = { sessionId, nowMs, zxid, changes, undos, index: 0 };
    try {
      for (const operation of operations) {
        results.push(this.#perform(operation, step));
        step.index += 1;
      }
    } catch (error) {
      for (let undo = undos?.pop(); undo; undo = undos?.pop()) undo();
      throw error;
    }
    if (changes.length > 0) this.#zxid = zxid;
    return { zxid: this.#zxid, results, changes };
  }

  /** Delete what belongs to a session. */
  endSession(sessionId: bigint, nowMs: number): Transaction {
    const paths = [...(this.#ephemerals.get(sessionId) ?? [])].sort();
    const operations = paths.map((path): StoreOp => ({ type: "delete", path }));
    return this.apply(operations, { sessionId, nowMs });
  }

  #perform(operation: StoreOp, step: Step): OpResult {
    switch (operation.type) {
      case "create":
        return this.#create(operation, step);
      case "set":
        return this.#set(operation, step);
      case "delete":
        return this.#delete(operation, step);
      case "check":
        this.#expect(operation.path, operation.version, step, "check");
        return { type: "check" };
    }
  }

  #create({ path: asked, value, ephemeral, sequential }: OfType<"create">, step: Step): OpResult {
    const parentPath = sequential ? parentOf(`${asked}0`) : parentOf(asked);
    const parent = this.#nodes.get(parentPath);
    if (parent === undefined) throw noNode("create", asked, parentPath, step);
    if (parent.ephemeralOwner !== undefined) {
      throw new FairleadError(
        "no_children_for_ephemerals",
        `Cannot create ${asked}: ${parentPath} is ephemeral`,
        { details: { path: asked, parent: parentPath, index: step.index } },
      );
    }
    const path = sequential ? asked + digits(parent.childrenCreated) : asked;
    if (this.#nodes.has(path)) {
      throw new FairleadError("node_exists", `Cannot create ${path}: it is there`, {
        details: { path, index: step.index },
      });
    }
    const node: TreeNode = {
      ...emptyNode(step.zxid, step.nowMs),
      value: value?.slice() ?? new Uint8Array(0),
      ephemeralOwner: ephemeral ? step.sessionId : undefined,
      children: undefined,
    };
    const { childrenCreated, childrenZxid } = parent;
    this.#attach(path, node);
    parent.childrenCreated = wrap(childrenCreated + 1);
    parent.childrenZxid = step.zxid;
    step.changes.push({ type: "created", path });
    step.undos?.push(() => {
      this.#detach(path, node);
      Object.assign(parent, { childrenCreated, childrenZxid });
    });
    return { type: "create", path };
  }

  #set({ path, value, version }: OfType<"set">, step: Step): OpResult {
    const node = this.#expect(path, version, step, "set");
    const { value: oldValue, version: oldVersion, modifiedZxid, modifiedMs } = node;
    node.value = value.slice();
    node.version = nextVersion(oldVersion);
    node.modifiedZxid = step.zxid;
    node.modifiedMs = step.nowMs;
    step.changes.push({ type: "changed", path });
    step.undos?.push(() => {
      Object.assign(node, { value: oldValue, version: oldVersion, modifiedZxid, modifiedMs });
    });
    return { type: "set", stat: statOf(node) };
  }

  #delete({ path, version }: OfType<"delete">, step: Step): OpResult {
    const node = this.#expect(path, version, step, "delete");
    const count = node.children?.size ?? 0;
    if (count > 0) {
      throw new FairleadError("not_empty", `Cannot delete ${path}: it has ${count} children`, {
        details: { path, children: count, index: step.index },
      });
    }
    const parent = this.#nodes.get(parentOf(path));
    const childrenZxid = parent?.childrenZxid;
    this.#detach(path, node);
    if (parent !== undefined) parent.childrenZxid = step.zxid;
    step.changes.push({ type: "deleted", path });
    step.undos?.push(() => {
      this.#attach(path, node);
      if (parent !== undefined) Object.assign(parent, { childrenZxid });
    });
    return { type: "delete" };
  }

  #expect(path: string, version: number | undefined, step: Step, act: string): TreeNode {
    const node = this.#nodes.get(path);
    if (node === undefined) throw noNode(act, path, path, step);
    if (version === undefined || version === node.version) return node;
    throw new FairleadError(
      "bad_version",
      `Cannot ${act} ${path} at version ${version}: it is at ${node.version}`,
      { details: { path, expected: version, version: node.version, index: step.index } },
    );
  }

  #attach(path: string, node: TreeNode): void {
    this.#nodes.set(path, node);
    const parent = this.#nodes.get(parentOf(path));
    if (parent !== undefined) {
      parent.children ??= new Set();
      parent.children.add(nameOf(path));
    }
    if (node.ephemeralOwner === undefined) return;
    const owned = this.#ephemerals.get(node.ephemeralOwner) ?? new Set();
    this.#ephemerals.set(node.ephemeralOwner, owned.add(path));
  }

  #detach(path: string, node: TreeNode): void {
    this.#nodes.delete(path);
    this.#nodes.get(parentOf(path))?.children?.delete(nameOf(path));
    if (node.ephemeralOwner === undefined) return;
    const owned = this.#ephemerals.get(node.ephemeralOwner);
    owned?.delete(path);
    if (owned?.size === 0) this.#ephemerals.delete(node.ephemeralOwner);
  }
}

interface Step extends Writer {
  /** Which operation of the transaction this is. */
  index: number;
  readonly zxid: number;
  readonly changes: NodeChange[];
  readonly undos: Undo[] | undefined;
}

type OfType<Type extends StoreOp["type"]> = Extract<StoreOp, { readonly type: Type }>;

function emptyNode(zxid: number, nowMs: number): NodeRecord {
  return {
    value: new Uint8Array(0),
    version: 0,
    childrenCreated: 0,
    createdZxid: zxid,
    modifiedZxid: zxid,
    childrenZxid: zxid,
    createdMs: nowMs,
    modifiedMs: nowMs,
    ephemeralOwner: undefined,
  };
}

/** Children that came and those that went: twice the first, less those that are there. */
function statOf(node: TreeNode): NodeStat {
  const childrenCount = node.children?.size ?? 0;
  return {
    version: node.version,
    childrenVersion: wrap(node.childrenCreated * 2 - childrenCount),
    childrenCount,
    valueBytes: node.value.length,
    ephemeralOwner: node.ephemeralOwner,
    createdZxid: BigInt(node.createdZxid),
    modifiedZxid: BigInt(node.modifiedZxid),
    createdMs: node.createdMs,
    modifiedMs: node.modifiedMs,
  };
}

/** As `%010d` of C: the sign counts as a digit. */
function digits(count: number): string {
  return count < 0 ? `-${String(-count).padStart(9, "0")}` : String(count).padStart(10, "0");
}

function noNode(act: string, path: string, missing: string, { index }: Step): FairleadError {
  return new FairleadError(
    "no_node",
    missing === path
      ? `Cannot ${act} ${path}: there is no such node`
      : `Cannot ${act} ${path}: its parent ${missing} is not there`,
    { details: { path, missing, index } },
  );
}
