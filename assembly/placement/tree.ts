/**
 * The tree over agents in their own order: each node knows the most that is free below it;
 * `src/placement/kernel/tree.ts` explains it.
 */
import { allows, fits, gpusOf, maskOf, scoreAt, weight } from "./fit";
import { I, LEAF, R } from "./header";
import {
  classCpus,
  classDisk,
  classMem,
  classShare,
  classWhole,
  cpus,
  disk,
  f64At,
  gpuFull,
  gpuMax,
  gpuSum,
  i32At,
  ints,
  mem,
  nodeBest,
  nodeCpus,
  nodeDisk,
  nodeGpus,
  nodeMem,
  nodeShare,
  nodeWhole,
  putF64,
  putI32,
  reals,
  stackBound,
  stackNode,
} from "./memory";

/** Fill all nodes from the agents up. */
export function buildTree(): void {
  const leaves = i32At(ints, I.leaves);
  for (let leaf = 0; leaf < leaves; leaf++) fillLeaf(leaf);
  for (let node = leaves - 1; node >= 1; node--) join(node);
}

/** Bring the nodes above the agent, whose state has changed, up to date. */
export function moveInTree(agent: i32): void {
  const leaf = agent >>> 3;
  fillLeaf(leaf);
  for (let node = (i32At(ints, I.leaves) + leaf) >>> 1; node >= 1; node >>>= 1) {
    if (!join(node)) return;
  }
}

/** Find the agent with the least score on which the class fits; the lower index on a tie. */
export function searchTree(cls: i32): i32 {
  const needCpus = f64At(classCpus, cls);
  const needMem = f64At(classMem, cls);
  const needDisk = f64At(classDisk, cls);
  const needShare = i32At(classShare, cls);
  const needWhole = i32At(classWhole, cls);
  const mask = maskOf(cls);
  const wCpus = weight(R.weightCpus, needCpus);
  const wMem = weight(R.weightMem, needMem);
  const wDisk = weight(R.weightDisk, needDisk);
  const wGpus = weight(R.weightGpus, <f64>gpusOf(cls));
  const leaves = i32At(ints, I.leaves);
  const agents = i32At(ints, I.agents);
  let best = -1;
  let bestScore: f64 = Infinity;
  let depth = push(0, 1, -Infinity);
  while (depth > 0) {
    depth--;
    const node = i32At(stackNode, depth);
    const bound = f64At(stackBound, depth);
    if (bound > bestScore) continue;
    if (bound === bestScore && firstAgent(node, leaves) > best) continue;
    if (node < leaves) {
      const left = node * 2;
      const isLeftIn = admits(left, needCpus, needMem, needDisk, needShare, needWhole);
      const isRightIn = admits(left + 1, needCpus, needMem, needDisk, needShare, needWhole);
      const leftBound = isLeftIn ? boundOf(left, wCpus, wMem, wDisk, wGpus) : 0;
      const rightBound = isRightIn ? boundOf(left + 1, wCpus, wMem, wDisk, wGpus) : 0;
      const isRightBetter = rightBound < leftBound;
      if (isLeftIn && isRightBetter) depth = push(depth, left, leftBound);
      if (isRightIn) depth = push(depth, left + 1, rightBound);
      if (isLeftIn && !isRightBetter) depth = push(depth, left, leftBound);
      continue;
    }
    const first = (node - leaves) * LEAF;
    const end = min(first + LEAF, agents);
    for (let agent = first; agent < end; agent++) {
      if (!fits(agent, needCpus, needMem, needDisk, needShare, needWhole)) continue;
      const score = scoreAt(agent, wCpus, wMem, wDisk, wGpus);
      if (score > bestScore || (score === bestScore && agent > best)) continue;
      if (!allows(agent, mask)) continue;
      best = agent;
      bestScore = score;
    }
  }
  return best;
}

// @ts-ignore: decorator
@inline
function push(depth: i32, node: i32, bound: f64): i32 {
  putI32(stackNode, depth, node);
  putF64(stackBound, depth, bound);
  return depth + 1;
}

/** The first agent below a node. */
// @ts-ignore: decorator
@inline
function firstAgent(node: i32, leaves: i32): i32 {
  const up = clz(node) - clz(leaves);
  return ((node << up) - leaves) * LEAF;
}

// @ts-ignore: decorator
@inline
function admits(
  node: i32,
  needCpus: f64,
  needMem: f64,
  needDisk: f64,
  needShare: i32,
  needWhole: i32,
): bool {
  return (
    f64At(nodeCpus, node) >= needCpus &&
    f64At(nodeMem, node) >= needMem &&
    f64At(nodeDisk, node) >= needDisk &&
    i32At(nodeShare, node) >= needShare &&
    i32At(nodeWhole, node) >= needWhole
  );
}

/** What no score below the node is less than. */
// @ts-ignore: decorator
@inline
function boundOf(node: i32, wCpus: f64, wMem: f64, wDisk: f64, wGpus: f64): f64 {
  if (i32At(ints, I.aligned) === 0) return f64At(nodeBest, node);
  return (
    f64At(nodeCpus, node) * wCpus +
    f64At(nodeMem, node) * wMem +
    f64At(nodeDisk, node) * wDisk +
    f64At(nodeGpus, node) * wGpus
  );
}

function fillLeaf(leaf: i32): void {
  let mCpus: f64 = -1;
  let mMem: f64 = -1;
  let mDisk: f64 = -1;
  let mGpus = -1;
  let mShare = -1;
  let mWhole = -1;
  let best: f64 = Infinity;
  const wCpus = f64At(reals, R.weightCpus);
  const wMem = f64At(reals, R.weightMem);
  const wDisk = f64At(reals, R.weightDisk);
  const wGpus = f64At(reals, R.weightGpus);
  const end = min((leaf + 1) * LEAF, i32At(ints, I.agents));
  for (let agent = leaf * LEAF; agent < end; agent++) {
    mCpus = max(mCpus, f64At(cpus, agent));
    mMem = max(mMem, f64At(mem, agent));
    mDisk = max(mDisk, f64At(disk, agent));
    mGpus = max(mGpus, i32At(gpuSum, agent));
    mShare = max(mShare, i32At(gpuMax, agent));
    mWhole = max(mWhole, i32At(gpuFull, agent));
    best = min(best, scoreAt(agent, wCpus, wMem, wDisk, wGpus));
  }
  setNode(i32At(ints, I.leaves) + leaf, mCpus, mMem, mDisk, <f64>mGpus, best, mShare, mWhole);
}

/** Recompute a node from its children; `false` when nothing changed, nor will above it. */
function join(node: i32): bool {
  const left = node * 2;
  const right = left + 1;
  const mCpus = max(f64At(nodeCpus, left), f64At(nodeCpus, right));
  const mMem = max(f64At(nodeMem, left), f64At(nodeMem, right));
  const mDisk = max(f64At(nodeDisk, left), f64At(nodeDisk, right));
  const mGpus = max(f64At(nodeGpus, left), f64At(nodeGpus, right));
  const best = min(f64At(nodeBest, left), f64At(nodeBest, right));
  const mShare = max(i32At(nodeShare, left), i32At(nodeShare, right));
  const mWhole = max(i32At(nodeWhole, left), i32At(nodeWhole, right));
  const isSame =
    f64At(nodeCpus, node) === mCpus &&
    f64At(nodeMem, node) === mMem &&
    f64At(nodeDisk, node) === mDisk &&
    f64At(nodeGpus, node) === mGpus &&
    f64At(nodeBest, node) === best &&
    i32At(nodeShare, node) === mShare &&
    i32At(nodeWhole, node) === mWhole;
  if (isSame) return false;
  setNode(node, mCpus, mMem, mDisk, mGpus, best, mShare, mWhole);
  return true;
}

// @ts-ignore: decorator
@inline
function setNode(
  node: i32,
  mCpus: f64,
  mMem: f64,
  mDisk: f64,
  mGpus: f64,
  best: f64,
  mShare: i32,
  mWhole: i32,
): void {
  putF64(nodeCpus, node, mCpus);
  putF64(nodeMem, node, mMem);
  putF64(nodeDisk, node, mDisk);
  putF64(nodeGpus, node, mGpus);
  putF64(nodeBest, node, best);
  putI32(nodeShare, node, mShare);
  putI32(nodeWhole, node, mWhole);
}
