import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { Aborts, type Clock, FairleadError, systemClock } from "../../base/mod.ts";
import {
  type Answers,
  ask,
  BaseStore,
  busyError,
  closedError,
  outcomeOf,
  type Query,
} from "../base_store.ts";
import { DEFAULT_LIMITS } from "../calls.ts";
import { SessionFeed } from "../session.ts";
import type { CallOptions, OpResult, StoreLimits, StoreOp } from "../store.ts";
import type { Transaction, Tree } from "../tree.ts";
import { type Watch, WatchTable } from "../watches.ts";
import { Committer } from "./committer.ts";
import { Disk } from "./disk.ts";
import { type FolderLock, lockFolder } from "./folder_lock.ts";

/** Options of {@linkcode EmbeddedStore.open}. */
export interface EmbeddedOptions {
  /** The folder of the store; it is made when it is not there. */
  readonly path: string;
  /** Dates nodes. @default systemClock */
  readonly clock?: Clock;
  /** @default those of {@linkcode StoreLimits} */
  readonly limits?: Partial<StoreLimits>;
}

/** What the sessions of one folder share. */
interface Shared {
  readonly tree: Tree;
  readonly committer: Committer;
  readonly watches: WatchTable<Watch>;
  readonly clock: Clock;
  readonly limits: StoreLimits;
  readonly stores: Set<EmbeddedStore>;
  /** Ids of sessions: the opening in the upper half. */
  nextSession(): bigint;
  backup(folder: string): Promise<void>;
  /** Lets the folder go. */
  close(): Promise<void>;
}

/**
 * A durable store in a folder of this machine, for one process at a time.
 *
 * The tree lives in memory and on disk (lmdb): reads cost no I/O, writes resolve when they are
 * synced, and those that come while the disk is busy go to it together. After a crash the next
 * `open` finds every write that had resolved, whole, and no ephemeral.
 *
 * @example
 * ```ts
 * import { mkdtemp, rm } from "node:fs/promises";
 * import { EmbeddedStore } from "fairlead/coordination/node";
 *
 * const path = await mkdtemp("/tmp/fairlead-");
 * {
 *   await using store = await EmbeddedStore.open({ path });
 *   await store.create("/kept", Uint8Array.of(1, 2, 3));
 * }
 * {
 *   await using store = await EmbeddedStore.open({ path });
 *   console.assert((await store.get("/kept"))?.value.length === 3);
 * }
 * await rm(path, { recursive: true });
 * ```
 */
export class EmbeddedStore extends BaseStore {
  readonly session: SessionFeed;
  readonly #shared: Shared;
  readonly #sessionId: bigint;
  readonly #owns: boolean;
  readonly #watches = new Set<Watch>();
  readonly #aborts = new Aborts();
  #isClosing = false;
  #closed: Promise<void> | undefined;

  private constructor(shared: Shared, owns: boolean) {
    super(shared.limits);
    this.#shared = shared;
    this.#owns = owns;
    this.#sessionId = shared.nextSession();
    this.session = new SessionFeed(() => true);
    const timeoutMs = Number.POSITIVE_INFINITY;
    this.session.enter({ status: "connected", id: this.#sessionId, timeoutMs });
    shared.stores.add(this);
  }

  /**
   * Open the store in a folder and begin a session.
   *
   * @throws {FairleadError} `store_locked` while another process (or this one) has it open: the
   * details name its pid. `store_failed` when the folder cannot be used or read.
   */
  static async open(options: EmbeddedOptions): Promise<EmbeddedStore> {
    const folder = resolve(options.path);
    await makeFolder(folder);
    const disk = await Disk.open(folder);
    let lock: FolderLock | undefined;
    try {
      const book = { get: (key: string) => disk.meta.get(key), exchange: disk.exchange.bind(disk) };
      lock = await lockFolder(folder, book);
      const tree = disk.load();
      const opening = BigInt(await disk.countOpening());
      return new EmbeddedStore(share(tree, disk, lock, opening, options), true);
    } catch (error) {
      await lock?.release();
      await disk.close();
      throw error;
    }
  }

  /** Another store on the same folder, with a session of its own; it ends with this one. */
  connect(): EmbeddedStore {
    if (this.#isClosing) throw closedError();
    return new EmbeddedStore(this.#shared, false);
  }

  /**
   * Copy the store into a new folder while it is in use: all of one moment, without ephemerals.
   * The copy is opened like any other.
   *
   * @throws {FairleadError} `store_failed` when the folder cannot be used or has a store in it.
   */
  async backup(path: string): Promise<void> {
    await this.sync();
    const folder = resolve(path);
    await makeFolder(folder);
    try {
      await this.#shared.backup(folder);
    } catch (cause) {
      throw new FairleadError("store_failed", `Cannot copy the store to ${folder}`, { cause });
    }
  }

  protected write(
    operations: readonly StoreOp[],
    options: CallOptions,
  ): Promise<readonly OpResult[]> {
    const { tree, clock } = this.#shared;
    return this.#call(options, "when durable", () => {
      const writer = { sessionId: this.#sessionId, nowMs: clock.nowMs() };
      return this.#noted(tree.apply(operations, writer)).results;
    });
  }

  protected read<Type extends Query["type"]>(
    type: Type,
    path: string,
    options: CallOptions,
  ): Promise<Answers[Type]> {
    const { tree, committer } = this.#shared;
    const record = tree.record(path);
    const seenZxid = record && Math.max(record.modifiedZxid, record.childrenZxid);
    // What is seen must not be lost again: if it is not on the disk yet, wait for it.
    const isDurable = seenZxid !== undefined && seenZxid <= committer.durableZxid;
    return this.#call(options, isDurable ? "now" : "when durable", () => ask(tree, type, path));
  }

  protected arm(watch: Watch): void {
    if (this.session.state.status === "closed") watch.close();
    if (this.session.state.status !== "connected") return;
    this.#watches.add(watch);
    this.#shared.watches.add(watch);
    watch.resync("reconnected");
  }

  protected disarm(watch: Watch): void {
    this.#watches.delete(watch);
    this.#shared.watches.remove(watch);
  }

  sync(options: CallOptions = {}): Promise<void> {
    return this.#call(options, "when durable", () => undefined);
  }

  close(): Promise<void> {
    this.#isClosing = true;
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** The disk is of no use any more: nothing that was not written may be told. */
  fail(cause: FairleadError): void {
    this.session.enter({ status: "expired", id: this.#sessionId, cause });
    for (const watch of this.#watches) watch.fail(cause);
  }

  async #close(): Promise<void> {
    const { tree, clock, committer, stores } = this.#shared;
    if (this.#owns) for (const store of stores) if (store !== this) await store.close();
    this.#noted(tree.endSession(this.#sessionId, clock.nowMs()));
    await committer.drain();
    stores.delete(this);
    this.session.enter({ status: "closed" });
    for (const watch of this.#watches) watch.close();
    if (this.#owns) await this.#shared.close();
  }

  /** Write down what was done, and tell it once it is. */
  #noted(transaction: Transaction): Transaction {
    const { committer, watches } = this.#shared;
    committer.note(transaction);
    const tell = () => watches.dispatch(transaction.changes, (watch, each) => watch.push(each));
    committer.whenDurable(tell, () => undefined); // After a failure watches have failed, too.
    return transaction;
  }

  /** Run it at once; the caller hears of it now, or when all that it may have seen is safe. */
  #call<T>({ signal }: CallOptions, answer: "now" | "when durable", run: () => T): Promise<T> {
    const { committer } = this.#shared;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      if (this.#isClosing) return reject(closedError());
      const { state } = this.session;
      if (state.status === "expired") return reject(state.cause);
      if (committer.waiting >= this.limits.callsMax) return reject(busyError(this.limits.callsMax));
      const finish = (act: () => void) => {
        this.#aborts.remove(signal, reject);
        act();
      };
      const act = outcomeOf(run, resolve, reject);
      if (answer === "now") return act();
      this.#aborts.add(signal, reject);
      committer.whenDurable(
        () => finish(act),
        (error) => finish(() => reject(error)),
      );
    });
  }
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new FairleadError("store_failed", `Cannot use ${path} for the store`, {
      cause,
      details: { path },
    });
  }
}

function share(
  tree: Tree,
  disk: Disk,
  lock: FolderLock,
  opening: bigint,
  { clock = systemClock, limits }: EmbeddedOptions,
): Shared {
  const stores = new Set<EmbeddedStore>();
  const onFailure = (error: FairleadError) => {
    for (const store of stores) store.fail(error);
  };
  let sessions = 0n;
  return {
    tree,
    clock,
    stores,
    committer: new Committer(tree, disk, onFailure),
    watches: new WatchTable<Watch>(),
    limits: { ...DEFAULT_LIMITS, ...limits },
    nextSession() {
      sessions += 1n;
      return (opening << 32n) + sessions;
    },
    backup: (folder) => disk.backup(folder),
    async close() {
      await lock.release();
      await disk.close();
    },
  };
}
