/** Sandboxes of executors that have ended: kept to be looked at, until it is time or room is short. */
import { lstat, readdir, readlink, rm, rmdir, stat, statfs, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { asyncDispose, type Clock, FairleadError } from "../../base/mod.ts";

/** Options of a {@linkcode SandboxKeeper}. */
export interface SandboxKeeperOptions {
  readonly workDir: string;
  /** How long they are kept when there is room. */
  readonly delayMs: number;
  /** With less of the disk free, the oldest go first. */
  readonly freeRatioMin: number;
  readonly clock: Pick<Clock, "nowMs">;
  /** How much of the disk is free, from 0 to 1; by default what the system says. */
  readonly freeRatio?: () => Promise<number>;
  readonly trouble: (message: string, details: Readonly<Record<string, unknown>>) => void;
}

const INTERVAL_MS = 60_000;
/** Below the work folder: agents/A/frameworks/F/executors/E/runs/C. */
const LEVELS = ["agents", undefined, "frameworks", undefined, "executors", undefined, "runs"];

/** Collects them. */
export class SandboxKeeper implements AsyncDisposable {
  readonly #options: SandboxKeeperOptions;
  /** When each of them ended, by its folder. */
  readonly #ended = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #collecting: Promise<void> = Promise.resolve();

  constructor(options: SandboxKeeperOptions) {
    this.#options = options;
  }

  /**
   * Find those that earlier runs of the agent left, and collect from now on.
   *
   * @param live The containers of executors that run: theirs are not touched.
   */
  async start(live: ReadonlySet<string>): Promise<void> {
    for (const folder of await this.#runs()) {
      const container = folder.slice(folder.lastIndexOf("/") + 1);
      if (live.has(container) || this.#ended.has(folder)) continue;
      const stats = await stat(folder).catch(() => undefined);
      if (stats?.isDirectory()) this.#ended.set(folder, stats.mtimeMs);
    }
    this.#timer = setInterval(() => void this.collect(), INTERVAL_MS);
    this.#timer.unref();
  }

  async #runs(): Promise<string[]> {
    let folders = [this.#options.workDir];
    for (const level of LEVELS) {
      const next: string[] = [];
      for (const folder of folders) {
        const names = level === undefined ? await namesIn(folder) : [level];
        next.push(...names.map((name) => join(folder, name)));
      }
      folders = next;
    }
    const runs: string[] = [];
    for (const folder of folders) {
      for (const name of await namesIn(folder))
        if (name !== "latest") runs.push(join(folder, name));
    }
    return runs;
  }

  /** An executor has ended: its sandbox may be collected some time. */
  release(folder: string): void {
    this.#ended.set(folder, this.#options.clock.nowMs());
  }

  /** Remove what is due now. */
  collect(): Promise<void> {
    this.#collecting = this.#collecting.then(() => this.#collect());
    return this.#collecting;
  }

  async #collect(): Promise<void> {
    const { clock, delayMs, freeRatioMin } = this.#options;
    const oldestFirst = [...this.#ended].sort(([, one], [, other]) => one - other);
    try {
      for (const [folder, endedMs] of oldestFirst) {
        const due = endedMs + delayMs <= clock.nowMs();
        if (!due && (await this.#freeRatio()) >= freeRatioMin) return;
        await this.#remove(folder);
      }
    } catch (error) {
      const { message, code } = FairleadError.from(error);
      this.#options.trouble(`Cannot collect sandboxes: ${message}`, { code });
    }
  }

  async #freeRatio(): Promise<number> {
    if (this.#options.freeRatio !== undefined) return this.#options.freeRatio();
    const { bavail, blocks } = await statfs(this.#options.workDir);
    return blocks === 0 ? 1 : bavail / blocks;
  }

  async #remove(folder: string): Promise<void> {
    await rm(folder, { recursive: true, force: true });
    this.#ended.delete(folder);
    const runs = dirname(folder);
    const latest = join(runs, "latest");
    const target = await readlink(latest).catch(() => undefined);
    if (target === folder) await unlink(latest).catch(() => undefined);
    await removeEmpty(runs, this.#options.workDir);
  }

  async [asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#collecting;
  }
}

async function namesIn(folder: string): Promise<string[]> {
  const kind = await lstat(folder).catch(() => undefined);
  return kind?.isDirectory() ? (await readdir(folder)).sort() : [];
}

/** Remove a folder and those above it, as long as nothing is in them. */
async function removeEmpty(folder: string, root: string): Promise<void> {
  for (let each = folder; each.startsWith(`${root}/`); each = dirname(each)) {
    try {
      await rmdir(each);
    } catch {
      // Not empty: somebody else's.
      return;
    }
  }
}
