/** Limits and shares as the kernel's files want them. */
import type { CgroupLimits } from "./cgroup.ts";
import type { Controller } from "./layout.ts";

/** One file to write. */
export interface Setting {
  readonly file: string;
  readonly value: string;
  /** The kernel may be built without it. */
  readonly optional: boolean;
}

/** Mesos' own floors: below them a container could not even start. */
const MEMORY_BYTES_MIN = 32 * 2 ** 20;
const CPU_SHARES_PER_CORE = 1_024;
const CPU_SHARES_MIN = 2;
const CPU_SHARES_MAX = 262_144;
const PERIOD_US = 100_000;
const QUOTA_US_MIN = 1_000;

/** The files of one controller, in the order in which they are to be written. */
export function settingsOf(
  controller: Controller,
  version: 1 | 2,
  limits: CgroupLimits,
): readonly Setting[] {
  if (controller === "cpu") return version === 1 ? cpu1(limits) : cpu2(limits);
  if (controller === "memory") return version === 1 ? memory1(limits) : memory2(limits);
  if (controller === "pids") {
    return limits.pidsMax === undefined ? [] : [must("pids.max", String(limits.pidsMax))];
  }
  return [];
}

/** The memory limit that is set for one that was asked for. */
export function memoryLimitBytes(asked: number | undefined): number | undefined {
  if (asked === undefined || asked === Number.POSITIVE_INFINITY) return undefined;
  return Math.max(Math.floor(asked), MEMORY_BYTES_MIN);
}

function cpu1({ limits, shares }: CgroupLimits): Setting[] {
  const quota = quotaUs(limits.cpus);
  return [
    must("cpu.shares", String(cpuShares(shares.cpus))),
    may("cpu.cfs_period_us", String(PERIOD_US)),
    may("cpu.cfs_quota_us", quota === undefined ? "-1" : String(quota)),
  ];
}

function cpu2({ limits, shares }: CgroupLimits): Setting[] {
  const v1 = cpuShares(shares.cpus);
  // The kernel documentation's own mapping of [2, 262144] to [1, 10000].
  const weight = 1 + Math.floor(((v1 - 2) * 9_999) / 262_142);
  const quota = quotaUs(limits.cpus);
  return [must("cpu.weight", String(weight)), must("cpu.max", `${quota ?? "max"} ${PERIOD_US}`)];
}

/** Swap counts: a container that may not use more memory may not use more swap instead. */
function memory1({ limits, shares }: CgroupLimits): Setting[] {
  const bytes = memoryLimitBytes(limits.memBytes);
  const soft = memoryLimitBytes(shares.memBytes);
  const value = bytes === undefined ? "-1" : String(bytes);
  return [
    may("memory.soft_limit_in_bytes", soft === undefined ? "-1" : String(soft)),
    // The one with swap must never be the smaller: which comes first depends on the direction.
    may("memory.memsw.limit_in_bytes", value),
    must("memory.limit_in_bytes", value),
    may("memory.memsw.limit_in_bytes", value),
  ];
}

function memory2({ limits, shares }: CgroupLimits): Setting[] {
  const bytes = memoryLimitBytes(limits.memBytes);
  const low = memoryLimitBytes(shares.memBytes);
  return [
    may("memory.low", low === undefined ? "0" : String(low)),
    must("memory.max", bytes === undefined ? "max" : String(bytes)),
    may("memory.swap.max", bytes === undefined ? "max" : "0"),
    may("memory.oom.group", "1"),
  ];
}

function cpuShares(cpus: number | undefined): number {
  const shares = Math.floor((cpus ?? 0) * CPU_SHARES_PER_CORE);
  return Math.min(Math.max(shares, CPU_SHARES_MIN), CPU_SHARES_MAX);
}

function quotaUs(cpus: number | undefined): number | undefined {
  if (cpus === undefined || cpus === Number.POSITIVE_INFINITY) return undefined;
  return Math.max(Math.floor(cpus * PERIOD_US), QUOTA_US_MIN);
}

function must(file: string, value: string): Setting {
  return { file, value, optional: false };
}

function may(file: string, value: string): Setting {
  return { file, value, optional: true };
}
