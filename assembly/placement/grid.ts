/**
 * The occupancy grid: agents by what is free, 64 rows of cpus times 64 columns of memory, one word
 * of 64 bits a row; `src/placement/kernel/grid.ts` explains it.
 */
import { allows, fits, gpusOf, maskOf, scoreAt } from "./fit";
import { GRID_SIDE, I, R } from "./header";
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
  gridCell,
  gridHead,
  gridNext,
  gridPrev,
  gridRow,
  i32At,
  ints,
  mem,
  putI32,
  reals,
  twinNext,
  twinPrev,
  twinTail,
} from "./memory";

/** How many agents of a cell are compared for a twin before a new agent goes in by itself. */
const TWIN_LOOKS: i32 = 6;
/** Keeps the bound of a cell below the scores in it, whatever the rounding. */
const BOUND_SLACK: f64 = 1 + 1e-9;
/** Byte behind the words of the rows, in `gridRow`: a word with a bit for each row not empty. */
const ROWS_AT: usize = 512;

/** Put all agents on an empty grid. */
export function buildGrid(): void {
  memory.fill(gridRow, 0, ROWS_AT + 8);
  memory.fill(gridHead, 0xff, (GRID_SIDE * GRID_SIDE) << 2);
  const agents = i32At(ints, I.agents);
  for (let agent = 0; agent < agents; agent++) {
    if (f64At(cpus, agent) >= 0) insert(agent);
  }
}

/** Find the agent with the least score on which the class fits. */
export function searchGrid(cls: i32): i32 {
  const needCpus = f64At(classCpus, cls);
  const needMem = f64At(classMem, cls);
  const needDisk = f64At(classDisk, cls);
  const needShare = i32At(classShare, cls);
  const needWhole = i32At(classWhole, cls);
  const mask = maskOf(cls);
  const wCpus = f64At(reals, R.weightCpus);
  const wMem = f64At(reals, R.weightMem);
  const wDisk = f64At(reals, R.weightDisk);
  const wGpus = f64At(reals, R.weightGpus);
  const base = needDisk * wDisk + <f64>gpusOf(cls) * wGpus;
  const firstRow = bucket(needCpus, f64At(reals, R.cpusPart));
  const firstColumn = bucket(needMem, f64At(reals, R.memPart));
  const columnsIn: u64 = <u64>-1 << <u64>firstColumn;
  const cpusScore = f64At(reals, R.cpusMax) * wCpus;
  const memScore = f64At(reals, R.memMax) * wMem;
  const leastMem = lowest(firstColumn, memScore);
  let best = -1;
  let bestScore: f64 = Infinity;
  let rows = load<u64>(gridRow, ROWS_AT) & (<u64>-1 << <u64>firstRow);
  while (rows !== 0) {
    const row = <i32>ctz(rows);
    rows &= rows - 1;
    let columns = load<u64>(gridRow + ((<usize>row) << 3)) & columnsIn;
    if (columns === 0) continue;
    const rowBound = lowest(row, cpusScore) + base;
    while (columns !== 0) {
      const column = <i32>ctz(columns);
      columns &= columns - 1;
      if (rowBound + lowest(column, memScore) > bestScore * BOUND_SLACK) break;
      let head = i32At(gridHead, row * GRID_SIDE + column);
      for (; head >= 0; head = i32At(gridNext, head)) {
        if (!fits(head, needCpus, needMem, needDisk, needShare, needWhole)) continue;
        const score = scoreAt(head, wCpus, wMem, wDisk, wGpus);
        if (score > bestScore) continue;
        const agent = firstAllowed(head, mask);
        if (agent < 0 || (score === bestScore && agent > best)) continue;
        best = agent;
        bestScore = score;
      }
    }
    if (best >= 0) rows &= rowsUpTo(bestScore * BOUND_SLACK - base - leastMem, cpusScore);
  }
  return best;
}

/** The rows whose lowest cpus score at most `most`. */
// @ts-ignore: decorator
@inline
function rowsUpTo(most: f64, cpusScore: f64): u64 {
  if (!(most < cpusScore)) return <u64>-1;
  if (most < 0) return 0;
  const last = <u64>(<i32>(Math.sqrt(most / cpusScore) * <f64>GRID_SIDE));
  return (<u64>2 << last) - 1;
}

/** Take the agent, whose state has changed, to its new cell. */
export function moveOnGrid(agent: i32): void {
  remove(agent);
  insert(agent);
}

// @ts-ignore: decorator
@inline
function firstAllowed(head: i32, mask: usize): i32 {
  let agent = head;
  while (agent >= 0 && !allows(agent, mask)) agent = i32At(twinNext, agent);
  return agent;
}

// @ts-ignore: decorator
@inline
function bucket(amount: f64, scale: f64): i32 {
  const at = <i32>(Math.sqrt(amount * scale) * <f64>GRID_SIDE);
  return at < GRID_SIDE ? at : GRID_SIDE - 1;
}

/** The least amount that falls into a bucket, give or take rounding, times the weight. */
// @ts-ignore: decorator
@inline
function lowest(at: i32, perPart: f64): f64 {
  const part = <f64>at * (1.0 / 64.0);
  return part * part * perPart;
}

function insert(agent: i32): void {
  const row = bucket(f64At(cpus, agent), f64At(reals, R.cpusPart));
  const column = bucket(f64At(mem, agent), f64At(reals, R.memPart));
  const cell = row * GRID_SIDE + column;
  putI32(gridCell, agent, cell);
  const first = i32At(gridHead, cell);
  let looks = 0;
  for (let head = first; head >= 0 && looks < TWIN_LOOKS; head = i32At(gridNext, head)) {
    if (isTwin(head, agent) && joinTwins(head, agent)) return;
    looks++;
  }
  linkHead(agent, -1, first);
  putI32(twinNext, agent, -1);
  putI32(twinPrev, agent, -1);
  putI32(twinTail, agent, agent);
  const word = gridRow + ((<usize>row) << 3);
  store<u64>(word, load<u64>(word) | (<u64>1 << <u64>column));
  store<u64>(gridRow, load<u64>(gridRow, ROWS_AT) | (<u64>1 << <u64>row), ROWS_AT);
}

// @ts-ignore: decorator
@inline
function isTwin(a: i32, b: i32): bool {
  return (
    f64At(cpus, a) === f64At(cpus, b) &&
    f64At(mem, a) === f64At(mem, b) &&
    f64At(disk, a) === f64At(disk, b) &&
    i32At(gpuSum, a) === i32At(gpuSum, b) &&
    i32At(gpuMax, a) === i32At(gpuMax, b) &&
    i32At(gpuFull, a) === i32At(gpuFull, b)
  );
}

/** Join a row of twins at its start or end; `false` when the agent belongs in the middle. */
function joinTwins(head: i32, agent: i32): bool {
  const tail = i32At(twinTail, head);
  if (agent > tail) {
    putI32(twinNext, tail, agent);
    putI32(twinPrev, agent, tail);
    putI32(twinNext, agent, -1);
    putI32(twinTail, head, agent);
    return true;
  }
  if (agent > head) return false;
  promote(agent, head);
  putI32(twinNext, agent, head);
  putI32(twinPrev, head, agent);
  return true;
}

/** Let an agent stand in the cell where another one stood. */
function promote(agent: i32, former: i32): void {
  linkHead(agent, i32At(gridPrev, former), i32At(gridNext, former));
  putI32(twinPrev, agent, -1);
  putI32(twinTail, agent, i32At(twinTail, former));
}

function linkHead(agent: i32, prev: i32, next: i32): void {
  putI32(gridPrev, agent, prev);
  putI32(gridNext, agent, next);
  if (prev >= 0) putI32(gridNext, prev, agent);
  else putI32(gridHead, i32At(gridCell, agent), agent);
  if (next >= 0) putI32(gridPrev, next, agent);
}

function remove(agent: i32): void {
  const before = i32At(twinPrev, agent);
  const after = i32At(twinNext, agent);
  if (before >= 0) removeTwin(before, after);
  else if (after >= 0) promote(after, agent);
  else removeHead(agent);
}

function removeTwin(before: i32, after: i32): void {
  putI32(twinNext, before, after);
  if (after >= 0) {
    putI32(twinPrev, after, before);
    return;
  }
  let head = before;
  while (i32At(twinPrev, head) >= 0) head = i32At(twinPrev, head);
  putI32(twinTail, head, before);
}

function removeHead(agent: i32): void {
  const cell = i32At(gridCell, agent);
  const prev = i32At(gridPrev, agent);
  const next = i32At(gridNext, agent);
  if (prev >= 0) putI32(gridNext, prev, next);
  else putI32(gridHead, cell, next);
  if (next >= 0) putI32(gridPrev, next, prev);
  if (i32At(gridHead, cell) >= 0) return;
  const row = cell >>> 6;
  const word = gridRow + ((<usize>row) << 3);
  const left = load<u64>(word) & ~(<u64>1 << <u64>(cell & 63));
  store<u64>(word, left);
  if (left !== 0) return;
  store<u64>(gridRow, load<u64>(gridRow, ROWS_AT) & ~(<u64>1 << <u64>row), ROWS_AT);
}
