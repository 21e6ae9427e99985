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

const NO_TABLE: SocketTable = { connections: [], listening: [] };
const [NEWLINE, BLANK, COLON, ZERO, NINE] = [0x0a, 0x20, 0x3a, 0x30, 0x39];
/** The last digit of a state, whose first is 0: A is listening. */
const LISTEN = 0x41;
/** Established, and half closed: somebody spoke, and may still: 01, 04, 05, 08. */
const CONNECTED: ReadonlySet<number> = new Set([0x31, 0x34, 0x35, 0x38]);
/** Where the inode stands, counted in words from the state on. */
const INODE_WORD = 6;
/** So many rows may have gone between two that are still there. */
const AHEAD_MAX = 8;

/**
 * Read a table; lines that are none are passed over.
 *
 * @param bytes The file; nothing of it is kept.
 * @param rowsMax How many sockets are taken at most; the rest is not read.
 * @param before The table as it was: a row that did not change is the very same object, and so is
 * the table when no row did.
 */
export function parseSocketTable(
  bytes: Uint8Array,
  rowsMax: number,
  before: SocketTable = NO_TABLE,
): SocketTable {
  const connections = new Rows(before.connections);
  const listening = new Rows(before.listening);
  let at = bytes.indexOf(NEWLINE) + 1;
  while (at > 0 && connections.rows.length + listening.rows.length < rowsMax) {
    const end = bytes.indexOf(NEWLINE, at);
    if (end < 0) break;
    readLine(bytes, at, connections, listening);
    at = end + 1;
  }
  if (connections.isSame && listening.isSame) return before;
  return { connections: connections.rows, listening: listening.rows };
}

/** The rows of a table, made of those that it had where these say the same. */
class Rows {
  readonly rows: SocketRow[] = [];
  readonly #before: readonly SocketRow[];
  #next = 0;
  #changed = false;

  constructor(before: readonly SocketRow[]) {
    this.#before = before;
  }

  get isSame(): boolean {
    return !this.#changed && this.rows.length === this.#before.length;
  }

  add(bytes: Uint8Array, start: number, end: number, inode: number): void {
    const known = this.#find(bytes, start, end);
    if (known?.inode === inode) {
      this.rows.push(known);
      return;
    }
    this.#changed = true;
    this.rows.push({ pair: known?.pair ?? textOf(bytes, start, end), inode });
  }

  /** The kernel keeps the order of rows: those that are new or gone stand between the old ones. */
  #find(bytes: Uint8Array, start: number, end: number): SocketRow | undefined {
    for (let at = this.#next; at < this.#next + AHEAD_MAX; at += 1) {
      const row = this.#before[at];
      if (row === undefined) return undefined;
      if (!says(row.pair, bytes, start, end)) continue;
      this.#changed ||= at !== this.#next;
      this.#next = at + 1;
      return row;
    }
    return undefined;
  }
}

function says(text: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  // From the end: ports differ more often than networks.
  for (let at = text.length - 1; at >= 0; at -= 1) {
    if (text.charCodeAt(at) !== bytes[start + at]) return false;
  }
  return true;
}

function textOf(bytes: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...bytes.subarray(start, end));
}

/** So long may a pair be: two addresses of IPv6 with ports. */
const PAIR_BYTES_MAX = 75;

function readLine(bytes: Uint8Array, at: number, connections: Rows, listening: Rows): void {
  const start = after(bytes, at, COLON) + 1;
  const pairEnd = after(bytes, after(bytes, start, BLANK), BLANK) - 1;
  if (pairEnd - start > PAIR_BYTES_MAX || bytes[pairEnd + 1] !== ZERO) return;
  const state = bytes[pairEnd + 2] ?? 0;
  const isListening = state === LISTEN;
  if (!isListening && !CONNECTED.has(state)) return;
  const rows = isListening ? listening : connections;
  rows.add(bytes, start, pairEnd, inodeAt(bytes, pairEnd + 1));
}

/** Behind the next such byte; behind the end when there is none. */
function after(bytes: Uint8Array, from: number, byte: number): number {
  let at = from;
  while (at < bytes.length && bytes[at] !== byte) at += 1;
  return at + 1;
}

/** The number some words on; words may be set apart by several blanks. */
function inodeAt(bytes: Uint8Array, from: number): number {
  let at = from;
  for (let word = 0; word < INODE_WORD; word += 1) {
    at = after(bytes, at, BLANK);
    while (bytes[at] === BLANK) at += 1;
  }
  let inode = 0;
  for (let code = bytes[at] ?? 0; code >= ZERO && code <= NINE; code = bytes[at] ?? 0) {
    inode = inode * 10 + code - ZERO;
    at += 1;
  }
  return inode;
}

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
