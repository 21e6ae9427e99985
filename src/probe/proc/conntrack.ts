/** `/proc/net/nf_conntrack`: the connections that the kernel follows, and rewrites. */
import { canonicalIp, type SocketAddress } from "./socket_table.ts";

/** One connection as its two directions see it. */
export interface Flow {
  /** From the client, as it was sent. */
  readonly original: Direction;
  /** From the server, as it is answered: other addresses than those above were rewritten. */
  readonly reply: Direction;
}

/** Who sends to whom. */
export interface Direction {
  readonly source: SocketAddress;
  readonly destination: SocketAddress;
}

const TUPLE = /src=(\S+) dst=(\S+) sport=(\d+) dport=(\d+)/g;

/**
 * Read the TCP connections that are established; all else is passed over.
 *
 * @param flowsMax How many are taken at most.
 */
export function parseConntrack(text: string, flowsMax: number): Flow[] {
  const flows: Flow[] = [];
  for (const line of text.split("\n")) {
    if (flows.length >= flowsMax) break;
    if (!/\btcp\s+6\s/.test(line) || !line.includes(" ESTABLISHED ")) continue;
    const [original, reply] = [...line.matchAll(TUPLE)].map(directionOf);
    if (original !== undefined && reply !== undefined) flows.push({ original, reply });
  }
  return flows;
}

function directionOf([, from = "", to = "", sport, dport]: readonly string[]):
  | Direction
  | undefined {
  const [source, destination] = [canonicalIp(from), canonicalIp(to)];
  if (source === undefined || destination === undefined) return undefined;
  return {
    source: { ip: source, port: Number(sport) },
    destination: { ip: destination, port: Number(dport) },
  };
}

/** Whether the kernel rewrote an address or port of this connection. */
export function isTranslated({ original, reply }: Flow): boolean {
  return !same(original.source, reply.destination) || !same(original.destination, reply.source);
}

function same(one: SocketAddress, other: SocketAddress): boolean {
  return one.port === other.port && one.ip === other.ip;
}
