/**
 * How much of an agent's free GPUs the expected tasks could not use, and what a task does to it;
 * `src/placement/kernel/fragmentation.ts` explains it. All sums stay below 2^31.
 */
import { gpusOf } from "./fit";
import { DEVICES_MAX, I, R, WHOLE } from "./header";
import {
  classCpus,
  classDisk,
  classMem,
  classShare,
  classWhole,
  cpus,
  cpuStep,
  disk,
  f64At,
  fragment,
  gpuCount,
  gpuFree,
  gpuFull,
  gpuSum,
  i32At,
  ints,
  level,
  mem,
  memStep,
  model,
  putI32,
  reals,
  strand,
  usable,
} from "./memory";

/** Scores are whole steps of the gradient times this, plus what is left over (0 to 1). */
const GRADIENT_STEP: f64 = 2;

/** The agent's fragmentation: weight times thousandths of a device. */
export function fragmentOf(agent: i32): i32 {
  const row = tableRow(agent, f64At(cpus, agent), f64At(mem, agent));
  const counts = row + i32At(ints, I.levels);
  const full = i32At(gpuFull, agent);
  const sum = sharesUsable(agent, row) + WHOLE * full * i32At(usable, counts + full);
  return i32At(gpuSum, agent) * i32At(ints, I.totalWeight) - sum;
}

/** The thousandths of GPU that must stay idle for want of cpus or memory. */
export function strandOf(freeCpus: f64, freeMem: f64, gpus: i32): f64 {
  if (f64At(reals, R.strandWeight) === 0) return 0;
  const byCpus = freeCpus * f64At(reals, R.gpusPerCpus) + f64At(reals, R.cpusSlack);
  const byMem = freeMem * f64At(reals, R.gpusPerMem) + f64At(reals, R.memSlack);
  const served = min(byCpus, byMem);
  return served < <f64>gpus ? <f64>gpus - served : 0;
}

/** The score of placing the class on an agent where it fits. */
export function gradient(agent: i32, cls: i32): f64 {
  const cpusLeft = f64At(cpus, agent) - f64At(classCpus, cls);
  const memLeft = f64At(mem, agent) - f64At(classMem, cls);
  const gpus = i32At(gpuSum, agent) - gpusOf(cls);
  const row = tableRow(agent, cpusLeft, memLeft);
  const kept =
    i32At(classShare, cls) > 0 ? usableByShare(agent, cls, row) : usableByWhole(agent, cls, row);
  const grown = gpus * i32At(ints, I.totalWeight) - kept - i32At(fragment, agent);
  const stranded = strandOf(cpusLeft, memLeft, gpus) - f64At(strand, agent);
  const steps = Math.floor(
    (<f64>grown + f64At(reals, R.strandWeight) * stranded) * f64At(reals, R.quantumInverse),
  );
  const left =
    cpusLeft * f64At(reals, R.weightCpus) +
    memLeft * f64At(reals, R.weightMem) +
    (f64At(disk, agent) - f64At(classDisk, cls)) * f64At(reals, R.weightDisk) +
    <f64>gpus * f64At(reals, R.weightGpus);
  return steps * GRADIENT_STEP + left;
}

function usableByWhole(agent: i32, cls: i32, row: i32): i32 {
  const whole = i32At(classWhole, cls);
  const levels = i32At(ints, I.levels);
  const full = i32At(gpuFull, agent) - whole;
  return (
    sharesUsable(agent, row) -
    whole * WHOLE * i32At(usable, row + levels - 1) +
    WHOLE * full * i32At(usable, row + levels + full)
  );
}

function usableByShare(agent: i32, cls: i32, row: i32): i32 {
  const share = i32At(classShare, cls);
  const counts = row + i32At(ints, I.levels);
  const all = sharesUsable(agent, row);
  const count = i32At(gpuCount, agent);
  const full = i32At(gpuFull, agent);
  let best = -1;
  for (let device = 0; device < count; device++) {
    const free = i32At(gpuFree, agent * DEVICES_MAX + device);
    if (free < share) continue;
    const rest = free - share;
    const fullLeft = free === WHOLE ? full - 1 : full;
    const kept =
      all -
      free * i32At(usable, row + i32At(level, free)) +
      rest * i32At(usable, row + i32At(level, rest)) +
      WHOLE * fullLeft * i32At(usable, counts + fullLeft);
    if (kept <= best) continue;
    best = kept;
    putI32(ints, I.device, device);
  }
  return best;
}

function sharesUsable(agent: i32, row: i32): i32 {
  const count = i32At(gpuCount, agent);
  let sum = 0;
  for (let device = 0; device < count; device++) {
    const free = i32At(gpuFree, agent * DEVICES_MAX + device);
    sum += free * i32At(usable, row + i32At(level, free));
  }
  return sum;
}

function tableRow(agent: i32, freeCpus: f64, freeMem: f64): i32 {
  const cpuSteps = i32At(ints, I.cpuSteps);
  const memSteps = i32At(ints, I.memSteps);
  const cpuAt = stepsUpTo(cpuStep, cpuSteps, freeCpus);
  const memAt = stepsUpTo(memStep, memSteps, freeMem);
  const at = (i32At(model, agent) * (cpuSteps + 1) + cpuAt) * (memSteps + 1) + memAt;
  return at * i32At(ints, I.rowWidth);
}

/** How many of the ascending steps are at most `amount`: halving without a branch. */
// @ts-ignore: decorator
@inline
function stepsUpTo(steps: usize, count: i32, amount: f64): i32 {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const isBelow = f64At(steps, middle) <= amount;
    low = select<i32>(middle + 1, low, isBelow);
    high = select<i32>(high, middle, isBelow);
  }
  return low;
}
