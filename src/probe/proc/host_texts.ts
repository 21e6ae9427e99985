/** The files of `/proc` that speak of the whole host. */

/** Processor time of all cores since boot, in ticks. */
export interface CpuTimes {
  readonly busyTicks: number;
  readonly totalTicks: number;
  readonly cores: number;
}

/** Places in the line "cpu": idle and waiting for disks; guests are part of user time already. */
const [IDLE, IOWAIT, COUNTED] = [3, 4, 8];

/** Read `/proc/stat`; undefined when it has no line of sums. */
export function parseCpuTimes(text: string): CpuTimes | undefined {
  const [, sums] = /^cpu +([\d ]+)/m.exec(text) ?? [];
  if (sums === undefined) return undefined;
  const ticks = sums.split(" ").slice(0, COUNTED).map(Number);
  const totalTicks = ticks.reduce((sum, each) => sum + each, 0);
  const idleTicks = (ticks[IDLE] ?? 0) + (ticks[IOWAIT] ?? 0);
  const cores = text.match(/^cpu\d+ /gm)?.length ?? 1;
  return { busyTicks: totalTicks - idleTicks, totalTicks, cores };
}

/** Memory in bytes. */
export interface MemoryUse {
  readonly usedBytes: number;
  readonly totalBytes: number;
}

/** Read `/proc/meminfo`: used is what is neither free nor given back on demand. */
export function parseMemory(text: string): MemoryUse | undefined {
  const bytes = (name: string) => {
    const [, kilobytes] = new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text) ?? [];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1_024;
  };
  const totalBytes = bytes("MemTotal");
  if (totalBytes === undefined) return undefined;
  const reclaimed = (bytes("MemFree") ?? 0) + (bytes("Buffers") ?? 0) + (bytes("Cached") ?? 0);
  const available = bytes("MemAvailable") ?? reclaimed;
  return { usedBytes: Math.max(0, totalBytes - available), totalBytes };
}

/** The load of the last minute out of `/proc/loadavg`. */
export function parseLoad1(text: string): number | undefined {
  return firstNumber(text);
}

/** Seconds since boot out of `/proc/uptime`; it does not jump when the clock is set. */
export function parseUptimeSeconds(text: string): number | undefined {
  return firstNumber(text);
}

function firstNumber(text: string): number | undefined {
  const [word = ""] = text.split(" ", 1);
  return /^\d+(\.\d+)?$/.test(word) ? Number(word) : undefined;
}
