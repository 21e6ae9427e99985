import { asyncDispose } from "../../base/mod.ts";
import {
  type TapOptions,
  tap,
  ZooKeeper,
  type ZooKeeperOptions,
} from "../../zookeeper/node/mod.ts";
import type { Side } from "../ports.ts";

/** Where an ensemble is, and who we are to it. */
export interface SideOptions
  extends Pick<ZooKeeperOptions, "credentials" | "tls" | "sessionTimeoutMs"> {
  /** `host:port,host:port`, without a chroot. */
  readonly connectString: string;
  readonly quorumTls?: TapOptions["quorumTls"];
  readonly signal?: AbortSignal | undefined;
}

/** A side that is connected. */
export interface ConnectedSide extends Side, AsyncDisposable {
  readonly client: ZooKeeper;
}

/**
 * Connect to an ensemble for a migration: a client, and its log by the observer tap.
 *
 * @throws {FairleadError} What a client throws; the feed what `tap` throws.
 */
export async function connectSide({
  connectString,
  credentials,
  tls,
  sessionTimeoutMs = 30_000,
  quorumTls,
  signal,
}: SideOptions): Promise<ConnectedSide> {
  const options = { credentials, tls, sessionTimeoutMs, signal };
  const client = await ZooKeeper.connect(connectString, options);
  return {
    client,
    feed: (fromZxid, ending) =>
      tap({ connectString, credentials, tls, quorumTls, fromZxid, signal: ending }),
    [asyncDispose]: () => client.close(),
  };
}
