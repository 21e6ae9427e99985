/**
 * The visit of one agent in one stage: walk the roles in order and grant what may be granted.
 *
 * The twin of `src/allocator/kernel/visit.ts`.
 */
import { drawClient, drawKid, listClients, listKids, seedVisit } from "./chance";
import { isFiltered } from "./filters";
import { N_SUBTREE_GUARANTEE } from "./flags";
import { get, H } from "./header";
import { grant, settle, touch } from "./grant";
import { measureGuarantee, measureLimit, measureSurplus, measureTake } from "./measure";
import {
  aClass,
  activeBits,
  activeFilterBits,
  aFilterRow,
  aFree,
  aSliceHead,
  blockedBits,
  cFlags,
  cMinCount,
  cMinStart,
  excludedBits,
  hasBit,
  nActive,
  nClientCount,
  nClientMax,
  nClientSkip,
  nClientStart,
  nFlags,
  nKidCount,
  nKidMax,
  nKidNeed,
  nKidSkip,
  nKidStart,
  nLeafActive,
  nLeft,
  nSpent,
  order,
  putU32,
  sExtra,
  sGuaranteed,
  sTake,
  u32At,
  u8At,
} from "./memory";
import { clearRow, meetsOne, rowAt, somePositive, somePositiveInBoth, words } from "./rows";
import { chooseSlices, slicesFree, someSliceVisible } from "./slices";
import { now } from "./state";

/** What walking a part of the tree came to. */
const GRANTED: u32 = 1;
const EXHAUSTED: u32 = 2;

/** Grant what stage 1 (guarantees) or 2 (fair share) gives of this agent. */
export function visit(agent: u32, stage: u32): void {
  now.agent = agent;
  now.stage = stage;
  now.guaranteed = stage === 1;
  now.hasMain = somePositive(rowAt(aFree, agent));
  now.hasSlices = u32At(aSliceHead, agent) !== 0 && slicesFree(agent);
  if (!now.hasMain && !now.hasSlices) return;
  const filters = (<usize>(u32At(aFilterRow, agent) * words)) << 2;
  now.blocked = blockedBits + filters;
  now.filtered = activeFilterBits + filters;
  now.excluded = excludedBits + ((<usize>(u32At(aClass, agent) * words)) << 2);
  if (!someClientMay()) return;
  now.random = get(H.randomSorter) !== 0;
  if (now.random) seedVisit();
  now.maySkip = !now.random && !now.hasSlices && get(H.minOverrides) === 0;
  now.touched = 0;
  measureSurplus();
  if (!isOver()) walk(0, false);
  if (!now.random) settle();
}

function someClientMay(): bool {
  const end = (<usize>words) << 2;
  for (let at: usize = 0; at < end; at += 4) {
    const none = load<u32>(now.excluded + at) | load<u32>(now.blocked + at);
    if (load<u32>(activeBits + at) & ~none) return true;
  }
  return false;
}

/** Can nobody get anything of the agent any more? Stage 1: what is free is not what is needed. */
function isOver(): bool {
  if (!now.guaranteed) return now.surplusSpent && now.maySkip;
  return !now.hasSlices && !somePositiveInBoth(rowAt(aFree, now.agent), nKidNeed);
}

/** Walk the kids of a node in order; `chain`: an ancestor or the node misses its guarantee. */
function walk(node: u32, chain: bool): u32 {
  const start = u32At(nKidStart, node);
  const region = now.random ? start + u32At(nKidMax, node) : start;
  const count = now.random ? listKids(node, region) : u32At(nKidCount, node);
  let outcome: u32 = 0;
  for (let i: u32 = chain || !now.maySkip ? 0 : firstKid(node); i < count; i++) {
    if (now.random) drawKid(node, region, i, count);
    const result = walkKid(node, u32At(order, region + i), chain);
    if (result & GRANTED) {
      outcome |= GRANTED;
      touch(<i32>node, start, i);
    }
    if (result & EXHAUSTED) return outcome | EXHAUSTED;
  }
  return outcome;
}

function walkKid(node: u32, kid: u32, chain: bool): u32 {
  if (kid === node) return u32At(nLeafActive, node) > 0 ? visitRole(node) : 0;
  if (u32At(nActive, kid) === 0) return 0;
  if (now.maySkip && u8At(nSpent, kid) !== 0) return 0;
  const leaf = u32At(nKidCount, kid) === 0;
  let left = chain;
  if (now.guaranteed) {
    left = left || u8At(nLeft, kid) !== 0;
    if (!left && (leaf || mayPassOver(kid))) return 0;
  }
  return leaf ? visitRole(kid) : walk(kid, left);
}

/** Where the first kid stands that this stage may still give something to. */
function firstKid(node: u32): u32 {
  const region = order + ((<usize>u32At(nKidStart, node)) << 2);
  const count = u32At(nKidCount, node);
  let i = u32At(nKidSkip, node);
  while (i < count && isDone(node, u32At(region, i))) i++;
  putU32(nKidSkip, node, i);
  return i;
}

function isDone(node: u32, kid: u32): bool {
  if (kid === node) return u32At(nLeafActive, node) === 0;
  if (u32At(nActive, kid) === 0 || u8At(nSpent, kid) !== 0) return true;
  if (!now.guaranteed || u8At(nLeft, kid) !== 0) return false;
  return u32At(nKidCount, kid) === 0 || mayPassOver(kid);
}

/** Where the first active client of the role stands. */
function firstClient(role: u32): u32 {
  const region = order + ((<usize>u32At(nClientStart, role)) << 2);
  const count = u32At(nClientCount, role);
  let i = u32At(nClientSkip, role);
  while (i < count && !hasBit(activeBits, u32At(region, i))) i++;
  putU32(nClientSkip, role, i);
  return i;
}

function mayPassOver(kid: u32): bool {
  return !now.random && (u8At(nFlags, kid) & N_SUBTREE_GUARANTEE) === 0;
}

/** Offer to the clients of one role. */
function visitRole(role: u32): u32 {
  if (now.guaranteed && !measureGuarantee(role)) return 0;
  if (!now.hasMain && !(now.hasSlices && someSliceVisible(role))) return 0;
  const start = u32At(nClientStart, role);
  const region = now.random ? start + u32At(nClientMax, role) : start;
  const count = now.random ? listClients(role, region) : u32At(nClientCount, role);
  let measured = false;
  let outcome: u32 = 0;
  for (let i: u32 = now.random ? 0 : firstClient(role); i < count; i++) {
    if (now.random) drawClient(region, i, count);
    const client = u32At(order, region + i);
    if (!mayHave(client)) continue;
    if (!measured) {
      measureLimit(role);
      measureTake(role);
    }
    measured = true;
    if (!tryClient(role, client)) continue;
    outcome |= GRANTED;
    touch(-1 - <i32>role, start, i);
    now.hasMain = somePositive(rowAt(aFree, now.agent));
    if (now.hasSlices) now.hasSlices = slicesFree(now.agent);
    if (!now.hasMain && !now.hasSlices) return outcome | EXHAUSTED;
    measureSurplus();
    if (isOver()) return outcome | EXHAUSTED;
    // The random sorter goes on: the contract counts its draws.
    if (now.guaranteed && !measureGuarantee(role) && !now.random) return outcome;
    measured = false;
  }
  return outcome;
}

function mayHave(client: u32): bool {
  const at = (<usize>(client >>> 5)) << 2;
  const none = load<u32>(now.excluded + at) | load<u32>(now.blocked + at);
  return (((load<u32>(activeBits + at) & ~none) >>> (client & 31)) & 1) !== 0;
}

function tryClient(role: u32, client: u32): bool {
  now.slicesTaken = 0;
  now.sliceGuaranteed = false;
  clearRow(sExtra);
  if (now.hasSlices) chooseSlices(role, u8At(cFlags, client));
  if (now.guaranteed && !now.sliceGuaranteed && !somePositive(sGuaranteed)) return false;
  if (now.slicesTaken === 0 && !somePositive(sTake)) return false;
  if (!meetsOne(u32At(cMinStart, client), u32At(cMinCount, client), sTake, sExtra)) return false;
  if (isFiltered(client)) return false;
  grant(role, client);
  return true;
}
