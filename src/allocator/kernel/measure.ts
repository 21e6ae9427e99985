/**
 * What guarantee, limit and headroom leave for a role, and what that makes of the main row.
 *
 * Source: docs/allocator_semantics.md, sections 4 to 6.
 */
import { meetsNoDefault } from "./accounts.ts";
import { N_CHAIN_GUARANTEE, N_CHAIN_LIMIT } from "./flags.ts";
import { H, type Views } from "./layout.ts";
import type { Visit } from "./state.ts";

/** Is something free in the agent's main row? */
export function mainFree(v: Views, agent: number): boolean {
  const kinds = v.header[H.kinds]!;
  const base = agent * v.header[H.rowStride]!;
  for (let k = 0; k < kinds; k++) if (v.aFree[base + k]! > 0) return true;
  return false;
}

/** Surplus headroom, where it binds: some guarantee is still to be met. */
export function measureSurplus(v: Views, visit: Visit): void {
  visit.needy = false;
  visit.surplusSpent = false;
  if (v.header[H.guaranteeNodes] === 0) return;
  const kinds = v.header[H.kinds]!;
  for (let k = 0; k < kinds; k++) {
    const need = v.nKidNeed[k]!;
    if (need > 0) visit.needy = true;
    v.sSurplus[k] = Math.max(0, v.kHeadroom[k]! - need);
    v.sCharge[k] = 0;
  }
  visit.surplusSpent = visit.needy && meetsNoDefault(v, v.sSurplus, 0, v.sCharge, 0);
}

/** `sGuaranteeLeft` of the role; false when nothing is left to guarantee. */
export function measureGuarantee(v: Views, role: number): boolean {
  if (!(v.nFlags[role]! & N_CHAIN_GUARANTEE)) return false;
  const row = v.header[H.rowStride]!;
  const kinds = v.header[H.kinds]!;
  let some = false;
  for (let k = 0; k < kinds; k++) {
    v.sGuaranteeLeft[k] = 0;
    v.sCharge[k] = 0;
  }
  // `sCharge` sums up what all children that branch off the path still need.
  let below = 0;
  for (let node = role; node !== 0; below = node, node = v.nParent[node]!) {
    const owed = v.nLeft[node] !== 0;
    for (let k = 0; k < kinds; k++) {
      const at = node * row + k;
      v.sCharge[k] = v.sCharge[k]! + v.nKidNeed[at]! - v.nNeed[below * row + k]!;
      if (!owed) continue;
      const left = Math.max(0, v.nGuarantee[at]! - v.nConsumed[at]!) - v.sCharge[k]!;
      if (left > v.sGuaranteeLeft[k]!) v.sGuaranteeLeft[k] = left;
      if (left > 0) some = true;
    }
  }
  return some;
}

/** `sLimitLeft` of the role; infinite where nothing limits. */
export function measureLimit(v: Views, role: number): void {
  const kinds = v.header[H.kinds]!;
  const row = v.header[H.rowStride]!;
  for (let k = 0; k < kinds; k++) v.sLimitLeft[k] = Number.POSITIVE_INFINITY;
  if (!(v.nFlags[role]! & N_CHAIN_LIMIT)) return;
  for (let node = role; node !== 0; node = v.nParent[node]!) {
    for (let k = 0; k < kinds; k++) {
      const left = Math.max(0, v.nLimit[node * row + k]! - v.nConsumed[node * row + k]!);
      if (left < v.sLimitLeft[k]!) v.sLimitLeft[k] = left;
    }
  }
}

/** `sTake` and `sGuaranteed`: what the main row gives to any client of the role. */
export function measureTake(v: Views, visit: Visit, role: number): void {
  const kinds = v.header[H.kinds]!;
  const free = visit.agent * v.header[H.rowStride]!;
  const bound = visit.guaranteed || visit.needy || (v.nFlags[role]! & N_CHAIN_LIMIT) !== 0;
  if (!bound) {
    for (let k = 0; k < kinds; k++) {
      v.sTake[k] = v.aFree[free + k]!;
      v.sGuaranteed[k] = 0;
    }
    return;
  }
  const countable = v.header[H.countableMask]!;
  for (let k = 0; k < kinds; k++) {
    const has = v.aFree[free + k]!;
    const limit = v.sLimitLeft[k]!;
    const sure = visit.guaranteed ? Math.min(has, v.sGuaranteeLeft[k]!, limit) : 0;
    let more = Math.min(has - sure, limit - sure);
    if (visit.needy) more = Math.min(more, v.sSurplus[k]!);
    let take = sure + more;
    if ((countable >>> k) & 1) take = Math.floor(take / 1000) * 1000;
    v.sGuaranteed[k] = sure;
    v.sTake[k] = take;
  }
  if (countable !== 0) followScalars(v, free, countable);
}

/** Countable kinds go along in proportion to the scalars. */
function followScalars(v: Views, free: number, countable: number): void {
  const kinds = v.header[H.kinds]!;
  let rho = -1;
  for (let k = 0; k < kinds; k++) {
    const has = v.aFree[free + k]!;
    if (((countable >>> k) & 1) === 0 && has > 0) rho = Math.max(rho, v.sTake[k]! / has);
  }
  if (rho < 0) return;
  for (let k = 0; k < kinds; k++) {
    if (((countable >>> k) & 1) === 0) continue;
    const part = Math.ceil((v.aFree[free + k]! / 1000) * rho) * 1000;
    v.sTake[k] = Math.min(v.sTake[k]!, part);
  }
}
