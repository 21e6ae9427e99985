/** Who a process is: its number and when it began, so that a number used again fools nobody. */
import { readFileSync } from "node:fs";
import type { ProcessIdentity } from "./protocol.ts";

/** What /proc/PID/stat tells. */
export interface ProcessStat {
  readonly pid: number;
  /** R, S, D, Z, T … */
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  readonly userTicks: number;
  readonly systemTicks: number;
  readonly threads: number;
  readonly startTicks: number;
  /** Resident set. */
  readonly pages: number;
}

/** Read a process; undefined when there is none, or no /proc. */
export function statOf(pid: number): ProcessStat | undefined {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return undefined;
  }
}

/** Read the one line of /proc/PID/stat; a process' name may hold spaces and brackets. */
export function parseStat(line: string): ProcessStat | undefined {
  const open = line.indexOf("(");
  const close = line.lastIndexOf(")");
  if (open < 0 || close < open) return undefined;
  // From field 3 (state) on, counted as proc(5) does.
  const fields = line.slice(close + 2).split(" ");
  const number = (field: number) => Number(fields[field - 3] ?? 0);
  return {
    pid: Number(line.slice(0, open)),
    state: fields[0] ?? "?",
    parent: number(4),
    group: number(5),
    session: number(6),
    userTicks: number(14),
    systemTicks: number(15),
    threads: number(20),
    startTicks: number(22),
    pages: number(24),
  };
}

/** Name a process that runs now. */
export function identify(pid: number): ProcessIdentity {
  return { pid, startTicks: statOf(pid)?.startTicks ?? 0 };
}

/** Does it still run? A zombie does not. Without /proc the number alone must do. */
export function isAlive({ pid, startTicks }: ProcessIdentity): boolean {
  const stat = statOf(pid);
  if (stat !== undefined) {
    return stat.state !== "Z" && (startTicks === 0 || stat.startTicks === startTicks);
  }
  if (startTicks > 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Changes with every boot of the machine; "" where the system does not tell. */
export function bootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return "";
  }
}
