/**
 * The durable driver of the Store port for one machine: a folder, one process at a time, every
 * write synced before it resolves.
 *
 * @example
 * ```ts
 * import { mkdtemp, rm } from "node:fs/promises";
 * import { openStore } from "fairlead/coordination";
 * import { embeddedDriver } from "fairlead/coordination/node";
 *
 * const path = await mkdtemp("/tmp/fairlead-");
 * {
 *   await using store = await openStore(`embedded:${path}`, { drivers: [embeddedDriver()] });
 *   await store.create("/registry", Uint8Array.of(1));
 * }
 * await rm(path, { recursive: true });
 * ```
 *
 * @module
 */
export { embeddedDriver } from "./driver.ts";
export { type EmbeddedOptions, EmbeddedStore } from "./embedded_store.ts";
