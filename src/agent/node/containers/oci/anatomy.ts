/** How an oci container is told, signalled, counted and ended. */
import { readFile, rm, writeFile } from "node:fs/promises";
import { constants } from "node:os";
import { join } from "node:path";
import type {
  ContainerCommand,
  ContainerSignal,
  ContainerStatistics,
  ExecOptions,
} from "../../../containerizer.ts";
import type { KeptProcess, Launcher } from "../../launcher/client.ts";
import { identify, isAlive } from "../../launcher/identity.ts";
import type { ProcessIdentity } from "../../launcher/protocol.ts";
import type { Cgroup } from "../cgroups/cgroup.ts";
import { Obstacle } from "../failures.ts";
import type { Anatomy, CommandInside } from "../held_container.ts";
import { handlesSignal, hostOomKills, signalQuietly } from "../processes.ts";
import { type ProcessSpec, processJson } from "./bundle.ts";
import { lastError } from "./runtime.ts";
import { whenWritten } from "./written.ts";

/** What an oci container is made of. */
export interface OciParts {
  readonly id: string;
  /** The runtime, which waits for the container. */
  readonly kept: KeptProcess;
  readonly keptId: string;
  /** The first process inside, as the host counts. */
  readonly first: ProcessIdentity;
  readonly cgroup: Cgroup;
  /** The container's own folder on the host. */
  readonly folder: string;
  readonly launcher: Launcher;
  processInside(command: ContainerCommand, options: ExecOptions): Promise<ProcessSpec>;
  /** The argv of the runtime for a command inside. */
  execArgv(processPath: string, pidPath: string, logPath: string): readonly string[];
  /** Remove cgroups, the runtime's state and the folder. */
  clean(): Promise<void>;
}

/** How the runtime exits when the first process inside was killed. */
const KILLED = (128 + constants.signals.SIGKILL) << 8;
const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** A container of a runtime that is kept by the launcher. */
export class OciAnatomy implements Anatomy {
  readonly #parts: OciParts;
  #execCount = 0;
  /** Of a signal whose default is death, sent by way of SIGKILL. */
  #endedBy: number | undefined;
  readonly #oomKills = hostOomKills();

  constructor(parts: OciParts) {
    this.#parts = parts;
  }

  async commandInside(command: ContainerCommand, options: ExecOptions): Promise<CommandInside> {
    const { folder, execArgv } = this.#parts;
    const spec = await this.#parts.processInside(command, options);
    const name = join(folder, `exec-${process.pid}-${this.#execCount++}`);
    const [processPath, pidPath, logPath] = [`${name}.json`, `${name}.pid`, `${name}.log`];
    // It has secrets of the environment.
    await writeFile(processPath, processJson(spec), { mode: 0o600 });
    const argv = raw(spec, execArgv(processPath, pidPath, logPath));
    let inner: ProcessIdentity | undefined;
    return {
      program: {
        path: argv[0] ?? "",
        argv,
        environment: { PATH: SYSTEM_PATH },
        folder: "/",
      },
      running: async (ended) => {
        const pid = await whenWritten(pidPath, ended);
        if (pid === undefined) {
          const log = await readFile(logPath, "utf8").catch(() => "");
          throw new Obstacle(lastError(log) ?? "the runtime does not say why");
        }
        inner = identify(Number(pid));
      },
      // The terminal inside is another one, and crun 1.8 does not pass sizes on.
      resize: async ({ rows, columns }) => {
        if (inner === undefined) return;
        const script = 'exec stty rows "$1" cols "$2" < "/proc/$3/fd/0"';
        await this.#parts.launcher.run({
          program: {
            path: "/bin/sh",
            argv: ["sh", "-c", script, "sh", ...[rows, columns, inner.pid].map(String)],
            environment: { PATH: SYSTEM_PATH },
            folder: "/",
          },
          timeoutMs: 5_000,
          outputBytesMax: 10_000,
        });
      },
      // On a terminal it has a session of its own.
      kill: () => {
        if (inner !== undefined && isAlive(inner)) signalQuietly(inner.pid, "SIGKILL");
      },
      clean: async () => {
        await Promise.all([processPath, pidPath, logPath].map((path) => rm(path, { force: true })));
      },
    };
  }

  /**
   * The first process of a pid namespace is spared signals that it does not handle. Elsewhere their
   * default would end it: so that is what happens here, too.
   */
  async signal(signal: ContainerSignal): Promise<void> {
    const { cgroup, first } = this.#parts;
    const number = constants.signals[signal];
    const spared = !handlesSignal(first.pid, number);
    // All others go with the first one when that is killed.
    const others = signal === "SIGKILL" ? [] : await cgroup.processes();
    for (const pid of others) if (pid !== first.pid) signalQuietly(pid, signal);
    if (!isAlive(first)) return;
    if (spared) this.#endedBy ??= number;
    signalQuietly(first.pid, spared ? "SIGKILL" : signal);
  }

  async kill(): Promise<void> {
    const { cgroup, first, kept, launcher, keptId } = this.#parts;
    this.#endedBy ??= constants.signals.SIGKILL;
    // All others of its pid namespace go with it.
    if (isAlive(first)) signalQuietly(first.pid, "SIGKILL");
    await cgroup.kill();
    // The runtime ends by itself, unless it hangs.
    const timer = setTimeout(() => {
      launcher.signal(keptId, constants.signals.SIGKILL, { group: true }).catch(() => undefined);
    }, RUNTIME_MS_MAX);
    await kept.ended;
    clearTimeout(timer);
  }

  clean(): Promise<void> {
    return this.#parts.clean();
  }

  statistics(): Promise<Partial<ContainerStatistics>> {
    return this.#parts.cgroup.statistics();
  }

  /** The runtime removes the cgroup in which the kernel counted, before anybody can look. */
  async diedOfMemory(waitStatus: number): Promise<boolean> {
    const killed = waitStatus === KILLED && this.#endedBy === undefined;
    return killed && hostOomKills() > this.#oomKills && this.#parts.cgroup.touchedMemoryLimit();
  }

  /** The runtime exits as shells do: 128 and the number of the signal. */
  innerStatus(waitStatus: number): number {
    return waitStatus === KILLED && this.#endedBy !== undefined ? this.#endedBy : waitStatus;
  }
}

const RUNTIME_MS_MAX = 5_000;

/**
 * The outer of two terminals only carries bytes. The runtime makes it so, but not before the
 * command may have said something.
 */
function raw({ terminal }: ProcessSpec, argv: readonly string[]): readonly string[] {
  if (terminal === undefined) return argv;
  return ["/bin/sh", "-c", 'stty raw -echo; exec "$@"', "sh", ...argv];
}
