/**
 * The allocator's kernel in TypeScript: always there, and what the WASM kernel is held against.
 *
 * Source: docs/allocator_semantics.md; the columns are those of `layout.ts`.
 */
import { mix } from "./accounts.ts";
import type { DrfKernel } from "./contract.ts";
import { renewBlocked } from "./filters.ts";
import { A_ELIGIBLE, A_LEFTOVER, A_STALE, CAN_SHARED } from "./flags.ts";
import { H, type Views } from "./layout.ts";
import { mainFree } from "./measure.ts";
import type { KernelMemory } from "./memory.ts";
import { renewShares, sortCandidates, sortUnsorted } from "./order.ts";
import { returnOffers } from "./returns.ts";
import { slicesFree } from "./slices.ts";
import { Visit } from "./state.ts";
import { visitAgent } from "./visit.ts";

/** The typed-array implementation of the kernel contract. */
export class ReferenceKernel implements DrfKernel {
  readonly name = "typed";
  readonly #memory: KernelMemory;
  readonly #visit = new Visit();

  constructor(memory: KernelMemory) {
    this.#memory = memory;
  }

  run(): number {
    const v = this.#memory.views;
    if (v.header[H.stage] === 0) begin(v);
    const visit = this.#visit;
    if (v.header[H.stage] === 1) {
      if (!runStage(v, visit, 1)) return 1;
      enterStage(v, 2);
    }
    if (!runStage(v, visit, 2)) return 1;
    v.header[H.stage] = 0;
    return 0;
  }

  returnOffers(count: number, bucket: number, bucketHead: number): number {
    return returnOffers(this.#memory.views, count, bucket, bucketHead);
  }

  refresh(): void {
    refresh(this.#memory.views);
  }
}

function refresh(v: Views): void {
  if (v.header[H.sharesStale] !== 0) renewShares(v);
  if (v.header[H.unsorted] !== 0) sortUnsorted(v);
}

/** Put the candidates in this cycle's order. */
function begin(v: Views): void {
  refresh(v);
  const cycle = v.header[H.cycle]!;
  const salt = mix(v.header[H.seed]! ^ Math.imul(cycle, 0x9e3779b1));
  v.header[H.salt] = salt;
  v.header[H.resultCount] = 0;
  if (v.header[H.loosened] !== 0) nominateLeftovers(v);
  v.header[H.loosened] = 0;
  const agents = v.header[H.agentsHigh]!;
  let count = 0;
  for (let agent = 0; agent < agents; agent++) {
    if (v.aCandidate[agent] === 0) {
      // A long search in one go: mostly few of many are candidates.
      agent = v.aCandidate.indexOf(1, agent);
      if (agent < 0 || agent >= agents) break;
    }
    v.aCandidate[agent] = 0;
    if (!(v.aFlags[agent]! & A_ELIGIBLE)) continue;
    if (v.aFlags[agent]! & A_STALE) renewBlocked(v, agent);
    v.aSortKey[count] = mix(agent ^ salt);
    v.aSortHandle[count] = agent;
    count++;
  }
  sortCandidates(v, count);
  v.header[H.orderedCount] = count;
  enterStage(v, v.header[H.leftNodes] !== 0 ? 1 : 2);
}

function enterStage(v: Views, stage: number): void {
  const nodes = v.header[H.nodesHigh]!;
  v.header[H.stage] = stage;
  v.header[H.position] = 0;
  v.nKidSkip.fill(0, 0, nodes);
  v.nClientSkip.fill(0, 0, nodes);
}

/** What quota held back may go out now. */
function nominateLeftovers(v: Views): void {
  const agents = v.header[H.agentsHigh]!;
  for (let agent = 0; agent < agents; agent++) {
    if (v.aFlags[agent]! & A_LEFTOVER) v.aCandidate[agent] = 1;
  }
}

/** Visit the candidates from where the stage stands; false when free slots may run out. */
function runStage(v: Views, visit: Visit, stage: number): boolean {
  const count = v.header[H.orderedCount]!;
  for (let i = v.header[H.position]!; i < count; i++) {
    const agent = v.aSortHandle[i]!;
    if (!roomFor(v, agent)) {
      v.header[H.position] = i;
      return false;
    }
    if (stage === 1 && v.header[H.leftNodes] === 0) return true;
    visitAgent(v, visit, agent, stage);
    if (stage === 2) leave(v, agent);
  }
  return true;
}

/** Are there slots for all that one visit can use up? */
function roomFor(v: Views, agent: number): boolean {
  if (v.header[H.offersFreeCount]! <= v.header[H.activeClients]!) return false;
  if (v.aSliceHead[agent] === 0) return true;
  const { slices, shared } = slicesOf(v, agent);
  if (v.header[H.partsFreeCount]! <= slices) return false;
  return v.header[H.refsFreeCount]! > shared * HOLDERS_A_GRANT;
}

/** How many slices an agent has, and how many of them are shared. */
export function slicesOf(v: Views, agent: number): { slices: number; shared: number } {
  let slices = 0;
  let shared = 0;
  for (let slice = v.aSliceHead[agent]!; slice !== 0; slice = v.lNext[slice]!) {
    slices++;
    if (v.lFlags[slice]! & CAN_SHARED) shared++;
  }
  return { slices, shared };
}

/** A grant of a shared slice counts the client, a virtual leaf, and nodes up to the root. */
export const HOLDERS_A_GRANT = 34;

/**
 * Note what the agent has left. It stays a candidate when it has shared volumes, or when it was
 * granted from in this run and has more: a further try may take what this one's bounds left.
 */
function leave(v: Views, agent: number): void {
  const left = mainFree(v, agent) || slicesFree(v, agent);
  v.aFlags[agent] = left ? v.aFlags[agent]! | A_LEFTOVER : v.aFlags[agent]! & ~A_LEFTOVER;
  const offer = v.aOfferHead[agent]!;
  const granted = offer !== 0 && v.oCycle[offer] === v.header[H.cycle];
  v.aCandidate[agent] = (left && granted) || slicesOf(v, agent).shared > 0 ? 1 : 0;
}
