/**
 * The score board of the fragmentation policies; `src/placement/kernel/board.ts` explains it.
 */
import { allows, fits, maskOf } from "./fit";
import { fragmentOf, gradient, strandOf } from "./fragmentation";
import { BLOCK, I } from "./header";
import {
  blockAgent,
  blockScore,
  classCpus,
  classDisk,
  classMem,
  classShare,
  classSlot,
  classWhole,
  cpus,
  f64At,
  fragment,
  gpuSum,
  i32At,
  ints,
  lastLog,
  log,
  mem,
  putF64,
  putI32,
  score,
  strand,
  synced,
} from "./memory";

/** Compute every agent's fragmentation, and forget all scores. */
export function buildBoard(slots: i32): void {
  const agents = i32At(ints, I.agents);
  for (let agent = 0; agent < agents; agent++) {
    measure(agent);
    putI32(lastLog, agent, -1);
  }
  for (let slot = 0; slot < slots; slot++) putI32(synced, slot, -1);
  putI32(ints, I.logLength, 0);
}

/** Note that the agent's state has changed. */
export function moveOnBoard(agent: i32): void {
  measure(agent);
  const at = i32At(ints, I.logLength);
  putI32(log, at, agent);
  putI32(lastLog, agent, at);
  putI32(ints, I.logLength, at + 1);
}

/** Find the agent with the least score, and leave its best device in the header. */
export function searchBoard(cls: i32): i32 {
  const slot = i32At(classSlot, cls);
  const best = slot < 0 ? searchUncached(cls) : searchSlot(cls, slot);
  if (best >= 0) gradient(best, cls);
  return best;
}

function measure(agent: i32): void {
  putI32(fragment, agent, fragmentOf(agent));
  putF64(strand, agent, strandOf(f64At(cpus, agent), f64At(mem, agent), i32At(gpuSum, agent)));
}

function searchUncached(cls: i32): i32 {
  const agents = i32At(ints, I.agents);
  let best = -1;
  let bestScore: f64 = Infinity;
  for (let agent = 0; agent < agents; agent++) {
    const now = scoreOf(agent, cls, maskOf(cls));
    if (now >= bestScore) continue;
    bestScore = now;
    best = agent;
  }
  return best;
}

function searchSlot(cls: i32, slot: i32): i32 {
  const blocks = i32At(ints, I.stride) / BLOCK;
  const length = i32At(ints, I.logLength);
  const from = i32At(synced, slot);
  if (from < 0) scoreAll(cls, slot, blocks);
  else for (let at = from; at < length; at++) scoreLogged(cls, slot, blocks, at);
  putI32(synced, slot, length);
  let best = -1;
  let bestScore: f64 = Infinity;
  for (let block = slot * blocks; block < (slot + 1) * blocks; block++) {
    if (f64At(blockScore, block) >= bestScore) continue;
    bestScore = f64At(blockScore, block);
    best = i32At(blockAgent, block);
  }
  return best;
}

function scoreOf(agent: i32, cls: i32, mask: usize): f64 {
  const isIn = fits(
    agent,
    f64At(classCpus, cls),
    f64At(classMem, cls),
    f64At(classDisk, cls),
    i32At(classShare, cls),
    i32At(classWhole, cls),
  );
  if (!isIn || !allows(agent, mask)) return Infinity;
  return gradient(agent, cls);
}

function scoreAll(cls: i32, slot: i32, blocks: i32): void {
  const agents = i32At(ints, I.agents);
  const stride = i32At(ints, I.stride);
  const mask = maskOf(cls);
  for (let agent = 0; agent < agents; agent++) {
    putF64(score, slot * stride + agent, scoreOf(agent, cls, mask));
  }
  for (let agent = agents; agent < stride; agent++) putF64(score, slot * stride + agent, Infinity);
  for (let block = 0; block < blocks; block++) rankBlock(slot, blocks, block);
}

/** Score the agent of one entry of the log, unless a later entry will. */
function scoreLogged(cls: i32, slot: i32, blocks: i32, at: i32): void {
  const agent = i32At(log, at);
  if (i32At(lastLog, agent) !== at) return;
  const now = scoreOf(agent, cls, maskOf(cls));
  putF64(score, slot * i32At(ints, I.stride) + agent, now);
  const block = agent / BLOCK;
  const place = slot * blocks + block;
  const former = i32At(blockAgent, place);
  const formerScore = f64At(blockScore, place);
  if (now < formerScore || (now === formerScore && agent < former)) {
    putF64(blockScore, place, now);
    putI32(blockAgent, place, agent);
  } else if (agent === former) rankBlock(slot, blocks, block);
}

function rankBlock(slot: i32, blocks: i32, block: i32): void {
  const offset = slot * i32At(ints, I.stride);
  let best = -1;
  let bestScore: f64 = Infinity;
  for (let agent = block * BLOCK; agent < (block + 1) * BLOCK; agent++) {
    const now = f64At(score, offset + agent);
    if (now >= bestScore) continue;
    bestScore = now;
    best = agent;
  }
  putF64(blockScore, slot * blocks + block, bestScore);
  putI32(blockAgent, slot * blocks + block, best);
}
