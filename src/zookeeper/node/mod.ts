/**
 * A client of ZooKeeper with every request of 3.8, the words of its servers, a server in this
 * process, and a kit that starts real servers on loopback for tests.
 *
 * @example
 * ```ts no-run
 * import { ZooKeeper } from "fairlead/zookeeper/node";
 *
 * await using zk = await ZooKeeper.connect("127.0.0.1:2181/apps", { sessionTimeoutMs: 10_000 });
 * await zk.create("/web", new TextEncoder().encode("v1"));
 * for await (const event of zk.watch("/", { recursive: true })) {
 *   if (event.type === "resync") console.log(await zk.children("/"));
 * }
 * ```
 *
 * @module
 */
export {
  type AdminOptions,
  type AdminWord,
  ask,
  type ServerConnection,
  type ServerStatus,
  serverConnections,
  serverEphemerals,
  serverMetrics,
  serverSettings,
  serverStatus,
} from "./admin.ts";
export {
  type CreateNodeOptions,
  type RequestOptions,
  type VersionedOptions,
  type WatchNodeOptions,
  ZooKeeper,
} from "./client.ts";
export { type EnsembleOptions, memberLine, ZooKeeperEnsemble } from "./kit/ensemble.ts";
export { installZooKeeper, zooKeeperClasspath } from "./kit/install.ts";
export { TcpProxy } from "./kit/proxy.ts";
export {
  freePorts,
  type Membership,
  type ServerOptions,
  type ServerPorts,
  ZooKeeperServer,
} from "./kit/server.ts";
export {
  type ConnectString,
  type Credential,
  parseConnectString,
  type ServerAddress,
  type SessionTicket,
  type TlsOptions,
  type ZooKeeperOptions,
} from "./options.ts";
export { digestId } from "./server/digest.ts";
export { EmbeddedZooKeeper } from "./server/embedded.ts";
export type { EmbeddedZooKeeperOptions } from "./server/options.ts";
export type { ZooKeeperState } from "./state.ts";
export { type TapOptions, tap } from "./tap.ts";
