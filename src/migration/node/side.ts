import { asyncDispose, FairleadError } from "../../base/mod.ts";
import {
  type ServerConnection,
  serverConnections,
  type TapOptions,
  tap,
  ZooKeeper,
  type ZooKeeperOptions,
} from "../../zookeeper/node/mod.ts";
import type { Side, Strategy } from "../ports.ts";
import { type WatchFeedOptions, watchFeed } from "../watch_feed.ts";

/** Where an ensemble is, and who we are to it. */
export interface SideOptions
  extends Pick<ZooKeeperOptions, "credentials" | "tls" | "sessionTimeoutMs" | "requestBytesMax"> {
  /** `host:port,host:port`, without a chroot. */
  readonly connectString: string;
  readonly quorumTls?: TapOptions["quorumTls"];
  /**
   * How it is followed: its log by the observer tap, or the subtrees of `watch` by watches.
   * "auto": by the tap, unless it is refused or does not answer in 10 s.
   *
   * @default "tap"
   */
  readonly strategy?: Strategy | "auto" | undefined;
  /** What is followed by watches; on the target, too, these are the places that it is asked for. */
  readonly watch?: Pick<WatchFeedOptions, "roots" | "lifetimeOf" | "auditMs"> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A side that is connected. */
export interface ConnectedSide extends Side, AsyncDisposable {
  readonly client: ZooKeeper;
  readonly strategy: Strategy;
  /** Why the log is not followed, where "auto" chose so. */
  readonly reason?: string | undefined;
}

const PROBE_MS = 10_000;

/**
 * Connect to an ensemble for a migration: a client, and its log by the observer tap, or watches.
 *
 * @throws {FairleadError} `invalid_option` for watches without subtrees; what a client throws; the
 * feed what `tap` and `watchFeed` throw.
 */
export async function connectSide({
  connectString,
  credentials,
  tls,
  sessionTimeoutMs = 30_000,
  requestBytesMax,
  quorumTls,
  strategy = "tap",
  watch,
  signal,
}: SideOptions): Promise<ConnectedSide> {
  if (strategy !== "tap" && watch === undefined) {
    const message = "Cannot follow by watches: watch.roots has to name the subtrees";
    throw new FairleadError("invalid_option", message, { details: { field: "watch" } });
  }
  const client = await ZooKeeper.connect(connectString, {
    credentials,
    tls,
    sessionTimeoutMs,
    requestBytesMax,
    signal,
  });
  const log = { connectString, credentials, tls, quorumTls };
  const reason = strategy === "auto" ? await refusal(log) : undefined;
  const chosen = strategy === "auto" ? (reason === undefined ? "tap" : "watch") : strategy;
  return {
    client,
    strategy: chosen,
    reason,
    sessions: () => sessionsOf(connectString),
    feed: (fromZxid, ending) =>
      chosen === "tap" || watch === undefined
        ? tap({ ...log, fromZxid, signal: ending })
        : watchFeed({ ...watch, client }, ending),
    [asyncDispose]: () => client.close(),
  };
}

/**
 * Who is connected to any of the servers.
 *
 * @throws {FairleadError} `admin_refused`, `admin_failed`; a server that does not run has nobody.
 */
async function sessionsOf(connectString: string): Promise<readonly bigint[]> {
  const servers = connectString.split(",").map((each) => each.trim());
  const answers = await Promise.all(servers.map(connectionsOf));
  return [...new Set(answers.flat().map(({ sessionId }) => BigInt.asIntN(64, sessionId)))];
}

async function connectionsOf(server: string): Promise<readonly ServerConnection[]> {
  try {
    return await serverConnections(server);
  } catch (error) {
    const { cause } = FairleadError.from(error);
    if (cause instanceof Error && "code" in cause && cause.code === "ECONNREFUSED") return [];
    throw error;
  }
}

/** Why the log cannot be followed; undefined when it can. */
async function refusal(log: TapOptions): Promise<string | undefined> {
  const signal = AbortSignal.timeout(PROBE_MS);
  try {
    // The first event is there when a leader took us for an observer.
    for await (const _ of tap({ ...log, signal })) return undefined;
    return `nothing came in ${PROBE_MS} ms`;
  } catch (error) {
    return signal.aborted ? `nothing came in ${PROBE_MS} ms` : FairleadError.from(error).message;
  }
}
