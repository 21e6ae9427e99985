/** Nodes and sessions on disk: one lmdb environment, one transaction a batch. */

import { mkdir } from "node:fs/promises";
import type { Database, RootDatabase } from "lmdb";
import { FairleadError } from "../../../base/mod.ts";
import type { CoreChanges, CoreState } from "../../server/ports.ts";
import { decodeNode, decodeSession, encodeNode, encodeSession } from "../../server/records.ts";
import { ServerTree } from "../../server/tree.ts";
import type { Journal } from "./committer.ts";
import { claim } from "./owner.ts";

/** Version of what is written; a folder of another one is refused. */
const FORMAT = "zookeeper-1";

/** Keys of the table `meta`. */
const META = { format: "format", zxid: "zxid", lastSessionId: "lastSessionId" } as const;

/** The folder of one server. Keys of nodes are their ids: a path may be longer than lmdb's keys. */
export class ServerDisk implements Journal<CoreChanges> {
  readonly #root: RootDatabase;
  readonly #nodes: Database<Uint8Array, number>;
  readonly #sessions: Database<Uint8Array, string>;
  readonly #meta: Database<string, string>;
  #release: () => void = () => undefined;

  private constructor(root: RootDatabase) {
    this.#root = root;
    this.#nodes = root.openDB({ name: "nodes", encoding: "binary" });
    this.#sessions = root.openDB({ name: "sessions", encoding: "binary" });
    this.#meta = root.openDB({ name: "meta", encoding: "string" });
  }

  /**
   * Open or make the folder of a server, and take it for this one.
   *
   * @throws {FairleadError} `store_locked` while another server has it; `store_failed` when the
   * folder cannot be used.
   */
  static async open(folder: string): Promise<ServerDisk> {
    const disk = new ServerDisk(await openRoot(folder));
    try {
      disk.#release = claim(folder, {
        get: () => disk.#meta.get("owner"),
        put: (owner) => disk.#meta.putSync("owner", owner),
        remove: () => disk.#meta.removeSync("owner"),
        atomically: (run) => disk.#root.transactionSync(run),
      });
      return disk;
    } catch (error) {
      await disk.#root.close();
      throw error;
    }
  }

  /**
   * Read everything; undefined of a folder that is new.
   *
   * @throws {FairleadError} `store_failed` when what is there is not what was written.
   */
  load(): CoreState | undefined {
    this.#root.resetReadTxn();
    const format = this.#meta.get(META.format);
    if (format === undefined) return undefined;
    if (format !== FORMAT) throw unreadable(`it has format ${format}, not ${FORMAT}`);
    try {
      const tree = new ServerTree();
      for (const { key, value } of this.#nodes.getRange()) tree.load(key, decodeNode(value));
      const sessions = [...this.#sessions.getRange()].map(({ value }) => decodeSession(value));
      return {
        tree,
        sessions,
        zxid: this.#number("zxid"),
        lastSessionId: this.#number("lastSessionId"),
      };
    } catch (cause) {
      throw unreadable("a record is damaged", cause);
    }
  }

  async commit({ nodes, sessions, zxid, lastSessionId }: CoreChanges): Promise<void> {
    try {
      // One transaction; its promise is the only one, so that no failure goes unheard.
      await this.#root.batch(() => {
        for (const [id, node] of nodes) {
          if (node === undefined) this.#nodes.remove(id);
          else this.#nodes.put(id, encodeNode(node));
        }
        for (const [id, session] of sessions) {
          const key = id.toString(16);
          if (session === undefined) this.#sessions.remove(key);
          else this.#sessions.put(key, encodeSession(session));
        }
        this.#meta.put(META.format, FORMAT);
        this.#meta.put(META.lastSessionId, String(lastSessionId));
        this.#meta.put(META.zxid, String(zxid));
      });
    } catch (error) {
      throw await reasonOf(error);
    }
  }

  async close(): Promise<void> {
    this.#release();
    await this.#root.close();
  }

  #number(key: keyof typeof META): bigint {
    return BigInt(this.#meta.get(META[key]) ?? "nothing");
  }
}

async function openRoot(folder: string): Promise<RootDatabase> {
  const { open } = await import("lmdb");
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return open({
      path: folder,
      noSubdir: false,
      maxDbs: 4,
      // A commit is on the disk when it resolves, not some time later: plain LMDB's own rule.
      overlappingSync: false,
      // Batches are made here. lmdb's own leave a promise to nobody when the disk refuses.
      eventTurnBatching: false,
    });
  } catch (cause) {
    throw new FairleadError("store_failed", `Cannot open the data of a server in ${folder}`, {
      cause,
      details: { path: folder },
    });
  }
}

/** lmdb hands the reason over as another promise, which rejects within the same turn. */
async function reasonOf(error: unknown): Promise<unknown> {
  if (!(error instanceof Error) || !("commitError" in error)) return error;
  const turn = new Promise((resolve) => setImmediate(resolve, error));
  return await Promise.race([error.commitError, turn]).catch((reason: unknown) => reason);
}

function unreadable(fault: string, cause?: unknown): FairleadError {
  return new FairleadError("store_failed", `Cannot read the data of a server: ${fault}`, { cause });
}
