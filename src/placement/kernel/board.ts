/**
 * The score board of the fragmentation policies: for each class of tasks, what it would do to each
 * agent.
 *
 * A score depends on one agent's state alone. The log lists the agents that changed; a class that
 * comes up again scores only those anew. Blocks of 64 agents keep their best.
 */
import { allows, fits } from "./fit.ts";
import { fragment, gradient, strand } from "./fragmentation.ts";
import { BLOCK, I, type KernelColumns } from "./layout.ts";

/** Compute every agent's fragmentation, and forget all scores. */
export function buildBoard(m: KernelColumns): void {
  const agents = m.ints[I.agents]!;
  for (let agent = 0; agent < agents; agent++) {
    m.fragment[agent] = fragment(m, agent);
    m.strand[agent] = strand(m, m.cpus[agent]!, m.mem[agent]!, m.gpuSum[agent]!);
    m.lastLog[agent] = -1;
  }
  m.synced.fill(-1);
  m.ints[I.logLength] = 0;
}

/** Note that the agent's state has changed. */
export function moveOnBoard(m: KernelColumns, agent: number): void {
  m.fragment[agent] = fragment(m, agent);
  m.strand[agent] = strand(m, m.cpus[agent]!, m.mem[agent]!, m.gpuSum[agent]!);
  const at = m.ints[I.logLength]!;
  m.log[at] = agent;
  m.lastLog[agent] = at;
  m.ints[I.logLength] = at + 1;
}

/** Find the agent with the least score, and leave its best device in the header. */
export function searchBoard(m: KernelColumns, cls: number): number {
  const slot = m.classSlot[cls]!;
  const best = slot < 0 ? searchUncached(m, cls) : searchSlot(m, cls, slot);
  if (best >= 0) gradient(m, best, cls);
  return best;
}

function searchUncached(m: KernelColumns, cls: number): number {
  const agents = m.ints[I.agents]!;
  let best = -1;
  let bestScore = Infinity;
  for (let agent = 0; agent < agents; agent++) {
    if (!fits(m, agent, cls) || !allows(m, agent, cls)) continue;
    const score = gradient(m, agent, cls);
    if (score >= bestScore) continue;
    bestScore = score;
    best = agent;
  }
  return best;
}

function searchSlot(m: KernelColumns, cls: number, slot: number): number {
  const blocks = m.ints[I.stride]! / BLOCK;
  const length = m.ints[I.logLength]!;
  const synced = m.synced[slot]!;
  if (synced < 0) scoreAll(m, cls, slot, blocks);
  else for (let at = synced; at < length; at++) scoreLogged(m, cls, slot, blocks, at);
  m.synced[slot] = length;
  let best = -1;
  let bestScore = Infinity;
  for (let block = slot * blocks; block < (slot + 1) * blocks; block++) {
    if (m.blockScore[block]! >= bestScore) continue;
    bestScore = m.blockScore[block]!;
    best = m.blockAgent[block]!;
  }
  return best;
}

function scoreOf(m: KernelColumns, agent: number, cls: number): number {
  if (!fits(m, agent, cls) || !allows(m, agent, cls)) return Infinity;
  return gradient(m, agent, cls);
}

function scoreAll(m: KernelColumns, cls: number, slot: number, blocks: number): void {
  const agents = m.ints[I.agents]!;
  const stride = m.ints[I.stride]!;
  for (let agent = 0; agent < agents; agent++) {
    m.score[slot * stride + agent] = scoreOf(m, agent, cls);
  }
  for (let agent = agents; agent < stride; agent++) m.score[slot * stride + agent] = Infinity;
  for (let block = 0; block < blocks; block++) rankBlock(m, slot, blocks, block);
}

/** Score the agent of one entry of the log, unless a later entry will. */
function scoreLogged(
  m: KernelColumns,
  cls: number,
  slot: number,
  blocks: number,
  at: number,
): void {
  const agent = m.log[at]!;
  if (m.lastLog[agent] !== at) return;
  const score = scoreOf(m, agent, cls);
  m.score[slot * m.ints[I.stride]! + agent] = score;
  const block = Math.floor(agent / BLOCK);
  const place = slot * blocks + block;
  const former = m.blockAgent[place]!;
  const formerScore = m.blockScore[place]!;
  if (score < formerScore || (score === formerScore && agent < former)) {
    m.blockScore[place] = score;
    m.blockAgent[place] = agent;
  } else if (agent === former) rankBlock(m, slot, blocks, block);
}

function rankBlock(m: KernelColumns, slot: number, blocks: number, block: number): void {
  const offset = slot * m.ints[I.stride]!;
  let best = -1;
  let bestScore = Infinity;
  for (let agent = block * BLOCK; agent < (block + 1) * BLOCK; agent++) {
    const score = m.score[offset + agent]!;
    if (score >= bestScore) continue;
    bestScore = score;
    best = agent;
  }
  m.blockScore[slot * blocks + block] = bestScore;
  m.blockAgent[slot * blocks + block] = best;
}
