/**
 * Who holds how much: the books of clients, role nodes, quota and headroom.
 *
 * Every function moves the row in `sCharge`. The twin of `src/allocator/kernel/accounts.ts`.
 */
import {
  CAN_SHARED,
  L_INDIVISIBLE,
  N_CLIENTS_UNSORTED,
  N_HAS_GUARANTEE,
  N_HAS_LIMIT,
  N_KIDS_UNSORTED,
  N_SUBTREE_GUARANTEE,
} from "./flags";
import { bump, get, H, set } from "./header";
import {
  cAlloc,
  cCount,
  cNode,
  cShare,
  f64At,
  lFlags,
  lFree,
  lRefs,
  nAlloc,
  nConsumed,
  nCount,
  nFlags,
  nGuarantee,
  nKidCount,
  nKidNeed,
  nLeafAlloc,
  nLeafCount,
  nLeafShare,
  nLeft,
  nLimit,
  nNeed,
  nParent,
  nShare,
  nSpent,
  nWeight,
  putF64,
  putU32,
  putU8,
  rCount,
  rKey,
  rNext,
  sCharge,
  u32At,
  u8At,
} from "./memory";
import { addAndShare, addRow, copyRow, meetsNoDefault, rowAt, usedBytes } from "./rows";

/** Spread a 32-bit number over all its bits; a bijection. */
// @ts-ignore: decorator
@inline
export function mix(x: u32): u32 {
  let h = (x ^ (x >>> 16)) * 0x85ebca6b;
  h = (h ^ (h >>> 13)) * 0xc2b2ae35;
  return h ^ (h >>> 16);
}

/** Add `sign` × `sCharge` to a client, its role and its ancestors, and renew their shares. */
export function charge(client: u32, sign: f64): void {
  chargeClient(client, sign);
  let node = u32At(cNode, client);
  if (u32At(nKidCount, node) > 0) chargeLeaf(node, sign);
  for (; node !== 0; node = u32At(nParent, node)) chargeNode(node, sign);
}

function chargeClient(client: u32, sign: f64): void {
  putF64(cShare, client, addAndShare(rowAt(cAlloc, client), sCharge, sign));
}

function chargeLeaf(node: u32, sign: f64): void {
  putF64(nLeafShare, node, addAndShare(rowAt(nLeafAlloc, node), sCharge, sign));
}

function chargeNode(node: u32, sign: f64): void {
  const share = addAndShare(rowAt(nAlloc, node), sCharge, sign);
  putF64(nShare, node, share / f64At(nWeight, node));
}

/** Say that the orders on the client's path have to be looked at before they are used. */
export function unsort(client: u32): void {
  let node = u32At(cNode, client);
  let flags = u8At(nFlags, node) | N_CLIENTS_UNSORTED;
  if (u32At(nKidCount, node) > 0) flags |= N_KIDS_UNSORTED;
  putU8(nFlags, node, flags);
  while (node !== 0) {
    node = u32At(nParent, node);
    putU8(nFlags, node, u8At(nFlags, node) | N_KIDS_UNSORTED);
  }
  set(H.unsorted, 1);
}

/** Count one more grant for the client, its virtual leaf, its role and the ancestors. */
export function countGrant(client: u32): void {
  putF64(cCount, client, f64At(cCount, client) + 1);
  let node = u32At(cNode, client);
  if (u32At(nKidCount, node) > 0) putF64(nLeafCount, node, f64At(nLeafCount, node) + 1);
  for (; node !== 0; node = u32At(nParent, node)) {
    putF64(nCount, node, f64At(nCount, node) + 1);
  }
}

/** Add `sign` × `sCharge` to what the node and its ancestors consume, and renew what they need. */
export function consume(from: u32, sign: f64): void {
  for (let node = from; node !== 0; node = u32At(nParent, node)) {
    addRow(rowAt(nConsumed, node), sCharge, sign);
    const flags = u8At(nFlags, node);
    if (flags & N_SUBTREE_GUARANTEE) renewNeed(node, (flags & N_HAS_GUARANTEE) !== 0);
    if (flags & N_HAS_LIMIT) renewSpent(node);
  }
}

/** Work out what the node still needs, and pass the difference to its parent. */
function renewNeed(node: u32, guaranteed: bool): void {
  const parent = rowAt(nKidNeed, u32At(nParent, node));
  const kids = rowAt(nKidNeed, node);
  const needs = rowAt(nNeed, node);
  const sure = rowAt(nGuarantee, node);
  const used = rowAt(nConsumed, node);
  const zero = f64x2.splat(0);
  let left: u32 = 0;
  for (let at: usize = 0; at < usedBytes; at += 16) {
    let need = v128.load(kids + at);
    if (guaranteed) {
      const own = f64x2.sub(v128.load(sure + at), v128.load(used + at));
      if (v128.any_true(f64x2.gt(own, zero))) left = 1;
      need = f64x2.pmax(need, own);
    }
    const more = f64x2.sub(need, v128.load(needs + at));
    v128.store(parent + at, f64x2.add(v128.load(parent + at), more));
    v128.store(needs + at, need);
  }
  bump(H.leftNodes, <i32>(left - u8At(nLeft, node)));
  putU8(nLeft, node, left);
}

/** Work out whether what is left below the node's own limit meets none of the usual minimums. */
function renewSpent(node: u32): void {
  const spent = meetsNoDefault(rowAt(nLimit, node), rowAt(nConsumed, node));
  putU8(nSpent, node, u32(spent));
}

/** Hold (`sign` 1) or let go (-1) a shared slice: the first holder pays, the last is repaid. */
export function holdShared(slice: u32, client: u32, sign: i32): void {
  copyRow(sCharge, rowAt(lFree, slice));
  if (countHolder(slice, client * 2, sign)) chargeClient(client, <f64>sign);
  let node = u32At(cNode, client);
  if (u32At(nKidCount, node) > 0 && countHolder(slice, node * 4 + 3, sign)) {
    chargeLeaf(node, <f64>sign);
  }
  for (; node !== 0; node = u32At(nParent, node)) {
    if (countHolder(slice, node * 4 + 1, sign)) chargeNode(node, <f64>sign);
  }
}

/** Count a holder up or down; true when it is the first to come or the last to go. */
function countHolder(slice: u32, key: u32, sign: i32): bool {
  let before: u32 = 0;
  for (let ref = u32At(lRefs, slice); ref !== 0; ref = u32At(rNext, ref)) {
    if (u32At(rKey, ref) === key) return countKnown(slice, before, ref, sign);
    before = ref;
  }
  if (sign < 0) return false;
  const ref = get(H.refsFree);
  set(H.refsFree, u32At(rNext, ref));
  bump(H.refsFreeCount, -1);
  putU32(rKey, ref, key);
  putU32(rCount, ref, 1);
  putU32(rNext, ref, u32At(lRefs, slice));
  putU32(lRefs, slice, ref);
  return true;
}

function countKnown(slice: u32, before: u32, ref: u32, sign: i32): bool {
  const count = u32At(rCount, ref) + <u32>sign;
  putU32(rCount, ref, count);
  if (count !== 0) return false;
  if (before === 0) putU32(lRefs, slice, u32At(rNext, ref));
  else putU32(rNext, before, u32At(rNext, ref));
  putU32(rNext, ref, get(H.refsFree));
  set(H.refsFree, ref);
  bump(H.refsFreeCount, 1);
  return true;
}

/** Put `sign` × a row's amounts of a slice into the books of a client. */
export function chargeSlice(slice: u32, amounts: usize, client: u32, sign: i32): void {
  const flags = u8At(lFlags, slice);
  if (flags & CAN_SHARED) {
    holdShared(slice, client, sign);
    return;
  }
  copyRow(sCharge, amounts);
  charge(client, <f64>sign);
  if (flags & L_INDIVISIBLE) consume(u32At(cNode, client), <f64>sign);
}
