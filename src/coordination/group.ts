import { asyncDispose } from "../base/mod.ts";
import { childOf } from "../zookeeper/mod.ts";
import { closedError, isCode, laterOr, untilAnswered } from "./base_store.ts";
import { bySequence } from "./sequence.ts";
import type { CallOptions, Store } from "./store.ts";
import { enlist, orAborted, type Place, withdraw } from "./turn.ts";

/** How names of members begin. */
const LABEL = "member_";

/** Options of {@linkcode joinGroup}. */
export interface GroupOptions extends CallOptions {
  /** What others read of a member. */
  readonly data: Uint8Array;
}

/** Being a member, until it is disposed. */
export interface Membership extends AsyncDisposable {
  /** The node that stands for us now; another one after a session has expired. */
  readonly path: string;
  /** Aborts when it ends: it was disposed, or the store is of no use any more. */
  readonly lost: AbortSignal;
}

/** Who belongs to a group: the name of each member's node, and its data; the oldest first. */
export type Members = ReadonlyMap<string, Uint8Array>;

/**
 * Join a group; resolves when others can see it.
 *
 * When the session expires, we are gone for a moment and then join anew.
 *
 * @example
 * ```ts
 * import { decodeJson, encodeJson, joinGroup, members, MemoryTree } from "fairlead/coordination";
 *
 * await using store = new MemoryTree().connect();
 * await using _one = await joinGroup(store, "/probes", { data: encodeJson("h1") });
 * await using _two = await joinGroup(store, "/probes", { data: encodeJson("h2") });
 * const hosts = [...(await members(store, "/probes")).values()].map(decodeJson);
 * console.assert(hosts.join() === "h1,h2");
 * ```
 *
 * @throws The signal's reason; it ends the joining, not the membership.
 */
export async function joinGroup(
  store: Store,
  path: string,
  { data, signal }: GroupOptions,
): Promise<Membership> {
  signal?.throwIfAborted();
  const joining = enlistAgain(store, path, data);
  try {
    return new Joined(store, path, data, await orAborted(joining, signal));
  } catch (error) {
    const leaving = joining.then((place) => withdraw(store, place.path));
    leaving.catch(() => undefined); // Nothing was made, or it goes with its session.
    throw error;
  }
}

/** The members of a group at this moment. */
export async function members(
  store: Store,
  path: string,
  { signal }: CallOptions = {},
): Promise<Members> {
  const names = await untilAnswered(() => store.list(path, { signal }));
  const queue = bySequence(names ?? [], LABEL);
  const reading = queue.map((name) =>
    untilAnswered(() => store.get(childOf(path, name), { signal })),
  );
  const nodes = await Promise.all(reading);
  const found = new Map<string, Uint8Array>();
  for (const [index, node] of nodes.entries()) {
    if (node !== undefined) found.set(queue[index] ?? "", node.value);
  }
  return found;
}

/** The members of a group, and again whenever one comes or goes. */
export async function* watchMembers(
  store: Store,
  path: string,
  options: CallOptions = {},
): AsyncGenerator<Members, undefined> {
  let told: string | undefined;
  for await (const _ of store.watch(path, { children: true, signal: options.signal })) {
    const found = await members(store, path, options).catch(laterOr);
    if (found === "later") continue;
    const names = [...found.keys()].join();
    if (names === told) continue;
    told = names;
    yield found;
  }
  return undefined;
}

async function enlistAgain(store: Store, path: string, data: Uint8Array): Promise<Place> {
  for (;;) {
    try {
      return await enlist(store, path, { label: LABEL, data });
    } catch (error) {
      if (!isCode(error, "session_expired")) throw error;
    }
  }
}

class Joined implements Membership {
  readonly lost: AbortSignal;
  readonly #store: Store;
  readonly #group: string;
  readonly #data: Uint8Array;
  readonly #ending = new AbortController();
  readonly #keeping: Promise<void>;
  #place: Place;
  #disposal: Promise<void> | undefined;

  constructor(store: Store, group: string, data: Uint8Array, place: Place) {
    this.lost = this.#ending.signal;
    this.#store = store;
    this.#group = group;
    this.#data = data;
    this.#place = place;
    this.#keeping = this.#keep();
  }

  get path(): string {
    return this.#place.path;
  }

  [asyncDispose](): Promise<void> {
    this.#disposal ??= this.#leave();
    return this.#disposal;
  }

  async #leave(): Promise<void> {
    this.#ending.abort();
    await this.#keeping;
    await withdraw(this.#store, this.#place.path);
  }

  /** Join anew whenever the node is gone, until we leave or the store is of no use any more. */
  async #keep(): Promise<void> {
    while (!this.lost.aborted) {
      try {
        await this.#untilGone(this.lost);
        this.#place = await enlistAgain(this.#store, this.#group, this.#data);
      } catch (error) {
        if (!isCode(error, "session_expired")) this.#ending.abort(error);
      }
    }
  }

  async #untilGone(signal: AbortSignal): Promise<void> {
    const { path } = this.#place;
    for await (const { type } of this.#store.watch(path, { signal })) {
      if (type === "deleted") return;
      if (type !== "resync") continue;
      const stat = await untilAnswered(() => this.#store.exists(path, { signal }));
      if (stat === undefined) return;
    }
    throw closedError();
  }
}
