/** Sibling order: (share, count, name). Source: docs/allocator_semantics.md, sections 3 and 8. */
import { dominantShare } from "./accounts.ts";
import { N_CLIENTS_UNSORTED, N_KIDS_UNSORTED } from "./flags.ts";
import { H, type Views } from "./layout.ts";

/** Does kid `x` of `parent` stand before kid `y`? A kid equal to its parent is the virtual leaf. */
export function kidBefore(v: Views, parent: number, x: number, y: number): boolean {
  const shareX = x === parent ? v.nLeafShare[x]! : v.nShare[x]!;
  const shareY = y === parent ? v.nLeafShare[y]! : v.nShare[y]!;
  if (shareX !== shareY) return shareX < shareY;
  const countX = x === parent ? v.nLeafCount[x]! : v.nCount[x]!;
  const countY = y === parent ? v.nLeafCount[y]! : v.nCount[y]!;
  if (countX !== countY) return countX < countY;
  const rankX = x === parent ? v.nLeafRank[x]! : v.nRank[x]!;
  const rankY = y === parent ? v.nLeafRank[y]! : v.nRank[y]!;
  return rankX < rankY;
}

/** Does client `x` stand before client `y` of the same role? */
export function clientBefore(v: Views, x: number, y: number): boolean {
  const shareX = v.cShare[x]!;
  const shareY = v.cShare[y]!;
  if (shareX !== shareY) return shareX < shareY;
  const countX = v.cCount[x]!;
  const countY = v.cCount[y]!;
  if (countX !== countY) return countX < countY;
  return v.cRank[x]! < v.cRank[y]!;
}

/** `group` is a node whose kids stand in the region, or -1 for clients. */
function before(v: Views, group: number, x: number, y: number): boolean {
  return group < 0 ? clientBefore(v, x, y) : kidBefore(v, group, x, y);
}

/** Renew all shares: what is in the cluster has changed. */
export function renewShares(v: Views): void {
  const row = v.header[H.rowStride]!;
  const nodes = v.header[H.nodesHigh]!;
  for (let node = 1; node < nodes; node++) {
    v.nShare[node] = dominantShare(v, v.nAlloc, node * row) / v.nWeight[node]!;
    if (v.nKidCount[node]! > 0) v.nLeafShare[node] = dominantShare(v, v.nLeafAlloc, node * row);
    v.nFlags[node] = v.nFlags[node]! | N_KIDS_UNSORTED | N_CLIENTS_UNSORTED;
  }
  v.nFlags[0] = v.nFlags[0]! | N_KIDS_UNSORTED;
  const clients = v.header[H.clientsHigh]!;
  for (let client = 0; client < clients; client++) {
    v.cShare[client] = dominantShare(v, v.cAlloc, client * row);
  }
  v.header[H.unsorted] = 1;
  v.header[H.sharesStale] = 0;
}

/** Bring every order into shape that may have lost it. */
export function sortUnsorted(v: Views): void {
  const nodes = v.header[H.nodesHigh]!;
  const random = v.header[H.randomSorter]!;
  for (let node = 0; node < nodes; node++) {
    const flags = v.nFlags[node]!;
    if ((flags & (N_KIDS_UNSORTED | N_CLIENTS_UNSORTED)) === 0) continue;
    if (random === 0) {
      if (flags & N_KIDS_UNSORTED) sortRegion(v, node, v.nKidStart[node]!, v.nKidCount[node]!);
      if (flags & N_CLIENTS_UNSORTED) {
        sortRegion(v, -1, v.nClientStart[node]!, v.nClientCount[node]!);
      }
    }
    v.nFlags[node] = flags & ~(N_KIDS_UNSORTED | N_CLIENTS_UNSORTED);
  }
  v.header[H.unsorted] = 0;
}

/** Insertion sort while little is out of place, merge sort when it is much. */
function sortRegion(v: Views, group: number, start: number, count: number): void {
  const { order } = v;
  let budget = 4 * count + 64;
  for (let i = 1; i < count; i++) {
    const entry = order[start + i]!;
    let j = i;
    while (j > 0 && before(v, group, entry, order[start + j - 1]!)) {
      order[start + j] = order[start + j - 1]!;
      j--;
    }
    order[start + j] = entry;
    budget -= i - j;
    if (budget < 0) {
      mergeSort(v, group, start, count);
      return;
    }
  }
}

function mergeSort(v: Views, group: number, start: number, count: number): void {
  const { order, sortScratch } = v;
  for (let width = 1; width < count; width *= 2) {
    for (let low = 0; low < count; low += 2 * width) {
      const middle = Math.min(low + width, count);
      const high = Math.min(low + 2 * width, count);
      let left = low;
      let right = middle;
      for (let out = low; out < high; out++) {
        const takeLeft =
          left < middle &&
          (right >= high || !before(v, group, order[start + right]!, order[start + left]!));
        sortScratch[out] = takeLeft ? order[start + left++]! : order[start + right++]!;
      }
    }
    for (let i = 0; i < count; i++) order[start + i] = sortScratch[i]!;
  }
}

/** Move the entry at `position`, whose share has grown, to its place further on. */
export function reposition(
  v: Views,
  group: number,
  start: number,
  count: number,
  position: number,
): void {
  const { order } = v;
  const entry = order[start + position]!;
  let low = position + 1;
  let high = count;
  // Who was just served mostly goes to the end.
  if (low < high && before(v, group, order[start + high - 1]!, entry)) low = high;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (before(v, group, order[start + middle]!, entry)) low = middle + 1;
    else high = middle;
  }
  order.copyWithin(start + position, start + position + 1, start + low);
  order[start + low - 1] = entry;
}

/** Sort the candidates in `aSortKey`/`aSortHandle` by key. */
export function sortCandidates(v: Views, count: number): void {
  if (count <= 48) {
    insertCandidates(v, count);
    return;
  }
  radixPass(v.aSortKey, v.aSortHandle, v.aSortKey2, v.aSortHandle2, v.radix, count, 0);
  radixPass(v.aSortKey2, v.aSortHandle2, v.aSortKey, v.aSortHandle, v.radix, count, 11);
  radixPass(v.aSortKey, v.aSortHandle, v.aSortKey2, v.aSortHandle2, v.radix, count, 22);
  v.aSortHandle.set(v.aSortHandle2.subarray(0, count));
}

function insertCandidates({ aSortKey, aSortHandle }: Views, count: number): void {
  for (let i = 1; i < count; i++) {
    const key = aSortKey[i]!;
    const handle = aSortHandle[i]!;
    let j = i;
    for (; j > 0 && aSortKey[j - 1]! > key; j--) {
      aSortKey[j] = aSortKey[j - 1]!;
      aSortHandle[j] = aSortHandle[j - 1]!;
    }
    aSortKey[j] = key;
    aSortHandle[j] = handle;
  }
}

function radixPass(
  keys: Uint32Array,
  handles: Uint32Array,
  keysOut: Uint32Array,
  handlesOut: Uint32Array,
  counters: Uint32Array,
  count: number,
  shift: number,
): void {
  counters.fill(0);
  for (let i = 0; i < count; i++) {
    const digit = (keys[i]! >>> shift) & 2047;
    counters[digit] = counters[digit]! + 1;
  }
  let sum = 0;
  for (let digit = 0; digit < 2048; digit++) {
    const n = counters[digit]!;
    counters[digit] = sum;
    sum += n;
  }
  for (let i = 0; i < count; i++) {
    const key = keys[i]!;
    const digit = (key >>> shift) & 2047;
    const at = counters[digit]!;
    counters[digit] = at + 1;
    keysOut[at] = key;
    handlesOut[at] = handles[i]!;
  }
}
