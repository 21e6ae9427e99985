/** Which filters refuse a take. Source: docs/allocator_semantics.md, section 7. */
import { A_STALE } from "./flags.ts";
import { H, type Views } from "./layout.ts";
import { belongs } from "./slices.ts";
import type { Visit } from "./state.ts";

/** Does the filter refuse a take of the main amounts at `base` together with `sExtra`? */
function covers(
  v: Views,
  filter: number,
  agent: number,
  main: Float64Array,
  base: number,
  withSlices: boolean,
): boolean {
  const kinds = v.header[H.kinds]!;
  const refused = v.fSnap[filter]! * v.header[H.rowStride]!;
  const countable = v.header[H.countableMask]!;
  let identity = withSlices;
  for (let k = 0; k < kinds; k++) {
    const amount = main[base + k]!;
    if (amount > v.pMain[refused + k]! || v.sExtra[k]! > v.pExtra[refused + k]!) return false;
    if ((countable >>> k) & 1 && amount > 0) identity = true;
  }
  return !identity || v.fToken[filter] === v.aToken[agent];
}

/** Does a filter refuse `sTake` and the chosen slices for the client? */
export function isFiltered(v: Views, visit: Visit, client: number): boolean {
  const bits = v.activeFilterBits[visit.filterWords + (client >>> 5)]!;
  if (((bits >>> (client & 31)) & 1) === 0) return false;
  const { agent } = visit;
  const withSlices = visit.slicesTaken > 0;
  for (let f = v.aFilterHead[agent]!; f !== 0; f = v.fNext[f]!) {
    if (v.fClient[f] === client && covers(v, f, agent, v.sTake, 0, withSlices)) return true;
  }
  return false;
}

/** Say that the client has a filter on the agent. */
export function markFiltered(v: Views, agent: number, client: number): void {
  setBit(v.activeFilterBits, v.aFilterRow[agent]! * v.header[H.bitWords]!, client);
}

/** Make the blocked bits of one agent anew: which of its filters refuse all that is free. */
export function renewBlocked(v: Views, agent: number): void {
  v.aFlags[agent] = v.aFlags[agent]! & ~A_STALE;
  const words = v.header[H.bitWords]!;
  const base = v.aFilterRow[agent]! * words;
  if (base === 0) return;
  const kinds = v.header[H.kinds]!;
  const main = agent * v.header[H.rowStride]!;
  const sliced = v.aSliceHead[agent] !== 0;
  for (let w = 0; w < words; w++) v.blockedBits[base + w] = 0;
  for (let k = 0; k < kinds; k++) v.sExtra[k] = 0;
  for (let f = v.aFilterHead[agent]!; f !== 0; f = v.fNext[f]!) {
    const client = v.fClient[f]!;
    const withSlices = sliced && sumVisible(v, agent, client);
    if (covers(v, f, agent, v.aFree, main, withSlices)) setBit(v.blockedBits, base, client);
  }
}

/** `sExtra` := all that slices could add to an offer for the client; false: nothing. */
function sumVisible(v: Views, agent: number, client: number): boolean {
  const kinds = v.header[H.kinds]!;
  const row = v.header[H.rowStride]!;
  const can = v.cFlags[client]!;
  const role = v.cNode[client]!;
  let some = false;
  for (let k = 0; k < kinds; k++) v.sExtra[k] = 0;
  for (let slice = v.aSliceHead[agent]!; slice !== 0; slice = v.lNext[slice]!) {
    if ((v.lFlags[slice]! & 7 & ~can) !== 0 || !belongs(v, v.lNode[slice]!, role)) continue;
    for (let k = 0; k < kinds; k++) {
      const amount = v.lFree[slice * row + k]!;
      if (amount > 0) some = true;
      v.sExtra[k] = v.sExtra[k]! + amount;
    }
  }
  return some;
}

function setBit(bits: Uint32Array, base: number, client: number): void {
  const word = base + (client >>> 5);
  bits[word] = bits[word]! | (1 << (client & 31));
}
