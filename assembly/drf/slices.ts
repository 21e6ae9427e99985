/** Reserved, revocable, indivisible and shared resources of the agent under visit. */
import { CAN_SHARED, L_INDIVISIBLE } from "./flags";
import { get, H } from "./header";
import {
  aSliceHead,
  lCycle,
  lFlags,
  lFree,
  lNext,
  lNode,
  lTaken,
  nParent,
  putU8,
  sExtra,
  sGuaranteed,
  sGuaranteeLeft,
  sLimitLeft,
  sSurplus,
  sTake,
  u32At,
  u8At,
} from "./memory";
import { addRow, kinds, rowAt, somePositive } from "./rows";
import { now } from "./state";

/** Is something free in the slice, and was it (a shared one) not offered in this run? */
function sliceFree(slice: u32): bool {
  if (u8At(lFlags, slice) & CAN_SHARED && u32At(lCycle, slice) === get(H.cycle)) return false;
  return somePositive(rowAt(lFree, slice));
}

/** Is something free in a slice of the agent that was not offered in this run? */
export function slicesFree(agent: u32): bool {
  for (let slice = u32At(aSliceHead, agent); slice !== 0; slice = u32At(lNext, slice)) {
    if (sliceFree(slice)) return true;
  }
  return false;
}

/** Is a slice free that the role may see? */
export function someSliceVisible(role: u32): bool {
  for (let slice = u32At(aSliceHead, now.agent); slice !== 0; slice = u32At(lNext, slice)) {
    if (isVisible(slice, role)) return true;
  }
  return false;
}

function isVisible(slice: u32, role: u32): bool {
  return belongs(u32At(lNode, slice), role) && sliceFree(slice);
}

/** Is the owner of a slice the role, an ancestor of it, or nobody? */
export function belongs(owner: u32, role: u32): bool {
  if (owner === 0) return true;
  let node = role;
  while (node !== 0 && node !== owner) node = u32At(nParent, node);
  return node !== 0;
}

/** Mark the slices that go with the offer in `lTaken`, and sum them up in `sExtra`. */
export function chooseSlices(role: u32, can: u32): void {
  for (let slice = u32At(aSliceHead, now.agent); slice !== 0; slice = u32At(lNext, slice)) {
    putU8(lTaken, slice, 0);
    const flags = u8At(lFlags, slice);
    if ((flags & 7 & ~can) !== 0 || !isVisible(slice, role)) continue;
    if (flags & L_INDIVISIBLE && !fitsBounds(slice)) continue;
    putU8(lTaken, slice, 1);
    now.slicesTaken++;
    addRow(sExtra, rowAt(lFree, slice), 1);
  }
}

/** Does an unreserved MOUNT disk stay within limit and headroom? */
function fitsBounds(slice: u32): bool {
  const free = rowAt(lFree, slice);
  const end = (<usize>kinds) << 3;
  for (let at: usize = 0; at < end; at += 8) {
    const amount = load<f64>(free + at);
    if (amount !== 0 && !fitsKind(slice, at, amount)) return false;
  }
  return true;
}

function fitsKind(slice: u32, at: usize, amount: f64): bool {
  const sureNow = load<f64>(sGuaranteed + at);
  const take = load<f64>(sTake + at);
  let limitRest = load<f64>(sLimitLeft + at) - take;
  let sureRest: f64 = now.guaranteed ? load<f64>(sGuaranteeLeft + at) - sureNow : 0;
  let surplusRest: f64 = now.needy ? load<f64>(sSurplus + at) - (take - sureNow) : Infinity;
  for (let other = u32At(aSliceHead, now.agent); other !== slice; other = u32At(lNext, other)) {
    if (u8At(lTaken, other) === 0 || !(u8At(lFlags, other) & L_INDIVISIBLE)) continue;
    const before = load<f64>(rowAt(lFree, other) + at);
    const surely = min(before, sureRest);
    limitRest -= before;
    sureRest -= surely;
    surplusRest -= before - surely;
  }
  const sure = min(amount, sureRest);
  if (amount > limitRest || amount - sure > surplusRest) return false;
  if (sure > 0) now.sliceGuaranteed = true;
  return true;
}
