/** A container whose first process the launcher keeps: what posix and oci have in common. */
import { constants } from "node:os";
import { FairleadError } from "../../../base/mod.ts";
import type {
  Container,
  ContainerCommand,
  ContainerLimits,
  ContainerSignal,
  ContainerSpec,
  ContainerStatistics,
  ExecOptions,
  ExecSession,
  Termination,
  WindowSize,
} from "../../containerizer.ts";
import type { KeptProcess, Launcher } from "../launcher/client.ts";
import type { Owner, Program } from "../launcher/protocol.ts";
import type { Cgroup } from "./cgroups/cgroup.ts";
import { execFailed, Obstacle } from "./failures.ts";
import type { LimitWatch, Watched } from "./limit_watch.ts";
import { memoryExceeded, memoryLimitation } from "./limitations.ts";

/** What is started so that a command runs inside a container. */
export interface CommandInside {
  readonly program: Program;
  /** Who may open its streams; absent: the agent's own user. */
  readonly owner?: Owner;
  /**
   * Resolves when the command runs; absent: it does when the program does.
   *
   * @throws when it cannot be started.
   */
  readonly running?: (ended: Promise<unknown>) => Promise<void>;
  /** Kill the command where it is not in the program's process group. */
  readonly kill?: () => void;
  /** Change the size of a terminal inside the one that the program was given. */
  readonly resize?: (size: WindowSize) => Promise<void>;
  /** Clear up after its end. */
  readonly clean?: () => Promise<void>;
}

/** What differs from one kind of container to another. */
export interface Anatomy {
  /** What to start so that a command runs inside. */
  commandInside(command: ContainerCommand, options: ExecOptions): Promise<CommandInside>;
  /** Send a signal to everything inside. */
  signal(signal: ContainerSignal): Promise<void>;
  /** Kill everything inside, and wait until it is gone. */
  kill(): Promise<void>;
  /** Remove what held it; nothing runs any more. */
  clean(): Promise<void>;
  /** What is counted besides the cgroup's figures, or instead. */
  statistics(): Promise<Partial<ContainerStatistics>>;
  /** What wait(2) gave of the kept process, as it is for the first one inside. */
  readonly innerStatus?: (waitStatus: number) => number;
  /** Whether an end by SIGKILL is the kernel's for want of memory, where its count is gone. */
  readonly diedOfMemory?: (waitStatus: number) => Promise<boolean>;
}

/** What a container is made of. */
export interface ContainerParts {
  readonly id: string;
  /** The launcher's name for its first process. */
  readonly keptId: string;
  readonly kept: KeptProcess;
  /** Of its first process inside. */
  readonly pid: number;
  readonly sandbox: string;
  readonly cgroup: Cgroup;
  readonly pidsMax?: number;
  readonly limits: ContainerLimits;
  readonly shares: ContainerSpec["shares"];
  readonly anatomy: Anatomy;
  readonly checkpoint: unknown;
  readonly launcher: Launcher;
  readonly watch: LimitWatch;
}

/** How long the launcher may take to tell the end of a process that was killed. */
const END_MS_MAX = 10_000;

/** A container that runs, or has run. */
export class HeldContainer implements Container, Watched {
  readonly id: string;
  readonly pid: number;
  readonly ipAddresses: readonly string[] = [];
  readonly sandbox: string;
  readonly cgroup: Cgroup;
  readonly ended: Promise<Termination>;
  limits: ContainerLimits;
  diskUsedBytes: number | undefined;
  readonly #parts: ContainerParts;
  readonly #sessions = new Set<() => void>();
  #sessionCount = 0;
  #why: Omit<Termination, "waitStatus"> = {};
  #over = false;
  #destruction: Promise<void> | undefined;

  constructor(parts: ContainerParts) {
    this.#parts = parts;
    this.id = parts.id;
    this.pid = parts.pid;
    this.sandbox = parts.sandbox;
    this.cgroup = parts.cgroup;
    this.limits = parts.limits;
    this.ended = this.#awaitEnd();
    parts.watch.add(this);
  }

  get checkpoint(): unknown {
    return this.#parts.checkpoint;
  }

  async signal(signal: ContainerSignal): Promise<void> {
    if (!this.#over) await this.#parts.anatomy.signal(signal);
  }

  destroy(): Promise<void> {
    // One that failed may be tried again.
    this.#destruction ??= this.#destroy().catch((error: unknown) => {
      this.#destruction = undefined;
      throw error;
    });
    return this.#destruction;
  }

  async usage(): Promise<ContainerStatistics> {
    const counted = await this.#parts.anatomy.statistics();
    const { diskBytes } = this.limits;
    return {
      timestamp: Date.now() / 1_000,
      ...counted,
      ...(diskBytes === undefined ? {} : { disk_limit_bytes: diskBytes }),
      ...(this.diskUsedBytes === undefined ? {} : { disk_used_bytes: this.diskUsedBytes }),
    };
  }

  async update(limits: ContainerLimits, shares: ContainerSpec["shares"]): Promise<void> {
    const { pidsMax } = this.#parts;
    await this.cgroup.update({ limits, shares, ...(pidsMax === undefined ? {} : { pidsMax }) });
    this.limits = limits;
  }

  exceeded(why: Omit<Termination, "waitStatus">): void {
    this.#why = why;
    // What cannot be killed now is killed by whoever destroys the container.
    this.#parts.anatomy.kill().catch(() => undefined);
  }

  async exec(command: ContainerCommand, options: ExecOptions = {}): Promise<ExecSession> {
    const { anatomy } = this.#parts;
    let inside: CommandInside | undefined;
    try {
      options.signal?.throwIfAborted();
      if (this.#over) throw new Obstacle("it has ended");
      inside = await anatomy.commandInside(command, options);
      return await this.#start(inside, options);
    } catch (error) {
      await inside?.clean?.();
      if (options.signal?.aborted) throw options.signal.reason;
      throw execFailed(this.id, error);
    }
  }

  async #start(inside: CommandInside, options: ExecOptions): Promise<ExecSession> {
    const { launcher, keptId } = this.#parts;
    const { program, owner, running, kill, clean, resize } = inside;
    const id = `${keptId}#${++this.#sessionCount}`;
    const session = await launcher.session({
      id,
      program,
      ...(owner === undefined ? {} : { owner }),
      ...(options.tty === undefined ? {} : { terminal: options.tty }),
    });
    const abandon = () => {
      kill?.();
      session.abandon();
    };
    this.#sessions.add(abandon);
    options.signal?.addEventListener("abort", abandon, { once: true });
    if (options.signal?.aborted || this.#over) abandon();
    const over = session.ended.finally(() => {
      this.#sessions.delete(abandon);
      options.signal?.removeEventListener("abort", abandon);
    });
    await running?.(over);
    return {
      stdin: session.stdin,
      stdout: session.stdout,
      stderr: session.stderr,
      ended: over.then(async ({ waitStatus }): Promise<Termination> => {
        await clean?.();
        if (waitStatus !== undefined) return { waitStatus };
        return { message: "its connection was cut: nobody knows how it ended" };
      }),
      resize: async (size: WindowSize) => {
        if (await launcher.resize(id, size)) await resize?.(size);
      },
      signal: async (signal: ContainerSignal) => {
        await launcher.signal(id, constants.signals[signal], { group: true });
      },
    };
  }

  async #awaitEnd(): Promise<Termination> {
    const { anatomy, kept } = this.#parts;
    const { waitStatus } = await kept.ended;
    this.#over = true;
    this.#parts.watch.delete(this);
    this.#why = { ...(await this.#memoryExceeded(waitStatus)), ...this.#why };
    if (waitStatus !== undefined) {
      return { waitStatus: anatomy.innerStatus?.(waitStatus) ?? waitStatus, ...this.#why };
    }
    return { message: "its launcher died before it: nobody knows how it ended", ...this.#why };
  }

  async #memoryExceeded(waitStatus: number | undefined) {
    const { anatomy } = this.#parts;
    if (this.#why.reason !== undefined) return undefined;
    const died = waitStatus !== undefined && (await anatomy.diedOfMemory?.(waitStatus)) === true;
    if (died) return memoryLimitation(this.cgroup, this.limits);
    return memoryExceeded(this.cgroup, this.limits);
  }

  async #destroy(): Promise<void> {
    const { anatomy, kept, keptId, launcher, watch } = this.#parts;
    watch.delete(this);
    for (const abandon of this.#sessions) abandon();
    await anatomy.kill();
    await within(kept.ended, END_MS_MAX, () => {
      return new FairleadError(
        "kill_failed",
        `Cannot destroy container ${this.id}: process ${kept.pid} does not end`,
        { details: { container: this.id, pid: kept.pid } },
      );
    });
    await this.ended;
    await anatomy.clean();
    await launcher.forget(keptId);
  }
}

async function within<T>(promise: Promise<T>, ms: number, late: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), ms);
  });
  return Promise.race([promise, deadline]).finally(() => clearTimeout(timer));
}
