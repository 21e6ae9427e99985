/**
 * The durable drivers of the Store port: for one machine a folder, one process at a time, every
 * write synced before it resolves; for many an ensemble of ZooKeeper, whose client is loaded when
 * the first of its stores is opened.
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
export { embeddedDriver, zooKeeperDriver } from "./driver.ts";
export { type EmbeddedOptions, EmbeddedStore } from "./embedded_store.ts";
export { ZooKeeperStore, type ZooKeeperStoreOptions } from "./zookeeper_store.ts";
