/** Which processes belong to a container where no cgroup holds them together. */
import { readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { constants } from "node:os";
import { type ProcessStat, statOf } from "../launcher/identity.ts";

/** Processes looked at before others may have a turn. */
const BATCH = 200;

/** All processes that can be seen. Reads one small file of each. */
export async function scanProcesses(): Promise<ProcessStat[]> {
  const names = await readdir("/proc").catch(() => []);
  const numbers = names.filter((name) => /^\d+$/.test(name)).map(Number);
  const found: ProcessStat[] = [];
  for (let at = 0; at < numbers.length; at += BATCH) {
    for (const pid of numbers.slice(at, at + BATCH)) {
      const stat = statOf(pid);
      if (stat !== undefined) found.push(stat);
    }
    await new Promise((done) => setImmediate(done));
  }
  return found;
}

/** Those of a session or process group that began with `pid`, and all that descend from them. */
export function familyOf(pid: number, all: readonly ProcessStat[]): ProcessStat[] {
  const children = new Map<number, ProcessStat[]>();
  for (const each of all) {
    const siblings = children.get(each.parent);
    if (siblings === undefined) children.set(each.parent, [each]);
    else siblings.push(each);
  }
  const family = new Map<number, ProcessStat>();
  const queue = all.filter((each) => [each.session, each.group, each.pid].includes(pid));
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (family.has(next.pid)) continue;
    family.set(next.pid, next);
    queue.push(...(children.get(next.pid) ?? []));
  }
  return [...family.values()];
}

/** Processes that left their session and their parent: their environment still names the sandbox. */
export async function straysOf(
  sandbox: string,
  all: readonly ProcessStat[],
): Promise<ProcessStat[]> {
  const mark = `MESOS_SANDBOX=${sandbox}`;
  const strays: ProcessStat[] = [];
  for (const each of all) {
    const environment = await readFile(`/proc/${each.pid}/environ`, "utf8").catch(() => "");
    if (environment.split("\0").includes(mark)) strays.push(each);
  }
  return strays;
}

/** Send a signal to one that may be gone. */
export function signalQuietly(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // ESRCH: it is gone already.
  }
}

/** How often the kernel killed for want of memory since it started. */
export function hostOomKills(): number {
  try {
    return Number(/^oom_kill (\d+)$/m.exec(readFileSync("/proc/vmstat", "latin1"))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** Whether a process catches, ignores or holds back a signal. */
export function handlesSignal(pid: number, signal: number): boolean {
  if (signal === constants.signals.SIGKILL) return false;
  try {
    const status = readFileSync(`/proc/${pid}/status`, "latin1");
    const masks = status.matchAll(/^Sig(?:Blk|Ign|Cgt):\s*([0-9a-f]+)$/gm);
    for (const [, mask] of masks) {
      if ((BigInt(`0x${mask}`) >> BigInt(signal - 1)) & 1n) return true;
    }
  } catch {
    // It is gone.
  }
  return false;
}
