/** A grant: offers open, amounts move, and what was granted to finds its new place. */
import { charge, chargeSlice, consume, countGrant } from "./accounts";
import { CAN_SHARED, L_INDIVISIBLE, O_LIVE } from "./flags";
import { bump, get, H, set } from "./header";
import {
  aFree,
  aOfferHead,
  aSliceHead,
  aToken,
  kHeadroom,
  lCycle,
  lFlags,
  lFree,
  lNext,
  lTaken,
  nClientCount,
  nKidCount,
  nKidSkip,
  oAgent,
  oClient,
  oCycle,
  oFlags,
  oMain,
  oNext,
  oParts,
  oToken,
  putU32,
  putU8,
  results,
  sCharge,
  sTake,
  tAmounts,
  tNext,
  touched,
  tSlice,
  u32At,
  u8At,
} from "./memory";
import { reposition } from "./order";
import { addRow, clearRow, copyRow, rowAt, usedBytes } from "./rows";
import { now } from "./state";

/** Move `sTake` and the slices marked in `lTaken` to the client. */
export function grant(role: u32, client: u32): void {
  const offer = openOffer(now.agent, client);
  if (now.slicesTaken > 0) grantSlices(offer, client);
  const main = rowAt(oMain, offer);
  const free = rowAt(aFree, now.agent);
  for (let at: usize = 0; at < usedBytes; at += 16) {
    const take = v128.load(sTake + at);
    v128.store(sCharge + at, take);
    v128.store(main + at, f64x2.add(v128.load(main + at), take));
    v128.store(free + at, f64x2.sub(v128.load(free + at), take));
    v128.store(kHeadroom + at, f64x2.sub(v128.load(kHeadroom + at), take));
  }
  charge(client, 1);
  consume(role, 1);
  countGrant(client);
}

/** The offer of this run to the client on the agent; a new one when there is none. */
function openOffer(agent: u32, client: u32): u32 {
  const cycle = get(H.cycle);
  const head = u32At(aOfferHead, agent);
  for (let o = head; o !== 0 && u32At(oCycle, o) === cycle; o = u32At(oNext, o)) {
    if (u32At(oClient, o) === client) return o;
  }
  const offer = get(H.offersFree);
  set(H.offersFree, u32At(oNext, offer));
  bump(H.offersFreeCount, -1);
  bump(H.outstanding, 1);
  clearRow(rowAt(oMain, offer));
  putU32(oAgent, offer, agent);
  putU32(oClient, offer, client);
  putU32(oParts, offer, 0);
  putU32(oToken, offer, u32At(aToken, agent));
  putU32(oCycle, offer, cycle);
  putU8(oFlags, offer, O_LIVE);
  putU32(oNext, offer, head);
  putU32(aOfferHead, agent, offer);
  const count = get(H.resultCount);
  putU32(results, count, offer);
  set(H.resultCount, count + 1);
  return offer;
}

function grantSlices(offer: u32, client: u32): void {
  for (let slice = u32At(aSliceHead, now.agent); slice !== 0; slice = u32At(lNext, slice)) {
    if (u8At(lTaken, slice) === 0) continue;
    putU8(lTaken, slice, 0);
    putU32(lCycle, slice, get(H.cycle));
    const part = get(H.partsFree);
    set(H.partsFree, u32At(tNext, part));
    bump(H.partsFreeCount, -1);
    putU32(tSlice, part, slice);
    putU32(tNext, part, u32At(oParts, offer));
    putU32(oParts, offer, part);
    const amounts = rowAt(tAmounts, part);
    const free = rowAt(lFree, slice);
    copyRow(amounts, free);
    chargeSlice(slice, amounts, client, 1);
    const flags = u8At(lFlags, slice);
    if (flags & CAN_SHARED) continue;
    clearRow(free);
    if (flags & L_INDIVISIBLE) addRow(kHeadroom, amounts, -1);
  }
}

/** Remember an entry that has to be moved when the visit ends. */
export function touch(group: i32, start: u32, position: u32): void {
  const entry = touched + <usize>now.touched * 12;
  store<u32>(entry, <u32>group);
  store<u32>(entry, start, 4);
  store<u32>(entry, position, 8);
  now.touched++;
}

/**
 * Move what the visit granted to. A region's entries were touched from front to back; from the
 * back their positions hold.
 */
export function settle(): void {
  for (let entry = touched + <usize>now.touched * 12; entry > touched; ) {
    entry -= 12;
    const group = load<i32>(entry);
    const position = load<u32>(entry, 8);
    const count = group < 0 ? u32At(nClientCount, <u32>(-1 - group)) : u32At(nKidCount, group);
    reposition(group, load<u32>(entry, 4), count, position);
    if (group >= 0 && position < u32At(nKidSkip, group)) putU32(nKidSkip, group, position);
  }
}
