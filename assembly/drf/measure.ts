/** What guarantee, limit and headroom leave for a role, and what that makes of the main row. */
import { N_CHAIN_GUARANTEE, N_CHAIN_LIMIT } from "./flags";
import { get, H } from "./header";
import {
  aFree,
  kHeadroom,
  nConsumed,
  nFlags,
  nGuarantee,
  nKidNeed,
  nLeft,
  nLimit,
  nNeed,
  nParent,
  sCharge,
  sGuaranteed,
  sGuaranteeLeft,
  sLimitLeft,
  sSurplus,
  sTake,
  u32At,
  u8At,
} from "./memory";
import { clearRow, copyRow, kinds, meetsNoDefault, rowAt, usedBytes } from "./rows";
import { now } from "./state";

/** Surplus headroom, where it binds: some guarantee is still to be met. */
export function measureSurplus(): void {
  now.needy = false;
  now.surplusSpent = false;
  if (get(H.guaranteeNodes) === 0) return;
  const zero = f64x2.splat(0);
  for (let at: usize = 0; at < usedBytes; at += 16) {
    const need = v128.load(nKidNeed + at);
    if (v128.any_true(f64x2.gt(need, zero))) now.needy = true;
    v128.store(sSurplus + at, f64x2.max(zero, f64x2.sub(v128.load(kHeadroom + at), need)));
  }
  clearRow(sCharge);
  now.surplusSpent = now.needy && meetsNoDefault(sSurplus, sCharge);
}

/** `sGuaranteeLeft` of the role; false when nothing is left to guarantee. */
export function measureGuarantee(role: u32): bool {
  if (!(u8At(nFlags, role) & N_CHAIN_GUARANTEE)) return false;
  const zero = f64x2.splat(0);
  let some = false;
  let below: u32 = 0;
  clearRow(sGuaranteeLeft);
  clearRow(sCharge);
  // `sCharge` sums up what all children that branch off the path still need.
  for (let node = role; node !== 0; node = u32At(nParent, node)) {
    const owed = u8At(nLeft, node) !== 0;
    const row = rowAt(0, node);
    const path = rowAt(nNeed, below);
    for (let at: usize = 0; at < usedBytes; at += 16) {
      const kids = f64x2.sub(v128.load(nKidNeed + row + at), v128.load(path + at));
      const others = f64x2.add(v128.load(sCharge + at), kids);
      v128.store(sCharge + at, others);
      if (!owed) continue;
      const rest = f64x2.sub(v128.load(nGuarantee + row + at), v128.load(nConsumed + row + at));
      const left = f64x2.sub(f64x2.max(zero, rest), others);
      const known = v128.load(sGuaranteeLeft + at);
      v128.store(sGuaranteeLeft + at, f64x2.pmax(known, left));
      if (v128.any_true(f64x2.gt(left, zero))) some = true;
    }
    below = node;
  }
  return some;
}

/** `sLimitLeft` of the role; infinite where nothing limits. */
export function measureLimit(role: u32): void {
  const end = (<usize>kinds) << 3;
  for (let at: usize = 0; at < end; at += 8) store<f64>(sLimitLeft + at, Infinity);
  if (!(u8At(nFlags, role) & N_CHAIN_LIMIT)) return;
  for (let node = role; node !== 0; node = u32At(nParent, node)) {
    const limits = rowAt(nLimit, node);
    const used = rowAt(nConsumed, node);
    for (let at: usize = 0; at < end; at += 8) {
      const left = max<f64>(0, load<f64>(limits + at) - load<f64>(used + at));
      if (left < load<f64>(sLimitLeft + at)) store<f64>(sLimitLeft + at, left);
    }
  }
}

/** `sTake` and `sGuaranteed`: what the main row gives to any client of the role. */
export function measureTake(role: u32): void {
  const free = rowAt(aFree, now.agent);
  if (!now.guaranteed && !now.needy && !(u8At(nFlags, role) & N_CHAIN_LIMIT)) {
    copyRow(sTake, free);
    clearRow(sGuaranteed);
    return;
  }
  const countable = get(H.countableMask);
  for (let k: u32 = 0; k < kinds; k++) {
    const at = (<usize>k) << 3;
    const has = load<f64>(free + at);
    const limit = load<f64>(sLimitLeft + at);
    const sure = now.guaranteed ? min(min(has, load<f64>(sGuaranteeLeft + at)), limit) : 0;
    let more = min(has - sure, limit - sure);
    if (now.needy) more = min(more, load<f64>(sSurplus + at));
    let take = sure + more;
    if ((countable >>> k) & 1) take = Math.floor(take / 1000) * 1000;
    store<f64>(sGuaranteed + at, sure);
    store<f64>(sTake + at, take);
  }
  if (countable !== 0) followScalars(free, countable);
}

/** Countable kinds go along in proportion to the scalars. */
function followScalars(free: usize, countable: u32): void {
  let rho: f64 = -1;
  for (let k: u32 = 0; k < kinds; k++) {
    const at = (<usize>k) << 3;
    const has = load<f64>(free + at);
    if (((countable >>> k) & 1) === 0 && has > 0) rho = max(rho, load<f64>(sTake + at) / has);
  }
  if (rho < 0) return;
  for (let k: u32 = 0; k < kinds; k++) {
    if (((countable >>> k) & 1) === 0) continue;
    const at = (<usize>k) << 3;
    const part = Math.ceil((load<f64>(free + at) / 1000) * rho) * 1000;
    store<f64>(sTake + at, min(load<f64>(sTake + at), part));
  }
}
