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
  /** By namespace, then by the pair as the kernel writes it. */
  #seen = new Map<string, Map<string, Seen>>();
  #scans: readonly NamespaceScan[] = [];
  #flows: readonly Flow[] = [];
  #connections: readonly Connection[] = [];

  /** The connections of these namespaces, and those that the kernel forwards between others. */
  take(scans: readonly NamespaceScan[], flows: readonly Flow[]): readonly Connection[] {
    const sameOnes = sameFlows(flows, this.#flows);
    if (sameOnes && sameTables(scans, this.#scans)) return this.#connections;
    const followed = new Set(flows.map((f) => pairKey(f.original.source, f.original.destination)));
    const before = this.#seen;
    const seen = new Map<string, Map<string, Seen>>();
    let changed = !sameOnes || before.size !== scans.length;
    for (const scan of scans) {
      const look = seeAll(scan, before.get(scan.id) ?? new Map(), followed);
      seen.set(scan.id, look.seen);
      changed ||= look.changed;
    }
    this.#seen = seen;
    this.#scans = scans;
    this.#flows = flows;
    if (changed) this.#connections = joined(seen.values(), flows);
    return this.#connections;
  }
}

/** Whether two scans show the very same tables. */
export function sameTables(
  one: readonly NamespaceScan[],
  other: readonly NamespaceScan[],
): boolean {
  if (one.length !== other.length) return false;
  return one.every(({ id, tables }, index) => {
    const before = other[index];
    return before?.id === id && tables.every((table, at) => table === before.tables[at]);
  });
}

/** What a namespace's tables show, and whether that is something else than before. */
function seeAll(
  { id, tables }: NamespaceScan,
  before: ReadonlyMap<string, Seen>,
  followed: ReadonlySet<string>,
): { readonly seen: Map<string, Seen>; readonly changed: boolean } {
  const listening = listeningPorts(tables);
  const seen = new Map<string, Seen>();
  let changed = false;
  for (const { connections } of tables) {
    for (const { pair, inode } of connections) {
      const known = before.get(pair);
      const now = known ?? see(id, pair, listening, followed);
      if (now === undefined) continue;
      changed ||= known === undefined || known.inode !== inode;
      now.inode = inode;
      seen.set(pair, now);
    }
  }
  return { seen, changed: changed || seen.size !== before.size };
}

function sameFlows(one: readonly Flow[], other: readonly Flow[]): boolean {
  if (one.length !== other.length) return false;
  if (one === other) return true;
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
function joined(spaces: Iterable<ReadonlyMap<string, Seen>>, flows: readonly Flow[]): Connection[] {
  const byKey = new Map<string, Connection>();
  const shown = new Set<string>();
  for (const seen of spaces) {
    for (const { namespace, client, server, isServer, key, inode } of seen.values()) {
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
