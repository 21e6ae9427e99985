/** `/proc/net/tcp` and `/proc/net/tcp6`: the TCP sockets of a network namespace. */
import ipaddr from "ipaddr.js";

/** A socket of a table, as text: what it says is worked out once, by {@linkcode readPair}. */
export interface SocketRow {
  /** Local and remote address and port in the kernel's hexadecimal: it names the connection. */
  readonly pair: string;
  /** 0 when no process holds the socket any more. */
  readonly inode: number;
}

/** The sockets of a table. */
export interface SocketTable {
  /** Those that carry, or just carried, a connection. */
  readonly connections: readonly SocketRow[];
  /** Those that wait for clients. */
  readonly listening: readonly SocketRow[];
}

/** States as the kernel writes them. */
const LISTEN = "0A";
/** Established, and half closed: somebody spoke, and may still. */
const CONNECTED: ReadonlySet<string> = new Set(["01", "04", "05", "08"]);

/** Where the inode stands, counted in words from the state on. */
const INODE_WORD = 6;

/**
 * Read a table; lines that are none are passed over.
 *
 * @param rowsMax How many sockets are taken at most; the rest of the text is not read.
 */
export function parseSocketTable(text: string, rowsMax: number): SocketTable {
  const connections: SocketRow[] = [];
  const listening: SocketRow[] = [];
  let at = text.indexOf("\n") + 1;
  while (at > 0 && connections.length + listening.length < rowsMax) {
    const end = text.indexOf("\n", at);
    if (end < 0) break;
    readLine(text, at, connections, listening);
    at = end + 1;
  }
  return { connections, listening };
}

function readLine(text: string, at: number, connections: SocketRow[], listening: SocketRow[]) {
  const start = text.indexOf(": ", at) + 2;
  const firstBlank = text.indexOf(" ", start);
  const pairEnd = text.indexOf(" ", firstBlank + 1);
  if (start < 2 || pairEnd < 0) return;
  const state = text.slice(pairEnd + 1, pairEnd + 3);
  const isListening = state === LISTEN;
  if (!isListening && !CONNECTED.has(state)) return;
  const row = { pair: text.slice(start, pairEnd), inode: inodeAt(text, pairEnd + 1) };
  (isListening ? listening : connections).push(row);
}

/** The number some words on; words may be set apart by several blanks. */
function inodeAt(text: string, from: number): number {
  let at = from;
  for (let word = 0; word < INODE_WORD; word += 1) {
    at = text.indexOf(" ", at);
    while (text.charCodeAt(at) === BLANK) at += 1;
  }
  let inode = 0;
  for (let code = text.charCodeAt(at); code >= ZERO && code <= NINE; code = text.charCodeAt(at)) {
    inode = inode * 10 + code - ZERO;
    at += 1;
  }
  return inode;
}

const [BLANK, ZERO, NINE] = [0x20, 0x30, 0x39];

/** An address as people write it, and a port. */
export interface SocketAddress {
  readonly ip: string;
  readonly port: number;
}

/** Both ends of a socket. */
export interface SocketPair {
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
}

/** Read a row's pair; undefined when it is none. IPv4 mapped into IPv6 is IPv4. */
export function readPair(pair: string): SocketPair | undefined {
  const [, localIp = "", localPort = "", remoteIp = "", remotePort = ""] =
    /^([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})$/.exec(
      pair,
    ) ?? [];
  if (localIp === "" || remoteIp === "") return undefined;
  return { local: addressOf(localIp, localPort), remote: addressOf(remoteIp, remotePort) };
}

function addressOf(hex: string, port: string): SocketAddress {
  return { ip: ipOf(hex), port: Number.parseInt(port, 16) };
}

/** The kernel prints words of 32 bits in the order of the machine: each is turned around. */
function ipOf(hex: string): string {
  const bytes: number[] = [];
  for (let word = 0; word < hex.length; word += 8) {
    for (let at = word + 6; at >= word; at -= 2) {
      bytes.push(Number.parseInt(hex.slice(at, at + 2), 16));
    }
  }
  if (bytes.length === 4) return bytes.join(".");
  return canonicalIp(ipaddr.fromByteArray(bytes).toString()) ?? "";
}

/** An address in its one written form: IPv6 compressed, mapped IPv4 as IPv4; undefined if none. */
export function canonicalIp(text: string): string | undefined {
  if (!ipaddr.isValid(text)) return undefined;
  return ipaddr.process(text).toString();
}
