import type { ChangeQueue, FairleadError } from "../../base/mod.ts";
import type { Chroot } from "../chroot.ts";
import type { JuteWriter } from "../jute/writer.ts";
import { parentOf } from "../path.ts";
import { OPCODES } from "../protocol/opcodes.ts";
import type { Request } from "../protocol/requests.ts";
import { type WatchEvent, type WatchKind, watchEventType } from "../watch_events.ts";

/** A request of set watches takes so much at most: a server takes `jute.maxbuffer` and no more. */
const REARM_BYTES = 128_000;

/** Where a persistent watch stands on the server. */
export type WatchMode = "persistent" | "recursive";

interface Once {
  readonly resolve: (event: WatchEvent) => void;
  readonly reject: (error: unknown) => void;
}

type Told = Exclude<WatchEvent, { readonly type: "resync" }>;

/**
 * What a client watches: who is told of an event, and what to arm again on a new connection.
 *
 * Costs: an event costs the depth of its path.
 */
export class Watches {
  readonly #chroot: Chroot;
  readonly #persistent = new Map<string, Set<ChangeQueue<Told>>>();
  readonly #recursive = new Map<string, Set<ChangeQueue<Told>>>();
  readonly #once: Record<WatchKind, Map<string, Set<Once>>> = {
    data: new Map(),
    exists: new Map(),
    children: new Map(),
  };
  #ended: FairleadError | undefined;

  constructor(chroot: Chroot) {
    this.#chroot = chroot;
  }

  /** Returns whether it is the first on this path: then the server has to be told. */
  add(path: string, mode: WatchMode, queue: ChangeQueue<Told>): boolean {
    if (this.#ended !== undefined) queue.fail(this.#ended);
    return put(this.#table(mode), path, queue);
  }

  /** Returns whether nobody is left on this path. */
  remove(path: string, mode: WatchMode, queue: ChangeQueue<Told>): boolean {
    return take(this.#table(mode), path, queue);
  }

  /** Which persistent watches a path still has. */
  modesOf(path: string): WatchMode[] {
    const modes: WatchMode[] = ["persistent", "recursive"];
    return modes.filter((mode) => this.#table(mode).has(path));
  }

  addOnce(path: string, kind: WatchKind, once: Once): void {
    put(this.#once[kind], path, once);
  }

  removeOnce(path: string, kind: WatchKind, once: Once): void {
    take(this.#once[kind], path, once);
  }

  hasOnce(path: string): boolean {
    return Object.values(this.#once).some((table) => table.has(path));
  }

  /** A notification of the server. */
  dispatch(type: number, fullPath: string, zxid: bigint): void {
    const name = watchEventType(type);
    const path = this.#chroot.strip(fullPath);
    if (name === undefined || name === "resync") return;
    const event: Told = name === "removed" ? { type: name, path } : { type: name, path, zxid };
    this.#tellOnce(event);
    if (name === "removed") return;
    for (const queue of this.#persistent.get(path) ?? []) queue.push(event);
    // A recursive watch is not told of children: it hears of each child itself.
    if (name === "children") return;
    for (let at = path; this.#recursive.size > 0; at = parentOf(at)) {
      for (const queue of this.#recursive.get(at) ?? []) queue.push(event);
      if (at === "/") return;
    }
  }

  /** Requests that arm everything again. */
  *rearm(lastZxid: bigint): Generator<Request<undefined>> {
    let batch = new Rearm(this.#chroot, lastZxid);
    for (const [index, paths] of this.#lists().entries()) {
      for (const path of paths) {
        if (batch.bytes >= REARM_BYTES) {
          yield batch.request();
          batch = new Rearm(this.#chroot, lastZxid);
        }
        batch.add(index, path);
      }
    }
    if (batch.bytes > 0) yield batch.request();
  }

  /** A new connection: what happened in between is told to nobody. */
  resync(): void {
    for (const table of [this.#persistent, this.#recursive]) {
      for (const queues of table.values()) {
        for (const queue of queues) queue.resync("reconnected");
      }
    }
  }

  fail(error: FairleadError): void {
    this.#ended = error;
    for (const table of [this.#persistent, this.#recursive]) {
      for (const queues of table.values()) for (const queue of queues) queue.fail(error);
    }
    for (const table of Object.values(this.#once)) {
      for (const waits of table.values()) for (const once of waits) once.reject(error);
      table.clear();
    }
  }

  /** In the order of the record: data, exist, child, persistent, recursive. */
  #lists(): Iterable<string>[] {
    const { data, exists, children } = this.#once;
    return [data, exists, children, this.#persistent, this.#recursive].map((each) => each.keys());
  }

  #table(mode: WatchMode): Map<string, Set<ChangeQueue<Told>>> {
    return mode === "recursive" ? this.#recursive : this.#persistent;
  }

  #tellOnce(event: Told): void {
    for (const kind of kindsOf(event)) {
      const table = this.#once[kind];
      const waits = table.get(event.path);
      if (waits === undefined) continue;
      table.delete(event.path);
      for (const once of waits) once.resolve(event);
    }
  }
}

/** Which of the classic watches an event uses up. */
function kindsOf({ type }: Told): readonly WatchKind[] {
  switch (type) {
    case "created":
    case "changed":
      return ["data", "exists"];
    case "children":
      return ["children"];
    default:
      return ["data", "exists", "children"];
  }
}

/** One packet of set watches. */
class Rearm {
  readonly #chroot: Chroot;
  readonly #lastZxid: bigint;
  readonly #lists: string[][] = [[], [], [], [], []];
  bytes = 0;

  constructor(chroot: Chroot, lastZxid: bigint) {
    this.#chroot = chroot;
    this.#lastZxid = lastZxid;
  }

  add(list: number, path: string): void {
    const full = this.#chroot.full(path);
    this.#lists[list]?.push(full);
    this.bytes += full.length * 3 + 4;
  }

  request(): Request<undefined> {
    // Servers before 3.6 know the shorter record alone, and no persistent watches.
    const isShort = this.#lists.slice(3).every((list) => list.length === 0);
    const lists = isShort ? this.#lists.slice(0, 3) : this.#lists;
    return {
      opcode: isShort ? OPCODES.setWatches : OPCODES.setWatches2,
      act: "set the watches again",
      write: (writer: JuteWriter) => {
        writer.long(this.#lastZxid);
        for (const list of lists) writer.list(list, (each, path) => each.text(path));
      },
      read: () => undefined,
    };
  }
}

function put<T>(table: Map<string, Set<T>>, path: string, value: T): boolean {
  const values = table.get(path);
  if (values !== undefined) {
    values.add(value);
    return false;
  }
  table.set(path, new Set([value]));
  return true;
}

function take<T>(table: Map<string, Set<T>>, path: string, value: T): boolean {
  const values = table.get(path);
  if (values === undefined || !values.delete(value) || values.size > 0) return false;
  table.delete(path);
  return true;
}
