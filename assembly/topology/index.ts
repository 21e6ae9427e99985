/**
 * The topology kernel, the same algorithms as `src/topology/kernel/reference.ts` over the same
 * columns: endpoints to nodes, nodes to groups, pairs to edges.
 *
 * Raw loads and stores only: nothing here is managed, nothing is allocated.
 */
import {
  aFrom,
  at,
  aTo,
  eDegree,
  eHost,
  eIp,
  eIpPort,
  eOutside,
  ePid,
  iIp,
  iNode,
  inDegree,
  maps,
  oCount,
  oTo,
  owner,
  pHost,
  place,
  pPid,
  put,
  slots,
  stamp,
  start,
  sTo,
  tables,
  uFrom,
  uTo,
  xHost,
  xPid,
  xRow,
  zero,
} from "./memory";

export { bind, columns, offsetTable } from "./memory";

/** An address that several nodes have, while owners are looked for. */
const SEVERAL: u32 = 0xffffffff;

/** Merge facts and pairs of endpoints; returns how many pairs are left. */
export function gather(pairs: u32, facts: u32, endpoints: u32): u32 {
  zero(eHost, endpoints);
  zero(ePid, endpoints);
  for (let i: u32 = 0; i < facts; i++) {
    const row = at(xRow, i);
    put(eHost, row, at(xHost, i));
    put(ePid, row, at(xPid, i));
  }
  zero(start, endpoints + 1);
  for (let i: u32 = 0; i < pairs; i++) {
    const row = at(aFrom, i) + 1;
    put(start, row, at(start, row) + 1);
  }
  sum(endpoints);
  for (let i: u32 = 0; i < pairs; i++) {
    const row = at(aFrom, i);
    const to = at(start, row);
    put(sTo, to, at(aTo, i));
    put(start, row, to + 1);
  }
  zero(stamp, endpoints);
  let told: u32 = 0;
  let i: u32 = 0;
  for (let row: u32 = 0; row < endpoints; row++) {
    const before = told;
    for (const end = at(start, row); i < end; i++) {
      const to = at(sTo, i);
      if (at(stamp, to) == row + 1) continue;
      put(stamp, to, row + 1);
      put(uFrom, told, row);
      put(uTo, told, to);
      told++;
    }
    put(eDegree, row, told - before);
  }
  return told;
}

/** Counts that stand one behind their node become places where the node's pairs begin. */
function sum(count: u32): void {
  let total: u32 = at(start, 0);
  for (let i: u32 = 1; i <= count; i++) {
    total += at(start, i);
    put(start, i, total);
  }
}

// @ts-ignore: decorator
@inline
function slot(mask: u32, host: u32, pid: u32): usize {
  const mixed = (host * 0x9e3779b1) ^ (pid * 0x85ebca6b);
  let i = (mixed ^ (mixed >> 15)) & mask;
  const key = (<u64>host) | ((<u64>pid) << 32);
  while (true) {
    const where = slots + ((<usize>i) << 4);
    const held = load<u64>(where);
    if (held == key || <u32>held == 0) return where;
    i = (i + 1) & mask;
  }
}

// @ts-ignore: decorator
@inline
function pseudo(row: u32, first: u32): u32 {
  const outside = at(eOutside, row);
  if (outside == 0) return 0;
  if (outside > 1) return first + outside + 1;
  return at(eDegree, row) > 0 ? first + 1 : first + 2;
}

/** Fill a map with nodes of the level of processes; `mask` is the number of slots less one. */
export function processes(endpoints: u32, count: u32, mask: u32, map: usize): void {
  zero(slots, (mask + 1) << 2);
  for (let row: u32 = 0; row < count; row++) {
    const host = at(pHost, row);
    if (host == 0) continue;
    const pid = at(pPid, row);
    const where = slot(mask, host, pid);
    store<u64>(where, (<u64>host) | ((<u64>pid) << 32));
    store<u32>(where, row + 1, 8);
  }
  const target = maps + (map << 2);
  for (let row: u32 = 0; row < endpoints; row++) {
    const host = at(eHost, row);
    const pid = at(ePid, row);
    let node: u32 = 0;
    if (host == 0) node = pseudo(row, count);
    else if (pid != 0 && at(eDegree, row) <= 1) node = load<u32>(slot(mask, host, pid - 1), 8);
    put(target, row, node);
  }
}

/** Fill a map by address; `ips` is the length of the column of owners. */
export function join(
  endpoints: u32,
  first: u32,
  count: u32,
  behind: u32,
  map: usize,
  ips: u32,
): void {
  zero(owner, ips);
  for (let i = first; i < first + count; i++) {
    const ip = at(iIp, i);
    put(owner, ip, at(owner, ip) == 0 ? at(iNode, i) + 1 : SEVERAL);
  }
  if (ips > 0) put(owner, 0, 0);
  const target = maps + (map << 2);
  for (let row: u32 = 0; row < endpoints; row++) {
    let node: u32 = at(eHost, row) == 0 ? pseudo(row, behind) : 0;
    if (node == 0) {
      node = at(owner, at(eIp, row));
      if (node == 0) node = at(owner, at(eIpPort, row));
      if (node == SEVERAL) node = 0;
    }
    put(target, row, node);
  }
}

/** Fill a map with the groups of another one's nodes. */
export function lift(
  endpoints: u32,
  source: usize,
  target: usize,
  table: u32,
  fallback: i32,
  size: u32,
  groups: u32,
  behind: u32,
): void {
  const from = maps + (source << 2);
  const to = maps + (target << 2);
  for (let row: u32 = 0; row < endpoints; row++) {
    const held = at(from, row);
    let node: u32 = 0;
    if (held > size) node = behind + held - size;
    else if (held > 0) {
      node = at(tables, table + held - 1);
      if (node == 0 && fallback >= 0) {
        const next = at(tables, <u32>fallback + held - 1);
        if (next > 0) node = groups + next;
      }
    }
    put(to, row, node);
  }
}

/** Count the edges of a level; returns how many. `map` and `second` are offsets into the maps. */
export function connect(pairs: u32, map: usize, second: usize, nodes: u32): u32 {
  zero(start, nodes + 1);
  zero(stamp, nodes);
  zero(inDegree, nodes);
  const base = maps + (map << 2);
  const other = maps + (second << 2);
  if (map == second) one(pairs, base, nodes);
  else two(pairs, base, other, nodes);
  return told(nodes);
}

function one(pairs: u32, base: usize, nodes: u32): void {
  for (let i: u32 = 0; i < pairs; i++) {
    const from = at(base, at(uFrom, i));
    const to = at(base, at(uTo, i));
    if (from != 0 && to != 0) put(start, from, at(start, from) + 1);
  }
  sum(nodes);
  for (let i: u32 = 0; i < pairs; i++) {
    const from = at(base, at(uFrom, i));
    const to = at(base, at(uTo, i));
    if (from != 0 && to != 0) scatter(from - 1, to - 1);
  }
}

function two(pairs: u32, base: usize, other: usize, nodes: u32): void {
  for (let i: u32 = 0; i < pairs; i++) {
    const a = at(uFrom, i);
    const b = at(uTo, i);
    const from = at(base, a);
    const to = at(base, b);
    if (from != 0 && to != 0) put(start, from, at(start, from) + 1);
    const from2 = at(other, a);
    const to2 = at(other, b);
    if (from2 != 0 && to2 != 0 && (from2 != from || to2 != to)) {
      put(start, from2, at(start, from2) + 1);
    }
  }
  sum(nodes);
  for (let i: u32 = 0; i < pairs; i++) {
    const a = at(uFrom, i);
    const b = at(uTo, i);
    const from = at(base, a);
    const to = at(base, b);
    if (from != 0 && to != 0) scatter(from - 1, to - 1);
    const from2 = at(other, a);
    const to2 = at(other, b);
    if (from2 != 0 && to2 != 0 && (from2 != from || to2 != to)) scatter(from2 - 1, to2 - 1);
  }
}

// @ts-ignore: decorator
@inline
function scatter(from: u32, to: u32): void {
  const where = at(start, from);
  put(sTo, where, to);
  put(start, from, where + 1);
}

function told(nodes: u32): u32 {
  let edges: u32 = 0;
  let i: u32 = 0;
  for (let node: u32 = 0; node < nodes; node++) {
    const end = at(start, node);
    put(start, node, edges);
    for (; i < end; i++) {
      const to = at(sTo, i);
      if (at(stamp, to) == node + 1) {
        const known = at(place, to);
        put(oCount, known, at(oCount, known) + 1);
      } else {
        put(stamp, to, node + 1);
        put(place, to, edges);
        put(oTo, edges, to);
        put(oCount, edges, 1);
        put(inDegree, to, at(inDegree, to) + 1);
        edges++;
      }
    }
  }
  put(start, nodes, edges);
  return edges;
}
