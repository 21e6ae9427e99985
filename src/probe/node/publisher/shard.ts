/** One of several collectors: the first in rank at whose port somebody listens. */
import { connect } from "node:net";
import { FairleadError } from "../../../base/mod.ts";
import type { Collector } from "../../publisher/target.ts";
import type { PublisherIdentity } from "./http_collector.ts";
import { readCollectorUrl, resolveCollectors } from "./resolve.ts";

const CONNECT_MS = 2_500;

/**
 * Find the collector that is to get the reports: the responsible one, or who is next while nobody
 * listens there.
 *
 * @param ranked Addresses, the responsible one first.
 * @throws {FairleadError} `collector_unreachable` when nobody listens at any; the signal's reason.
 */
export async function resolveShard(
  ranked: readonly string[],
  identity: PublisherIdentity,
  signal: AbortSignal,
): Promise<readonly Collector[]> {
  for (const address of ranked) {
    signal.throwIfAborted();
    if (await isListening(address, signal)) {
      return await resolveCollectors(address, identity, signal);
    }
  }
  throw new FairleadError(
    "collector_unreachable",
    `Cannot reach any of ${ranked.length} collectors: nobody listens there`,
  );
}

function isListening(address: string, signal: AbortSignal): Promise<boolean> {
  const { protocol, hostname, port } = readCollectorUrl(address);
  const at = port === "" ? (protocol === "https:" ? 443 : 80) : Number(port);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname.replace(/^\[(.*)\]$/, "$1"), port: at, signal });
    const tell = (isThere: boolean) => () => {
      socket.destroy();
      resolve(isThere);
    };
    socket.setTimeout(CONNECT_MS, tell(false));
    socket.on("connect", tell(true));
    socket.on("error", tell(false));
  });
}
