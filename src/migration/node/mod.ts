/**
 * Connects a migration to real ensembles of ZooKeeper.
 *
 * @example
 * ```ts no-run
 * import { Migration } from "fairlead/migration";
 * import { connectSide } from "fairlead/migration/node";
 *
 * const credentials = [{ scheme: "digest", auth: "super:secret" }];
 * await using source = await connectSide({ connectString: "a:2181,b:2181,c:2181", credentials });
 * await using target = await connectSide({ connectString: "x:2181,y:2181,z:2181", credentials });
 * const migration = await Migration.open({
 *   id: "to-the-new-racks",
 *   owner: "ada",
 *   source,
 *   target,
 *   mappings: [{ from: "/marathon" }],
 * });
 * await migration.start();
 * console.log(await migration.verify());
 * await migration.cutover();
 * ```
 *
 * @module
 */
export { type ConnectedSide, connectSide, type SideOptions } from "./side.ts";
