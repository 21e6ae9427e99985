/** Whose turn it is: a queue of sequential ephemerals, below every election and lock. */
import { asyncDispose, FairleadError } from "../base/mod.ts";
import { childOf } from "../zookeeper/mod.ts";
import { isCode, untilAnswered } from "./base_store.ts";
import { bySequence } from "./sequence.ts";
import type { CallOptions, Store, StoreNode, StoreOp } from "./store.ts";

/** Something that one of many holds: the leadership, a lock. */
export interface Holding extends AsyncDisposable {
  /** The node that stands for it. */
  readonly path: string;
  /**
   * Whether it is held for certain at this very moment. It turns false by the clock, before
   * anybody else can hold it; ask it before each act, above all after a wait.
   */
  readonly held: boolean;
  /** Aborts when it is lost or given up; the reason is a FairleadError that says why. */
  readonly lost: AbortSignal;
  /**
   * An operation to put first in a `multi`: it fails with `no_node` unless this is still held, so
   * what follows it is done by the holder or not at all, whatever clocks and pauses do.
   */
  readonly fence: StoreOp;
}

/** What {@linkcode takeTurn} is told. */
export interface TurnOptions extends CallOptions {
  readonly label: string;
  readonly data: Uint8Array;
  /** Makes the reason of `lost`. */
  readonly lostError: (path: string, why: string) => FairleadError;
}

/** A node of ours, and the session that it goes with. */
export interface Place {
  readonly path: string;
  readonly sessionId: bigint;
}

/** What the calls of this process on one store know of each other. */
interface Claims {
  /** Nodes that belong to a call: an orphan is one that does not. */
  readonly nodes: Set<string>;
  /** The last call that makes a node: one at a time, so that no two find one orphan. */
  enlisting: Promise<unknown>;
}

const claims = /* @__PURE__ */ new WeakMap<Store, Claims>();

function claimsOf(store: Store): Claims {
  const found = claims.get(store) ?? { nodes: new Set(), enlisting: Promise.resolve() };
  claims.set(store, found);
  return found;
}

/**
 * Queue up below a path and wait until nobody is before us.
 *
 * A session that ends while we wait costs the place, not the call: it queues up again.
 *
 * @throws The signal's reason; `store_closed`, `store_failed`.
 */
export async function takeTurn(store: Store, path: string, options: TurnOptions): Promise<Holding> {
  const { signal } = options;
  for (;;) {
    signal?.throwIfAborted();
    // Not aborted itself: a node that nobody knows of would stand in everybody's way.
    const enlisting = enlist(store, path, options);
    let place: Place | undefined;
    try {
      place = await orAborted(enlisting, signal);
      if (await isFirst(store, path, place, options)) {
        return new Turn(store, place, options);
      }
      await withdraw(store, place.path);
    } catch (error) {
      const leaving = enlisting.then(({ path: node }) => withdraw(store, node));
      leaving.catch(() => undefined); // Nothing was made, or it goes with its session.
      if (!isCode(error, "session_expired")) throw error;
    }
  }
}

/** What {@linkcode enlist} makes. */
type Candidate = Pick<TurnOptions, "label" | "data">;

/** Make a node of ours, once, whatever becomes of the answers. */
export function enlist(store: Store, path: string, candidate: Candidate): Promise<Place> {
  const claimed = claimsOf(store);
  const mine = claimed.enlisting.then(() => enlistNow(store, path, candidate));
  claimed.enlisting = mine.catch(() => undefined); // It is told to whoever asked for it.
  return mine;
}

async function enlistNow(store: Store, path: string, { label, data }: Candidate): Promise<Place> {
  const { nodes } = claimsOf(store);
  const kind = { ephemeral: true, sequential: true, parents: true };
  for (;;) {
    const node = await untilAnswered(
      () => store.create(childOf(path, label), data, kind),
      () => findOrphan(store, path, label, data),
    );
    nodes.add(node);
    const stat = await untilAnswered(() => store.exists(node)).catch((error: unknown) => {
      nodes.delete(node);
      throw error;
    });
    if (stat?.ephemeralOwner !== undefined) return { path: node, sessionId: stat.ephemeralOwner };
    nodes.delete(node);
  }
}

/** A node that was made by a call whose answer was lost. */
async function findOrphan(
  store: Store,
  path: string,
  label: string,
  data: Uint8Array,
): Promise<string | undefined> {
  const names = await untilAnswered(() => store.list(path));
  for (const name of bySequence(names ?? [], label)) {
    const node = childOf(path, name);
    const found = await untilAnswered(() => store.get(node));
    if (isOurs(store, found, data) && !claimsOf(store).nodes.has(node)) return node;
  }
  return undefined;
}

function isOurs(store: Store, node: StoreNode | undefined, data: Uint8Array): boolean {
  if (node?.ephemeralOwner === undefined || !store.session.isAlive(node.ephemeralOwner)) {
    return false;
  }
  const { value } = node;
  return value.length === data.length && value.every((byte, index) => byte === data[index]);
}

/** Wait for the head of the queue; false when our place is gone. */
async function isFirst(
  store: Store,
  path: string,
  place: Place,
  { label, signal }: TurnOptions,
): Promise<boolean> {
  for (;;) {
    const names = await untilAnswered(() => store.list(path, { signal }));
    const queue = bySequence(names ?? [], label).map((name) => childOf(path, name));
    const index = queue.indexOf(place.path);
    const [before] = index < 1 ? [] : queue.slice(index - 1);
    if (index === -1) return false;
    if (before === undefined) return store.session.isAlive(place.sessionId);
    // Only the one before us is watched: when it goes, nobody else wakes up.
    await untilGone(store, before, place, signal);
  }
}

async function untilGone(
  store: Store,
  path: string,
  place: Place,
  signal: AbortSignal | undefined,
): Promise<void> {
  for await (const { type } of store.watch(path, { signal })) {
    if (type === "deleted") return;
    if (type !== "resync") continue;
    for (const each of [path, place.path]) {
      if ((await untilAnswered(() => store.exists(each, { signal }))) === undefined) return;
    }
  }
}

/** Delete a node that `enlist` made; that it is gone already is fine. */
export async function withdraw(store: Store, path: string): Promise<void> {
  try {
    await untilAnswered(() => store.delete(path));
  } catch (error) {
    const isGone = ["no_node", "session_expired", "store_closed", "store_failed"].some((code) =>
      isCode(error, code),
    );
    if (!isGone) throw error;
  } finally {
    claimsOf(store).nodes.delete(path);
  }
}

/** The same promise, left early when the signal aborts. */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    const settled = () => signal.removeEventListener("abort", onAbort);
    promise.then(resolve, reject).finally(settled);
  });
}

class Turn implements Holding {
  readonly path: string;
  readonly lost: AbortSignal;
  readonly #store: Store;
  readonly #sessionId: bigint;
  readonly #losing = new AbortController();
  readonly #lostError: TurnOptions["lostError"];
  #disposal: Promise<void> | undefined;

  constructor(store: Store, { path, sessionId }: Place, { lostError }: TurnOptions) {
    this.path = path;
    this.lost = this.#losing.signal;
    this.#store = store;
    this.#sessionId = sessionId;
    this.#lostError = lostError;
    void this.#guardSession();
    void this.#guardNode();
  }

  get held(): boolean {
    return !this.lost.aborted && this.#store.session.isAlive(this.#sessionId);
  }

  get fence(): StoreOp {
    return { type: "check", path: this.path };
  }

  /** Give it up: first here, then for all to see. */
  [asyncDispose](): Promise<void> {
    this.#lose("it was given up");
    this.#disposal ??= withdraw(this.#store, this.path);
    return this.#disposal;
  }

  #lose(why: string): void {
    if (!this.lost.aborted) this.#losing.abort(this.#lostError(this.path, why));
  }

  async #guardSession(): Promise<void> {
    try {
      for await (const state of this.#store.session.changes({ signal: this.lost })) {
        if (state.status === "expired") this.#lose("the session has expired");
        else if (state.status === "closed") this.#lose("the store was closed");
        else if (!("id" in state) || state.id !== this.#sessionId)
          this.#lose("the session is over");
      }
    } catch (error) {
      if (!this.lost.aborted) this.#lose(FairleadError.from(error).message);
    }
  }

  async #guardNode(): Promise<void> {
    try {
      for await (const { type } of this.#store.watch(this.path, { signal: this.lost })) {
        const isGone = type === "deleted" || (type === "resync" && !(await this.#isThere()));
        if (isGone) this.#lose("its node was deleted");
      }
      this.#lose("the store was closed");
    } catch (error) {
      if (!this.lost.aborted) this.#lose(FairleadError.from(error).message);
    }
  }

  async #isThere(): Promise<boolean> {
    const stat = await untilAnswered(() => this.#store.exists(this.path, { signal: this.lost }));
    return stat?.ephemeralOwner === this.#sessionId;
  }
}
