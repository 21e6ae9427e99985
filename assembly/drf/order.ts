/** Sibling order: (share, count, name). The twin of `src/allocator/kernel/order.ts`. */
import { N_CLIENTS_UNSORTED, N_KIDS_UNSORTED } from "./flags";
import { get, H, set } from "./header";
import {
  cAlloc,
  cCount,
  cRank,
  cShare,
  f64At,
  nAlloc,
  nClientCount,
  nClientStart,
  nCount,
  nFlags,
  nKidCount,
  nKidStart,
  nLeafAlloc,
  nLeafCount,
  nLeafRank,
  nLeafShare,
  nRank,
  nShare,
  nWeight,
  order,
  putF64,
  putU8,
  sortScratch,
  u32At,
  u8At,
} from "./memory";
import { dominantShare, rowAt } from "./rows";

/** Does kid `x` of `parent` stand before kid `y`? A kid equal to its parent is the virtual leaf. */
function kidBefore(parent: u32, x: u32, y: u32): bool {
  const shareX = f64At(x === parent ? nLeafShare : nShare, x);
  const shareY = f64At(y === parent ? nLeafShare : nShare, y);
  if (shareX !== shareY) return shareX < shareY;
  const countX = f64At(x === parent ? nLeafCount : nCount, x);
  const countY = f64At(y === parent ? nLeafCount : nCount, y);
  if (countX !== countY) return countX < countY;
  return u32At(x === parent ? nLeafRank : nRank, x) < u32At(y === parent ? nLeafRank : nRank, y);
}

/** Does client `x` stand before client `y` of the same role? */
// @ts-ignore: decorator
@inline
function clientBefore(x: u32, y: u32): bool {
  const shareX = f64At(cShare, x);
  const shareY = f64At(cShare, y);
  if (shareX !== shareY) return shareX < shareY;
  const countX = f64At(cCount, x);
  const countY = f64At(cCount, y);
  if (countX !== countY) return countX < countY;
  return u32At(cRank, x) < u32At(cRank, y);
}

/** `group` is a node whose kids stand in the region, or negative for clients. */
function before(group: i32, x: u32, y: u32): bool {
  return group < 0 ? clientBefore(x, y) : kidBefore(<u32>group, x, y);
}

/** Renew all shares: what is in the cluster has changed. */
export function renewShares(): void {
  const nodes = get(H.nodesHigh);
  for (let node: u32 = 1; node < nodes; node++) {
    putF64(nShare, node, dominantShare(rowAt(nAlloc, node)) / f64At(nWeight, node));
    if (u32At(nKidCount, node) > 0) {
      putF64(nLeafShare, node, dominantShare(rowAt(nLeafAlloc, node)));
    }
    putU8(nFlags, node, u8At(nFlags, node) | N_KIDS_UNSORTED | N_CLIENTS_UNSORTED);
  }
  putU8(nFlags, 0, u8At(nFlags, 0) | N_KIDS_UNSORTED);
  const clients = get(H.clientsHigh);
  for (let client: u32 = 0; client < clients; client++) {
    putF64(cShare, client, dominantShare(rowAt(cAlloc, client)));
  }
  set(H.unsorted, 1);
  set(H.sharesStale, 0);
}

/** Bring every order into shape that may have lost it. */
export function sortUnsorted(): void {
  const nodes = get(H.nodesHigh);
  const random = get(H.randomSorter) !== 0;
  for (let node: u32 = 0; node < nodes; node++) {
    const flags = u8At(nFlags, node);
    if ((flags & (N_KIDS_UNSORTED | N_CLIENTS_UNSORTED)) === 0) continue;
    if (!random) {
      if (flags & N_KIDS_UNSORTED) {
        sortRegion(<i32>node, u32At(nKidStart, node), u32At(nKidCount, node));
      }
      if (flags & N_CLIENTS_UNSORTED) {
        sortRegion(-1, u32At(nClientStart, node), u32At(nClientCount, node));
      }
    }
    putU8(nFlags, node, flags & ~(N_KIDS_UNSORTED | N_CLIENTS_UNSORTED));
  }
  set(H.unsorted, 0);
}

/** Insertion sort while little is out of place, merge sort when it is much. */
function sortRegion(group: i32, start: u32, count: u32): void {
  const region = order + ((<usize>start) << 2);
  let budget: i32 = <i32>(4 * count + 64);
  for (let i: u32 = 1; i < count; i++) {
    const at = region + ((<usize>i) << 2);
    const entry = load<u32>(at);
    let to = at;
    while (to > region && before(group, entry, load<u32>(to - 4))) {
      store<u32>(to, load<u32>(to - 4));
      to -= 4;
    }
    store<u32>(to, entry);
    budget -= <i32>((at - to) >>> 2);
    if (budget < 0) {
      mergeSort(group, region, count);
      return;
    }
  }
}

function mergeSort(group: i32, region: usize, count: u32): void {
  const bytes = (<usize>count) << 2;
  for (let width: usize = 4; width < bytes; width <<= 1) {
    for (let low: usize = 0; low < bytes; low += 2 * width) {
      const middle = min(low + width, bytes);
      const high = min(low + 2 * width, bytes);
      let left = low;
      let right = middle;
      for (let out = low; out < high; out += 4) {
        const takeLeft =
          left < middle &&
          (right >= high || !before(group, load<u32>(region + right), load<u32>(region + left)));
        store<u32>(sortScratch + out, load<u32>(region + (takeLeft ? left : right)));
        if (takeLeft) left += 4;
        else right += 4;
      }
    }
    memory.copy(region, sortScratch, bytes);
  }
}

/** Move the entry at `position`, whose share has grown, to its place further on. */
export function reposition(group: i32, start: u32, count: u32, position: u32): void {
  const region = order + ((<usize>start) << 2);
  const from = region + ((<usize>position) << 2);
  const entry = load<u32>(from);
  let low = position + 1;
  let high = count;
  // Who was just served mostly goes to the end.
  if (low < high && before(group, load<u32>(region + ((<usize>(high - 1)) << 2)), entry))
    low = high;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (before(group, load<u32>(region + ((<usize>middle) << 2)), entry)) low = middle + 1;
    else high = middle;
  }
  const to = region + ((<usize>(low - 1)) << 2);
  moveDown(from, to);
  store<u32>(to, entry);
}

/** Moves of fewer bytes than this cost less than a call of `memory.copy`. */
const SHORT: usize = 512;

/** Move the entries behind `from`, up to and with the one at `to`, one place to the front. */
function moveDown(from: usize, to: usize): void {
  if (to - from >= SHORT) {
    memory.copy(from, from + 4, to - from);
    return;
  }
  let at = from;
  for (; at + 16 <= to; at += 16) v128.store(at, v128.load(at, 4));
  for (; at < to; at += 4) store<u32>(at, load<u32>(at, 4));
}
