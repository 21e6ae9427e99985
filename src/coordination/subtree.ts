import { requireInteger } from "../base/mod.ts";
import { childOf } from "../zookeeper/mod.ts";
import { isCode, untilAnswered } from "./base_store.ts";
import type { CallOptions, Store, StoreNode, StoreOp } from "./store.ts";

/** Options of {@linkcode readTree}. */
export interface ReadTreeOptions extends CallOptions {
  /** Reads at one time; from 1 to 10,000. @default 64 */
  readonly readsMax?: number | undefined;
}

/** Nodes deleted by one `multi`. */
const DELETES_MAX = 500;
/** Rounds of a deletion into which others keep writing. */
const ROUNDS_MAX = 100;

/**
 * A node and everything below it, by path, parents first; empty when it is not there.
 *
 * Each node is as it was when it was read: for one moment of all of them, watch and read again.
 *
 * @example
 * ```ts
 * import { MemoryTree, readTree } from "fairlead/coordination";
 *
 * await using store = new MemoryTree().connect();
 * await store.create("/registry/agents/a1", Uint8Array.of(1), { parents: true });
 * const nodes = await readTree(store, "/registry");
 * console.assert([...nodes.keys()].at(-1) === "/registry/agents/a1");
 * ```
 */
export async function readTree(
  store: Store,
  path: string,
  { readsMax = 64, signal }: ReadTreeOptions = {},
): Promise<Map<string, StoreNode>> {
  requireInteger("readsMax", readsMax, { min: 1, max: 10_000 });
  const nodes = new Map<string, StoreNode>();
  for (let level = [path]; level.length > 0; ) {
    const below: string[][] = [];
    for (let at = 0; at < level.length; at += readsMax) {
      const reading = level.slice(at, at + readsMax).map(async (each) => {
        const node = await untilAnswered(() => store.get(each, { signal }));
        if (node === undefined) return [];
        nodes.set(each, node);
        if (node.childrenCount === 0) return [];
        const names = await untilAnswered(() => store.list(each, { signal }));
        return (names ?? []).map((name) => childOf(each, name));
      });
      below.push(...(await Promise.all(reading)));
    }
    level = below.flat();
  }
  return nodes;
}

/**
 * Delete a node and everything below it; that it is not there is fine.
 *
 * @throws {FairleadError} `not_empty` when others keep creating nodes there.
 */
export async function deleteTree(
  store: Store,
  path: string,
  options: CallOptions = {},
): Promise<void> {
  for (let round = 1; ; round += 1) {
    const nodes = [...(await readTree(store, path, options)).keys()].reverse();
    if (nodes.length === 0) return;
    try {
      await deleteAll(store, nodes, options);
      return;
    } catch (error) {
      const isRace = ["not_empty", "no_node", "store_unavailable"].some((code) =>
        isCode(error, code),
      );
      if (!isRace || round >= ROUNDS_MAX) throw error;
    }
  }
}

async function deleteAll(
  store: Store,
  paths: readonly string[],
  options: CallOptions,
): Promise<void> {
  for (let at = 0; at < paths.length; at += DELETES_MAX) {
    const part = paths.slice(at, at + DELETES_MAX);
    await store.multi(
      part.map((path): StoreOp => ({ type: "delete", path })),
      options,
    );
  }
}
