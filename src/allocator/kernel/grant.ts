/** A grant: offers open, amounts move, and what was granted to finds its new place. */
import { charge, chargeSlice, consume, countGrant } from "./accounts.ts";
import { CAN_SHARED, L_INDIVISIBLE, O_LIVE } from "./flags.ts";
import { H, type Views } from "./layout.ts";
import { reposition } from "./order.ts";
import type { Visit } from "./state.ts";

/** Move `sTake` and the slices marked in `lTaken` to the client. */
export function grant(v: Views, visit: Visit, role: number, client: number): void {
  const kinds = v.header[H.kinds]!;
  const row = v.header[H.rowStride]!;
  const { agent } = visit;
  const offer = openOffer(v, agent, client);
  if (visit.slicesTaken > 0) grantSlices(v, agent, offer, client);
  for (let k = 0; k < kinds; k++) {
    const take = v.sTake[k]!;
    v.sCharge[k] = take;
    v.oMain[offer * row + k] = v.oMain[offer * row + k]! + take;
    v.aFree[agent * row + k] = v.aFree[agent * row + k]! - take;
    v.kHeadroom[k] = v.kHeadroom[k]! - take;
  }
  charge(v, client, 1);
  consume(v, role, 1);
  countGrant(v, client);
}

/** The offer of this run to the client on the agent; a new one when there is none. */
function openOffer(v: Views, agent: number, client: number): number {
  const cycle = v.header[H.cycle]!;
  for (let o = v.aOfferHead[agent]!; o !== 0 && v.oCycle[o] === cycle; o = v.oNext[o]!) {
    if (v.oClient[o] === client) return o;
  }
  const row = v.header[H.rowStride]!;
  const offer = v.header[H.offersFree]!;
  v.header[H.offersFree] = v.oNext[offer]!;
  v.header[H.offersFreeCount] = v.header[H.offersFreeCount]! - 1;
  v.header[H.outstanding] = v.header[H.outstanding]! + 1;
  v.oMain.fill(0, offer * row, offer * row + row);
  v.oAgent[offer] = agent;
  v.oClient[offer] = client;
  v.oParts[offer] = 0;
  v.oToken[offer] = v.aToken[agent]!;
  v.oCycle[offer] = cycle;
  v.oFlags[offer] = O_LIVE;
  v.oNext[offer] = v.aOfferHead[agent]!;
  v.aOfferHead[agent] = offer;
  v.results[v.header[H.resultCount]!] = offer;
  v.header[H.resultCount] = v.header[H.resultCount]! + 1;
  return offer;
}

function grantSlices(v: Views, agent: number, offer: number, client: number): void {
  const kinds = v.header[H.kinds]!;
  const row = v.header[H.rowStride]!;
  for (let slice = v.aSliceHead[agent]!; slice !== 0; slice = v.lNext[slice]!) {
    if (v.lTaken[slice] === 0) continue;
    v.lTaken[slice] = 0;
    v.lCycle[slice] = v.header[H.cycle]!;
    const part = v.header[H.partsFree]!;
    v.header[H.partsFree] = v.tNext[part]!;
    v.header[H.partsFreeCount] = v.header[H.partsFreeCount]! - 1;
    v.tSlice[part] = slice;
    v.tNext[part] = v.oParts[offer]!;
    v.oParts[offer] = part;
    for (let k = 0; k < kinds; k++) v.tAmounts[part * row + k] = v.lFree[slice * row + k]!;
    chargeSlice(v, slice, v.tAmounts, part * row, client, 1);
    if (v.lFlags[slice]! & CAN_SHARED) continue;
    for (let k = 0; k < kinds; k++) {
      const amount = v.tAmounts[part * row + k]!;
      v.lFree[slice * row + k] = 0;
      if (v.lFlags[slice]! & L_INDIVISIBLE) v.kHeadroom[k] = v.kHeadroom[k]! - amount;
    }
  }
}

/**
 * Remember an entry that has to be moved when the visit ends; a visit meets each once.
 *
 * @param group A node whose kids stand in the region, or -1 - role for its clients.
 */
export function touch(
  v: Views,
  visit: Visit,
  group: number,
  start: number,
  position: number,
): void {
  const { touched } = v;
  const end = visit.touched * 3;
  touched[end] = group >>> 0;
  touched[end + 1] = start;
  touched[end + 2] = position;
  visit.touched++;
}

/**
 * Move what the visit granted to. A region's entries were touched from front to back; from the
 * back their positions hold.
 */
export function settle(v: Views, visit: Visit): void {
  const { touched } = v;
  for (let entry = (visit.touched - 1) * 3; entry >= 0; entry -= 3) {
    const group = touched[entry]! | 0;
    const position = touched[entry + 2]!;
    const count = group < 0 ? v.nClientCount[-1 - group]! : v.nKidCount[group]!;
    reposition(v, group, touched[entry + 1]!, count, position);
    if (group >= 0 && position < v.nKidSkip[group]!) v.nKidSkip[group] = position;
  }
}
