/** Which filters refuse a take. Source: docs/allocator_semantics.md, section 7. */
import { A_STALE } from "./flags";
import {
  activeFilterBits,
  aFilterHead,
  aFilterRow,
  aFlags,
  aFree,
  aSliceHead,
  aToken,
  blockedBits,
  cFlags,
  cNode,
  fClient,
  fNext,
  fSnap,
  fToken,
  lFlags,
  lFree,
  lNext,
  lNode,
  pExtra,
  pMain,
  putU8,
  sExtra,
  sTake,
  u32At,
  u8At,
} from "./memory";
import { addRow, clearRow, rowAt, someAbove, someCountable, somePositive, words } from "./rows";
import { belongs } from "./slices";
import { now } from "./state";

/** Does the filter refuse a take of these main amounts together with `sExtra`? */
function covers(filter: u32, agent: u32, main: usize, withSlices: bool): bool {
  const snap = u32At(fSnap, filter);
  if (someAbove(main, rowAt(pMain, snap)) || someAbove(sExtra, rowAt(pExtra, snap))) return false;
  if (!withSlices && !someCountable(main)) return true;
  return u32At(fToken, filter) === u32At(aToken, agent);
}

/** Does a filter refuse `sTake` and the chosen slices for the client? */
export function isFiltered(client: u32): bool {
  const bits = load<u32>(now.filtered + ((<usize>(client >>> 5)) << 2));
  if (((bits >>> (client & 31)) & 1) === 0) return false;
  for (let f = u32At(aFilterHead, now.agent); f !== 0; f = u32At(fNext, f)) {
    if (u32At(fClient, f) === client && covers(f, now.agent, sTake, now.slicesTaken > 0)) {
      return true;
    }
  }
  return false;
}

/** Say that the client has a filter on the agent. */
export function markFiltered(agent: u32, client: u32): void {
  setBit(activeFilterBits, u32At(aFilterRow, agent) * words, client);
}

/** Make the blocked bits of one agent anew: which of its filters refuse all that is free. */
export function renewBlocked(agent: u32): void {
  putU8(aFlags, agent, u8At(aFlags, agent) & ~A_STALE);
  const base = u32At(aFilterRow, agent) * words;
  if (base === 0) return;
  const main = rowAt(aFree, agent);
  const sliced = u32At(aSliceHead, agent) !== 0;
  memory.fill(blockedBits + ((<usize>base) << 2), 0, (<usize>words) << 2);
  clearRow(sExtra);
  for (let f = u32At(aFilterHead, agent); f !== 0; f = u32At(fNext, f)) {
    const client = u32At(fClient, f);
    const withSlices = sliced && sumVisible(agent, client);
    if (covers(f, agent, main, withSlices)) setBit(blockedBits, base, client);
  }
}

/** `sExtra` := all that slices could add to an offer for the client; false: nothing. */
function sumVisible(agent: u32, client: u32): bool {
  const can = u8At(cFlags, client);
  const role = u32At(cNode, client);
  let some = false;
  clearRow(sExtra);
  for (let slice = u32At(aSliceHead, agent); slice !== 0; slice = u32At(lNext, slice)) {
    if ((u8At(lFlags, slice) & 7 & ~can) !== 0 || !belongs(u32At(lNode, slice), role)) continue;
    const free = rowAt(lFree, slice);
    if (somePositive(free)) some = true;
    addRow(sExtra, free, 1);
  }
  return some;
}

// @ts-ignore: decorator
@inline
function setBit(column: usize, base: u32, client: u32): void {
  const at = column + ((<usize>(base + (client >>> 5))) << 2);
  store<u32>(at, load<u32>(at) | (1 << (client & 31)));
}
