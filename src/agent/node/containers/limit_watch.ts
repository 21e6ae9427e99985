/** Looks at what containers use, and says when it is too much. */
import type { ContainerLimits, Termination } from "../../containerizer.ts";
import type { Launcher } from "../launcher/client.ts";
import type { Cgroup } from "./cgroups/cgroup.ts";
import { diskExceeded, memoryExceeded } from "./limitations.ts";

/** A container that is looked at. */
export interface Watched {
  readonly sandbox: string;
  readonly cgroup: Cgroup;
  readonly limits: ContainerLimits;
  /** What its sandbox took when it was last looked at. */
  diskUsedBytes: number | undefined;
  /** A limit was passed: end it. Called once at most. */
  exceeded(why: Omit<Termination, "waitStatus">): void;
}

/** Options of {@linkcode LimitWatch}. */
export interface LimitWatchOptions {
  /**
   * Between two looks at whether the kernel killed for want of memory.
   *
   * @default 1_000
   */
  readonly memoryIntervalMs?: number;
  /**
   * Between two measurements of a sandbox; one sandbox is measured at a time.
   *
   * @default 15_000
   */
  readonly diskIntervalMs?: number;
}

const DU_MS_MAX = 60_000;

/** Watches all containers of one containerizer with two timers. */
export class LimitWatch implements Disposable {
  readonly #launcher: Launcher;
  readonly #watched = new Set<Watched>();
  readonly #timers: readonly NodeJS.Timeout[];
  #looking = false;
  #measuring = false;

  constructor(launcher: Launcher, options: LimitWatchOptions = {}) {
    const { memoryIntervalMs = 1_000, diskIntervalMs = 15_000 } = options;
    this.#launcher = launcher;
    this.#timers = [
      setInterval(() => void this.#look(), memoryIntervalMs),
      setInterval(() => void this.#measure(), diskIntervalMs),
    ];
    for (const timer of this.#timers) timer.unref();
  }

  add(watched: Watched): void {
    this.#watched.add(watched);
  }

  delete(watched: Watched): void {
    this.#watched.delete(watched);
  }

  [Symbol.dispose](): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#watched.clear();
  }

  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    for (const each of this.#watched) {
      if (each.limits.memBytes === undefined) continue;
      const why = await memoryExceeded(each.cgroup, each.limits);
      if (why !== undefined && this.#watched.delete(each)) each.exceeded(why);
    }
    this.#looking = false;
  }

  async #measure(): Promise<void> {
    if (this.#measuring) return;
    this.#measuring = true;
    for (const each of this.#watched) {
      if (each.limits.diskBytes === undefined) continue;
      // What cannot be measured now (no du, too slow, a lost launcher) is measured the next time.
      each.diskUsedBytes = await this.#sizeOf(each.sandbox).catch(() => each.diskUsedBytes);
      const why = diskExceeded(each.diskUsedBytes, each.limits);
      if (why !== undefined && this.#watched.delete(each)) each.exceeded(why);
    }
    this.#measuring = false;
  }

  /** In a process of its own: a large sandbox must not hold up the agent. */
  async #sizeOf(folder: string): Promise<number | undefined> {
    const { stdout } = await this.#launcher.run({
      program: {
        path: "/bin/sh",
        // Files may go while du(1) looks: what it says on stderr and its status mean little.
        argv: ["sh", "-c", 'exec nice -n 19 du -skx -- "$1"', "sh", folder],
        environment: { PATH: "/usr/bin:/bin" },
        folder: "/",
      },
      timeoutMs: DU_MS_MAX,
      outputBytesMax: 1_000_000,
    });
    const kilobytes = Number.parseInt(stdout, 10);
    return Number.isNaN(kilobytes) ? undefined : kilobytes * 1_024;
  }
}
