/**
 * The diff kernel, the same algorithms as `src/migration/kernel/reference.ts` over the same columns:
 * a merge of two sorted lists of nodes, and xxh64 of many byte strings.
 *
 * Raw loads and stores only: nothing here is managed, nothing is allocated.
 */

const table: usize = memory.data(128, 16);

let leftKey: usize = 0;
let leftState: usize = 0;
let leftCounts: usize = 0;
let rightKey: usize = 0;
let rightState: usize = 0;
let rightCounts: usize = 0;
let outLeft: usize = 0;
let outRight: usize = 0;
let outKind: usize = 0;

/** Where the table of column offsets is to be written before `bind`. */
export function offsetTable(): usize {
  return table;
}

/** How many offsets the table has. */
export function columns(): i32 {
  return 9;
}

/** Read the table. */
export function bind(): void {
  leftKey = load<u32>(table);
  leftState = load<u32>(table, 4);
  leftCounts = load<u32>(table, 8);
  rightKey = load<u32>(table, 12);
  rightState = load<u32>(table, 16);
  rightCounts = load<u32>(table, 20);
  outLeft = load<u32>(table, 24);
  outRight = load<u32>(table, 28);
  outKind = load<u32>(table, 32);
}

/** What differs, as bits: only left, only right, state, counts. */
const ONLY_LEFT: u8 = 1;
const ONLY_RIGHT: u8 = 2;
const STATE: u8 = 4;
const COUNTS: u8 = 8;

// @ts-ignore: decorator
@inline
function tell(at: i32, left: i32, right: i32, kind: u8): i32 {
  store<i32>(outLeft + ((<usize>at) << 2), left);
  store<i32>(outRight + ((<usize>at) << 2), right);
  store<u8>(outKind + <usize>at, kind);
  return at + 1;
}

/** Merge both lists, sorted by key; returns how many rows differ, which are in the out columns. */
export function merge(lefts: i32, rights: i32, countsMask: u64): i32 {
  let left = 0;
  let right = 0;
  let told = 0;
  while (left < lefts && right < rights) {
    const l = (<usize>left) << 3;
    const r = (<usize>right) << 3;
    const a = load<u64>(leftKey + l);
    const b = load<u64>(rightKey + r);
    if (a == b) {
      let kind: u8 = load<u64>(leftState + l) != load<u64>(rightState + r) ? STATE : 0;
      if (((load<u64>(leftCounts + l) ^ load<u64>(rightCounts + r)) & countsMask) != 0) {
        kind |= COUNTS;
      }
      if (kind != 0) told = tell(told, left, right, kind);
      left++;
      right++;
    } else if (a < b) {
      told = tell(told, left, -1, ONLY_LEFT);
      left++;
    } else {
      told = tell(told, -1, right, ONLY_RIGHT);
      right++;
    }
  }
  while (left < lefts) {
    told = tell(told, left, -1, ONLY_LEFT);
    left++;
  }
  while (right < rights) {
    told = tell(told, -1, right, ONLY_RIGHT);
    right++;
  }
  return told;
}

const P1: u64 = 0x9e3779b185ebca87;
const P2: u64 = 0xc2b2ae3d27d4eb4f;
const P3: u64 = 0x165667b19e3779f9;
const P4: u64 = 0x85ebca77c2b2ae63;
const P5: u64 = 0x27d4eb2f165667c5;

// @ts-ignore: decorator
@inline
function round(acc: u64, input: u64): u64 {
  return rotl<u64>(acc + input * P2, 31) * P1;
}

// @ts-ignore: decorator
@inline
function mergeRound(acc: u64, value: u64): u64 {
  return (acc ^ round(0, value)) * P1 + P4;
}

/** XXH64 with seed 0, as Yann Collet defined it. */
function xxh64(start: usize, length: i32): u64 {
  let at = start;
  const end = start + <usize>length;
  let h: u64;
  if (length >= 32) {
    let v1: u64 = P1 + P2;
    let v2: u64 = P2;
    let v3: u64 = 0;
    let v4: u64 = 0 - P1;
    const limit = end - 32;
    do {
      v1 = round(v1, load<u64>(at));
      v2 = round(v2, load<u64>(at, 8));
      v3 = round(v3, load<u64>(at, 16));
      v4 = round(v4, load<u64>(at, 24));
      at += 32;
    } while (at <= limit);
    h = rotl<u64>(v1, 1) + rotl<u64>(v2, 7) + rotl<u64>(v3, 12) + rotl<u64>(v4, 18);
    h = mergeRound(h, v1);
    h = mergeRound(h, v2);
    h = mergeRound(h, v3);
    h = mergeRound(h, v4);
  } else {
    h = P5;
  }
  h += <u64>length;
  while (at + 8 <= end) {
    h = rotl<u64>(h ^ round(0, load<u64>(at)), 27) * P1 + P4;
    at += 8;
  }
  if (at + 4 <= end) {
    h = rotl<u64>(h ^ (<u64>load<u32>(at) * P1), 23) * P2 + P3;
    at += 4;
  }
  while (at < end) {
    h = rotl<u64>(h ^ (<u64>load<u8>(at) * P5), 11) * P1;
    at++;
  }
  h ^= h >> 33;
  h *= P2;
  h ^= h >> 29;
  h *= P3;
  h ^= h >> 32;
  return h;
}

/**
 * Hash `count` byte strings that stand one behind the other from `bytes` on; their lengths are u32
 * at `lengths`, their hashes become u64 at `out`.
 */
export function hash(bytes: usize, lengths: usize, out: usize, count: i32): void {
  let at = bytes;
  for (let index = 0; index < count; index++) {
    const length = load<i32>(lengths + ((<usize>index) << 2));
    store<u64>(out + ((<usize>index) << 3), xxh64(at, length));
    at += <usize>length;
  }
}
