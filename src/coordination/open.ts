import { FairleadError } from "../base/mod.ts";
import { MemoryTree } from "./memory_tree.ts";
import type { Store } from "./store.ts";

/** What opens the stores of one kind of address. */
export interface StoreDriver {
  /** The part of an address before its first colon: `embedded`. */
  readonly scheme: string;
  /** @param rest The address after the colon, as it is: `/var/lib/fairlead`. */
  open(rest: string): Promise<Store>;
}

/** Options of {@linkcode openStore}. */
export interface OpenStoreOptions {
  readonly drivers: readonly StoreDriver[];
}

/**
 * Open a store by its address, so that a configuration decides where state lives.
 *
 * @example
 * ```ts
 * import { memoryDriver, openStore } from "fairlead/coordination";
 *
 * await using store = await openStore("memory:", { drivers: [memoryDriver()] });
 * await store.create("/a");
 * ```
 *
 * @throws {FairleadError} `unknown_store` when no driver has the scheme; what the driver throws.
 */
export async function openStore(address: string, { drivers }: OpenStoreOptions): Promise<Store> {
  const [, scheme, rest = ""] = /^([a-z][a-z0-9+.-]*):(.*)$/s.exec(address) ?? [];
  const driver = drivers.find((each) => each.scheme === scheme);
  if (driver !== undefined) return await driver.open(rest);
  const known = drivers.map((each) => `${each.scheme}:`).join(", ") || "none";
  // An address may hold credentials, so no more of it is repeated than its scheme.
  const shown = scheme === undefined ? "an address without a scheme" : `"${scheme}:"`;
  throw new FairleadError(
    "unknown_store",
    `Cannot open a store by ${shown}: the drivers at hand are ${known}`,
    { details: { scheme, known: drivers.map((each) => each.scheme) } },
  );
}

/**
 * The driver of `memory:`: every store that it opens is on the same tree.
 *
 * @param tree @default a new tree
 */
export function memoryDriver(tree: MemoryTree = new MemoryTree()): StoreDriver {
  return { scheme: "memory", open: async () => tree.connect() };
}
