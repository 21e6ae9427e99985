/** The agents of a run, in this cycle's order of chance. */
import { aSortHandle, aSortHandle2, aSortKey, aSortKey2, putU32, radix, u32At } from "./memory";

const DIGITS: usize = 2048;

/** Sort the candidates in `aSortKey`/`aSortHandle` by key. */
export function sortCandidates(count: u32): void {
  if (count <= 48) {
    insertCandidates(count);
    return;
  }
  radixPass(aSortKey, aSortHandle, aSortKey2, aSortHandle2, count, 0);
  radixPass(aSortKey2, aSortHandle2, aSortKey, aSortHandle, count, 11);
  radixPass(aSortKey, aSortHandle, aSortKey2, aSortHandle2, count, 22);
  memory.copy(aSortHandle, aSortHandle2, (<usize>count) << 2);
}

function insertCandidates(count: u32): void {
  for (let i: u32 = 1; i < count; i++) {
    const key = u32At(aSortKey, i);
    const handle = u32At(aSortHandle, i);
    let j = i;
    for (; j > 0 && u32At(aSortKey, j - 1) > key; j--) {
      putU32(aSortKey, j, u32At(aSortKey, j - 1));
      putU32(aSortHandle, j, u32At(aSortHandle, j - 1));
    }
    putU32(aSortKey, j, key);
    putU32(aSortHandle, j, handle);
  }
}

function radixPass(
  keys: usize,
  handles: usize,
  keysOut: usize,
  handlesOut: usize,
  count: u32,
  shift: u32,
): void {
  const end = (<usize>count) << 2;
  memory.fill(radix, 0, DIGITS << 2);
  for (let at: usize = 0; at < end; at += 4) {
    const counter = radix + ((<usize>((load<u32>(keys + at) >>> shift) & 2047)) << 2);
    store<u32>(counter, load<u32>(counter) + 1);
  }
  let sum: u32 = 0;
  for (let at: usize = 0; at < DIGITS << 2; at += 4) {
    const n = load<u32>(radix + at);
    store<u32>(radix + at, sum);
    sum += n;
  }
  for (let at: usize = 0; at < end; at += 4) {
    const key = load<u32>(keys + at);
    const counter = radix + ((<usize>((key >>> shift) & 2047)) << 2);
    const place = load<u32>(counter);
    store<u32>(counter, place + 1);
    putU32(keysOut, place, key);
    putU32(handlesOut, place, load<u32>(handles + at));
  }
}
