import { asyncDispose, FairleadError, requireInteger } from "../base/mod.ts";
import { childOf, nameOf } from "../zookeeper/mod.ts";
import { closedError, isCode, untilAnswered } from "./base_store.ts";
import { bySequence } from "./sequence.ts";
import type { CallOptions, Store } from "./store.ts";
import { enlist, orAborted, type Place, withdraw } from "./turn.ts";

const LABEL = "party_";
const READY = "ready";

/** Options of {@linkcode enterBarrier}. */
export interface BarrierOptions extends CallOptions {
  /** How many have to come before anybody goes on; from 1 to 10,000. */
  readonly count: number;
}

/** Being within a barrier. */
export interface Entry extends AsyncDisposable {
  /** Leave, and wait until all have left. */
  leave(options?: CallOptions): Promise<void>;
}

/**
 * Wait until `count` parties have come: all of them begin together, and, by `leave`, end together.
 *
 * A party whose session ends counts as one that has left.
 *
 * @example
 * ```ts
 * import { enterBarrier, MemoryTree } from "fairlead/coordination";
 *
 * const tree = new MemoryTree();
 * const phase = async (name: string) => {
 *   await using store = tree.connect();
 *   await using entry = await enterBarrier(store, "/import", { count: 2 });
 *   await entry.leave();
 *   return name;
 * };
 * console.assert((await Promise.all([phase("a"), phase("b")])).length === 2);
 * ```
 *
 * @throws The signal's reason when not all have come by then: we have not come either.
 * `session_expired` when our session ends before that.
 */
export async function enterBarrier(
  store: Store,
  path: string,
  { count, signal }: BarrierOptions,
): Promise<Entry> {
  requireInteger("count", count, { min: 1, max: 10_000 });
  signal?.throwIfAborted();
  // Those of the round before may still be leaving: what they wait for is not ours.
  await untilThat(store, path, signal, async () => {
    const { parties, isReady } = await look(store, path, signal);
    if (isReady && parties.length === 0) await unmake(store, childOf(path, READY));
    return !isReady || parties.length === 0;
  });
  const coming = enlist(store, path, { label: LABEL, data: new Uint8Array(0) });
  try {
    const place = await orAborted(coming, signal);
    await untilThat(store, path, signal, () => isComplete(store, path, { count, signal }, place));
    return new Within(store, path, place.path);
  } catch (error) {
    const leaving = coming.then((place) => withdraw(store, place.path));
    leaving.catch(() => undefined); // Nothing was made, or it goes with its session.
    throw error;
  }
}

async function isComplete(
  store: Store,
  path: string,
  { count, signal }: BarrierOptions,
  place: Place,
): Promise<boolean> {
  const { parties, isReady } = await look(store, path, signal);
  if (isReady) return true;
  if (!parties.includes(nameOf(place.path))) {
    throw new FairleadError("session_expired", `Cannot wait at ${path}: our node is gone`, {
      details: { path: place.path },
    });
  }
  if (parties.length < count) return false;
  await untilAnswered(() => store.create(childOf(path, READY))).catch(unless("node_exists"));
  return true;
}

class Within implements Entry {
  readonly #store: Store;
  readonly #path: string;
  readonly #node: string;

  constructor(store: Store, path: string, node: string) {
    this.#store = store;
    this.#path = path;
    this.#node = node;
  }

  async leave({ signal }: CallOptions = {}): Promise<void> {
    await withdraw(this.#store, this.#node);
    await untilThat(this.#store, this.#path, signal, async () => {
      const { parties, isReady } = await look(this.#store, this.#path, signal);
      if (isReady && parties.length === 0) await unmake(this.#store, childOf(this.#path, READY));
      return !isReady || parties.length === 0;
    });
  }

  /** Leave without waiting for the others. */
  [asyncDispose](): Promise<void> {
    return withdraw(this.#store, this.#node);
  }
}

/** Who is there, and whether they may go on. */
async function look(store: Store, path: string, signal: AbortSignal | undefined) {
  const names = (await untilAnswered(() => store.list(path, { signal }))) ?? [];
  return { parties: bySequence(names, LABEL), isReady: names.includes(READY) };
}

/** Look again at every change, until it holds. */
async function untilThat(
  store: Store,
  path: string,
  signal: AbortSignal | undefined,
  holds: () => Promise<boolean>,
): Promise<void> {
  for await (const _ of store.watch(path, { children: true, signal })) if (await holds()) return;
  throw closedError();
}

async function unmake(store: Store, path: string): Promise<void> {
  await untilAnswered(() => store.delete(path)).catch(unless("no_node"));
}

function unless(code: string): (error: unknown) => void {
  return (error) => {
    if (!isCode(error, code)) throw error;
  };
}
