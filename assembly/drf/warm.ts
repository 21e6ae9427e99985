/**
 * Reading ahead. Agents are met in random order, so each column of an agent is a wait for the
 * memory. Read a little of all of them for many agents first, and these waits overlap; WebAssembly
 * has no prefetch. Halves a run over 50,000 agents; changes nothing below 5,000.
 */
import {
  aCandidate,
  aClass,
  aFilterHead,
  aFilterRow,
  aFlags,
  aFree,
  aOfferHead,
  aSliceHead,
  aSortHandle,
  aToken,
  oAgent,
  oClient,
  oMain,
  oNext,
  oParts,
  oToken,
  returning,
  u32At,
  u8At,
} from "./memory";
import { rowAt } from "./rows";

/** How many agents are read at once: what they fill of the first cache leaves room for the rest. */
export const AHEAD: u32 = 32;

/** Keeps the reads from being dropped as useless. */
let sink: u32 = 0;

/** Read what the visits from position `from` up to `to` of the order will read. */
export function warmAgents(from: u32, to: u32): void {
  let sum: u32 = 0;
  for (let i = from; i < to; i++) {
    const agent = u32At(aSortHandle, i);
    sum += readAgent(agent) + u32At(aSliceHead, agent) + u32At(aClass, agent);
  }
  sink = sum;
}

/** Read what taking back the offers from `from` up to `to` of `returning` will read. */
export function warmOffers(from: u32, to: u32): void {
  let sum: u32 = 0;
  for (let i = from; i < to; i++) {
    const offer = u32At(returning, i);
    const agent = u32At(oAgent, offer);
    sum += load<u32>(rowAt(oMain, offer)) + u32At(oClient, offer) + u32At(oToken, offer);
    sum += u32At(oParts, offer) + u32At(oNext, offer);
    sum += readAgent(agent) + u32At(aFilterHead, agent);
  }
  sink = sum;
}

// @ts-ignore: decorator
@inline
function readAgent(agent: u32): u32 {
  const flags = u8At(aFlags, agent) + u8At(aCandidate, agent);
  const heads = u32At(aOfferHead, agent) + u32At(aFilterRow, agent) + u32At(aToken, agent);
  return load<u32>(rowAt(aFree, agent)) + flags + heads;
}
