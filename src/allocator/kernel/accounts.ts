/**
 * Who holds how much: the books of clients, role nodes, quota and headroom.
 *
 * Every function moves the row in `sCharge`. Source: docs/allocator_semantics.md, sections 2–4.
 */
import {
  CAN_SHARED,
  L_INDIVISIBLE,
  N_CLIENTS_UNSORTED,
  N_HAS_GUARANTEE,
  N_HAS_LIMIT,
  N_KIDS_UNSORTED,
  N_SUBTREE_GUARANTEE,
} from "./flags.ts";
import { H, type Views } from "./layout.ts";

/** Spread a 32-bit number over all its bits; a bijection. */
export function mix(x: number): number {
  let h = x | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** The largest part that the row has of any kind that counts for fairness. */
export function dominantShare(v: Views, rows: Float64Array, base: number): number {
  const kinds = v.header[H.kinds]!;
  const skip = v.header[H.countableMask]! | v.header[H.excludedMask]!;
  let best = 0;
  for (let k = 0; k < kinds; k++) {
    if ((skip >>> k) & 1) continue;
    const total = v.kTotal[k]!;
    if (total > 0) {
      const share = rows[base + k]! / total;
      if (share > best) best = share;
    }
  }
  return best;
}

/** Add `sign` × `sCharge` to a client, its role and the role's ancestors, and renew their shares. */
export function charge(v: Views, client: number, sign: number): void {
  const row = v.header[H.rowStride]!;
  addRow(v, v.cAlloc, client * row, sign);
  v.cShare[client] = dominantShare(v, v.cAlloc, client * row);
  let node = v.cNode[client]!;
  if (v.nKidCount[node]! > 0) chargeLeaf(v, node, sign);
  for (; node !== 0; node = v.nParent[node]!) chargeNode(v, node, sign);
}

/** Add `sign` × `sCharge` to a node's virtual leaf. */
export function chargeLeaf(v: Views, node: number, sign: number): void {
  const row = v.header[H.rowStride]!;
  addRow(v, v.nLeafAlloc, node * row, sign);
  v.nLeafShare[node] = dominantShare(v, v.nLeafAlloc, node * row);
}

/** Add `sign` × `sCharge` to one node. */
export function chargeNode(v: Views, node: number, sign: number): void {
  const row = v.header[H.rowStride]!;
  addRow(v, v.nAlloc, node * row, sign);
  v.nShare[node] = dominantShare(v, v.nAlloc, node * row) / v.nWeight[node]!;
}

/** Say that the orders on the client's path have to be looked at before they are used. */
export function unsort(v: Views, client: number): void {
  let node = v.cNode[client]!;
  v.nFlags[node] = v.nFlags[node]! | N_CLIENTS_UNSORTED;
  if (v.nKidCount[node]! > 0) v.nFlags[node] = v.nFlags[node]! | N_KIDS_UNSORTED;
  while (node !== 0) {
    node = v.nParent[node]!;
    v.nFlags[node] = v.nFlags[node]! | N_KIDS_UNSORTED;
  }
  v.header[H.unsorted] = 1;
}

/** Count one more grant for the client, its virtual leaf, its role and the ancestors. */
export function countGrant(v: Views, client: number): void {
  v.cCount[client] = v.cCount[client]! + 1;
  let node = v.cNode[client]!;
  if (v.nKidCount[node]! > 0) v.nLeafCount[node] = v.nLeafCount[node]! + 1;
  for (; node !== 0; node = v.nParent[node]!) v.nCount[node] = v.nCount[node]! + 1;
}

/** Add `sign` × `sCharge` to what the node and its ancestors consume, and renew what they need. */
export function consume(v: Views, from: number, sign: number): void {
  const row = v.header[H.rowStride]!;
  for (let node = from; node !== 0; node = v.nParent[node]!) {
    addRow(v, v.nConsumed, node * row, sign);
    const flags = v.nFlags[node]!;
    if (flags & N_SUBTREE_GUARANTEE) renewNeed(v, node);
    if (flags & N_HAS_LIMIT) renewSpent(v, node);
  }
}

/** Work out what the node still needs, and pass the difference to its parent. */
export function renewNeed(v: Views, node: number): void {
  const row = v.header[H.rowStride]!;
  const kinds = v.header[H.kinds]!;
  const base = node * row;
  const parent = v.nParent[node]! * row;
  const guaranteed = v.nFlags[node]! & N_HAS_GUARANTEE;
  let left = 0;
  for (let k = 0; k < kinds; k++) {
    let need = v.nKidNeed[base + k]!;
    if (guaranteed) {
      const own = v.nGuarantee[base + k]! - v.nConsumed[base + k]!;
      if (own > 0) left = 1;
      if (own > need) need = own;
    }
    v.nKidNeed[parent + k] = v.nKidNeed[parent + k]! + (need - v.nNeed[base + k]!);
    v.nNeed[base + k] = need;
  }
  v.header[H.leftNodes] = v.header[H.leftNodes]! + left - v.nLeft[node]!;
  v.nLeft[node] = left;
}

/** Work out whether what is left below the node's own limit makes no offer of the usual kind. */
export function renewSpent(v: Views, node: number): void {
  const base = node * v.header[H.rowStride]!;
  v.nSpent[node] = meetsNoDefault(v, v.nLimit, base, v.nConsumed, base) ? 1 : 0;
}

/** Is every default minimum out of reach of `has - minus`? Without minimums: is nothing left? */
export function meetsNoDefault(
  v: Views,
  has: Float64Array,
  hasBase: number,
  minus: Float64Array,
  minusBase: number,
): boolean {
  const row = v.header[H.rowStride]!;
  const kinds = v.header[H.kinds]!;
  const count = v.header[H.defaultMinCount]!;
  const start = v.header[H.defaultMinStart]!;
  for (let i = 0; i < count; i++) {
    const base = (start + i) * row;
    let meets = true;
    for (let k = 0; k < kinds && meets; k++) {
      const least = v.minimums[base + k]!;
      if (least > 0 && has[hasBase + k]! - minus[minusBase + k]! < least) meets = false;
    }
    if (meets) return false;
  }
  if (count > 0) return true;
  for (let k = 0; k < kinds; k++) if (has[hasBase + k]! > minus[minusBase + k]!) return false;
  return true;
}

/** Hold (`sign` 1) or let go (-1) a shared slice: its amounts count with the first and last holder. */
export function holdShared(v: Views, slice: number, client: number, sign: number): void {
  const row = v.header[H.rowStride]!;
  const kinds = v.header[H.kinds]!;
  for (let k = 0; k < kinds; k++) v.sCharge[k] = v.lFree[slice * row + k]!;
  if (countHolder(v, slice, clientKey(client), sign)) {
    addRow(v, v.cAlloc, client * row, sign);
    v.cShare[client] = dominantShare(v, v.cAlloc, client * row);
  }
  let node = v.cNode[client]!;
  if (v.nKidCount[node]! > 0 && countHolder(v, slice, leafKey(node), sign)) {
    chargeLeaf(v, node, sign);
  }
  for (; node !== 0; node = v.nParent[node]!) {
    if (countHolder(v, slice, nodeKey(node), sign)) chargeNode(v, node, sign);
  }
}

/** Holder keys of a shared slice: clients are even; a node is 4n + 1, its virtual leaf 4n + 3. */
export const clientKey = (client: number): number => client * 2;
export const nodeKey = (node: number): number => node * 4 + 1;
export const leafKey = (node: number): number => node * 4 + 3;

/** Count a holder up or down; true when it is the first to come or the last to go. */
export function countHolder(v: Views, slice: number, key: number, sign: number): boolean {
  let before = 0;
  for (let ref = v.lRefs[slice]!; ref !== 0; before = ref, ref = v.rNext[ref]!) {
    if (v.rKey[ref] !== key) continue;
    v.rCount[ref] = v.rCount[ref]! + sign;
    if (v.rCount[ref] !== 0) return false;
    if (before === 0) v.lRefs[slice] = v.rNext[ref]!;
    else v.rNext[before] = v.rNext[ref]!;
    v.rNext[ref] = v.header[H.refsFree]!;
    v.header[H.refsFree] = ref;
    v.header[H.refsFreeCount] = v.header[H.refsFreeCount]! + 1;
    return true;
  }
  if (sign < 0) return false;
  const ref = v.header[H.refsFree]!;
  v.header[H.refsFree] = v.rNext[ref]!;
  v.header[H.refsFreeCount] = v.header[H.refsFreeCount]! - 1;
  v.rKey[ref] = key;
  v.rCount[ref] = 1;
  v.rNext[ref] = v.lRefs[slice]!;
  v.lRefs[slice] = ref;
  return true;
}

/** Put `sign` × a row's amounts of a slice into the books of a client. */
export function chargeSlice(
  v: Views,
  slice: number,
  rows: Float64Array,
  base: number,
  client: number,
  sign: number,
): void {
  if (v.lFlags[slice]! & CAN_SHARED) {
    holdShared(v, slice, client, sign);
    return;
  }
  const kinds = v.header[H.kinds]!;
  for (let k = 0; k < kinds; k++) v.sCharge[k] = rows[base + k]!;
  charge(v, client, sign);
  if (v.lFlags[slice]! & L_INDIVISIBLE) consume(v, v.cNode[client]!, sign);
}

function addRow(v: Views, rows: Float64Array, base: number, sign: number): void {
  const kinds = v.header[H.kinds]!;
  for (let k = 0; k < kinds; k++) rows[base + k] = rows[base + k]! + sign * v.sCharge[k]!;
}
