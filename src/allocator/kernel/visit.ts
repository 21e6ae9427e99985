/**
 * The visit of one agent in one stage: walk the roles in order and grant what may be granted.
 *
 * Source: docs/allocator_semantics.md, sections 5 to 8.
 */
import { drawClient, drawKid, isActive, listClients, listKids, seedVisit } from "./chance.ts";
import { isFiltered } from "./filters.ts";
import { N_SUBTREE_GUARANTEE } from "./flags.ts";
import { grant, settle, touch } from "./grant.ts";
import { H, type Views } from "./layout.ts";
import {
  mainFree,
  measureGuarantee,
  measureLimit,
  measureSurplus,
  measureTake,
} from "./measure.ts";
import { chooseSlices, slicesFree, someSliceVisible } from "./slices.ts";
import type { Visit } from "./state.ts";

/** What walking a part of the tree came to. */
const GRANTED = 1;
const EXHAUSTED = 2;

/** Grant what stage 1 (guarantees) or 2 (fair share) gives of this agent. */
export function visitAgent(v: Views, visit: Visit, agent: number, stage: number): void {
  visit.agent = agent;
  visit.stage = stage;
  visit.guaranteed = stage === 1;
  visit.hasMain = mainFree(v, agent);
  visit.hasSlices = v.aSliceHead[agent] !== 0 && slicesFree(v, agent);
  if (!visit.hasMain && !visit.hasSlices) return;
  const words = v.header[H.bitWords]!;
  visit.filterWords = v.aFilterRow[agent]! * words;
  visit.classWords = v.aClass[agent]! * words;
  if (!someClientMay(v, visit, words)) return;
  visit.random = v.header[H.randomSorter] !== 0;
  if (visit.random) seedVisit(v, visit);
  visit.maySkip = !visit.random && !visit.hasSlices && v.header[H.minOverrides] === 0;
  visit.touched = 0;
  measureSurplus(v, visit);
  if (!isOver(v, visit)) walk(v, visit, 0, false);
  if (!visit.random) settle(v, visit);
}

function someClientMay(v: Views, { classWords, filterWords }: Visit, words: number): boolean {
  const { activeBits, excludedBits, blockedBits } = v;
  for (let w = 0; w < words; w++) {
    if (activeBits[w]! & ~excludedBits[classWords + w]! & ~blockedBits[filterWords + w]!) {
      return true;
    }
  }
  return false;
}

/** Can nobody get anything of the agent any more? Stage 1: what is free is not what is needed. */
function isOver(v: Views, visit: Visit): boolean {
  if (!visit.guaranteed) return visit.surplusSpent && visit.maySkip;
  if (visit.hasSlices) return false;
  const kinds = v.header[H.kinds]!;
  const free = visit.agent * v.header[H.rowStride]!;
  for (let k = 0; k < kinds; k++) {
    if (v.aFree[free + k]! > 0 && v.nKidNeed[k]! > 0) return false;
  }
  return true;
}

/** Walk the kids of a node in order; `chain`: an ancestor or the node misses its guarantee. */
function walk(v: Views, visit: Visit, node: number, chain: boolean): number {
  const start = v.nKidStart[node]!;
  const { random } = visit;
  const region = random ? start + v.nKidMax[node]! : start;
  const count = random ? listKids(v, node, region) : v.nKidCount[node]!;
  let outcome = 0;
  for (let i = chain || !visit.maySkip ? 0 : firstKid(v, visit, node); i < count; i++) {
    if (random) drawKid(v, visit, node, region + i, region + count);
    const result = walkKid(v, visit, node, v.order[region + i]!, chain);
    if (result & GRANTED) {
      outcome |= GRANTED;
      touch(v, visit, node, start, i);
    }
    if (result & EXHAUSTED) return outcome | EXHAUSTED;
  }
  return outcome;
}

function walkKid(v: Views, visit: Visit, node: number, kid: number, chain: boolean): number {
  if (kid === node) return v.nLeafActive[node]! > 0 ? visitRole(v, visit, node) : 0;
  if (v.nActive[kid] === 0) return 0;
  if (visit.maySkip && v.nSpent[kid]) return 0;
  const leaf = v.nKidCount[kid] === 0;
  let left = chain;
  if (visit.guaranteed) {
    left = left || v.nLeft[kid] !== 0;
    if (!left && (leaf || mayPassOver(v, visit, kid))) return 0;
  }
  return leaf ? visitRole(v, visit, kid) : walk(v, visit, kid, left);
}

/**
 * Where the first kid stands that this stage may still give something to; none before it gets
 * anything any more, as a run makes guarantees and limits only tighter.
 */
function firstKid(v: Views, visit: Visit, node: number): number {
  const start = v.nKidStart[node]!;
  const count = v.nKidCount[node]!;
  let i = v.nKidSkip[node]!;
  while (i < count && isDone(v, visit, node, v.order[start + i]!)) i++;
  v.nKidSkip[node] = i;
  return i;
}

function isDone(v: Views, visit: Visit, node: number, kid: number): boolean {
  if (kid === node) return v.nLeafActive[node] === 0;
  if (v.nActive[kid] === 0 || v.nSpent[kid] !== 0) return true;
  if (!visit.guaranteed || v.nLeft[kid] !== 0) return false;
  return v.nKidCount[kid] === 0 || mayPassOver(v, visit, kid);
}

/** Where the first active client of the role stands. */
function firstClient(v: Views, role: number): number {
  const start = v.nClientStart[role]!;
  const count = v.nClientCount[role]!;
  let i = v.nClientSkip[role]!;
  while (i < count && isActive(v, v.order[start + i]!) === 0) i++;
  v.nClientSkip[role] = i;
  return i;
}

function mayPassOver(v: Views, visit: Visit, kid: number): boolean {
  return !visit.random && (v.nFlags[kid]! & N_SUBTREE_GUARANTEE) === 0;
}

/** Offer to the clients of one role. */
function visitRole(v: Views, visit: Visit, role: number): number {
  const { random } = visit;
  if (visit.guaranteed && !measureGuarantee(v, role)) return 0;
  if (!visit.hasMain && !(visit.hasSlices && someSliceVisible(v, visit.agent, role))) return 0;
  const start = v.nClientStart[role]!;
  const region = random ? start + v.nClientMax[role]! : start;
  const count = random ? listClients(v, role, region) : v.nClientCount[role]!;
  let measured = false;
  let outcome = 0;
  for (let i = random ? 0 : firstClient(v, role); i < count; i++) {
    if (random) drawClient(v, visit, region + i, region + count);
    const client = v.order[region + i]!;
    if (!mayHave(v, visit, client)) continue;
    if (!measured) {
      measureLimit(v, role);
      measureTake(v, visit, role);
    }
    measured = true;
    if (!tryClient(v, visit, role, client)) continue;
    outcome |= GRANTED;
    touch(v, visit, -1 - role, start, i);
    visit.hasMain = mainFree(v, visit.agent);
    if (visit.hasSlices) visit.hasSlices = slicesFree(v, visit.agent);
    if (!visit.hasMain && !visit.hasSlices) return outcome | EXHAUSTED;
    measureSurplus(v, visit);
    if (isOver(v, visit)) return outcome | EXHAUSTED;
    // The random sorter goes on: the contract counts its draws.
    if (visit.guaranteed && !measureGuarantee(v, role) && !random) return outcome;
    measured = false;
  }
  return outcome;
}

function mayHave(v: Views, visit: Visit, client: number): boolean {
  const word = client >>> 5;
  const may =
    v.activeBits[word]! &
    ~v.excludedBits[visit.classWords + word]! &
    ~v.blockedBits[visit.filterWords + word]!;
  return ((may >>> (client & 31)) & 1) === 1;
}

function tryClient(v: Views, visit: Visit, role: number, client: number): boolean {
  const kinds = v.header[H.kinds]!;
  let take = 0;
  let sure = 0;
  visit.slicesTaken = 0;
  visit.sliceGuaranteed = false;
  for (let k = 0; k < kinds; k++) {
    take += v.sTake[k]!;
    sure += v.sGuaranteed[k]!;
    v.sExtra[k] = 0;
  }
  if (visit.hasSlices) chooseSlices(v, visit, role, v.cFlags[client]!);
  if (visit.guaranteed && sure === 0 && !visit.sliceGuaranteed) return false;
  if (take === 0 && visit.slicesTaken === 0) return false;
  if (!meetsMinimum(v, client)) return false;
  if (isFiltered(v, visit, client)) return false;
  grant(v, visit, role, client);
  return true;
}

/** Do `sTake` and `sExtra` together reach one of the client's minimums? */
function meetsMinimum(v: Views, client: number): boolean {
  const row = v.header[H.rowStride]!;
  const kinds = v.header[H.kinds]!;
  const count = v.cMinCount[client]!;
  const start = v.cMinStart[client]!;
  for (let i = 0; i < count; i++) {
    const base = (start + i) * row;
    let meets = true;
    for (let k = 0; k < kinds && meets; k++) {
      if (v.sTake[k]! + v.sExtra[k]! < v.minimums[base + k]!) meets = false;
    }
    if (meets) return true;
  }
  return count === 0;
}
