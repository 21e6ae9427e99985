/** What fits where, what it costs there, and taking it: the steps that every method shares. */
import { DEVICES_MAX, DeviceRule, I, R, WHOLE } from "./header";
import {
  classCpus,
  classDisk,
  classMask,
  classMem,
  classShare,
  classWhole,
  cpus,
  disk,
  f64At,
  gpuCount,
  gpuFree,
  gpuFull,
  gpuMax,
  gpuSum,
  i32At,
  ints,
  masks,
  mem,
  putF64,
  putI32,
  reals,
} from "./memory";

/** Does the class's demand fit on the agent, its mask aside? */
// @ts-ignore: decorator
@inline
export function fits(
  agent: i32,
  needCpus: f64,
  needMem: f64,
  needDisk: f64,
  needShare: i32,
  needWhole: i32,
): bool {
  return (
    f64At(cpus, agent) >= needCpus &&
    f64At(mem, agent) >= needMem &&
    f64At(disk, agent) >= needDisk &&
    i32At(gpuMax, agent) >= needShare &&
    i32At(gpuFull, agent) >= needWhole
  );
}

/** Does the mask let the agent through? `mask` is a byte address, 0 for none. */
// @ts-ignore: decorator
@inline
export function allows(agent: i32, mask: usize): bool {
  if (mask === 0) return true;
  return ((i32At(mask, agent >>> 5) >>> (agent & 31)) & 1) === 1;
}

/** The byte address of the class's mask, 0 for none. */
export function maskOf(cls: i32): usize {
  const mask = i32At(classMask, cls);
  if (mask < 0) return 0;
  return masks + ((<usize>(mask * i32At(ints, I.maskWords))) << 2);
}

/** The factor of one resource in the class's score: lower scores are better. */
// @ts-ignore: decorator
@inline
export function weight(word: i32, demand: f64): f64 {
  return i32At(ints, I.aligned) === 1 ? f64At(reals, word) * demand : f64At(reals, word);
}

/** The GPU thousandths that the class asks for. */
// @ts-ignore: decorator
@inline
export function gpusOf(cls: i32): i32 {
  return i32At(classShare, cls) + i32At(classWhole, cls) * WHOLE;
}

/** The agent's score. */
// @ts-ignore: decorator
@inline
export function scoreAt(agent: i32, wCpus: f64, wMem: f64, wDisk: f64, wGpus: f64): f64 {
  return (
    f64At(cpus, agent) * wCpus +
    f64At(mem, agent) * wMem +
    f64At(disk, agent) * wDisk +
    <f64>i32At(gpuSum, agent) * wGpus
  );
}

/** Look at every agent: the method that needs nothing built. */
export function scan(cls: i32): i32 {
  const agents = i32At(ints, I.agents);
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
  let best = -1;
  let bestScore: f64 = Infinity;
  for (let agent = 0; agent < agents; agent++) {
    if (!fits(agent, needCpus, needMem, needDisk, needShare, needWhole)) continue;
    if (!allows(agent, mask)) continue;
    const score = scoreAt(agent, wCpus, wMem, wDisk, wGpus);
    if (score < bestScore) {
      bestScore = score;
      best = agent;
    }
  }
  return best;
}

/** Take the class's demand from the agent; the answer is a bit for each device that gives. */
export function take(agent: i32, cls: i32): i32 {
  putF64(cpus, agent, f64At(cpus, agent) - f64At(classCpus, cls));
  putF64(mem, agent, f64At(mem, agent) - f64At(classMem, cls));
  putF64(disk, agent, f64At(disk, agent) - f64At(classDisk, cls));
  const share = i32At(classShare, cls);
  const whole = i32At(classWhole, cls);
  if (share === 0 && whole === 0) return 0;
  let devices = 0;
  if (share > 0) {
    const device = chooseDevice(agent, share);
    const at = agent * DEVICES_MAX + device;
    putI32(gpuFree, at, i32At(gpuFree, at) - share);
    devices = 1 << device;
  } else {
    let left = whole;
    for (let device = 0; left > 0; device++) {
      const at = agent * DEVICES_MAX + device;
      if (i32At(gpuFree, at) !== WHOLE) continue;
      putI32(gpuFree, at, 0);
      devices |= 1 << device;
      left--;
    }
  }
  sumDevices(agent);
  return devices;
}

function sumDevices(agent: i32): void {
  const count = i32At(gpuCount, agent);
  let sum = 0;
  let max = 0;
  let full = 0;
  for (let device = 0; device < count; device++) {
    const free = i32At(gpuFree, agent * DEVICES_MAX + device);
    sum += free;
    if (free > max) max = free;
    if (free === WHOLE) full++;
  }
  putI32(gpuSum, agent, sum);
  putI32(gpuMax, agent, max);
  putI32(gpuFull, agent, full);
}

function chooseDevice(agent: i32, share: i32): i32 {
  const rule = i32At(ints, I.deviceRule);
  if (rule === DeviceRule.gradient) return i32At(ints, I.device);
  const count = i32At(gpuCount, agent);
  let best = -1;
  let bestFree = 0;
  for (let device = 0; device < count; device++) {
    const free = i32At(gpuFree, agent * DEVICES_MAX + device);
    if (free < share) continue;
    const isBetter = rule === DeviceRule.freest ? free > bestFree : free < bestFree;
    if (best >= 0 && (rule === DeviceRule.first || !isBetter)) continue;
    best = device;
    bestFree = free;
  }
  return best;
}
