import { parentOf } from "../path.ts";
import type { TreeEvent } from "./writes.ts";

/** How a watch stands: once, until it is removed, or on all that is below too. */
export type ServerWatchMode = "once" | "persistent" | "recursive";

/** Numbers of events on the wire. */
export const EVENT_TYPES = { created: 1, deleted: 2, changed: 3, children: 4 } as const;

/** Who is told. */
export interface Watcher {
  notify(type: number, path: string): void;
}

/** Which kinds of watches a path has of one watcher. */
type Modes = Set<ServerWatchMode>;

/** How many watch what. */
export interface WatchCounts {
  readonly watchers: number;
  readonly paths: number;
  readonly total: number;
}

/**
 * Watches of one sort: on data, or on children.
 *
 * Costs: an event costs the depth of its path while anybody watches recursively, else one look-up.
 */
class WatchTable {
  readonly #byPath = new Map<string, Map<Watcher, Modes>>();
  readonly #byWatcher = new Map<Watcher, Set<string>>();
  #recursiveCount = 0;

  add(path: string, watcher: Watcher, mode: ServerWatchMode): void {
    const watchers = this.#byPath.get(path) ?? new Map<Watcher, Modes>();
    const modes = watchers.get(watcher) ?? new Set();
    if (mode === "recursive" && !modes.has(mode)) this.#recursiveCount += 1;
    this.#byPath.set(path, watchers.set(watcher, modes.add(mode)));
    const paths = this.#byWatcher.get(watcher) ?? new Set();
    this.#byWatcher.set(watcher, paths.add(path));
  }

  /** Returns whether there was one. */
  remove(path: string, watcher: Watcher): boolean {
    const watchers = this.#byPath.get(path);
    const modes = watchers?.get(watcher);
    if (watchers === undefined || modes === undefined) return false;
    if (modes.has("recursive")) this.#recursiveCount -= 1;
    watchers.delete(watcher);
    if (watchers.size === 0) this.#byPath.delete(path);
    const paths = this.#byWatcher.get(watcher);
    if (paths?.delete(path) && paths.size === 0) this.#byWatcher.delete(watcher);
    return true;
  }

  removeAll(watcher: Watcher): void {
    for (const path of [...(this.#byWatcher.get(watcher) ?? [])]) this.remove(path, watcher);
  }

  /** Whether the watcher has one on this very path. */
  has(path: string, watcher: Watcher): boolean {
    return this.#byPath.get(path)?.has(watcher) ?? false;
  }

  /** Tell each watcher once, but those that were `told`; returns whom. */
  trigger(
    type: keyof typeof EVENT_TYPES,
    path: string,
    told: ReadonlySet<Watcher> = new Set(),
  ): ReadonlySet<Watcher> {
    const watchers = this.#watchersOf(type, path);
    for (const watcher of watchers) if (!told.has(watcher)) watcher.notify(EVENT_TYPES[type], path);
    return watchers;
  }

  counts(): WatchCounts {
    let total = 0;
    for (const watchers of this.#byPath.values()) total += watchers.size;
    return { total, watchers: this.#byWatcher.size, paths: this.#byPath.size };
  }

  #watchersOf(type: keyof typeof EVENT_TYPES, path: string): Set<Watcher> {
    const told = new Set<Watcher>();
    for (const [watcher, modes] of [...(this.#byPath.get(path) ?? [])]) {
      // A recursive watch hears of each child itself.
      if (type === "children" && modes.size === 1 && modes.has("recursive")) continue;
      told.add(watcher);
      if (!modes.delete("once") || modes.size > 0) continue;
      this.remove(path, watcher);
    }
    if (type === "children") return told;
    for (const at of this.#above(path)) {
      for (const [watcher, modes] of this.#byPath.get(at) ?? []) {
        if (modes.has("recursive")) told.add(watcher);
      }
    }
    return told;
  }

  *#above(path: string): Generator<string> {
    for (let at = path; at !== "/" && this.#recursiveCount > 0; ) {
      at = parentOf(at);
      yield at;
    }
  }
}

/**
 * All watches of a server: on data (and existence), and on children.
 *
 * One connection is told of one event once, however many of its watches it meets. Kinds of watches
 * on one path do not disturb each other, as in ZooKeeper from 3.9.
 */
export class ServerWatches {
  readonly data = new WatchTable();
  readonly children = new WatchTable();

  /** A persistent watch hears of the node and of its children. */
  addPersistent(path: string, watcher: Watcher, mode: "persistent" | "recursive"): void {
    this.data.add(path, watcher, mode);
    this.children.add(path, watcher, mode);
  }

  dispatch(events: readonly TreeEvent[]): void {
    for (const { type, path } of events) {
      const told = this.data.trigger(type, path);
      if (type === "changed") continue;
      if (type === "deleted") this.children.trigger(type, path, told);
      this.children.trigger("children", parentOf(path));
    }
  }

  removeAll(watcher: Watcher): void {
    this.data.removeAll(watcher);
    this.children.removeAll(watcher);
  }

  /** How many there are; a persistent one is two. */
  get count(): number {
    return this.data.counts().total + this.children.counts().total;
  }
}
