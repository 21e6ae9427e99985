/**
 * Where the columns of `src/allocator/kernel/layout.ts` stand in the linear memory.
 *
 * The list follows the order of `KernelMemory.offsets`; a test holds both against each other.
 */

export let header: usize = 0;
// cluster rows
export let kTotal: usize = 0;
export let kHeadroom: usize = 0;
export let sTake: usize = 0;
export let sGuaranteed: usize = 0;
export let sGuaranteeLeft: usize = 0;
export let sLimitLeft: usize = 0;
export let sSurplus: usize = 0;
export let sExtra: usize = 0;
export let sCharge: usize = 0;
// agents
export let aFree: usize = 0;
export let aFlags: usize = 0;
export let aCandidate: usize = 0;
export let aToken: usize = 0;
export let aClass: usize = 0;
export let aFilterRow: usize = 0;
export let aFilterHead: usize = 0;
export let aSliceHead: usize = 0;
export let aOfferHead: usize = 0;
export let aSortKey: usize = 0;
export let aSortHandle: usize = 0;
export let aSortKey2: usize = 0;
export let aSortHandle2: usize = 0;
export let radix: usize = 0;
// clients: a framework in a role
export let cAlloc: usize = 0;
export let cShare: usize = 0;
export let cCount: usize = 0;
export let cRank: usize = 0;
export let cNode: usize = 0;
export let cFlags: usize = 0;
export let cMinStart: usize = 0;
export let cMinCount: usize = 0;
export let activeBits: usize = 0;
export let excludedBits: usize = 0;
export let activeFilterBits: usize = 0;
export let blockedBits: usize = 0;
// role nodes; node 0 is the root
export let nAlloc: usize = 0;
export let nLeafAlloc: usize = 0;
export let nConsumed: usize = 0;
export let nGuarantee: usize = 0;
export let nLimit: usize = 0;
export let nNeed: usize = 0;
export let nKidNeed: usize = 0;
export let nShare: usize = 0;
export let nLeafShare: usize = 0;
export let nWeight: usize = 0;
export let nCount: usize = 0;
export let nLeafCount: usize = 0;
export let nParent: usize = 0;
export let nRank: usize = 0;
export let nLeafRank: usize = 0;
export let nKidStart: usize = 0;
export let nKidCount: usize = 0;
export let nKidMax: usize = 0;
export let nClientStart: usize = 0;
export let nClientCount: usize = 0;
export let nClientMax: usize = 0;
export let nKidSkip: usize = 0;
export let nClientSkip: usize = 0;
export let nActive: usize = 0;
export let nLeafActive: usize = 0;
export let nFlags: usize = 0;
export let nLeft: usize = 0;
export let nSpent: usize = 0;
export let order: usize = 0;
export let sortScratch: usize = 0;
export let touched: usize = 0;
// filters and what they refused
export let fClient: usize = 0;
export let fAgent: usize = 0;
export let fNext: usize = 0;
export let fSnap: usize = 0;
export let fToken: usize = 0;
export let fOrigin: usize = 0;
export let fBucket: usize = 0;
export let fBucketPrev: usize = 0;
export let fBucketNext: usize = 0;
export let pMain: usize = 0;
export let pExtra: usize = 0;
export let pRefs: usize = 0;
export let pNext: usize = 0;
// offers and their slices
export let oMain: usize = 0;
export let oAgent: usize = 0;
export let oClient: usize = 0;
export let oNext: usize = 0;
export let oParts: usize = 0;
export let oToken: usize = 0;
export let oCycle: usize = 0;
export let oGeneration: usize = 0;
export let oFlags: usize = 0;
export let results: usize = 0;
export let returning: usize = 0;
export let tAmounts: usize = 0;
export let tSlice: usize = 0;
export let tNext: usize = 0;
// slices of agents
export let lFree: usize = 0;
export let lAgent: usize = 0;
export let lNode: usize = 0;
export let lNext: usize = 0;
export let lFlags: usize = 0;
export let lCycle: usize = 0;
export let lRefs: usize = 0;
export let lTaken: usize = 0;
// holders of shared slices
export let rKey: usize = 0;
export let rCount: usize = 0;
export let rNext: usize = 0;
// minimum sets
export let minimums: usize = 0;

let cursor: usize = 0;

function next(): usize {
  const offset = <usize>load<u32>(cursor);
  cursor += 4;
  return offset;
}

/** Read the byte offsets of all columns, in their order, from a table in memory. */
export function bind(table: usize): void {
  cursor = table;
  header = next();
  kTotal = next();
  kHeadroom = next();
  sTake = next();
  sGuaranteed = next();
  sGuaranteeLeft = next();
  sLimitLeft = next();
  sSurplus = next();
  sExtra = next();
  sCharge = next();
  aFree = next();
  aFlags = next();
  aCandidate = next();
  aToken = next();
  aClass = next();
  aFilterRow = next();
  aFilterHead = next();
  aSliceHead = next();
  aOfferHead = next();
  aSortKey = next();
  aSortHandle = next();
  aSortKey2 = next();
  aSortHandle2 = next();
  radix = next();
  cAlloc = next();
  cShare = next();
  cCount = next();
  cRank = next();
  cNode = next();
  cFlags = next();
  cMinStart = next();
  cMinCount = next();
  activeBits = next();
  excludedBits = next();
  activeFilterBits = next();
  blockedBits = next();
  nAlloc = next();
  nLeafAlloc = next();
  nConsumed = next();
  nGuarantee = next();
  nLimit = next();
  nNeed = next();
  nKidNeed = next();
  nShare = next();
  nLeafShare = next();
  nWeight = next();
  nCount = next();
  nLeafCount = next();
  nParent = next();
  nRank = next();
  nLeafRank = next();
  nKidStart = next();
  nKidCount = next();
  nKidMax = next();
  nClientStart = next();
  nClientCount = next();
  nClientMax = next();
  nKidSkip = next();
  nClientSkip = next();
  nActive = next();
  nLeafActive = next();
  nFlags = next();
  nLeft = next();
  nSpent = next();
  order = next();
  sortScratch = next();
  touched = next();
  fClient = next();
  fAgent = next();
  fNext = next();
  fSnap = next();
  fToken = next();
  fOrigin = next();
  fBucket = next();
  fBucketPrev = next();
  fBucketNext = next();
  pMain = next();
  pExtra = next();
  pRefs = next();
  pNext = next();
  oMain = next();
  oAgent = next();
  oClient = next();
  oNext = next();
  oParts = next();
  oToken = next();
  oCycle = next();
  oGeneration = next();
  oFlags = next();
  results = next();
  returning = next();
  tAmounts = next();
  tSlice = next();
  tNext = next();
  lFree = next();
  lAgent = next();
  lNode = next();
  lNext = next();
  lFlags = next();
  lCycle = next();
  lRefs = next();
  lTaken = next();
  rKey = next();
  rCount = next();
  rNext = next();
  minimums = next();
}

/** Element `i` of a column of 32-bit integers. */
// @ts-ignore: decorator
@inline
export function u32At(column: usize, i: u32): u32 {
  return load<u32>(column + ((<usize>i) << 2));
}

/** Set element `i` of a column of 32-bit integers. */
// @ts-ignore: decorator
@inline
export function putU32(column: usize, i: u32, value: u32): void {
  store<u32>(column + ((<usize>i) << 2), value);
}

/** Element `i` of a column of doubles. */
// @ts-ignore: decorator
@inline
export function f64At(column: usize, i: u32): f64 {
  return load<f64>(column + ((<usize>i) << 3));
}

/** Set element `i` of a column of doubles. */
// @ts-ignore: decorator
@inline
export function putF64(column: usize, i: u32, value: f64): void {
  store<f64>(column + ((<usize>i) << 3), value);
}

/** Element `i` of a column of bytes. */
// @ts-ignore: decorator
@inline
export function u8At(column: usize, i: u32): u32 {
  return load<u8>(column + <usize>i);
}

/** Set element `i` of a column of bytes. */
// @ts-ignore: decorator
@inline
export function putU8(column: usize, i: u32, value: u32): void {
  store<u8>(column + <usize>i, <u8>value);
}

/** Is the bit of number `i` set in the words at `words`? */
// @ts-ignore: decorator
@inline
export function hasBit(words: usize, i: u32): bool {
  return ((load<u32>(words + ((<usize>(i >>> 5)) << 2)) >>> (i & 31)) & 1) !== 0;
}
