import { asyncDispose, ChangeQueue } from "../base/mod.ts";
import { closedError, isCode, untilAnswered } from "./base_store.ts";
import type { CallOptions, Store, StoreNode } from "./store.ts";
import { type ReadTreeOptions, readTree } from "./subtree.ts";
import { orAborted } from "./turn.ts";

/** A difference between what a mirror held and what it holds. */
export type MirrorChange =
  | { readonly type: "added" | "changed"; readonly path: string; readonly node: StoreNode }
  /** `node` is what it was. */
  | { readonly type: "removed"; readonly path: string; readonly node: StoreNode }
  /** Look at the whole mirror: at the beginning, and when changes were not read in time. */
  | { readonly type: "resync"; readonly cause: "armed" | "overflow" | "reconnected" };

/** Options of {@linkcode Mirror.changes}. */
export interface MirrorChangesOptions extends CallOptions {
  /** How many changes may wait to be read before a `resync` replaces them. @default 1_024 */
  readonly bufferMax?: number | undefined;
}

/**
 * A node and everything below it, held in memory and kept like the store: reads cost nothing.
 *
 * It lags behind the store by one read; a burst of changes of one node may show as one. While the
 * connection is lost it keeps what it has, and afterwards tells the difference. Values are those
 * of the store; of `childrenCount` and `childrenVersion` it may hold older ones.
 *
 * @example
 * ```ts
 * import { decodeValue, encodeValue, MemoryTree, Mirror } from "fairlead/coordination";
 *
 * await using store = new MemoryTree().connect();
 * await store.create("/weights/web", encodeValue(2), { parents: true });
 * await using mirror = await Mirror.open(store, "/weights");
 * console.assert(decodeValue(mirror.get("/weights/web")!.value) === 2);
 * for await (const change of mirror.changes()) {
 *   if (change.type === "resync") await store.set("/weights/web", encodeValue(3));
 *   if (change.type === "changed") break;
 * }
 * console.assert(decodeValue(mirror.get("/weights/web")!.value) === 3);
 * ```
 */
export class Mirror implements AsyncDisposable {
  readonly path: string;
  readonly #store: Store;
  readonly #options: ReadTreeOptions;
  readonly #closing = new AbortController();
  readonly #nodes = new Map<string, StoreNode>();
  readonly #readers = new Set<ChangeQueue<MirrorChange>>();
  /** Nodes that something happened to. */
  readonly #dirty = new Set<string>();
  #isStale = false;
  #working: Promise<void> | undefined;
  readonly #following: Promise<void>;
  #ended: Ended | undefined;
  readonly #loaded: Promise<void>;
  #finishLoading: (error?: unknown) => void = () => undefined;

  private constructor(store: Store, path: string, options: ReadTreeOptions) {
    this.path = path;
    this.#store = store;
    this.#options = { readsMax: options.readsMax, signal: this.#closing.signal };
    this.#loaded = new Promise((resolve, reject) => {
      this.#finishLoading = (error) => (error === undefined ? resolve() : reject(error));
    });
    this.#following = this.#follow();
  }

  /**
   * Load a subtree and keep following it; the node need not be there.
   *
   * @throws The signal's reason when it is not loaded by then; what the store throws.
   */
  static async open(store: Store, path: string, options: ReadTreeOptions = {}): Promise<Mirror> {
    options.signal?.throwIfAborted();
    const mirror = new Mirror(store, path, options);
    try {
      await orAborted(mirror.#loaded, options.signal);
      return mirror;
    } catch (error) {
      await mirror[asyncDispose]();
      throw error;
    }
  }

  /** How many nodes there are. */
  get size(): number {
    return this.#nodes.size;
  }

  /** A node as the mirror knows it; do not change its value. */
  get(path: string): StoreNode | undefined {
    return this.#nodes.get(path);
  }

  /** All nodes by path, in no order that means anything. */
  entries(): IterableIterator<[string, StoreNode]> {
    return this.#nodes.entries();
  }

  /**
   * A `resync` first, then every difference, until the mirror or the store is closed.
   *
   * @throws The signal's reason; what made the store fail.
   */
  async *changes({
    bufferMax,
    signal,
  }: MirrorChangesOptions = {}): AsyncGenerator<MirrorChange, undefined> {
    const reader = new ChangeQueue<MirrorChange>(bufferMax);
    reader.resync("reconnected");
    if (this.#ended !== undefined) end(reader, this.#ended);
    this.#readers.add(reader);
    try {
      return yield* reader.read(signal);
    } finally {
      this.#readers.delete(reader);
    }
  }

  async [asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#following;
  }

  async #follow(): Promise<void> {
    const { signal } = this.#closing;
    let ended: Ended = {};
    try {
      for await (const change of this.#store.watch(this.path, { recursive: true, signal })) {
        if (change.type === "resync") this.#isStale = true;
        else this.#dirty.add(change.path);
        this.#working ??= this.#work();
      }
    } catch (error) {
      if (!signal.aborted) ended = { error };
    }
    await this.#working;
    this.#ended ??= ended;
    for (const reader of this.#readers) end(reader, this.#ended);
    this.#finishLoading(this.#ended.error ?? closedError());
  }

  /** Read what is dirty until nothing is. */
  async #work(): Promise<void> {
    await undefined; // Changes that came together are read together.
    while ((this.#isStale || this.#dirty.size > 0) && !this.#closing.signal.aborted) {
      try {
        if (this.#isStale) await this.#readAll();
        else await this.#readDirty();
        if (!this.#isStale && this.#dirty.size === 0) this.#finishLoading();
      } catch (error) {
        // In the next session the watch says resync, and everything is read anew.
        if (isCode(error, "session_expired") || this.#closing.signal.aborted) continue;
        if (!isCode(error, "store_closed")) this.#ended = { error };
        this.#closing.abort();
      }
    }
    this.#working = undefined;
  }

  async #readAll(): Promise<void> {
    this.#isStale = false;
    this.#dirty.clear();
    const found = await readTree(this.#store, this.path, this.#options);
    const gone = [...this.#nodes.keys()].filter((path) => !found.has(path));
    for (const path of gone.sort().reverse()) this.#apply(path, undefined);
    for (const [path, node] of found) this.#apply(path, node);
  }

  async #readDirty(): Promise<void> {
    const paths = [...this.#dirty].slice(0, this.#options.readsMax ?? 64);
    for (const path of paths) this.#dirty.delete(path);
    const { signal } = this.#options;
    const reading = paths.map((path) => untilAnswered(() => this.#store.get(path, { signal })));
    const nodes = await Promise.all(reading);
    for (const [index, path] of paths.entries()) this.#apply(path, nodes[index]);
  }

  #apply(path: string, node: StoreNode | undefined): void {
    const known = this.#nodes.get(path);
    if (node === undefined) {
      this.#nodes.delete(path);
      if (known !== undefined) this.#tell({ type: "removed", path, node: known });
      return;
    }
    this.#nodes.set(path, node);
    if (known === undefined) this.#tell({ type: "added", path, node });
    else if (known.modifiedZxid !== node.modifiedZxid) this.#tell({ type: "changed", path, node });
  }

  #tell(change: MirrorChange): void {
    for (const reader of this.#readers) reader.push(change);
  }
}

/** How a mirror ended: with an error, or closed. */
interface Ended {
  readonly error?: unknown;
}

function end(reader: ChangeQueue<MirrorChange>, { error }: Ended): void {
  if (error === undefined) reader.close();
  else reader.fail(error);
}
