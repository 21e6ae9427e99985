/** The tree on disk: one lmdb environment, one record a node, one transaction a batch. */
import type { Database, RootDatabase } from "lmdb";
import { FairleadError } from "../../base/mod.ts";
import { type NodeRecord, Tree } from "../tree.ts";

/** Version of what is written; a folder of another one is refused. */
const FORMAT = 1;

/** Keys of the table `meta`. */
const META = { format: "format", zxid: "zxid", opens: "opens" } as const;

/** What a batch changes: a record to write, or undefined for a node that is gone. */
export type Batch = ReadonlyMap<string, Readonly<NodeRecord> | undefined>;

/** An open environment. */
export class Disk {
  readonly meta: Database;
  readonly #root: RootDatabase;
  readonly #nodes: Database;

  private constructor(root: RootDatabase) {
    this.#root = root;
    this.#nodes = root.openDB({ name: "nodes", encoding: "msgpack" });
    this.meta = root.openDB({ name: "meta", encoding: "msgpack" });
  }

  /**
   * Open or create the environment of a folder.
   *
   * @throws {FairleadError} `store_failed` when lmdb cannot.
   */
  static async open(folder: string): Promise<Disk> {
    const { open } = await import("lmdb");
    try {
      // A commit is on the disk when it resolves, not some time later: plain LMDB's own rule.
      const settings = { overlappingSync: false, noSubdir: false, maxDbs: 4 };
      return new Disk(open({ path: folder, ...settings }));
    } catch (cause) {
      throw new FairleadError("store_failed", `Cannot open the store in ${folder}`, { cause });
    }
  }

  /** Count this opening; the number is part of the sessions' ids. */
  async countOpening(): Promise<number> {
    const opens = readNumber(this.meta.get(META.opens), "opens") + 1;
    await this.meta.put(META.opens, opens);
    return opens;
  }

  /**
   * Read the whole tree.
   *
   * @throws {FairleadError} `store_failed` when what is there is not what was written.
   */
  load(): Tree {
    this.#root.resetReadTxn();
    const format: unknown = this.meta.get(META.format) ?? FORMAT;
    if (format !== FORMAT) throw unreadable(`it has format ${String(format)}, not ${FORMAT}`);
    const zxid = readNumber(this.meta.get(META.zxid), "zxid");
    const root: unknown = this.#nodes.get("/");
    const tree = root === undefined ? new Tree(zxid) : new Tree(zxid, readRecord("/", root));
    for (const { key, value } of this.#nodes.getRange()) {
      const path = String(key);
      if (path !== "/") tree.load(path, readRecord(path, value));
    }
    return tree;
  }

  /**
   * Write a batch as one transaction; resolves when it is on the disk.
   *
   * lmdb puts all that is written in one turn of the loop into one transaction, and gives all of
   * it one promise.
   */
  async commit(batch: Batch, zxid: number): Promise<void> {
    for (const [path, record] of batch) {
      if (record === undefined) this.#nodes.remove(path);
      else this.#nodes.put(path, writeRecord(record));
    }
    this.meta.put(META.format, FORMAT);
    try {
      await this.meta.put(META.zxid, zxid);
    } catch (error) {
      throw await reasonOf(error);
    }
  }

  /** Copy what is on the disk at this moment into an empty folder, without its gaps. */
  backup(folder: string): Promise<void> {
    return this.#root.backup(folder, true);
  }

  /** Compare and set a value of `meta`, across processes; returns whether it was set. */
  exchange(key: string, isExpected: (found: unknown) => boolean, value: unknown): boolean {
    return this.#root.transactionSync(() => {
      if (!isExpected(this.meta.get(key))) return false;
      if (value === undefined) this.meta.removeSync(key);
      else this.meta.putSync(key, value);
      return true;
    });
  }

  close(): Promise<void> {
    return this.#root.close();
  }
}

/** lmdb hands the reason over as another promise, which rejects within the same turn. */
async function reasonOf(error: unknown): Promise<unknown> {
  if (!(error instanceof Error) || !("commitError" in error)) return error;
  const turn = new Promise((resolve) => setImmediate(resolve, error));
  return await Promise.race([error.commitError, turn]).catch((reason: unknown) => reason);
}

function writeRecord(record: Readonly<NodeRecord>): unknown[] {
  return [
    record.value,
    record.version,
    record.childrenCreated,
    record.createdZxid,
    record.modifiedZxid,
    record.childrenZxid,
    record.createdMs,
    record.modifiedMs,
  ];
}

function readRecord(path: string, found: unknown): NodeRecord {
  const [value, ...numbers]: unknown[] = Array.isArray(found) ? found : [];
  if (!(value instanceof Uint8Array)) throw unreadable(`${path} has no value`);
  const [version, childrenCreated, createdZxid, modifiedZxid, childrenZxid, createdMs, modifiedMs] =
    Array.from({ length: 7 }, (_, index) => readNumber(numbers[index] ?? "nothing", path));
  return {
    value: Uint8Array.from(value),
    version: version ?? 0,
    childrenCreated: childrenCreated ?? 0,
    createdZxid: createdZxid ?? 0,
    modifiedZxid: modifiedZxid ?? 0,
    childrenZxid: childrenZxid ?? 0,
    createdMs: createdMs ?? 0,
    modifiedMs: modifiedMs ?? 0,
    ephemeralOwner: undefined,
  };
}

function readNumber(found: unknown, where: string): number {
  if (found === undefined) return 0;
  if (typeof found === "number") return found;
  throw unreadable(`${where} has ${String(found)} for a number`);
}

function unreadable(fault: string): FairleadError {
  return new FairleadError("store_failed", `Cannot read the store: ${fault}`);
}
