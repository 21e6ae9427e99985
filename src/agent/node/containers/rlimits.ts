/** Limits of processes, from Mesos' RLimitInfo to prlimit(1). */
import { readFileSync } from "node:fs";
import type { ContainerInfo } from "../../../model/mod.ts";
import { Obstacle } from "./failures.ts";

/** One limit; an absent bound is unlimited. */
export interface ResourceLimit {
  /** As prlimit(1) calls it: `nofile`. */
  readonly name: string;
  readonly soft?: number;
  readonly hard?: number;
}

type RlimitInfo = ContainerInfo["rlimit_info"];

/** Mesos' names without their `RLMT_`, and the first words of /proc/PID/limits. */
const KINDS: ReadonlyMap<string, string> = new Map([
  ["AS", "Max address space"],
  ["CORE", "Max core file size"],
  ["CPU", "Max cpu time"],
  ["DATA", "Max data size"],
  ["FSIZE", "Max file size"],
  ["LOCKS", "Max file locks"],
  ["MEMLOCK", "Max locked memory"],
  ["MSGQUEUE", "Max msgqueue size"],
  ["NICE", "Max nice priority"],
  ["NOFILE", "Max open files"],
  ["NPROC", "Max processes"],
  ["RSS", "Max resident set"],
  ["RTPRIO", "Max realtime priority"],
  ["RTTIME", "Max realtime timeout"],
  ["SIGPENDING", "Max pending signals"],
  ["STACK", "Max stack size"],
]);

/**
 * Read the limits of a container.
 *
 * @throws {Obstacle} for an unknown kind, for one bound without the other, or a soft one above.
 */
export function readRlimits(info: RlimitInfo): ResourceLimit[] {
  return (info?.rlimits ?? []).map(({ type, soft, hard }) => {
    const kind = type.replace(/^RLMT_/, "");
    if (!KINDS.has(kind)) throw new Obstacle(`"${type}" is no limit of processes`);
    const name = kind.toLowerCase();
    if (soft === undefined && hard === undefined) return { name };
    if (soft === undefined || hard === undefined) {
      throw new Obstacle(`${type} needs both of soft and hard, or neither for no limit`);
    }
    if (soft > hard) {
      throw new Obstacle(`${type} has a soft limit of ${soft} above its hard one of ${hard}`);
    }
    return { name, soft, hard };
  });
}

/** @throws {Obstacle} when a hard limit is above this process' own, which it may not raise. */
export function requireReachable(limits: readonly ResourceLimit[]): void {
  for (const { name, hard } of limits) {
    const ceiling = ceilingOf(name);
    if (ceiling === undefined || (hard !== undefined && hard <= ceiling)) continue;
    throw new Obstacle(
      `a hard limit of ${hard ?? "unlimited"} for ${name} is above the agent's own ${ceiling}`,
    );
  }
}

/** This process' own hard limit; undefined when it has none. */
function ceilingOf(name: string): number | undefined {
  const words = KINDS.get(name.toUpperCase()) ?? "";
  const own = readFileSync("/proc/self/limits", "utf8");
  const [, ceiling] = new RegExp(`^${words}\\s+\\S+\\s+(\\d+)`, "m").exec(own) ?? [];
  return ceiling === undefined ? undefined : Number(ceiling);
}

/** Options of prlimit(1). */
export function prlimitOptions(limits: readonly ResourceLimit[]): string[] {
  return limits.map(({ name, soft, hard }) => {
    return `--${name}=${soft ?? "unlimited"}:${hard ?? "unlimited"}`;
  });
}
