/** A connection between two addresses, as one network namespace sees it. */
import type { SocketAddress } from "../proc/socket_table.ts";

/** Who asked whom. */
export interface Connection {
  /** The namespace's inode: loopback addresses mean something in it only. */
  readonly namespace: string;
  readonly client: SocketAddress;
  readonly server: SocketAddress;
  /** Sockets of this host; 0 where that side is elsewhere, or nobody holds it. */
  readonly clientInode: number;
  readonly serverInode: number;
}

/** A text that names an ordered pair of addresses. */
export function pairKey(from: SocketAddress, to: SocketAddress): string {
  return `${from.ip};${from.port}>${to.ip};${to.port}`;
}

/** Options of {@linkcode isLocalServer}. */
export interface DirectionFacts {
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  /** Ports on which somebody waits in this namespace. */
  readonly listening: ReadonlySet<number>;
  /** {@linkcode pairKey} of client and server, of all connections that the kernel follows. */
  readonly followed: ReadonlySet<string>;
}

/**
 * Whether the local side is the server: it listens on that port; or the other side does, on this
 * very address; or the kernel saw who began; or else its port is the lower one.
 */
export function isLocalServer({ local, remote, listening, followed }: DirectionFacts): boolean {
  if (listening.has(local.port)) return true;
  if (local.ip === remote.ip && listening.has(remote.port)) return false;
  if (followed.has(pairKey(local, remote))) return false;
  if (followed.has(pairKey(remote, local))) return true;
  return local.port < remote.port;
}
