/** Who watches what, and how much of it they have not read yet. */
import { ChangeQueue } from "../base/mod.ts";
import { parentOf } from "../zookeeper/mod.ts";
import type { StoreChange, WatchOptions } from "./store.ts";
import type { NodeChange } from "./tree.ts";

/** What a watch looks at. */
export interface WatchScope {
  readonly path: string;
  readonly children: boolean;
  readonly recursive: boolean;
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
