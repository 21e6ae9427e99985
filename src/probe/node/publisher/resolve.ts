/** From what a user calls a collector to the machines behind that name. */
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { FairleadError } from "../../../base/mod.ts";
import type { Collector } from "../../publisher/target.ts";
import { HttpCollector, type PublisherIdentity } from "./http_collector.ts";

/** Scope's port. */
const PORT = "4040";

/**
 * Read a collector's address: `host`, `host:port`, `http://user:password@host:port`.
 *
 * @throws {FairleadError} `invalid_option` when it is none; the password is not told.
 */
export function readCollectorUrl(address: string): URL {
  const text = /^https?:\/\//.test(address) ? address : `http://${address}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.hostname === "" || url.pathname !== "/") {
    throw new FairleadError(
      "invalid_option",
      "Cannot publish: a collector is host, host:port or http[s]://[user:password@]host[:port]",
    );
  }
  // An explicit default port of the scheme is dropped by URL: it can be told by the text alone.
  if (url.port === "" && !/:\d+\/?$/.test(text)) url.port = PORT;
  return url;
}

/**
 * The collectors behind a name, one for each of its IPv4 addresses, or else of its IPv6 ones.
 *
 * @throws {FairleadError} `resolve_failed` when the resolver has no answer; the signal's reason.
 */
export async function resolveCollectors(
  address: string,
  identity: PublisherIdentity,
  signal: AbortSignal,
): Promise<readonly Collector[]> {
  const url = readCollectorUrl(address);
  const ips = await addressesOf(url.hostname.replace(/^\[(.*)\]$/, "$1"), signal);
  return ips.map((ip) => new HttpCollector({ ...identity, url, ip }));
}

async function addressesOf(name: string, signal: AbortSignal): Promise<string[]> {
  if (isIP(name) !== 0) return [name];
  try {
    const found = await beforeAbort(lookup(name, { all: true }), signal);
    const four = found.filter(({ family }) => family === 4);
    return (four.length > 0 ? four : found).map(({ address }) => address);
  } catch (cause) {
    if (signal.aborted) throw signal.reason;
    const { message } = FairleadError.from(cause);
    throw new FairleadError("resolve_failed", `Cannot resolve ${name}: ${message}`, { cause });
  }
}

/** The resolver of the system cannot be stopped, but need not be waited for. */
function beforeAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
