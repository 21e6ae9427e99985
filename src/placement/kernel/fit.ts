/** What fits where, what it costs there, and taking it: the steps that every method shares. */
import { DEVICE_RULE, DEVICES_MAX, I, type KernelColumns, R, WHOLE } from "./layout.ts";

/** Does the class's demand fit on the agent, its mask aside? */
export function fits(m: KernelColumns, agent: number, cls: number): boolean {
  return (
    m.cpus[agent]! >= m.classCpus[cls]! &&
    m.mem[agent]! >= m.classMem[cls]! &&
    m.disk[agent]! >= m.classDisk[cls]! &&
    m.gpuMax[agent]! >= m.classShare[cls]! &&
    m.gpuFull[agent]! >= m.classWhole[cls]!
  );
}

/** Does the class's mask let the agent through? */
export function allows(m: KernelColumns, agent: number, cls: number): boolean {
  const mask = m.classMask[cls]!;
  if (mask < 0) return true;
  return ((m.masks[mask * m.ints[I.maskWords]! + (agent >>> 5)]! >>> (agent & 31)) & 1) === 1;
}

/** The factor of one resource in the class's score: lower scores are better. */
export function weight(m: KernelColumns, word: number, demand: number): number {
  return m.ints[I.aligned] === 1 ? m.reals[word]! * demand : m.reals[word]!;
}

/** The GPU thousandths that the class asks for. */
export function gpusOf(m: KernelColumns, cls: number): number {
  return m.classShare[cls]! + m.classWhole[cls]! * WHOLE;
}

/** Look at every agent: the method that needs nothing built. */
export function scan(m: KernelColumns, cls: number): number {
  const agents = m.ints[I.agents]!;
  const wCpus = weight(m, R.weightCpus, m.classCpus[cls]!);
  const wMem = weight(m, R.weightMem, m.classMem[cls]!);
  const wDisk = weight(m, R.weightDisk, m.classDisk[cls]!);
  const wGpus = weight(m, R.weightGpus, gpusOf(m, cls));
  let best = -1;
  let bestScore = Infinity;
  for (let agent = 0; agent < agents; agent++) {
    if (!fits(m, agent, cls) || !allows(m, agent, cls)) continue;
    const score =
      m.cpus[agent]! * wCpus +
      m.mem[agent]! * wMem +
      m.disk[agent]! * wDisk +
      m.gpuSum[agent]! * wGpus;
    if (score < bestScore) {
      bestScore = score;
      best = agent;
    }
  }
  return best;
}

/** Take the class's demand from the agent; the answer is a bit for each device that gives. */
export function take(m: KernelColumns, agent: number, cls: number): number {
  m.cpus[agent] = m.cpus[agent]! - m.classCpus[cls]!;
  m.mem[agent] = m.mem[agent]! - m.classMem[cls]!;
  m.disk[agent] = m.disk[agent]! - m.classDisk[cls]!;
  const share = m.classShare[cls]!;
  const whole = m.classWhole[cls]!;
  if (share === 0 && whole === 0) return 0;
  let devices = 0;
  if (share > 0) {
    const device = chooseDevice(m, agent, share);
    m.gpuFree[agent * DEVICES_MAX + device]! -= share;
    devices = 1 << device;
  } else {
    let left = whole;
    for (let device = 0; left > 0; device++) {
      const at = agent * DEVICES_MAX + device;
      if (m.gpuFree[at] !== WHOLE) continue;
      m.gpuFree[at] = 0;
      devices |= 1 << device;
      left--;
    }
  }
  sumDevices(m, agent);
  return devices >>> 0;
}

/** Bring the sums over an agent's devices in line with `gpuFree`. */
export function sumDevices(
  m: Pick<KernelColumns, "gpuCount" | "gpuFree" | "gpuSum" | "gpuMax" | "gpuFull">,
  agent: number,
): void {
  const count = m.gpuCount[agent]!;
  let sum = 0;
  let max = 0;
  let full = 0;
  for (let device = 0; device < count; device++) {
    const free = m.gpuFree[agent * DEVICES_MAX + device]!;
    sum += free;
    if (free > max) max = free;
    if (free === WHOLE) full++;
  }
  m.gpuSum[agent] = sum;
  m.gpuMax[agent] = max;
  m.gpuFull[agent] = full;
}

function chooseDevice(m: KernelColumns, agent: number, share: number): number {
  const rule = m.ints[I.deviceRule]!;
  if (rule === DEVICE_RULE.gradient) return m.ints[I.device]!;
  const count = m.gpuCount[agent]!;
  let best = -1;
  let bestFree = 0;
  for (let device = 0; device < count; device++) {
    const free = m.gpuFree[agent * DEVICES_MAX + device]!;
    if (free < share) continue;
    const isBetter = rule === DEVICE_RULE.freest ? free > bestFree : free < bestFree;
    if (best >= 0 && (rule === DEVICE_RULE.first || !isBetter)) continue;
    best = device;
    bestFree = free;
  }
  return best;
}
