/** From socket tables, read again and again, to connections with a direction. */
import type { Flow } from "../proc/conntrack.ts";
import { readPair, type SocketAddress, type SocketTable } from "../proc/socket_table.ts";
import { type Connection, isLocalServer, pairKey } from "./connection.ts";

/** The sockets of one network namespace at one instant. */
export interface NamespaceScan {
  /** The namespace's inode. */
  readonly id: string;
  /** Of IPv4 and IPv6. */
  readonly tables: readonly SocketTable[];
}

interface Seen {
  readonly namespace: string;
  readonly client: SocketAddress;
  readonly server: SocketAddress;
  readonly isServer: boolean;
  readonly key: string;
  inode: number;
}

/**
 * Works out each socket's addresses and direction once, and finds both ends of a connection inside
 * of a namespace. While nothing changes, `take` gives the very same list.
 */
export class ConnectionTracker {
  #seen = new Map<string, Seen>();
  #flows: readonly Flow[] = [];
  #connections: readonly Connection[] = [];

  /** The connections of these namespaces, and those that the kernel forwards between others. */
  take(scans: readonly NamespaceScan[], flows: readonly Flow[]): readonly Connection[] {
    const followed = new Set(flows.map((f) => pairKey(f.original.source, f.original.destination)));
    const seen = new Map<string, Seen>();
    let changed = !sameFlows(flows, this.#flows);
    for (const { id, tables } of scans) {
      const listening = listeningPorts(tables);
      for (const { connections } of tables) {
        for (const { pair, inode } of connections) {
          const key = `${id} ${pair}`;
          const known = this.#seen.get(key);
          const now = known ?? see(id, pair, listening, followed);
          if (now === undefined) continue;
          if (known === undefined || known.inode !== inode) changed = true;
          now.inode = inode;
          seen.set(key, now);
        }
      }
    }
    changed ||= seen.size !== this.#seen.size;
    this.#seen = seen;
    this.#flows = flows;
    if (changed) this.#connections = joined(seen.values(), flows);
    return this.#connections;
  }
}

function sameFlows(one: readonly Flow[], other: readonly Flow[]): boolean {
  if (one.length !== other.length) return false;
  return one.every((flow, index) => {
    const before = other[index];
    return before !== undefined && flowKey(flow) === flowKey(before);
  });
}

function flowKey({ original, reply }: Flow): string {
  return `${pairKey(original.source, original.destination)} ${pairKey(reply.source, reply.destination)}`;
}

function listeningPorts(tables: readonly SocketTable[]): ReadonlySet<number> {
  const ports = new Set<number>();
  for (const { listening } of tables) {
    for (const { pair } of listening) {
      const read = readPair(pair);
      if (read !== undefined) ports.add(read.local.port);
    }
  }
  return ports;
}

function see(
  namespace: string,
  pair: string,
  listening: ReadonlySet<number>,
  followed: ReadonlySet<string>,
): Seen | undefined {
  const read = readPair(pair);
  if (read === undefined) return undefined;
  const { local, remote } = read;
  const isServer = isLocalServer({ local, remote, listening, followed });
  const [client, server] = isServer ? [remote, local] : [local, remote];
  const key = `${namespace} ${pairKey(client, server)}`;
  return { namespace, client, server, isServer, key, inode: 0 };
}

/** One connection for both of its sockets, and one for each flow that no socket here shows. */
function joined(seen: Iterable<Seen>, flows: readonly Flow[]): Connection[] {
  const byKey = new Map<string, Connection>();
  const shown = new Set<string>();
  for (const { namespace, client, server, isServer, key, inode } of seen) {
    const before = byKey.get(key);
    byKey.set(key, {
      namespace,
      client,
      server,
      clientInode: isServer ? (before?.clientInode ?? 0) : inode,
      serverInode: isServer ? inode : (before?.serverInode ?? 0),
    });
    if (flows.length > 0) shown.add(pairKey(client, server));
  }
  for (const { original, reply } of flows) {
    const [client, server] = [original.source, reply.source];
    if (isLoopback(client.ip) || isLoopback(server.ip)) continue;
    const key = pairKey(client, server);
    const asked = pairKey(client, original.destination);
    if (shown.has(key) || shown.has(asked)) continue;
    byKey.set(` ${key}`, { namespace: "", client, server, clientInode: 0, serverInode: 0 });
  }
  return [...byKey.values()];
}

/** Whether an address means its own namespace. */
export function isLoopback(ip: string): boolean {
  return ip.startsWith("127.") || ip === "::1";
}
