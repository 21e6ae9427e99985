/** What is said of a container that passed a limit, in Mesos' words. */
import type { ContainerLimits, Termination } from "../../containerizer.ts";
import type { Cgroup } from "./cgroups/cgroup.ts";
import { memoryLimitBytes } from "./cgroups/settings.ts";

type Limitation = Omit<Termination, "waitStatus">;

const MEGABYTE = 2 ** 20;

/** Why it ends when the kernel killed one of its processes; undefined when it did not. */
export async function memoryExceeded(
  cgroup: Cgroup,
  limits: ContainerLimits,
): Promise<Limitation | undefined> {
  return (await cgroup.oomKills()) === 0 ? undefined : memoryLimitation(cgroup, limits);
}

/** What is said of one that the kernel killed; undefined when it had no limit of its own. */
export async function memoryLimitation(
  cgroup: Cgroup,
  limits: ContainerLimits,
): Promise<Limitation | undefined> {
  const peak = await cgroup.memoryPeakBytes();
  const limit = memoryLimitBytes(limits.memBytes);
  if (limit === undefined) return undefined;
  const used = peak ?? limit;
  return {
    reason: "REASON_CONTAINER_LIMITATION_MEMORY",
    message:
      `Memory limit exceeded: Requested: ${megabytes(limit)}MB ` +
      `Maximum Used: ${megabytes(used)}MB`,
    limitation: [scalar("mem", used / MEGABYTE)],
  };
}

/** Why it ends when its sandbox is too large; undefined when it is not. */
export function diskExceeded(
  usedBytes: number | undefined,
  { diskBytes }: ContainerLimits,
): Limitation | undefined {
  if (usedBytes === undefined || diskBytes === undefined || usedBytes <= diskBytes)
    return undefined;
  return {
    reason: "REASON_CONTAINER_LIMITATION_DISK",
    message: `Disk usage (${megabytes(usedBytes)}MB) exceeds quota (${megabytes(diskBytes)}MB)`,
    limitation: [scalar("disk", usedBytes / MEGABYTE)],
  };
}

function megabytes(bytes: number): number {
  return Math.round((bytes / MEGABYTE) * 10) / 10;
}

function scalar(name: string, value: number) {
  return { name, type: "SCALAR" as const, scalar: { value: Math.round(value * 1_000) / 1_000 } };
}
