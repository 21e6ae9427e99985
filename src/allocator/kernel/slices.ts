/**
 * Reserved, revocable, indivisible and shared resources of the agent under visit.
 *
 * Source: docs/allocator_semantics.md, section 6.
 */
import { CAN_SHARED, L_INDIVISIBLE } from "./flags.ts";
import { H, type Views } from "./layout.ts";
import type { Visit } from "./state.ts";

/** Is something free in the slice, and was it (a shared one) not offered in this run? */
function sliceFree(v: Views, slice: number): boolean {
  if (v.lFlags[slice]! & CAN_SHARED && v.lCycle[slice] === v.header[H.cycle]) return false;
  const kinds = v.header[H.kinds]!;
  const base = slice * v.header[H.rowStride]!;
  for (let k = 0; k < kinds; k++) if (v.lFree[base + k]! > 0) return true;
  return false;
}

/** Is something free in a slice of the agent that was not offered in this run? */
export function slicesFree(v: Views, agent: number): boolean {
  for (let slice = v.aSliceHead[agent]!; slice !== 0; slice = v.lNext[slice]!) {
    if (sliceFree(v, slice)) return true;
  }
  return false;
}

/** Is a slice free that the role may see? */
export function someSliceVisible(v: Views, agent: number, role: number): boolean {
  for (let slice = v.aSliceHead[agent]!; slice !== 0; slice = v.lNext[slice]!) {
    if (isVisible(v, slice, role)) return true;
  }
  return false;
}

function isVisible(v: Views, slice: number, role: number): boolean {
  return belongs(v, v.lNode[slice]!, role) && sliceFree(v, slice);
}

/** Is the owner of a slice the role, an ancestor of it, or nobody? */
export function belongs(v: Views, owner: number, role: number): boolean {
  if (owner === 0) return true;
  let node = role;
  while (node !== 0 && node !== owner) node = v.nParent[node]!;
  return node !== 0;
}

/** Mark the slices that go with the offer in `lTaken`, and sum them up in `sExtra`. */
export function chooseSlices(v: Views, visit: Visit, role: number, can: number): void {
  const row = v.header[H.rowStride]!;
  const kinds = v.header[H.kinds]!;
  for (let slice = v.aSliceHead[visit.agent]!; slice !== 0; slice = v.lNext[slice]!) {
    v.lTaken[slice] = 0;
    const flags = v.lFlags[slice]!;
    if ((flags & 7 & ~can) !== 0 || !isVisible(v, slice, role)) continue;
    if (flags & L_INDIVISIBLE && !fitsBounds(v, visit, slice)) continue;
    v.lTaken[slice] = 1;
    visit.slicesTaken++;
    for (let k = 0; k < kinds; k++) {
      v.sExtra[k] = v.sExtra[k]! + v.lFree[slice * row + k]!;
    }
  }
}

/** Does an unreserved MOUNT disk stay within limit and headroom? */
function fitsBounds(v: Views, visit: Visit, slice: number): boolean {
  const base = slice * v.header[H.rowStride]!;
  const kinds = v.header[H.kinds]!;
  for (let k = 0; k < kinds; k++) {
    if (v.lFree[base + k] !== 0 && !fitsKind(v, visit, slice, k)) return false;
  }
  return true;
}

/**
 * `sExtra` does not tell what earlier disks took of the bounds (it counts reserved slices too), so
 * they are summed here.
 */
function fitsKind(v: Views, visit: Visit, slice: number, k: number): boolean {
  const row = v.header[H.rowStride]!;
  const amount = v.lFree[slice * row + k]!;
  const sureNow = v.sGuaranteed[k]!;
  const take = v.sTake[k]!;
  let limitRest = v.sLimitLeft[k]! - take;
  let sureRest = visit.guaranteed ? v.sGuaranteeLeft[k]! - sureNow : 0;
  let surplusRest = visit.needy ? v.sSurplus[k]! - (take - sureNow) : Number.POSITIVE_INFINITY;
  for (let other = v.aSliceHead[visit.agent]!; other !== slice; other = v.lNext[other]!) {
    if (v.lTaken[other] === 0 || !(v.lFlags[other]! & L_INDIVISIBLE)) continue;
    const before = v.lFree[other * row + k]!;
    const surely = Math.min(before, sureRest);
    limitRest -= before;
    sureRest -= surely;
    surplusRest -= before - surely;
  }
  const sure = Math.min(amount, sureRest);
  if (amount > limitRest || amount - sure > surplusRest) return false;
  if (sure > 0) visit.sliceGuaranteed = true;
  return true;
}
