/**
 * How much of an agent's free GPUs the expected tasks could not use, and what a task does to it.
 *
 * Expected tasks are shapes with integer weights. A shape can use nothing of an agent that lacks
 * the cpus, memory or whole devices for it, or is of a model that it excludes; else it can use the
 * devices that have its share free. The fragmentation of an agent is the weighted sum of the
 * thousandths that cannot be used. The table `usable` holds, for each model, step of free cpus
 * and step of free memory, the weight of the shares up to each size and of the counts up to each
 * number of whole devices; so one sum over the devices gives the whole.
 * Source of the idea: Weng et al., "Beware of Fragmentation", USENIX ATC 2023.
 */
import { gpusOf } from "./fit.ts";
import { DEVICES_MAX, I, type KernelColumns, R, WHOLE } from "./layout.ts";

/** Scores are whole steps of the gradient times this, plus what is left over (0 to 1). */
const GRADIENT_STEP = 2;

/** The agent's fragmentation: weight times thousandths of a device. */
export function fragment(m: KernelColumns, agent: number): number {
  const row = tableRow(m, agent, m.cpus[agent]!, m.mem[agent]!);
  const counts = row + m.ints[I.levels]!;
  const full = m.gpuFull[agent]!;
  const usable = sharesUsable(m, agent, row) + WHOLE * full * m.usable[counts + full]!;
  return m.gpuSum[agent]! * m.ints[I.totalWeight]! - usable;
}

/**
 * The thousandths of GPU that must stay idle for want of cpus or memory, were the agent filled with
 * the expected tasks in their proportions.
 */
export function strand(m: KernelColumns, cpus: number, mem: number, gpus: number): number {
  if (m.reals[R.strandWeight] === 0) return 0;
  const byCpus = cpus * m.reals[R.gpusPerCpus]! + m.reals[R.cpusSlack]!;
  const byMem = mem * m.reals[R.gpusPerMem]! + m.reals[R.memSlack]!;
  const served = Math.min(byCpus, byMem);
  return served < gpus ? gpus - served : 0;
}

/**
 * The score of placing the class on an agent where it fits: the growth of fragmentation in steps,
 * then what is left over. Leaves the device that gives the least growth in the header.
 */
export function gradient(m: KernelColumns, agent: number, cls: number): number {
  const cpus = m.cpus[agent]! - m.classCpus[cls]!;
  const mem = m.mem[agent]! - m.classMem[cls]!;
  const gpus = m.gpuSum[agent]! - gpusOf(m, cls);
  const row = tableRow(m, agent, cpus, mem);
  const usable =
    m.classShare[cls]! > 0 ? usableByShare(m, agent, cls, row) : usableByWhole(m, agent, cls, row);
  const grown = gpus * m.ints[I.totalWeight]! - usable - m.fragment[agent]!;
  const stranded = strand(m, cpus, mem, gpus) - m.strand[agent]!;
  const steps = Math.floor(
    (grown + m.reals[R.strandWeight]! * stranded) * m.reals[R.quantumInverse]!,
  );
  const left =
    cpus * m.reals[R.weightCpus]! +
    mem * m.reals[R.weightMem]! +
    (m.disk[agent]! - m.classDisk[cls]!) * m.reals[R.weightDisk]! +
    gpus * m.reals[R.weightGpus]!;
  return steps * GRADIENT_STEP + left;
}

/** What the expected tasks can use after a task of whole devices (or none) has taken its own. */
function usableByWhole(m: KernelColumns, agent: number, cls: number, row: number): number {
  const whole = m.classWhole[cls]!;
  const levels = m.ints[I.levels]!;
  const full = m.gpuFull[agent]! - whole;
  return (
    sharesUsable(m, agent, row) -
    whole * WHOLE * m.usable[row + levels - 1]! +
    WHOLE * full * m.usable[row + levels + full]!
  );
}

/** The same after a share, taken from the device where that hurts least. */
function usableByShare(m: KernelColumns, agent: number, cls: number, row: number): number {
  const share = m.classShare[cls]!;
  const counts = row + m.ints[I.levels]!;
  const all = sharesUsable(m, agent, row);
  const count = m.gpuCount[agent]!;
  const full = m.gpuFull[agent]!;
  let best = -1;
  for (let device = 0; device < count; device++) {
    const free = m.gpuFree[agent * DEVICES_MAX + device]!;
    if (free < share) continue;
    const rest = free - share;
    const fullLeft = free === WHOLE ? full - 1 : full;
    const usable =
      all -
      free * m.usable[row + m.level[free]!]! +
      rest * m.usable[row + m.level[rest]!]! +
      WHOLE * fullLeft * m.usable[counts + fullLeft]!;
    if (usable <= best) continue;
    best = usable;
    m.ints[I.device] = device;
  }
  return best;
}

function sharesUsable(m: KernelColumns, agent: number, row: number): number {
  const count = m.gpuCount[agent]!;
  let usable = 0;
  for (let device = 0; device < count; device++) {
    const free = m.gpuFree[agent * DEVICES_MAX + device]!;
    usable += free * m.usable[row + m.level[free]!]!;
  }
  return usable;
}

/** Where the table's row for this model and this much free cpus and memory starts. */
function tableRow(m: KernelColumns, agent: number, cpus: number, mem: number): number {
  const cpuSteps = m.ints[I.cpuSteps]!;
  const memSteps = m.ints[I.memSteps]!;
  const cpuAt = stepsUpTo(m.cpuStep, cpuSteps, cpus);
  const memAt = stepsUpTo(m.memStep, memSteps, mem);
  const at = (m.model[agent]! * (cpuSteps + 1) + cpuAt) * (memSteps + 1) + memAt;
  return at * m.ints[I.rowWidth]!;
}

/** How many of the ascending steps are at most `amount`. */
function stepsUpTo(steps: Float64Array, count: number, amount: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (steps[middle]! <= amount) low = middle + 1;
    else high = middle;
  }
  return low;
}
