/** Policies as the numbers that a kernel works with. */
import type { AgentTable, Largest } from "./agents.ts";
import {
  DEVICE_RULE,
  I,
  type KernelColumns,
  leavesOf,
  METHOD,
  R,
  strideOf,
  WHOLE,
} from "./kernel/layout.ts";
import type { ReadOptions } from "./read.ts";
import type { Policy } from "./types.ts";
import { fillTable, levelsOf, rowWidth, type WorkloadProfile } from "./workload.ts";

/** Up to so many tasks, looking at every agent costs less than building grid or tree. */
const SCAN_TASKS_MAX = 6;
/** Added where a workload asks for no cpus (or memory), so that they never hold GPUs back. */
const NEVER_SCARCE = 1e12;

/** How a policy looks for agents and devices. */
interface Plan {
  readonly method: number;
  readonly deviceRule: number;
  /** 1 for less left over, -1 for more, 0 where the score does not matter. */
  readonly direction: number;
}

const PLANS: Readonly<Record<Policy, Plan>> = {
  first_fit: { method: METHOD.tree, deviceRule: DEVICE_RULE.first, direction: 0 },
  best_fit: { method: METHOD.grid, deviceRule: DEVICE_RULE.tightest, direction: 1 },
  dot_product: { method: METHOD.tree, deviceRule: DEVICE_RULE.tightest, direction: -1 },
  spread: { method: METHOD.tree, deviceRule: DEVICE_RULE.freest, direction: -1 },
  fragmentation_aware: { method: METHOD.board, deviceRule: DEVICE_RULE.gradient, direction: 1 },
  stranding_aware: { method: METHOD.board, deviceRule: DEVICE_RULE.gradient, direction: 1 },
};

/** The method for a batch of so many tasks. */
export function methodOf(policy: Policy, tasks: number): number {
  const { method } = PLANS[policy];
  return method !== METHOD.board && tasks <= SCAN_TASKS_MAX ? METHOD.scan : method;
}

/**
 * The factor by which a thousandth of each kind counts in a score, lower scores being better.
 *
 * The scores of one agent are from -1 to 1; those of `dot_product` are multiplied by the demand.
 */
function factorsOf(options: ReadOptions, scale: Largest): Largest {
  const { cpus, mem, disk, gpus } = options.weights;
  const { direction } = PLANS[options.policy];
  const sum = cpus + mem + disk + gpus;
  const factor = (weight: number, most: number) => {
    if (sum === 0 || direction === 0) return 0;
    const plain = (direction * (weight / sum)) / most;
    return options.policy === "dot_product" ? plain / most : plain;
  };
  return {
    cpus: factor(cpus, scale.cpus),
    mem: factor(mem, scale.mem),
    disk: factor(disk, scale.disk),
    gpus: factor(gpus, scale.gpus),
  };
}

/** Write the header of a batch. */
export function fillHeader(
  m: KernelColumns,
  options: ReadOptions,
  method: number,
  table: AgentTable,
): void {
  const scale = table.largest;
  const factors = factorsOf(options, scale);
  m.ints[I.agents] = table.size;
  m.ints[I.maskWords] = (table.size + 31) >>> 5;
  m.ints[I.method] = method;
  m.ints[I.deviceRule] = PLANS[options.policy].deviceRule;
  m.ints[I.aligned] = options.policy === "dot_product" ? 1 : 0;
  m.ints[I.leaves] = leavesOf(table.size);
  m.ints[I.stride] = strideOf(table.size);
  m.reals[R.weightCpus] = factors.cpus;
  m.reals[R.weightMem] = factors.mem;
  m.reals[R.weightDisk] = factors.disk;
  m.reals[R.weightGpus] = factors.gpus;
  m.reals[R.cpusPart] = 1 / scale.cpus;
  m.reals[R.memPart] = 1 / scale.mem;
  m.reals[R.cpusMax] = scale.cpus;
  m.reals[R.memMax] = scale.mem;
}

/** Write what the fragmentation policies need besides. */
export function fillWorkload(
  m: KernelColumns,
  policy: Policy,
  profile: WorkloadProfile,
  models: readonly string[],
): void {
  m.ints[I.cpuSteps] = profile.cpuSteps.length;
  m.ints[I.memSteps] = profile.memSteps.length;
  m.ints[I.levels] = levelsOf(profile);
  m.ints[I.rowWidth] = rowWidth(profile);
  m.ints[I.totalWeight] = profile.totalWeight;
  m.reals[R.quantumInverse] = profile.quantumInverse;
  m.reals[R.strandWeight] = policy === "stranding_aware" ? profile.totalWeight : 0;
  m.reals[R.gpusPerCpus] = profile.gpusPerCpus;
  m.reals[R.gpusPerMem] = profile.gpusPerMem;
  m.reals[R.cpusSlack] = profile.gpusPerCpus === 0 ? NEVER_SCARCE : 0;
  m.reals[R.memSlack] = profile.gpusPerMem === 0 ? NEVER_SCARCE : 0;
  m.cpuStep.set(profile.cpuSteps);
  m.memStep.set(profile.memSteps);
  let level = 0;
  for (let free = 0; free <= WHOLE; free++) {
    while (level < profile.shares.length && profile.shares[level]! <= free) level++;
    m.level[free] = level;
  }
  fillTable(profile, models, m.usable);
}
