/** Who watches what, and how much of it they have not read yet. */
import { BoundedQueue } from "../base/mod.ts";
import { parentOf } from "./path.ts";
import type { StoreChange, WatchOptions } from "./store.ts";
import type { NodeChange } from "./tree.ts";

const BUFFER_MAX = 1_024;

/** What a watch looks at. */
export interface WatchScope {
  readonly path: string;
  readonly children: boolean;
  readonly recursive: boolean;
}

/** What stands for changes that were not kept. */
export interface Resync {
  readonly type: "resync";
  readonly cause: "armed" | "overflow" | "reconnected";
}

/** Changes on their way to one reader: a bounded queue in which a `resync` stands for the rest. */
export class ChangeQueue<Change> {
  readonly #queue: BoundedQueue<Change | Resync>;
  #overflowed = false;
  #armed = false;

  constructor(bufferMax: number = BUFFER_MAX) {
    this.#queue = new BoundedQueue({ capacityMax: bufferMax, whenFull: "reject" });
  }

  /** Tell a change. Behind an overflow nothing is kept: the `resync` to come covers it. */
  push(change: Change | Resync): void {
    if (this.#queue.closed || this.#overflowed) return;
    this.#overflowed = !this.#queue.push(change);
  }

  /** Tell that everything has to be read again; the first time it says that the watch is armed. */
  resync(cause: "reconnected"): void {
    this.push({ type: "resync", cause: this.#armed ? cause : "armed" });
    this.#armed = true;
  }

  close(): void {
    if (!this.#queue.closed) this.#queue.close();
  }

  fail(error: unknown): void {
    this.#queue.fail(error);
  }

  async *read(signal: AbortSignal | undefined): AsyncGenerator<Change | Resync, undefined> {
    for (;;) {
      if (this.#overflowed && this.#queue.size === 0) {
        this.#overflowed = false;
        yield { type: "resync", cause: "overflow" };
      }
      const next = await this.#queue.take({ signal });
      if (next.done) return undefined;
      yield next.value;
    }
  }
}

/** One watch of a store. */
export class Watch extends ChangeQueue<StoreChange> implements WatchScope {
  readonly path: string;
  readonly children: boolean;
  readonly recursive: boolean;

  constructor(path: string, { children, recursive, bufferMax }: WatchOptions = {}) {
    super(bufferMax);
    this.path = path;
    this.recursive = recursive === true;
    this.children = children === true && !this.recursive;
  }
}

/** The watches of a tree by path; a change costs the depth of its path at most. */
export class WatchTable<W extends WatchScope> {
  readonly #exact = new Map<string, Set<W>>();
  readonly #recursive = new Map<string, Set<W>>();

  add(watch: W): void {
    const table = watch.recursive ? this.#recursive : this.#exact;
    table.set(watch.path, (table.get(watch.path) ?? new Set<W>()).add(watch));
  }

  remove(watch: W): void {
    const table = watch.recursive ? this.#recursive : this.#exact;
    const watches = table.get(watch.path);
    watches?.delete(watch);
    if (watches?.size === 0) table.delete(watch.path);
  }

  /** Hand every change to those who watch it, in order. */
  dispatch(changes: readonly NodeChange[], tell: (watch: W, change: StoreChange) => void): void {
    for (const change of changes) {
      if (this.#exact.size > 0) this.#tellExact(change, tell);
      if (this.#recursive.size > 0) this.#tellRecursive(change, tell);
    }
  }

  #tellExact(change: NodeChange, tell: (watch: W, change: StoreChange) => void): void {
    for (const watch of this.#exact.get(change.path) ?? []) tell(watch, change);
    if (change.type === "changed") return;
    const parent = parentOf(change.path);
    for (const watch of this.#exact.get(parent) ?? []) {
      if (watch.children) tell(watch, { type: "children", path: parent });
    }
  }

  #tellRecursive(change: NodeChange, tell: (watch: W, change: StoreChange) => void): void {
    for (let path = change.path; ; path = parentOf(path)) {
      for (const watch of this.#recursive.get(path) ?? []) tell(watch, change);
      if (path === "/") return;
    }
  }
}
