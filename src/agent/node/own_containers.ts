/** What of this machine an agent runs containers with. */
import { existsSync } from "node:fs";
import { chown } from "node:fs/promises";
import { join } from "node:path";
import type { Disposer } from "../../base/mod.ts";
import type { Containerizer } from "../containerizer.ts";
import type { Fetch, RunCheck } from "./container_runner.ts";
import {
  DockerContainerizer,
  Fetcher,
  Launcher,
  OciContainerizer,
  PosixContainerizer,
  probeHost,
  runCheck,
  Users,
} from "./containers/mod.ts";

/** Without an agent and with nothing that runs, a launcher has nothing to keep: ends are on disk. */
const LAUNCHER_IDLE_MS = 1_000;

/** The machinery of this machine. */
export interface OwnContainers {
  readonly containerizers: readonly Containerizer[];
  readonly fetch: Fetch;
  readonly runCheck: RunCheck;
  /** Give a folder to a user. */
  readonly own: (folder: string, user: string) => Promise<void>;
}

/** Options of {@linkcode openContainers}. */
export interface OwnContainersOptions {
  readonly workDir: string;
  /** Instead of what this machine has. */
  readonly containerizers: readonly Containerizer[] | undefined;
  /** Where images are looked up by name. */
  readonly imageStore: string | undefined;
  /** The socket of a Docker Engine; there is no engine where there is no such file. */
  readonly dockerSocket: string;
  readonly cacheBytesMax: number;
  readonly opened: Disposer;
}

/**
 * Open what this machine has; its launcher outlives the agent.
 *
 * @throws {FairleadError} `launcher_failed`.
 */
export async function openContainers(options: OwnContainersOptions): Promise<OwnContainers> {
  const { workDir, opened, cacheBytesMax } = options;
  const tools = new Tools(workDir, cacheBytesMax, opened);
  return {
    containerizers: options.containerizers ?? (await tools.containerizers(options)),
    fetch: async (uris, sandbox, { signal, user }) => {
      const { fetcher, users } = await tools.open();
      const owner = user === undefined ? {} : { user: await users.find(user) };
      await fetcher.fetch(uris, { sandbox, signal, ...owner });
    },
    runCheck: (spec, container, { signal }) => runCheck(spec, { container, signal }),
    own: async (folder, user) => {
      const { users } = await tools.open();
      const { uid, gid } = await users.find(user);
      if (process.getuid?.() === 0 && uid !== 0) await chown(folder, uid, gid);
    },
  };
}

interface Opened {
  readonly launcher: Launcher;
  readonly users: Users;
  readonly fetcher: Fetcher;
}

/** The launcher and what stands on it, once somebody needs them. */
class Tools {
  readonly #workDir: string;
  readonly #cacheBytesMax: number;
  readonly #disposer: Disposer;
  #opened: Promise<Opened> | undefined;

  constructor(workDir: string, cacheBytesMax: number, disposer: Disposer) {
    this.#workDir = workDir;
    this.#cacheBytesMax = cacheBytesMax;
    this.#disposer = disposer;
  }

  open(): Promise<Opened> {
    this.#opened ??= this.#open().catch((error: unknown) => {
      this.#opened = undefined;
      throw error;
    });
    return this.#opened;
  }

  async #open(): Promise<Opened> {
    const folder = join(this.#workDir, "launcher");
    const launcher = await Launcher.open({ folder, idleMs: LAUNCHER_IDLE_MS });
    this.#disposer.use(launcher);
    const cacheFolder = join(this.#workDir, "cache");
    return {
      launcher,
      users: new Users(launcher),
      fetcher: new Fetcher({ launcher, cacheFolder, cacheBytesMax: this.#cacheBytesMax }),
    };
  }

  /** Processes for whoever names no image, then what this machine has for images. */
  async containerizers({
    imageStore,
    dockerSocket,
  }: Pick<OwnContainersOptions, "imageStore" | "dockerSocket">): Promise<Containerizer[]> {
    const { launcher } = await this.open();
    const host = await probeHost();
    const posix = this.#disposer.use(new PosixContainerizer({ launcher, host }));
    const containerizers: Containerizer[] = [posix];
    const oci = this.#disposer.use(
      new OciContainerizer({
        launcher,
        host,
        folder: join(this.#workDir, "oci"),
        ...(imageStore === undefined ? {} : { imageStore }),
      }),
    );
    if (oci.runtime !== undefined) containerizers.push(oci);
    if (existsSync(dockerSocket)) {
      const docker = { launcher, host, socketPath: dockerSocket, owner: this.#workDir };
      containerizers.push(this.#disposer.use(new DockerContainerizer(docker)));
    }
    return containerizers;
  }
}
