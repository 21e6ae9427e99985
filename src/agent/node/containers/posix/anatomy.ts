/** How the processes of a posix container are told, signalled, counted and ended. */
import { constants } from "node:os";
import { FairleadError } from "../../../../base/mod.ts";
import type {
  ContainerCommand,
  ContainerSignal,
  ContainerStatistics,
  ExecOptions,
} from "../../../containerizer.ts";
import type { KeptProcess, Launcher } from "../../launcher/client.ts";
import { type ProcessStat, statOf } from "../../launcher/identity.ts";
import type { Cgroup } from "../cgroups/cgroup.ts";
import type { Anatomy, CommandInside } from "../held_container.ts";
import { familyOf, scanProcesses, signalQuietly, straysOf } from "../processes.ts";

/** What a posix container is made of. */
export interface PosixParts {
  readonly kept: KeptProcess;
  readonly keptId: string;
  readonly cgroup: Cgroup;
  readonly sandbox: string;
  readonly launcher: Launcher;
  commandInside(command: ContainerCommand, options: ExecOptions): Promise<CommandInside>;
}

const KILL_MS_MAX = 10_000;
const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4_096;

/** A session of processes, in a cgroup where there is one. */
export class PosixAnatomy implements Anatomy {
  readonly #parts: PosixParts;

  constructor(parts: PosixParts) {
    this.#parts = parts;
  }

  commandInside(command: ContainerCommand, options: ExecOptions): Promise<CommandInside> {
    return this.#parts.commandInside(command, options);
  }

  async signal(signal: ContainerSignal): Promise<void> {
    const { kept, keptId, launcher } = this.#parts;
    await launcher.signal(keptId, constants.signals[signal], { group: true });
    // Those that made groups of their own.
    for (const { pid, group } of await this.#members()) {
      if (group !== kept.pid) signalQuietly(pid, signal);
    }
  }

  async kill(): Promise<void> {
    const { cgroup, keptId, launcher } = this.#parts;
    // First: it may be on its way into the cgroup.
    await launcher.signal(keptId, constants.signals.SIGKILL, { group: true });
    if (cgroup.tracks) return cgroup.kill();
    const deadlineMs = Date.now() + KILL_MS_MAX;
    for (let waitMs = 1; ; waitMs = Math.min(waitMs * 2, 100)) {
      const alive = (await this.#membersAndStrays()).filter(({ state }) => state !== "Z");
      if (alive.length === 0) return;
      if (Date.now() > deadlineMs) throw stillThere(alive);
      for (const { pid } of alive) signalQuietly(pid, "SIGKILL");
      await new Promise((done) => setTimeout(done, waitMs));
    }
  }

  clean(): Promise<void> {
    return this.#parts.cgroup.remove();
  }

  async statistics(): Promise<Partial<ContainerStatistics>> {
    const counted = await this.#parts.cgroup.statistics();
    const complete =
      counted.cpus_user_time_secs !== undefined && counted.mem_rss_bytes !== undefined;
    return complete ? counted : { ...summed(await this.#members()), ...counted };
  }

  /** Processes inside, as far as they can be told. */
  async #members(): Promise<ProcessStat[]> {
    const { cgroup, kept } = this.#parts;
    if (!cgroup.tracks) return familyOf(kept.pid, await scanProcesses());
    return (await cgroup.processes()).flatMap((pid) => statOf(pid) ?? []);
  }

  async #membersAndStrays(): Promise<ProcessStat[]> {
    const { kept, sandbox } = this.#parts;
    const all = await scanProcesses();
    const found = [...familyOf(kept.pid, all), ...(await straysOf(sandbox, all))];
    return [...new Map(found.map((each) => [each.pid, each])).values()];
  }
}

function summed(members: readonly ProcessStat[]): Partial<ContainerStatistics> {
  const sum = (of: (each: ProcessStat) => number) =>
    members.reduce((all, each) => all + of(each), 0);
  return {
    processes: members.length,
    threads: sum(({ threads }) => threads),
    cpus_user_time_secs: sum(({ userTicks }) => userTicks) / TICKS_PER_SECOND,
    cpus_system_time_secs: sum(({ systemTicks }) => systemTicks) / TICKS_PER_SECOND,
    mem_rss_bytes: sum(({ pages }) => pages) * PAGE_BYTES,
  };
}

function stillThere(alive: readonly ProcessStat[]): FairleadError {
  const [first] = alive;
  return new FairleadError(
    "kill_failed",
    `Cannot kill process ${first?.pid}: still there after ${KILL_MS_MAX} ms`,
    { details: { processes: alive.map(({ pid }) => pid) } },
  );
}
