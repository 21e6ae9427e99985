/** The expected tasks of the fragmentation policies, and the table by which kernels weigh them. */
import type { TaskBatch } from "./batch.ts";
import { DEVICES_MAX, WHOLE } from "./kernel/layout.ts";
import type { WorkloadShape } from "./types.ts";

/** Different amounts of cpus, memory and GPU share that the table tells apart. */
const CPU_STEPS_MAX = 128;
const MEM_STEPS_MAX = 128;
const SHARES_MAX = 40;
/** Rows of the table, over all models; it tells fewer amounts apart when models are many. */
const ROWS_MAX = 131_072;
/** The sum of all weights: what keeps the kernels' sums below 2^31. */
const WEIGHT_MAX = 65_536;
/** Growth of fragmentation below this many thousandths of a device counts as none. */
const QUANTUM_MILLIS = 40;

/** A kind of task as the table sees it: amounts are rounded up to its steps. */
export interface ProfileShape {
  readonly cpus: number;
  readonly mem: number;
  readonly gpuMillis: number;
  readonly weight: number;
  readonly gpuModels: readonly string[] | undefined;
}

/** The expected tasks, rounded to a table's steps. */
export interface WorkloadProfile {
  readonly shapes: readonly ProfileShape[];
  /** Ascending. */
  readonly cpuSteps: readonly number[];
  readonly memSteps: readonly number[];
  /** Ascending sizes of a share; the last is a whole device. */
  readonly shares: readonly number[];
  readonly totalWeight: number;
  /** 1 / (growth that counts as one step). */
  readonly quantumInverse: number;
  /** Thousandths of GPU that the workload asks for each thousandth of cpus; 0 if it asks none. */
  readonly gpusPerCpus: number;
  readonly gpusPerMem: number;
}

/** The shapes of a batch, as many as its classes. */
export function shapesOf(batch: TaskBatch): WorkloadShape[] {
  const { classes, rules } = batch;
  return Array.from(classes.count, (count, cls) => {
    const gpuModels = rules[classes.rule[cls]!]?.gpuModels;
    return {
      cpusMillis: classes.cpusMillis[cls]!,
      memMillis: classes.memMillis[cls]!,
      gpuMillis: classes.gpuMillis[cls]!,
      count,
      ...(gpuModels === undefined ? {} : { gpuModels }),
    };
  });
}

/**
 * Round the expected tasks to the steps of a table for `models` GPU models.
 *
 * Weights are the counts themselves up to 65,536 tasks, in proportion beyond.
 */
export function profileWorkload(shapes: readonly WorkloadShape[], models: number): WorkloadProfile {
  const side = Math.sqrt(ROWS_MAX / models);
  const cpuSteps = steps(shapes, (s) => s.cpusMillis, Math.min(CPU_STEPS_MAX, side * 1.4));
  const memSteps = steps(shapes, (s) => s.memMillis, Math.min(MEM_STEPS_MAX, side * 0.7));
  const parts = shapes.filter((s) => s.gpuMillis > 0 && s.gpuMillis < WHOLE);
  const shares = [...steps(parts, (s) => s.gpuMillis, SHARES_MAX), WHOLE];
  const weights = weightsOf(shapes);
  const totals = { cpus: 0, mem: 0, gpus: 0 };
  for (const shape of shapes) {
    totals.cpus += shape.cpusMillis * shape.count;
    totals.mem += shape.memMillis * shape.count;
    totals.gpus += shape.gpuMillis * shape.count;
  }
  const totalWeight = weights.reduce((sum, weight) => sum + weight, 0);
  return {
    shapes: shapes.map((shape, i) => ({
      cpus: roundUp(cpuSteps, shape.cpusMillis),
      mem: roundUp(memSteps, shape.memMillis),
      gpuMillis:
        shape.gpuMillis < WHOLE && shape.gpuMillis > 0
          ? roundUp(shares, shape.gpuMillis)
          : shape.gpuMillis,
      weight: weights[i]!,
      gpuModels: shape.gpuModels,
    })),
    cpuSteps,
    memSteps,
    shares,
    totalWeight,
    quantumInverse: 1 / (QUANTUM_MILLIS * Math.max(totalWeight, 1)),
    gpusPerCpus: totals.cpus === 0 ? 0 : totals.gpus / totals.cpus,
    gpusPerMem: totals.mem === 0 ? 0 : totals.gpus / totals.mem,
  };
}

/** How long the table is. */
export function tableLength(profile: WorkloadProfile, models: number): number {
  return models * (profile.cpuSteps.length + 1) * (profile.memSteps.length + 1) * rowWidth(profile);
}

/** Words of a row: one for each level of share, then one for each count of whole devices. */
export function rowWidth(profile: WorkloadProfile): number {
  return levelsOf(profile) + DEVICES_MAX + 1;
}

/** Levels of share: none, then each size. */
export function levelsOf(profile: WorkloadProfile): number {
  return profile.shares.length + 1;
}

/** Write the kernels' table: in each row the weight of what fits, summed from small to large. */
export function fillTable(
  profile: WorkloadProfile,
  models: readonly string[],
  table: Int32Array,
): void {
  const { cpuSteps, memSteps, shares, shapes } = profile;
  const width = rowWidth(profile);
  const rowsOfCpu = memSteps.length + 1;
  const rowsOfModel = (cpuSteps.length + 1) * rowsOfCpu;
  const [cpuAt, memAt, shareAt] = [places(cpuSteps), places(memSteps), places(shares)];
  for (const shape of shapes) {
    if (shape.gpuMillis === 0) continue;
    const row = cpuAt.get(shape.cpus)! * rowsOfCpu + memAt.get(shape.mem)!;
    const word =
      shape.gpuMillis <= WHOLE
        ? shareAt.get(shape.gpuMillis)!
        : levelsOf(profile) + shape.gpuMillis / WHOLE;
    models.forEach((name, model) => {
      if (shape.gpuModels !== undefined && !shape.gpuModels.includes(name)) return;
      table[(model * rowsOfModel + row) * width + word]! += shape.weight;
    });
  }
  const rows = models.length * rowsOfModel;
  for (let row = 0; row < rows; row++) sumRow(table, row * width, levelsOf(profile), width);
  sumOver(table, rows, width, rowsOfModel, rowsOfCpu);
}

/** Sum the shares of a row from small to large, and its counts likewise. */
function sumRow(table: Int32Array, at: number, levels: number, width: number): void {
  for (let word = 1; word < levels; word++) table[at + word]! += table[at + word - 1]!;
  for (let word = levels + 1; word < width; word++) table[at + word]! += table[at + word - 1]!;
}

/** Sum rows over the steps of memory, then over those of cpus. */
function sumOver(
  table: Int32Array,
  rows: number,
  width: number,
  rowsOfModel: number,
  rowsOfCpu: number,
): void {
  for (let row = 0; row < rows; row++) {
    if (row % rowsOfCpu !== 0) addRow(table, row, row - 1, width);
  }
  for (let row = 0; row < rows; row++) {
    if (row % rowsOfModel >= rowsOfCpu) addRow(table, row, row - rowsOfCpu, width);
  }
}

function addRow(table: Int32Array, to: number, from: number, width: number): void {
  for (let word = 0; word < width; word++) table[to * width + word]! += table[from * width + word]!;
}

/** At most `most` amounts that stand for all: equally heavy parts, each by its largest. */
function steps(
  shapes: readonly WorkloadShape[],
  amountOf: (shape: WorkloadShape) => number,
  most: number,
): number[] {
  const heavy = new Map<number, number>();
  for (const shape of shapes) {
    const amount = amountOf(shape);
    heavy.set(amount, (heavy.get(amount) ?? 0) + shape.count);
  }
  const amounts = [...heavy].sort(([a], [b]) => a - b);
  const limit = Math.max(Math.floor(most), 1);
  if (amounts.length <= limit) return amounts.map(([amount]) => amount);
  const total = amounts.reduce((sum, [, count]) => sum + count, 0);
  const chosen: number[] = [];
  let sum = 0;
  amounts.forEach(([amount, count], i) => {
    sum += count;
    const isLast = i === amounts.length - 1;
    if (isLast || sum >= (total * (chosen.length + 1)) / limit) chosen.push(amount);
  });
  return chosen;
}

/** The least of the ascending steps that is not below the amount. */
function roundUp(ascending: readonly number[], amount: number): number {
  let low = 0;
  let high = ascending.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle]! < amount) low = middle + 1;
    else high = middle;
  }
  return ascending[low]!;
}

/** Where each of the ascending steps stands, counted from 1. */
function places(ascending: readonly number[]): ReadonlyMap<number, number> {
  return new Map(ascending.map((step, at) => [step, at + 1]));
}

function weightsOf(shapes: readonly WorkloadShape[]): number[] {
  const total = shapes.reduce((sum, shape) => sum + shape.count, 0);
  if (total <= WEIGHT_MAX) return shapes.map((shape) => shape.count);
  let sum = 0;
  return shapes.map((shape) => {
    const before = Math.floor((sum * WEIGHT_MAX) / total);
    sum += shape.count;
    return Math.floor((sum * WEIGHT_MAX) / total) - before;
  });
}
