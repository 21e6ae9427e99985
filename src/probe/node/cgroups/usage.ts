/** What a container uses, out of its control group's files: version 1, version 2, or both. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseCgroups } from "../../proc/cgroup_path.ts";
import type { ContainerUse } from "../../reporters/containers.ts";

/** Options of {@linkcode CgroupUsage}. */
export interface CgroupUsageOptions {
  /** @default "/proc" */
  readonly procRoot?: string;
  /** Where the hierarchies are mounted. @default "/sys/fs/cgroup" */
  readonly cgroupRoot?: string;
}

interface Before {
  readonly cpuNs: number;
  readonly uptimeNs: bigint;
}

/** What v1 writes for "no limit": close to 2^63. */
const UNLIMITED = 2 ** 62;
const NS_PER_US = 1_000;

/** Reads usage by a container's first process; processor usage is a difference of two readings. */
export class CgroupUsage {
  readonly #procRoot: string;
  readonly #cgroupRoot: string;
  readonly #before = new Map<string, Before>();

  constructor({ procRoot = "/proc", cgroupRoot = "/sys/fs/cgroup" }: CgroupUsageOptions = {}) {
    this.#procRoot = procRoot;
    this.#cgroupRoot = cgroupRoot;
  }

  /** Usage now; undefined when the process, or its control group, cannot be read. */
  async read(id: string, pid: number): Promise<ContainerUse | undefined> {
    const text = await textOf(join(this.#procRoot, String(pid), "cgroup"));
    if (text === undefined) return undefined;
    const folders = parseCgroups(text);
    const [cpuNs, memory] = await Promise.all([this.#cpuNs(folders), this.#memory(folders)]);
    const cpuPercent = cpuNs === undefined ? undefined : this.#percent(id, cpuNs);
    if (cpuNs === undefined && memory === undefined) return undefined;
    return { cpuPercent, memoryBytes: memory?.bytes, memoryBytesMax: memory?.bytesMax };
  }

  /** Forget containers that are not there any more. */
  keep(ids: ReadonlySet<string>): void {
    for (const id of this.#before.keys()) if (!ids.has(id)) this.#before.delete(id);
  }

  #percent(id: string, cpuNs: number): number | undefined {
    const uptimeNs = process.hrtime.bigint();
    const before = this.#before.get(id);
    this.#before.set(id, { cpuNs, uptimeNs });
    if (before === undefined || cpuNs < before.cpuNs) return undefined;
    const elapsedNs = Number(uptimeNs - before.uptimeNs);
    return elapsedNs > 0 ? (100 * (cpuNs - before.cpuNs)) / elapsedNs : undefined;
  }

  async #cpuNs(folders: ReadonlyMap<string, string>): Promise<number | undefined> {
    const one = this.#path(folders, "cpuacct");
    if (one !== undefined) return numberOf(await textOf(join(one, "cpuacct.usage")));
    const two = this.#unified(folders);
    const text = two === undefined ? undefined : await textOf(join(two, "cpu.stat"));
    const [, us] = /^usage_usec (\d+)/m.exec(text ?? "") ?? [];
    return us === undefined ? undefined : Number(us) * NS_PER_US;
  }

  async #memory(folders: ReadonlyMap<string, string>) {
    const one = this.#path(folders, "memory");
    const two = this.#unified(folders);
    const folder = one ?? two;
    if (folder === undefined) return undefined;
    const names =
      one === undefined
        ? ["memory.current", "memory.max", "memory.stat"]
        : ["memory.usage_in_bytes", "memory.limit_in_bytes", "memory.stat"];
    const [used, limit, stat] = await Promise.all(names.map((name) => textOf(join(folder, name))));
    const bytes = numberOf(used);
    if (bytes === undefined) return undefined;
    // Files that were read and can be dropped at any time are no use of the container's own.
    const [, cached = "0"] = /^(?:total_inactive_file|inactive_file) (\d+)/m.exec(stat ?? "") ?? [];
    const max = numberOf(limit);
    return {
      bytes: Math.max(0, bytes - Number(cached)),
      bytesMax: max === undefined || max > UNLIMITED ? undefined : max,
    };
  }

  #path(folders: ReadonlyMap<string, string>, controller: string): string | undefined {
    const folder = folders.get(controller);
    return isOwn(folder) ? join(this.#cgroupRoot, controller, folder) : undefined;
  }

  /** Beside controllers of version 1 the second hierarchy is mounted at a place of its own. */
  #unified(folders: ReadonlyMap<string, string>): string | undefined {
    const folder = folders.get("");
    if (!isOwn(folder)) return undefined;
    const mount = folders.size > 1 ? join(this.#cgroupRoot, "unified") : this.#cgroupRoot;
    return join(mount, folder);
  }
}

/** The root's numbers are those of the whole host. */
function isOwn(folder: string | undefined): folder is string {
  return folder !== undefined && folder !== "/";
}

async function textOf(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch(() => undefined);
}

function numberOf(text: string | undefined): number | undefined {
  const word = text?.trim() ?? "";
  return /^\d+$/.test(word) ? Number(word) : undefined;
}
