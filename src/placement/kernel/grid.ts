/**
 * The occupancy grid: agents by what is free, 64 rows of cpus times 64 columns of memory.
 *
 * Both scales are square roots, so that nearly full agents, which matter most, spread out. A word
 * of 64 bits a row says which cells hold agents. Weights are not negative here, so a cell's lower
 * corner bounds the scores in it, and the walk stops where the bound passes the best found.
 * Agents in equal state are twins: one of them, the lowest, stands in the cell for all.
 */
import { allows, fits, gpusOf } from "./fit.ts";
import { GRID_SIDE, I, type KernelColumns, R } from "./layout.ts";

/** How many agents of a cell are compared for a twin before a new agent goes in by itself. */
const TWIN_LOOKS = 6;
/** Keeps the bound of a cell below the scores in it, whatever the rounding. */
const BOUND_SLACK = 1 + 1e-9;
/** Behind the words of the rows, in `gridRow`: a bit for each row that is not empty. */
const ROWS_AT = 2 * GRID_SIDE;

/** Put all agents on an empty grid. */
export function buildGrid(m: KernelColumns): void {
  m.gridRow.fill(0);
  m.gridHead.fill(-1);
  const agents = m.ints[I.agents]!;
  for (let agent = 0; agent < agents; agent++) {
    if (m.cpus[agent]! >= 0) insert(m, agent);
  }
}

/** Find the agent with the least score on which the class fits. */
export function searchGrid(m: KernelColumns, cls: number): number {
  const { gridRow, gridHead, gridNext, cpus, mem, disk, gpuSum } = m;
  const wCpus = m.reals[R.weightCpus]!;
  const wMem = m.reals[R.weightMem]!;
  const wDisk = m.reals[R.weightDisk]!;
  const wGpus = m.reals[R.weightGpus]!;
  const base = m.classDisk[cls]! * wDisk + gpusOf(m, cls) * wGpus;
  const firstRow = bucket(m.classCpus[cls]!, m.reals[R.cpusPart]!);
  const firstColumn = bucket(m.classMem[cls]!, m.reals[R.memPart]!);
  const cpusScore = m.reals[R.cpusMax]! * wCpus;
  const memScore = m.reals[R.memMax]! * wMem;
  const leastMem = lowest(firstColumn, memScore);
  let best = -1;
  let bestScore = Infinity;
  let lastRow = GRID_SIDE - 1;
  let row = nextBit(gridRow, ROWS_AT, firstRow);
  for (; row >= 0 && row <= lastRow; row = nextBit(gridRow, ROWS_AT, row + 1)) {
    const word = row * 2;
    const rowBound = lowest(row, cpusScore) + base;
    let column = nextBit(gridRow, word, firstColumn);
    for (; column >= 0; column = nextBit(gridRow, word, column + 1)) {
      if (rowBound + lowest(column, memScore) > bestScore * BOUND_SLACK) break;
      for (let head = gridHead[row * GRID_SIDE + column]!; head >= 0; head = gridNext[head]!) {
        if (!fits(m, head, cls)) continue;
        const score =
          cpus[head]! * wCpus + mem[head]! * wMem + disk[head]! * wDisk + gpuSum[head]! * wGpus;
        if (score > bestScore) continue;
        const agent = firstAllowed(m, head, cls);
        if (agent < 0 || (score === bestScore && agent > best)) continue;
        best = agent;
        bestScore = score;
      }
    }
    if (best >= 0) lastRow = rowUpTo(bestScore * BOUND_SLACK - base - leastMem, cpusScore);
  }
  return best;
}

/** The last row whose lowest cpus score at most `most`; -1 for none. */
function rowUpTo(most: number, cpusScore: number): number {
  if (!(most < cpusScore)) return GRID_SIDE - 1;
  return most < 0 ? -1 : Math.trunc(Math.sqrt(most / cpusScore) * GRID_SIDE);
}

/** The next bit from `from` on that is set in the 64 bits at `word`; -1 when none is. */
function nextBit(words: Uint32Array, word: number, from: number): number {
  if (from >= 64) return -1;
  let bits = words[word + (from >>> 5)]! & (-1 << (from & 31));
  if (bits !== 0) return (from & 32) + 31 - Math.clz32(bits & -bits);
  if (from >= 32) return -1;
  bits = words[word + 1]! | 0;
  return bits === 0 ? -1 : 63 - Math.clz32(bits & -bits);
}

/** Take the agent, whose state has changed, to its new cell. */
export function moveOnGrid(m: KernelColumns, agent: number): void {
  remove(m, agent);
  insert(m, agent);
}

function firstAllowed(m: KernelColumns, head: number, cls: number): number {
  let agent = head;
  while (agent >= 0 && !allows(m, agent, cls)) agent = m.twinNext[agent]!;
  return agent;
}

function bucket(amount: number, scale: number): number {
  const at = Math.trunc(Math.sqrt(amount * scale) * GRID_SIDE);
  return at < GRID_SIDE ? at : GRID_SIDE - 1;
}

/** The least amount that falls into a bucket, give or take rounding, times the weight. */
function lowest(at: number, perPart: number): number {
  const part = at / GRID_SIDE;
  return part * part * perPart;
}

function insert(m: KernelColumns, agent: number): void {
  const row = bucket(m.cpus[agent]!, m.reals[R.cpusPart]!);
  const column = bucket(m.mem[agent]!, m.reals[R.memPart]!);
  const cell = row * GRID_SIDE + column;
  m.gridCell[agent] = cell;
  let looks = 0;
  for (let head = m.gridHead[cell]!; head >= 0 && looks < TWIN_LOOKS; head = m.gridNext[head]!) {
    if (isTwin(m, head, agent) && joinTwins(m, head, agent)) return;
    looks++;
  }
  linkHead(m, agent, -1, m.gridHead[cell]!);
  m.twinNext[agent] = -1;
  m.twinPrev[agent] = -1;
  m.twinTail[agent] = agent;
  setBit(m, cell);
  setBit(m, ROWS_AT * 32 + row);
}

function isTwin(m: KernelColumns, a: number, b: number): boolean {
  return (
    m.cpus[a] === m.cpus[b] &&
    m.mem[a] === m.mem[b] &&
    m.disk[a] === m.disk[b] &&
    m.gpuSum[a] === m.gpuSum[b] &&
    m.gpuMax[a] === m.gpuMax[b] &&
    m.gpuFull[a] === m.gpuFull[b]
  );
}

/** Join a row of twins at its start or end; `false` when the agent belongs in the middle. */
function joinTwins(m: KernelColumns, head: number, agent: number): boolean {
  const tail = m.twinTail[head]!;
  if (agent > tail) {
    m.twinNext[tail] = agent;
    m.twinPrev[agent] = tail;
    m.twinNext[agent] = -1;
    m.twinTail[head] = agent;
    return true;
  }
  if (agent > head) return false;
  promote(m, agent, head);
  m.twinNext[agent] = head;
  m.twinPrev[head] = agent;
  return true;
}

/** Let an agent stand in the cell where another one stood. */
function promote(m: KernelColumns, agent: number, former: number): void {
  linkHead(m, agent, m.gridPrev[former]!, m.gridNext[former]!);
  m.twinPrev[agent] = -1;
  m.twinTail[agent] = m.twinTail[former]!;
}

function linkHead(m: KernelColumns, agent: number, prev: number, next: number): void {
  m.gridPrev[agent] = prev;
  m.gridNext[agent] = next;
  if (prev >= 0) m.gridNext[prev] = agent;
  else m.gridHead[m.gridCell[agent]!] = agent;
  if (next >= 0) m.gridPrev[next] = agent;
}

function remove(m: KernelColumns, agent: number): void {
  const before = m.twinPrev[agent]!;
  const after = m.twinNext[agent]!;
  if (before >= 0) removeTwin(m, before, after);
  else if (after >= 0) promote(m, after, agent);
  else removeHead(m, agent);
}

function removeTwin(m: KernelColumns, before: number, after: number): void {
  m.twinNext[before] = after;
  if (after >= 0) {
    m.twinPrev[after] = before;
    return;
  }
  let head = before;
  while (m.twinPrev[head]! >= 0) head = m.twinPrev[head]!;
  m.twinTail[head] = before;
}

function removeHead(m: KernelColumns, agent: number): void {
  const cell = m.gridCell[agent]!;
  const prev = m.gridPrev[agent]!;
  const next = m.gridNext[agent]!;
  if (prev >= 0) m.gridNext[prev] = next;
  else m.gridHead[cell] = next;
  if (next >= 0) m.gridPrev[next] = prev;
  if (m.gridHead[cell]! >= 0) return;
  clearBit(m, cell);
  const row = cell >>> 6;
  if ((m.gridRow[row * 2]! | m.gridRow[row * 2 + 1]!) === 0) clearBit(m, ROWS_AT * 32 + row);
}

function setBit(m: KernelColumns, bit: number): void {
  m.gridRow[bit >>> 5] = m.gridRow[bit >>> 5]! | (1 << (bit & 31));
}

function clearBit(m: KernelColumns, bit: number): void {
  m.gridRow[bit >>> 5] = m.gridRow[bit >>> 5]! & ~(1 << (bit & 31));
}
