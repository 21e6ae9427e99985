/** One container's cgroup, in as many hierarchies as the host has for it. */
import { mkdir, readdir, readFile, rmdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { FairleadError } from "../../../../base/mod.ts";
import type {
  ContainerLimits,
  ContainerSpec,
  ContainerStatistics,
} from "../../../containerizer.ts";
import { systemCodeOf } from "../../launcher/system_errors.ts";
import { signalQuietly } from "../processes.ts";
import type { CgroupBase, CgroupLayout, Controller } from "./layout.ts";
import { settingsOf } from "./settings.ts";
import { readStatistics } from "./statistics.ts";

/** What a container is held to. */
export interface CgroupLimits {
  readonly limits: ContainerLimits;
  readonly shares: ContainerSpec["shares"];
  readonly pidsMax?: number;
}

/** A container's folder in one hierarchy. */
export type CgroupFolder = Omit<CgroupBase, "inside">;

const REMOVE_MS_MAX = 5_000;
/** How far below a container's cgroup others are looked for. */
const DEPTH_MAX = 4;
const KILL_MS_MAX = 10_000;

/** A container's cgroup; it need not exist. */
export class Cgroup {
  readonly #folders: ReadonlyMap<Controller, CgroupFolder>;
  readonly #unified: CgroupFolder | undefined;
  /** Every folder once: controllers share some. */
  readonly #paths: readonly string[];

  constructor(layout: CgroupLayout, id: string) {
    const name = encodeURIComponent(id);
    const under = ({ version, path }: CgroupBase) => ({ version, path: join(path, name) });
    this.#folders = new Map([...layout.controllers].map(([key, base]) => [key, under(base)]));
    this.#unified = layout.unified === undefined ? undefined : under(layout.unified);
    const all = [
      ...this.#folders.values(),
      ...(this.#unified === undefined ? [] : [this.#unified]),
    ];
    this.#paths = [...new Set(all.map(({ path }) => path))];
  }

  /** Files to which a process writes its number to come in. */
  get entrances(): readonly string[] {
    return this.#paths.map((path) => join(path, "cgroup.procs"));
  }

  /** Whether a process inside it can be told from others; false: the host has no hierarchy. */
  get tracks(): boolean {
    return this.#paths.length > 0;
  }

  /** @throws {FairleadError} `limit_refused` when the kernel does not take a setting. */
  async create(limits: CgroupLimits): Promise<void> {
    await Promise.all(this.#paths.map((path) => mkdir(path, { recursive: true })));
    await this.update(limits);
  }

  /** @throws {FairleadError} `limit_refused` when the kernel does not take a setting. */
  async update(limits: CgroupLimits): Promise<void> {
    await Promise.all(
      [...this.#folders].map(async ([controller, { version, path }]) => {
        for (const setting of settingsOf(controller, version, limits)) {
          await set(join(path, setting.file), setting.value, setting.optional);
        }
      }),
    );
  }

  /** @throws when it does not exist. */
  async statistics(): Promise<Partial<ContainerStatistics>> {
    const [counted, processes] = await Promise.all([
      readStatistics(this.#folders),
      this.processes(),
    ]);
    return this.tracks ? { ...counted, processes: processes.length } : counted;
  }

  /** How many processes were killed for want of memory, inside it or in cgroups made inside. */
  async oomKills(): Promise<number> {
    const folder = this.#folders.get("memory");
    if (folder === undefined) return 0;
    if (folder.version === 2) return oomKillsOf(join(folder.path, "memory.events"));
    // Version 1 counts for each cgroup by itself.
    const paths = [folder.path, ...(await subfolders(folder.path))];
    const counts = await Promise.all(
      paths.map((path) => oomKillsOf(join(path, "memory.oom_control"))),
    );
    return counts.reduce((sum, count) => sum + count, 0);
  }

  /**
   * Whether it has ever used all the memory that it may. On version 1 this outlives the counts of
   * cgroups inside that are gone.
   */
  async touchedMemoryLimit(): Promise<boolean> {
    const folder = this.#folders.get("memory");
    if (folder?.version !== 1) return false;
    const [peak, limit] = await Promise.all(
      ["memory.max_usage_in_bytes", "memory.limit_in_bytes"].map((file) =>
        readFile(join(folder.path, file), "utf8").catch(() => undefined),
      ),
    );
    return peak !== undefined && limit !== undefined && Number(peak) >= Number(limit);
  }

  /** The most memory that it ever used; undefined where the kernel does not tell. */
  async memoryPeakBytes(): Promise<number | undefined> {
    const folder = this.#folders.get("memory");
    if (folder === undefined) return undefined;
    const file = folder.version === 1 ? "memory.max_usage_in_bytes" : "memory.peak";
    const text = await readFile(join(folder.path, file), "utf8").catch(() => undefined);
    return text === undefined ? undefined : Number(text);
  }

  /** Numbers of the processes inside, and in cgroups that were made inside. */
  async processes(): Promise<number[]> {
    const lists = await Promise.all(this.#paths.map((path) => processesOf(path, DEPTH_MAX)));
    return [...new Set(lists.flat())];
  }

  /**
   * Kill everything inside, however fast it multiplies.
   *
   * @throws {FairleadError} `kill_failed` when something is still there after 10 s.
   */
  async kill(): Promise<void> {
    const deadlineMs = Date.now() + KILL_MS_MAX;
    for (let waitMs = 1; ; waitMs = Math.min(waitMs * 2, 100)) {
      const processes = await this.processes();
      if (processes.length === 0) return;
      if (Date.now() > deadlineMs) {
        throw new FairleadError(
          "kill_failed",
          `Cannot kill process ${processes[0]}: still there after ${KILL_MS_MAX} ms`,
          { details: { processes } },
        );
      }
      await this.#killOnce(processes);
      await new Promise((done) => setTimeout(done, waitMs));
    }
  }

  /** Remove it, and what was made inside it. Harmless when it is not there. */
  async remove(): Promise<void> {
    await Promise.all(this.#paths.map((path) => removeCgroup(path)));
  }

  async #killOnce(processes: readonly number[]): Promise<void> {
    if (this.#unified !== undefined && (await this.#killUnified(this.#unified.path))) return;
    const freezer = this.#folders.get("freezer");
    const frozen = freezer?.version === 1 ? join(freezer.path, "freezer.state") : undefined;
    // Frozen processes start no others; the kill is delivered when they thaw.
    if (frozen !== undefined) await writeFile(frozen, "FROZEN").catch(() => undefined);
    const all = frozen === undefined ? processes : await this.processes();
    for (const pid of all) signalQuietly(pid, "SIGKILL");
    if (frozen !== undefined) await writeFile(frozen, "THAWED").catch(() => undefined);
  }

  /** One write kills all (Linux 5.14); false: it cannot, or not all are in there. */
  async #killUnified(path: string): Promise<boolean> {
    try {
      await writeFile(join(path, "cgroup.kill"), "1");
    } catch {
      return false;
    }
    return (await processesOf(path, DEPTH_MAX)).length > 0 || (await this.processes()).length === 0;
  }
}

async function set(path: string, value: string, optional: boolean): Promise<void> {
  try {
    await writeFile(path, value, { flag: "r+" });
  } catch (error) {
    if (optional) return;
    throw new FairleadError(
      "limit_refused",
      `Cannot write ${value} to ${path}: ${systemCodeOf(error)}`,
      {
        cause: error,
        details: { path, value },
      },
    );
  }
}

async function oomKillsOf(path: string): Promise<number> {
  const text = await readFile(path, "utf8").catch(() => "");
  return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0);
}

/** Cgroups that were made right inside one. */
async function subfolders(path: string): Promise<string[]> {
  // A cgroup has two links of its own and one a folder inside: most have none, and are many files.
  const links = await stat(path).then(
    ({ nlink }) => nlink,
    () => 0,
  );
  if (links <= 2 && links !== 1) return [];
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  return entries.flatMap((each) => (each.isDirectory() ? [join(path, each.name)] : []));
}

async function processesOf(path: string, depth: number): Promise<number[]> {
  const text = await readFile(join(path, "cgroup.procs"), "utf8").catch(() => undefined);
  if (text === undefined) return [];
  const own = text.split("\n").filter((line) => line !== "");
  if (depth === 0) return own.map(Number);
  const below = await subfolders(path);
  const lists = await Promise.all(below.map((each) => processesOf(each, depth - 1)));
  return [...own.map(Number), ...lists.flat()];
}

/** Remove a cgroup and those inside it: they stay busy for a moment after their last process. */
export async function removeCgroup(
  path: string,
  deadlineMs = Date.now() + REMOVE_MS_MAX,
): Promise<void> {
  for (let waitMs = 1; ; waitMs = Math.min(waitMs * 2, 100)) {
    try {
      await rmdir(path);
      return;
    } catch (error) {
      const code = systemCodeOf(error);
      if (code === "ENOENT") return;
      const isFull = code === "EBUSY" || code === "ENOTEMPTY";
      if (!isFull || Date.now() > deadlineMs) throw error;
    }
    for (const each of await subfolders(path)) await removeCgroup(each, deadlineMs);
    await new Promise((done) => setTimeout(done, waitMs));
  }
}
