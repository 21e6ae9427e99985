/** Offers that come back, and the filters they leave behind. */
import { charge, chargeSlice, consume, holdShared, unsort } from "./accounts.ts";
import { markFiltered } from "./filters.ts";
import {
  A_ELIGIBLE,
  A_IDENTITY_DIRTY,
  A_STALE,
  CAN_SHARED,
  L_INDIVISIBLE,
  O_LIVE,
} from "./flags.ts";
import { H, type Views } from "./layout.ts";

/**
 * Take back the `count` offers listed in `returning`, whatever is left of them.
 *
 * With a `bucket` other than 0 each leaves a filter, chained into that bucket's list, whose head
 * is given and returned. Free slots for the filters must be there.
 */
export function returnOffers(v: Views, count: number, bucket: number, bucketHead: number): number {
  let head = bucketHead;
  for (let i = 0; i < count; i++) {
    const offer = v.returning[i]!;
    const agent = v.oAgent[offer]!;
    const client = v.oClient[offer]!;
    const some = giveBack(v, offer, agent, client);
    if (v.oToken[offer] !== v.aToken[agent]) markIdentityDirty(v, agent);
    if (some && bucket !== 0) {
      const filter = addFilter(v, offer, agent, client);
      v.fBucket[filter] = bucket;
      v.fBucketPrev[filter] = 0;
      v.fBucketNext[filter] = head;
      if (head !== 0) v.fBucketPrev[head] = filter;
      head = filter;
    }
    closeOffer(v, offer, agent);
    v.aFlags[agent] = v.aFlags[agent]! | A_STALE;
    v.aCandidate[agent] = 1;
  }
  if (v.header[H.quotaNodes] !== 0) v.header[H.loosened] = 1;
  return head;
}

/** Say that the agent's next run begins a new identity epoch. */
export function markIdentityDirty(v: Views, agent: number): void {
  if (v.aFlags[agent]! & A_IDENTITY_DIRTY) return;
  v.aFlags[agent] = v.aFlags[agent]! | A_IDENTITY_DIRTY;
  v.header[H.identityDirty] = v.header[H.identityDirty]! + 1;
}

/** Move what is left of the offer from the client back to the agent; false when nothing is left. */
function giveBack(v: Views, offer: number, agent: number, client: number): boolean {
  const kinds = v.header[H.kinds]!;
  const row = v.header[H.rowStride]!;
  const eligible = v.aFlags[agent]! & A_ELIGIBLE;
  let sum = 0;
  for (let k = 0; k < kinds; k++) {
    const amount = v.oMain[offer * row + k]!;
    sum += amount;
    v.sCharge[k] = amount;
    v.aFree[agent * row + k] = v.aFree[agent * row + k]! + amount;
    if (eligible) v.kHeadroom[k] = v.kHeadroom[k]! + amount;
  }
  charge(v, client, -1);
  consume(v, v.cNode[client]!, -1);
  unsort(v, client);
  for (let part = v.oParts[offer]!; part !== 0; part = v.tNext[part]!) {
    sum += givePartBack(v, part, client, eligible);
  }
  return sum > 0;
}

function givePartBack(v: Views, part: number, client: number, eligible: number): number {
  const kinds = v.header[H.kinds]!;
  const row = v.header[H.rowStride]!;
  const slice = v.tSlice[part]!;
  let sum = 0;
  for (let k = 0; k < kinds; k++) sum += v.tAmounts[part * row + k]!;
  if (sum === 0) return 0;
  if (v.lFlags[slice]! & CAN_SHARED) {
    holdShared(v, slice, client, -1);
    return sum;
  }
  chargeSlice(v, slice, v.tAmounts, part * row, client, -1);
  for (let k = 0; k < kinds; k++) {
    const amount = v.tAmounts[part * row + k]!;
    v.lFree[slice * row + k] = v.lFree[slice * row + k]! + amount;
    if (eligible && v.lFlags[slice]! & L_INDIVISIBLE) v.kHeadroom[k] = v.kHeadroom[k]! + amount;
  }
  return sum;
}

/** Unlink the offer from its agent and give its slots back. */
function closeOffer(v: Views, offer: number, agent: number): void {
  let before = 0;
  let at = v.aOfferHead[agent]!;
  for (; at !== offer; at = v.oNext[at]!) before = at;
  if (before === 0) v.aOfferHead[agent] = v.oNext[offer]!;
  else v.oNext[before] = v.oNext[offer]!;
  for (let part = v.oParts[offer]!; part !== 0; ) {
    const next = v.tNext[part]!;
    v.tNext[part] = v.header[H.partsFree]!;
    v.header[H.partsFree] = part;
    v.header[H.partsFreeCount] = v.header[H.partsFreeCount]! + 1;
    part = next;
  }
  v.oParts[offer] = 0;
  v.oFlags[offer] = v.oFlags[offer]! & ~O_LIVE;
  v.oGeneration[offer] = v.oGeneration[offer]! + 1;
  v.oNext[offer] = v.header[H.offersFree]!;
  v.header[H.offersFree] = offer;
  v.header[H.offersFreeCount] = v.header[H.offersFreeCount]! + 1;
  v.header[H.outstanding] = v.header[H.outstanding]! - 1;
}

/** Put a filter for what is left of the offer at the head of its agent's list. */
function addFilter(v: Views, offer: number, agent: number, client: number): number {
  const filter = v.header[H.filtersFree]!;
  v.header[H.filtersFree] = v.fNext[filter]!;
  v.fClient[filter] = client;
  v.fAgent[filter] = agent;
  v.fToken[filter] = v.oToken[offer]!;
  v.fOrigin[filter] = v.oToken[offer]!;
  v.fSnap[filter] = refusedSnap(v, offer, v.aFilterHead[agent]!);
  v.fNext[filter] = v.aFilterHead[agent]!;
  v.aFilterHead[agent] = filter;
  markFiltered(v, agent, client);
  return filter;
}

/** The refused amounts: shared with the agent's latest filter when they are equal. */
function refusedSnap(v: Views, offer: number, latest: number): number {
  const kinds = v.header[H.kinds]!;
  const row = v.header[H.rowStride]!;
  for (let k = 0; k < kinds; k++) v.sExtra[k] = 0;
  for (let part = v.oParts[offer]!; part !== 0; part = v.tNext[part]!) {
    for (let k = 0; k < kinds; k++) v.sExtra[k] = v.sExtra[k]! + v.tAmounts[part * row + k]!;
  }
  if (latest !== 0) {
    const snap = v.fSnap[latest]!;
    let equal = true;
    for (let k = 0; k < kinds && equal; k++) {
      equal =
        v.pMain[snap * row + k] === v.oMain[offer * row + k] &&
        v.pExtra[snap * row + k] === v.sExtra[k];
    }
    if (equal) {
      v.pRefs[snap] = v.pRefs[snap]! + 1;
      return snap;
    }
  }
  const snap = v.header[H.snapsFree]!;
  v.header[H.snapsFree] = v.pNext[snap]!;
  v.pRefs[snap] = 1;
  for (let k = 0; k < row; k++) {
    v.pMain[snap * row + k] = k < kinds ? v.oMain[offer * row + k]! : 0;
    v.pExtra[snap * row + k] = k < kinds ? v.sExtra[k]! : 0;
  }
  return snap;
}
