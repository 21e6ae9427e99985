/**
 * The tree over agents in their own order: each node knows the most that is free below it.
 *
 * A node knows the least score below it, too; where scores differ from class to class (aligned), the
 * maxima bound them, for weights are not positive here: more free is better. A branch that cannot
 * beat the best found is not entered. With all weights zero every
 * score is equal, ties go to the lower index, and the search is the first fit.
 */
import { allows, fits, gpusOf, weight } from "./fit.ts";
import { I, type KernelColumns, LEAF, R } from "./layout.ts";

/** Fill all nodes from the agents up. */
export function buildTree(m: KernelColumns): void {
  const leaves = m.ints[I.leaves]!;
  for (let leaf = 0; leaf < leaves; leaf++) fillLeaf(m, leaf);
  for (let node = leaves - 1; node >= 1; node--) join(m, node);
}

/** Bring the nodes above the agent, whose state has changed, up to date. */
export function moveInTree(m: KernelColumns, agent: number): void {
  const leaf = Math.floor(agent / LEAF);
  fillLeaf(m, leaf);
  for (let node = (m.ints[I.leaves]! + leaf) >>> 1; node >= 1; node >>>= 1) {
    if (!join(m, node)) return;
  }
}

/** Find the agent with the least score on which the class fits; the lower index on a tie. */
export function searchTree(m: KernelColumns, cls: number): number {
  const wCpus = weight(m, R.weightCpus, m.classCpus[cls]!);
  const wMem = weight(m, R.weightMem, m.classMem[cls]!);
  const wDisk = weight(m, R.weightDisk, m.classDisk[cls]!);
  const wGpus = weight(m, R.weightGpus, gpusOf(m, cls));
  const leaves = m.ints[I.leaves]!;
  let best = -1;
  let bestScore = Infinity;
  let depth = 1;
  m.stackNode[0] = 1;
  m.stackBound[0] = -Infinity;
  while (depth > 0) {
    depth--;
    const node = m.stackNode[depth]!;
    const bound = m.stackBound[depth]!;
    if (bound > bestScore) continue;
    if (bound === bestScore && firstAgent(node, leaves) > best) continue;
    if (node < leaves) {
      const left = node * 2;
      const isLeftIn = admits(m, left, cls);
      const isRightIn = admits(m, left + 1, cls);
      const leftBound = isLeftIn ? boundOf(m, left, wCpus, wMem, wDisk, wGpus) : 0;
      const rightBound = isRightIn ? boundOf(m, left + 1, wCpus, wMem, wDisk, wGpus) : 0;
      const isRightBetter = rightBound < leftBound;
      if (isLeftIn && isRightBetter) depth = push(m, depth, left, leftBound);
      if (isRightIn) depth = push(m, depth, left + 1, rightBound);
      if (isLeftIn && !isRightBetter) depth = push(m, depth, left, leftBound);
      continue;
    }
    const first = (node - leaves) * LEAF;
    const end = Math.min(first + LEAF, m.ints[I.agents]!);
    for (let agent = first; agent < end; agent++) {
      if (!fits(m, agent, cls)) continue;
      const score =
        m.cpus[agent]! * wCpus +
        m.mem[agent]! * wMem +
        m.disk[agent]! * wDisk +
        m.gpuSum[agent]! * wGpus;
      if (score > bestScore || (score === bestScore && agent > best)) continue;
      if (!allows(m, agent, cls)) continue;
      best = agent;
      bestScore = score;
    }
  }
  return best;
}

function push(m: KernelColumns, depth: number, node: number, bound: number): number {
  m.stackNode[depth] = node;
  m.stackBound[depth] = bound;
  return depth + 1;
}

/** The first agent below a node. */
function firstAgent(node: number, leaves: number): number {
  const up = Math.clz32(node) - Math.clz32(leaves);
  return ((node << up) - leaves) * LEAF;
}

function admits(m: KernelColumns, node: number, cls: number): boolean {
  return (
    m.nodeCpus[node]! >= m.classCpus[cls]! &&
    m.nodeMem[node]! >= m.classMem[cls]! &&
    m.nodeDisk[node]! >= m.classDisk[cls]! &&
    m.nodeShare[node]! >= m.classShare[cls]! &&
    m.nodeWhole[node]! >= m.classWhole[cls]!
  );
}

/** What no score below the node is less than. */
function boundOf(
  m: KernelColumns,
  node: number,
  wCpus: number,
  wMem: number,
  wDisk: number,
  wGpus: number,
): number {
  if (m.ints[I.aligned] === 0) return m.nodeBest[node]!;
  return (
    m.nodeCpus[node]! * wCpus +
    m.nodeMem[node]! * wMem +
    m.nodeDisk[node]! * wDisk +
    m.nodeGpus[node]! * wGpus
  );
}

function fillLeaf(m: KernelColumns, leaf: number): void {
  let cpus = -1;
  let mem = -1;
  let disk = -1;
  let gpus = -1;
  let share = -1;
  let whole = -1;
  let best = Infinity;
  const end = Math.min((leaf + 1) * LEAF, m.ints[I.agents]!);
  for (let agent = leaf * LEAF; agent < end; agent++) {
    cpus = Math.max(cpus, m.cpus[agent]!);
    mem = Math.max(mem, m.mem[agent]!);
    disk = Math.max(disk, m.disk[agent]!);
    gpus = Math.max(gpus, m.gpuSum[agent]!);
    share = Math.max(share, m.gpuMax[agent]!);
    whole = Math.max(whole, m.gpuFull[agent]!);
    const score =
      m.cpus[agent]! * m.reals[R.weightCpus]! +
      m.mem[agent]! * m.reals[R.weightMem]! +
      m.disk[agent]! * m.reals[R.weightDisk]! +
      m.gpuSum[agent]! * m.reals[R.weightGpus]!;
    best = Math.min(best, score);
  }
  const node = m.ints[I.leaves]! + leaf;
  m.nodeCpus[node] = cpus;
  m.nodeMem[node] = mem;
  m.nodeDisk[node] = disk;
  m.nodeGpus[node] = gpus;
  m.nodeBest[node] = best;
  m.nodeShare[node] = share;
  m.nodeWhole[node] = whole;
}

/** Recompute a node from its children; `false` when nothing changed, nor will above it. */
function join(m: KernelColumns, node: number): boolean {
  const left = node * 2;
  const right = left + 1;
  const cpus = Math.max(m.nodeCpus[left]!, m.nodeCpus[right]!);
  const mem = Math.max(m.nodeMem[left]!, m.nodeMem[right]!);
  const disk = Math.max(m.nodeDisk[left]!, m.nodeDisk[right]!);
  const gpus = Math.max(m.nodeGpus[left]!, m.nodeGpus[right]!);
  const best = Math.min(m.nodeBest[left]!, m.nodeBest[right]!);
  const share = Math.max(m.nodeShare[left]!, m.nodeShare[right]!);
  const whole = Math.max(m.nodeWhole[left]!, m.nodeWhole[right]!);
  const isSame =
    m.nodeCpus[node] === cpus &&
    m.nodeMem[node] === mem &&
    m.nodeDisk[node] === disk &&
    m.nodeGpus[node] === gpus &&
    m.nodeBest[node] === best &&
    m.nodeShare[node] === share &&
    m.nodeWhole[node] === whole;
  if (isSame) return false;
  m.nodeCpus[node] = cpus;
  m.nodeMem[node] = mem;
  m.nodeDisk[node] = disk;
  m.nodeGpus[node] = gpus;
  m.nodeBest[node] = best;
  m.nodeShare[node] = share;
  m.nodeWhole[node] = whole;
  return true;
}
