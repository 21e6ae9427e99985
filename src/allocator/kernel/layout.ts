/**
 * The columns that the allocator's kernels share; `memory.ts` holds them.
 *
 * A *row* is one amount (integer thousandths in an f64) for each resource kind, `rowStride` wide.
 * Entities are dense handles; 0 in a link column means "none", so slot 0 of every list is unused.
 */
/** Words of the header column, by name; `assembly/drf/header.ts` names the same numbers. */
export const H = {
  kinds: 0,
  rowStride: 1,
  bitWords: 2,
  agentsHigh: 3,
  nodesHigh: 4,
  cycle: 5,
  salt: 6,
  randomSorter: 7,
  countableMask: 8,
  excludedMask: 9,
  guaranteeNodes: 10,
  quotaNodes: 11,
  leftNodes: 12,
  loosened: 13,
  defaultMinStart: 14,
  defaultMinCount: 15,
  minOverrides: 16,
  activeClients: 17,
  unsorted: 18,
  sharesStale: 19,
  offersFree: 20,
  offersFreeCount: 21,
  partsFree: 22,
  partsFreeCount: 23,
  refsFree: 24,
  refsFreeCount: 25,
  filtersFree: 26,
  snapsFree: 27,
  resultCount: 28,
  orderedCount: 29,
  stage: 30,
  position: 31,
  identityDirty: 32,
  seed: 33,
  outstanding: 34,
  clientsHigh: 35,
} as const;
const HEADER_WORDS = 64;

/** How many of each entity fit; every list grows by a power of two. */
export interface Capacities {
  rowStride: number;
  agents: number;
  clients: number;
  nodes: number;
  order: number;
  classes: number;
  filterRows: number;
  filters: number;
  snaps: number;
  offers: number;
  parts: number;
  slices: number;
  refs: number;
  mins: number;
}
/** The growing lists. */
export type Dimension = Exclude<keyof Capacities, "rowStride">;

/** What makes a column, or takes it out of a layout. */
export interface Columns {
  f64(name: string, length: number): Float64Array;
  u32(name: string, length: number): Uint32Array;
  u8(name: string, length: number): Uint8Array;
}

/** All columns, in the order in which the WASM kernel is told their offsets. */
export function defineColumns(c: Columns, cap: Capacities) {
  const row = cap.rowStride;
  const words = cap.clients / 32;
  return {
    header: c.u32("header", HEADER_WORDS),
    // cluster rows
    kTotal: c.f64("kTotal", row),
    kHeadroom: c.f64("kHeadroom", row),
    sTake: c.f64("sTake", row),
    sGuaranteed: c.f64("sGuaranteed", row),
    sGuaranteeLeft: c.f64("sGuaranteeLeft", row),
    sLimitLeft: c.f64("sLimitLeft", row),
    sSurplus: c.f64("sSurplus", row),
    sExtra: c.f64("sExtra", row),
    sCharge: c.f64("sCharge", row),
    // agents
    aFree: c.f64("aFree", cap.agents * row),
    aFlags: c.u8("aFlags", cap.agents),
    aCandidate: c.u8("aCandidate", cap.agents),
    aToken: c.u32("aToken", cap.agents),
    aClass: c.u32("aClass", cap.agents),
    aFilterRow: c.u32("aFilterRow", cap.agents),
    aFilterHead: c.u32("aFilterHead", cap.agents),
    aSliceHead: c.u32("aSliceHead", cap.agents),
    aOfferHead: c.u32("aOfferHead", cap.agents),
    aSortKey: c.u32("aSortKey", cap.agents),
    aSortHandle: c.u32("aSortHandle", cap.agents),
    aSortKey2: c.u32("aSortKey2", cap.agents),
    aSortHandle2: c.u32("aSortHandle2", cap.agents),
    radix: c.u32("radix", 2048),
    // clients: a framework in a role
    cAlloc: c.f64("cAlloc", cap.clients * row),
    cShare: c.f64("cShare", cap.clients),
    cCount: c.f64("cCount", cap.clients),
    cRank: c.u32("cRank", cap.clients),
    cNode: c.u32("cNode", cap.clients),
    cFlags: c.u8("cFlags", cap.clients),
    cMinStart: c.u32("cMinStart", cap.clients),
    cMinCount: c.u32("cMinCount", cap.clients),
    activeBits: c.u32("activeBits", words),
    excludedBits: c.u32("excludedBits", cap.classes * words),
    activeFilterBits: c.u32("activeFilterBits", cap.filterRows * words),
    blockedBits: c.u32("blockedBits", cap.filterRows * words),
    // role nodes; node 0 is the root
    nAlloc: c.f64("nAlloc", cap.nodes * row),
    nLeafAlloc: c.f64("nLeafAlloc", cap.nodes * row),
    nConsumed: c.f64("nConsumed", cap.nodes * row),
    nGuarantee: c.f64("nGuarantee", cap.nodes * row),
    nLimit: c.f64("nLimit", cap.nodes * row),
    nNeed: c.f64("nNeed", cap.nodes * row),
    nKidNeed: c.f64("nKidNeed", cap.nodes * row),
    nShare: c.f64("nShare", cap.nodes),
    nLeafShare: c.f64("nLeafShare", cap.nodes),
    nWeight: c.f64("nWeight", cap.nodes),
    nCount: c.f64("nCount", cap.nodes),
    nLeafCount: c.f64("nLeafCount", cap.nodes),
    nParent: c.u32("nParent", cap.nodes),
    nRank: c.u32("nRank", cap.nodes),
    nLeafRank: c.u32("nLeafRank", cap.nodes),
    nKidStart: c.u32("nKidStart", cap.nodes),
    nKidCount: c.u32("nKidCount", cap.nodes),
    nKidMax: c.u32("nKidMax", cap.nodes),
    nClientStart: c.u32("nClientStart", cap.nodes),
    nClientCount: c.u32("nClientCount", cap.nodes),
    nClientMax: c.u32("nClientMax", cap.nodes),
    nKidSkip: c.u32("nKidSkip", cap.nodes),
    nClientSkip: c.u32("nClientSkip", cap.nodes),
    nActive: c.u32("nActive", cap.nodes),
    nLeafActive: c.u32("nLeafActive", cap.nodes),
    nFlags: c.u8("nFlags", cap.nodes),
    nLeft: c.u8("nLeft", cap.nodes),
    nSpent: c.u8("nSpent", cap.nodes),
    order: c.u32("order", cap.order),
    sortScratch: c.u32("sortScratch", cap.clients + cap.nodes),
    touched: c.u32("touched", 3 * (cap.clients + 2 * cap.nodes)),
    // filters and what they refused
    fClient: c.u32("fClient", cap.filters),
    fAgent: c.u32("fAgent", cap.filters),
    fNext: c.u32("fNext", cap.filters),
    fSnap: c.u32("fSnap", cap.filters),
    fToken: c.u32("fToken", cap.filters),
    fOrigin: c.u32("fOrigin", cap.filters),
    fBucket: c.u32("fBucket", cap.filters),
    fBucketPrev: c.u32("fBucketPrev", cap.filters),
    fBucketNext: c.u32("fBucketNext", cap.filters),
    pMain: c.f64("pMain", cap.snaps * row),
    pExtra: c.f64("pExtra", cap.snaps * row),
    pRefs: c.u32("pRefs", cap.snaps),
    pNext: c.u32("pNext", cap.snaps),
    // offers and their slices
    oMain: c.f64("oMain", cap.offers * row),
    oAgent: c.u32("oAgent", cap.offers),
    oClient: c.u32("oClient", cap.offers),
    oNext: c.u32("oNext", cap.offers),
    oParts: c.u32("oParts", cap.offers),
    oToken: c.u32("oToken", cap.offers),
    oCycle: c.u32("oCycle", cap.offers),
    oGeneration: c.u32("oGeneration", cap.offers),
    oFlags: c.u8("oFlags", cap.offers),
    results: c.u32("results", cap.offers),
    returning: c.u32("returning", cap.offers),
    tAmounts: c.f64("tAmounts", cap.parts * row),
    tSlice: c.u32("tSlice", cap.parts),
    tNext: c.u32("tNext", cap.parts),
    // slices of agents
    lFree: c.f64("lFree", cap.slices * row),
    lAgent: c.u32("lAgent", cap.slices),
    lNode: c.u32("lNode", cap.slices),
    lNext: c.u32("lNext", cap.slices),
    lFlags: c.u8("lFlags", cap.slices),
    lCycle: c.u32("lCycle", cap.slices),
    lRefs: c.u32("lRefs", cap.slices),
    lTaken: c.u8("lTaken", cap.slices),
    // holders of shared slices
    rKey: c.u32("rKey", cap.refs),
    rCount: c.u32("rCount", cap.refs),
    rNext: c.u32("rNext", cap.refs),
    // minimum sets
    minimums: c.f64("minimums", cap.mins * row),
  };
}

/** Every column as a typed array over the kernel's memory. */
export type Views = Readonly<ReturnType<typeof defineColumns>>;

/** Columns whose elements are bit words by client: they re-stride when clients grow. */
const BIT_ROWS = new Set(["excludedBits", "activeFilterBits", "blockedBits"]);

/** Columns whose elements are rows. */
const ROW_COLUMNS = new Set([
  "kTotal",
  "kHeadroom",
  "aFree",
  "cAlloc",
  "nAlloc",
  "nLeafAlloc",
  "nConsumed",
  "nGuarantee",
  "nLimit",
  "nNeed",
  "nKidNeed",
  "pMain",
  "pExtra",
  "oMain",
  "tAmounts",
  "lFree",
  "minimums",
]);

/** Elements a record of this column has, where they depend on a capacity. */
export function strides(name: string, cap: Capacities): number {
  if (BIT_ROWS.has(name)) return cap.clients / 32;
  return ROW_COLUMNS.has(name) ? cap.rowStride : 1;
}
