/** The words of the header column, by the names and numbers of `src/allocator/kernel/layout.ts`. */
import { header } from "./memory";

/** Words of the header. */
export const enum H {
  kinds = 0,
  rowStride = 1,
  bitWords = 2,
  agentsHigh = 3,
  nodesHigh = 4,
  cycle = 5,
  salt = 6,
  randomSorter = 7,
  countableMask = 8,
  excludedMask = 9,
  guaranteeNodes = 10,
  quotaNodes = 11,
  leftNodes = 12,
  loosened = 13,
  defaultMinStart = 14,
  defaultMinCount = 15,
  minOverrides = 16,
  activeClients = 17,
  unsorted = 18,
  sharesStale = 19,
  offersFree = 20,
  offersFreeCount = 21,
  partsFree = 22,
  partsFreeCount = 23,
  refsFree = 24,
  refsFreeCount = 25,
  filtersFree = 26,
  snapsFree = 27,
  resultCount = 28,
  orderedCount = 29,
  stage = 30,
  position = 31,
  identityDirty = 32,
  seed = 33,
  outstanding = 34,
  clientsHigh = 35,
}

/** A word of the header. */
// @ts-ignore: decorator
@inline
export function get(word: H): u32 {
  return load<u32>(header + ((<usize>word) << 2));
}

/** Set a word of the header. */
// @ts-ignore: decorator
@inline
export function set(word: H, value: u32): void {
  store<u32>(header + ((<usize>word) << 2), value);
}

/** Add to a word of the header. */
// @ts-ignore: decorator
@inline
export function bump(word: H, by: i32): void {
  set(word, get(word) + <u32>by);
}
