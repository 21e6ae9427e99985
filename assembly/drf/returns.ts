/**
 * Offers that come back, and the filters they leave.
 *
 * The twin of `src/allocator/kernel/returns.ts`.
 */
import { charge, chargeSlice, consume, holdShared, unsort } from "./accounts";
import { markFiltered } from "./filters";
import { A_ELIGIBLE, A_IDENTITY_DIRTY, A_STALE, CAN_SHARED, L_INDIVISIBLE, O_LIVE } from "./flags";
import { bump, get, H, set } from "./header";
import {
  aCandidate,
  aFilterHead,
  aFlags,
  aFree,
  aOfferHead,
  aToken,
  cNode,
  fAgent,
  fBucket,
  fBucketNext,
  fBucketPrev,
  fClient,
  fNext,
  fOrigin,
  fSnap,
  fToken,
  kHeadroom,
  lFlags,
  lFree,
  oAgent,
  oClient,
  oFlags,
  oGeneration,
  oMain,
  oNext,
  oParts,
  oToken,
  pExtra,
  pMain,
  pNext,
  pRefs,
  putU32,
  putU8,
  returning,
  sCharge,
  sExtra,
  tAmounts,
  tNext,
  tSlice,
  u32At,
  u8At,
} from "./memory";
import {
  addRow,
  clearRow,
  copyRow,
  rowAt,
  rowBytes,
  sameRow,
  somePositive,
  usedBytes,
} from "./rows";
import { AHEAD, warmOffers } from "./warm";

/** Take back the `count` offers listed in `returning`; see the kernel's contract. */
export function takeBack(count: u32, bucket: u32, bucketHead: u32): u32 {
  let head = bucketHead;
  let warmed: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    if (i >= warmed) {
      warmed = min(i + AHEAD, count);
      warmOffers(i, warmed);
    }
    const offer = u32At(returning, i);
    const agent = u32At(oAgent, offer);
    const client = u32At(oClient, offer);
    const some = giveBack(offer, agent, client);
    if (u32At(oToken, offer) !== u32At(aToken, agent)) markIdentityDirty(agent);
    if (some && bucket !== 0) head = chain(addFilter(offer, agent, client), bucket, head);
    closeOffer(offer, agent);
    putU8(aFlags, agent, u8At(aFlags, agent) | A_STALE);
    putU8(aCandidate, agent, 1);
  }
  if (get(H.quotaNodes) !== 0) set(H.loosened, 1);
  return head;
}

/** Put a filter at the head of its bucket's list. */
function chain(filter: u32, bucket: u32, head: u32): u32 {
  putU32(fBucket, filter, bucket);
  putU32(fBucketPrev, filter, 0);
  putU32(fBucketNext, filter, head);
  if (head !== 0) putU32(fBucketPrev, head, filter);
  return filter;
}

/** Say that the agent's next run begins a new identity epoch. */
function markIdentityDirty(agent: u32): void {
  const flags = u8At(aFlags, agent);
  if (flags & A_IDENTITY_DIRTY) return;
  putU8(aFlags, agent, flags | A_IDENTITY_DIRTY);
  bump(H.identityDirty, 1);
}

/** Move what is left of the offer from the client back to the agent; false when nothing is left. */
function giveBack(offer: u32, agent: u32, client: u32): bool {
  const eligible = (u8At(aFlags, agent) & A_ELIGIBLE) !== 0;
  const main = rowAt(oMain, offer);
  let some = somePositive(main);
  copyRow(sCharge, main);
  addRow(rowAt(aFree, agent), main, 1);
  if (eligible) addRow(kHeadroom, main, 1);
  charge(client, -1);
  consume(u32At(cNode, client), -1);
  unsort(client);
  for (let part = u32At(oParts, offer); part !== 0; part = u32At(tNext, part)) {
    if (givePartBack(part, client, eligible)) some = true;
  }
  return some;
}

function givePartBack(part: u32, client: u32, eligible: bool): bool {
  const amounts = rowAt(tAmounts, part);
  if (!somePositive(amounts)) return false;
  const slice = u32At(tSlice, part);
  const flags = u8At(lFlags, slice);
  if (flags & CAN_SHARED) {
    holdShared(slice, client, -1);
    return true;
  }
  chargeSlice(slice, amounts, client, -1);
  addRow(rowAt(lFree, slice), amounts, 1);
  if (eligible && flags & L_INDIVISIBLE) addRow(kHeadroom, amounts, 1);
  return true;
}

/** Unlink the offer from its agent and give its slots back. */
function closeOffer(offer: u32, agent: u32): void {
  unlink(offer, agent);
  for (let part = u32At(oParts, offer); part !== 0; ) {
    const next = u32At(tNext, part);
    putU32(tNext, part, get(H.partsFree));
    set(H.partsFree, part);
    bump(H.partsFreeCount, 1);
    part = next;
  }
  putU32(oParts, offer, 0);
  putU8(oFlags, offer, u8At(oFlags, offer) & ~O_LIVE);
  putU32(oGeneration, offer, u32At(oGeneration, offer) + 1);
  putU32(oNext, offer, get(H.offersFree));
  set(H.offersFree, offer);
  bump(H.offersFreeCount, 1);
  bump(H.outstanding, -1);
}

function unlink(offer: u32, agent: u32): void {
  let before: u32 = 0;
  for (let at = u32At(aOfferHead, agent); at !== offer; at = u32At(oNext, at)) before = at;
  if (before === 0) putU32(aOfferHead, agent, u32At(oNext, offer));
  else putU32(oNext, before, u32At(oNext, offer));
}

/** Put a filter for what is left of the offer at the head of its agent's list. */
function addFilter(offer: u32, agent: u32, client: u32): u32 {
  const filter = get(H.filtersFree);
  const latest = u32At(aFilterHead, agent);
  set(H.filtersFree, u32At(fNext, filter));
  putU32(fClient, filter, client);
  putU32(fAgent, filter, agent);
  putU32(fToken, filter, u32At(oToken, offer));
  putU32(fOrigin, filter, u32At(oToken, offer));
  putU32(fSnap, filter, refusedSnap(offer, latest));
  putU32(fNext, filter, latest);
  putU32(aFilterHead, agent, filter);
  markFiltered(agent, client);
  return filter;
}

/** The refused amounts: shared with the agent's latest filter when they are equal. */
function refusedSnap(offer: u32, latest: u32): u32 {
  const main = rowAt(oMain, offer);
  clearRow(sExtra);
  for (let part = u32At(oParts, offer); part !== 0; part = u32At(tNext, part)) {
    addRow(sExtra, rowAt(tAmounts, part), 1);
  }
  if (latest !== 0) {
    const shared = u32At(fSnap, latest);
    if (sameRow(rowAt(pMain, shared), main) && sameRow(rowAt(pExtra, shared), sExtra)) {
      putU32(pRefs, shared, u32At(pRefs, shared) + 1);
      return shared;
    }
  }
  const snap = get(H.snapsFree);
  set(H.snapsFree, u32At(pNext, snap));
  putU32(pRefs, snap, 1);
  copyWhole(rowAt(pMain, snap), main);
  copyWhole(rowAt(pExtra, snap), sExtra);
  return snap;
}

/** Copy what is in use of a row and clear the rest. */
function copyWhole(to: usize, from: usize): void {
  copyRow(to, from);
  memory.fill(to + usedBytes, 0, rowBytes - usedBytes);
}
