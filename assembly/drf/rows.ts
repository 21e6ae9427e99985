/**
 * Arithmetic on rows, two kinds at a time.
 *
 * Rows are walked in groups of four kinds; beyond `kinds` they hold zeros (limits: infinities),
 * which change no sum, no comparison and no share. Amounts are integers, so sums are exact; a
 * division lane gives the same bits as a scalar division.
 */
import { get, H } from "./header";
import { kTotal, minimums } from "./memory";

const KINDS_MAX: u32 = 32;

/** Bytes from one row to the next. */
export let rowBytes: usize = 0;
/** Bytes of a row that are in use, rounded up to groups of four kinds. */
export let usedBytes: usize = 0;
/** How many kinds there are. */
export let kinds: u32 = 0;
/** Words of a bit row. */
export let words: u32 = 0;

/** What shares are divided by: infinity where a kind does not count. */
const divisors: usize = memory.data(256, 16);
/** All bits set where a kind is countable. */
const countables: usize = memory.data(256, 16);

/** Read the shape of the rows; called once at the start of every call from outside. */
export function readShape(): void {
  kinds = get(H.kinds);
  rowBytes = (<usize>get(H.rowStride)) << 3;
  usedBytes = (<usize>((kinds + 3) & ~3)) << 3;
  words = get(H.bitWords);
  const countable = get(H.countableMask);
  const skip = countable | get(H.excludedMask);
  for (let k: u32 = 0; k < KINDS_MAX; k++) {
    const at = (<usize>k) << 3;
    const total = k < kinds ? load<f64>(kTotal + at) : 0;
    const counts = ((skip >>> k) & 1) === 0 && total > 0;
    store<f64>(divisors + at, counts ? total : Infinity);
    store<u64>(countables + at, ((countable >>> k) & 1) !== 0 ? u64.MAX_VALUE : 0);
  }
}

/** Where the row of number `i` starts. */
// @ts-ignore: decorator
@inline
export function rowAt(column: usize, i: u32): usize {
  return column + <usize>i * rowBytes;
}

/** row += sign × charge */
export function addRow(row: usize, charge: usize, sign: f64): void {
  const signs = f64x2.splat(sign);
  for (let at: usize = 0; at < usedBytes; at += 32) {
    const first = f64x2.mul(signs, v128.load(charge + at));
    const second = f64x2.mul(signs, v128.load(charge + at, 16));
    v128.store(row + at, f64x2.add(v128.load(row + at), first));
    v128.store(row + at, f64x2.add(v128.load(row + at, 16), second), 16);
  }
}

/** row += sign × charge; the row's dominant share. */
export function addAndShare(row: usize, charge: usize, sign: f64): f64 {
  const signs = f64x2.splat(sign);
  let best = f64x2.splat(0);
  for (let at: usize = 0; at < usedBytes; at += 32) {
    let first = f64x2.mul(signs, v128.load(charge + at));
    let second = f64x2.mul(signs, v128.load(charge + at, 16));
    first = f64x2.add(v128.load(row + at), first);
    second = f64x2.add(v128.load(row + at, 16), second);
    v128.store(row + at, first);
    v128.store(row + at, second, 16);
    best = f64x2.pmax(best, f64x2.div(first, v128.load(divisors + at)));
    best = f64x2.pmax(best, f64x2.div(second, v128.load(divisors + at, 16)));
  }
  return larger(best);
}

/** The largest part that the row has of any kind that counts for fairness. */
export function dominantShare(row: usize): f64 {
  let best = f64x2.splat(0);
  for (let at: usize = 0; at < usedBytes; at += 16) {
    best = f64x2.pmax(best, f64x2.div(v128.load(row + at), v128.load(divisors + at)));
  }
  return larger(best);
}

// @ts-ignore: decorator
@inline
function larger(pair: v128): f64 {
  const a = f64x2.extract_lane(pair, 0);
  const b = f64x2.extract_lane(pair, 1);
  return a < b ? b : a;
}

/** Is some amount of the row above zero? */
// @ts-ignore: decorator
@inline
export function somePositive(row: usize): bool {
  const zero = f64x2.splat(0);
  for (let at: usize = 0; at < usedBytes; at += 32) {
    const first = f64x2.gt(v128.load(row + at), zero);
    const second = f64x2.gt(v128.load(row + at, 16), zero);
    if (v128.any_true(v128.or(first, second))) return true;
  }
  return false;
}

/** Is some kind above zero in both rows? */
export function somePositiveInBoth(a: usize, b: usize): bool {
  const zero = f64x2.splat(0);
  for (let at: usize = 0; at < usedBytes; at += 16) {
    const first = f64x2.gt(v128.load(a + at), zero);
    const second = f64x2.gt(v128.load(b + at), zero);
    if (v128.any_true(v128.and(first, second))) return true;
  }
  return false;
}

/** Is some countable amount of the row above zero? */
export function someCountable(row: usize): bool {
  const zero = f64x2.splat(0);
  for (let at: usize = 0; at < usedBytes; at += 16) {
    const some = f64x2.gt(v128.load(row + at), zero);
    if (v128.any_true(v128.and(some, v128.load(countables + at)))) return true;
  }
  return false;
}

/** Is some amount of row `a` above the one of row `b`? */
// @ts-ignore: decorator
@inline
export function someAbove(a: usize, b: usize): bool {
  for (let at: usize = 0; at < usedBytes; at += 32) {
    const first = f64x2.gt(v128.load(a + at), v128.load(b + at));
    const second = f64x2.gt(v128.load(a + at, 16), v128.load(b + at, 16));
    if (v128.any_true(v128.or(first, second))) return true;
  }
  return false;
}

/** Are both rows the same amounts? */
export function sameRow(a: usize, b: usize): bool {
  for (let at: usize = 0; at < usedBytes; at += 16) {
    if (v128.any_true(f64x2.ne(v128.load(a + at), v128.load(b + at)))) return false;
  }
  return true;
}

/** to = from */
// @ts-ignore: decorator
@inline
export function copyRow(to: usize, from: usize): void {
  for (let at: usize = 0; at < usedBytes; at += 32) {
    v128.store(to + at, v128.load(from + at));
    v128.store(to + at, v128.load(from + at, 16), 16);
  }
}

/** row = 0 */
// @ts-ignore: decorator
@inline
export function clearRow(row: usize): void {
  const zero = f64x2.splat(0);
  for (let at: usize = 0; at < usedBytes; at += 32) {
    v128.store(row + at, zero);
    v128.store(row + at, zero, 16);
  }
}

/** Does `has` + `extra` contain one of `count` minimum sets? Without any it does. */
export function meetsOne(start: u32, count: u32, has: usize, extra: usize): bool {
  for (let i: u32 = 0; i < count; i++) {
    const least = rowAt(minimums, start + i);
    let meets = true;
    for (let at: usize = 0; at < usedBytes && meets; at += 16) {
      const sum = f64x2.add(v128.load(has + at), v128.load(extra + at));
      meets = !v128.any_true(f64x2.lt(sum, v128.load(least + at)));
    }
    if (meets) return true;
  }
  return count === 0;
}

/** Is every default minimum out of reach of `has` - `minus`? Without minimums: is nothing left? */
export function meetsNoDefault(has: usize, minus: usize): bool {
  const zero = f64x2.splat(0);
  const count = get(H.defaultMinCount);
  const start = get(H.defaultMinStart);
  for (let i: u32 = 0; i < count; i++) {
    const base = rowAt(minimums, start + i);
    let meets = true;
    for (let at: usize = 0; at < usedBytes && meets; at += 16) {
      const least = v128.load(base + at);
      const rest = f64x2.sub(v128.load(has + at), v128.load(minus + at));
      meets = !v128.any_true(v128.and(f64x2.gt(least, zero), f64x2.lt(rest, least)));
    }
    if (meets) return false;
  }
  return count > 0 || !someLeft(has, minus);
}

/** Is `has` above `minus` in some kind? Limits are infinite beyond the kinds, so not all lanes. */
function someLeft(has: usize, minus: usize): bool {
  const end = (<usize>kinds) << 3;
  for (let at: usize = 0; at < end; at += 8) {
    if (load<f64>(has + at) > load<f64>(minus + at)) return true;
  }
  return false;
}
