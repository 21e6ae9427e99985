/**
 * The allocator's kernel, the same algorithm as `src/allocator/kernel/reference.ts` over the same
 * columns: any call leaves the same bits in every column.
 *
 * Raw loads and stores only: nothing here is managed, nothing is allocated.
 */
import { mix } from "./accounts";
import { sortCandidates } from "./candidates";
import { renewBlocked } from "./filters";
import { A_ELIGIBLE, A_LEFTOVER, A_STALE, CAN_SHARED } from "./flags";
import { get, H, set } from "./header";
import {
  aCandidate,
  aFlags,
  aFree,
  aOfferHead,
  aSliceHead,
  aSortHandle,
  aSortKey,
  lFlags,
  lNext,
  nClientSkip,
  nKidSkip,
  oCycle,
  putU32,
  putU8,
  u32At,
  u8At,
} from "./memory";
import { renewShares, sortUnsorted } from "./order";
import { takeBack } from "./returns";
import { readShape, rowAt, somePositive } from "./rows";
import { slicesFree } from "./slices";
import { visit } from "./visit";
import { AHEAD, warmAgents } from "./warm";

export { bind } from "./memory";

/** A grant of a shared slice counts the client, a virtual leaf, and nodes up to the root. */
const HOLDERS_A_GRANT: u32 = 34;

const table: usize = memory.data(1024, 16);

/** Where the table of column offsets is to be written before `bind`. */
export function offsetTable(): usize {
  return table;
}

/** Grant what this cycle has to grant; 1 when a list of free slots may run out: call again. */
export function run(): u32 {
  readShape();
  if (get(H.stage) === 0) begin();
  if (get(H.stage) === 1) {
    if (!runStage(1)) return 1;
    enterStage(2);
  }
  if (!runStage(2)) return 1;
  set(H.stage, 0);
  return 0;
}

/** Take back the first `count` offers of `returning`; gives the head of the bucket's list. */
export function returnOffers(count: u32, bucket: u32, bucketHead: u32): u32 {
  readShape();
  return takeBack(count, bucket, bucketHead);
}

/** Bring shares and orders up to date without granting anything. */
export function refresh(): void {
  readShape();
  settleOrders();
}

function settleOrders(): void {
  if (get(H.sharesStale) !== 0) renewShares();
  if (get(H.unsorted) !== 0) sortUnsorted();
}

/** Put the candidates in this cycle's order. */
function begin(): void {
  settleOrders();
  const salt = mix(get(H.seed) ^ (get(H.cycle) * 0x9e3779b1));
  set(H.salt, salt);
  set(H.resultCount, 0);
  if (get(H.loosened) !== 0) nominateLeftovers();
  set(H.loosened, 0);
  const count = gather(salt);
  sortCandidates(count);
  set(H.orderedCount, count);
  enterStage(get(H.leftNodes) !== 0 ? 1 : 2);
}

function enterStage(stage: u32): void {
  const bytes = (<usize>get(H.nodesHigh)) << 2;
  set(H.stage, stage);
  set(H.position, 0);
  memory.fill(nKidSkip, 0, bytes);
  memory.fill(nClientSkip, 0, bytes);
}

/** List the candidates that are eligible. */
function gather(salt: u32): u32 {
  const agents = get(H.agentsHigh);
  let count: u32 = 0;
  for (let agent: u32 = 0; agent < agents; agent++) {
    // Mostly few of many are candidates: pass over sixteen that are not at once.
    while ((agent & 15) === 0 && agent < agents && !someOfSixteen(agent)) agent += 16;
    if (agent >= agents) break;
    if (u8At(aCandidate, agent) === 0) continue;
    putU8(aCandidate, agent, 0);
    const flags = u8At(aFlags, agent);
    if (!(flags & A_ELIGIBLE)) continue;
    if (flags & A_STALE) renewBlocked(agent);
    putU32(aSortKey, count, mix(agent ^ salt));
    putU32(aSortHandle, count, agent);
    count++;
  }
  return count;
}

// @ts-ignore: decorator
@inline
function someOfSixteen(agent: u32): bool {
  return v128.any_true(v128.load(aCandidate + <usize>agent));
}

/** What quota held back may go out now. */
function nominateLeftovers(): void {
  const agents = get(H.agentsHigh);
  for (let agent: u32 = 0; agent < agents; agent++) {
    if (u8At(aFlags, agent) & A_LEFTOVER) putU8(aCandidate, agent, 1);
  }
}

/** Visit the candidates from where the stage stands; false when free slots may run out. */
function runStage(stage: u32): bool {
  const count = get(H.orderedCount);
  let warmed: u32 = 0;
  for (let i = get(H.position); i < count; i++) {
    if (i >= warmed) {
      warmed = min(i + AHEAD, count);
      warmAgents(i, warmed);
    }
    const agent = u32At(aSortHandle, i);
    if (!roomFor(agent)) {
      set(H.position, i);
      return false;
    }
    if (stage === 1 && get(H.leftNodes) === 0) return true;
    visit(agent, stage);
    if (stage === 2) leave(agent);
  }
  return true;
}

/** Are there slots for all that one visit can use up? */
function roomFor(agent: u32): bool {
  if (get(H.offersFreeCount) <= get(H.activeClients)) return false;
  if (u32At(aSliceHead, agent) === 0) return true;
  let slices: u32 = 0;
  let shared: u32 = 0;
  for (let slice = u32At(aSliceHead, agent); slice !== 0; slice = u32At(lNext, slice)) {
    slices++;
    if (u8At(lFlags, slice) & CAN_SHARED) shared++;
  }
  return get(H.partsFreeCount) > slices && get(H.refsFreeCount) > shared * HOLDERS_A_GRANT;
}

/**
 * Note what the agent has left. It stays a candidate when it has shared volumes, or when it was
 * granted from in this run and has more: a further try may take what this one's bounds left.
 */
function leave(agent: u32): void {
  const left = somePositive(rowAt(aFree, agent)) || slicesFree(agent);
  const flags = u8At(aFlags, agent);
  putU8(aFlags, agent, left ? flags | A_LEFTOVER : flags & ~A_LEFTOVER);
  const offer = u32At(aOfferHead, agent);
  let stays: bool = left && offer !== 0 && u32At(oCycle, offer) === get(H.cycle);
  for (let slice = u32At(aSliceHead, agent); slice !== 0; slice = u32At(lNext, slice)) {
    if (u8At(lFlags, slice) & CAN_SHARED) stays = true;
  }
  putU8(aCandidate, agent, u32(stays));
}
