/** Containers with a root of their own, run by crun or runc. */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { asyncDispose } from "../../../../base/mod.ts";
import type {
  Container,
  ContainerCommand,
  Containerizer,
  ContainerSpec,
  ExecOptions,
  Recovered,
} from "../../../containerizer.ts";
import type { KeptProcess, Launcher } from "../../launcher/client.ts";
import { identify } from "../../launcher/identity.ts";
import { finiteLimits, finiteShares } from "../amounts.ts";
import { Cgroup, removeCgroup } from "../cgroups/cgroup.ts";
import { launchFailed, Obstacle } from "../failures.ts";
import { HeldContainer } from "../held_container.ts";
import type { Host } from "../host.ts";
import { LimitWatch, type LimitWatchOptions } from "../limit_watch.ts";
import { memoryExceeded } from "../limitations.ts";
import { signalQuietly } from "../processes.ts";
import { readRlimits, requireReachable } from "../rlimits.ts";
import { Users } from "../users.ts";
import { type ContainerUser, findContainerUser } from "./accounts.ts";
import { OciAnatomy } from "./anatomy.ts";
import { configJson, type ProcessSpec, readCapabilities, SANDBOX } from "./bundle.ts";
import { type OciCheckpoint, readOciCheckpoint } from "./checkpoint.ts";
import { argvOf, environmentIn } from "./commands.ts";
import { ImageStore, type ReadyImage } from "./image_store.ts";
import { copyRoot, makeRootFolders, overlayWorks, preparing } from "./root.ts";
import { findRuntime, globalOptions, lastError, type Runtime } from "./runtime.ts";
import { whenWritten } from "./written.ts";

/** Options of {@linkcode OciContainerizer}. */
export interface OciOptions extends LimitWatchOptions {
  readonly launcher: Launcher;
  readonly host: Host;
  /** Its own: roots, bundles and unpacked images. On a disk where overlays work, if there is one. */
  readonly folder: string;
  /** Where names of images are looked up: `<imageStore>/<name>` is a rootfs or an OCI layout. */
  readonly imageStore?: string;
  /** Whether absolute paths of the host will do as names of images. @default true */
  readonly allowImagePaths?: boolean;
  /** The runtime's program. @default crun, or else runc */
  readonly runtime?: string;
  /** Processes and threads of one container; absent: no limit. */
  readonly pidsMax?: number;
}

/** Starts containers from images: a rootfs, or an OCI layout. */
export class OciContainerizer implements Containerizer {
  readonly name = "oci";
  /** Undefined where there is no runtime that this process may use. */
  readonly runtime: Runtime | undefined;
  readonly #options: OciOptions;
  readonly #users: Users;
  readonly #watch: LimitWatch;
  readonly #images: ImageStore;
  #overlay: Promise<boolean> | undefined;

  constructor(options: OciOptions) {
    const { launcher, folder, imageStore, allowImagePaths } = options;
    this.#options = options;
    this.runtime = findRuntime(options.host, options.runtime);
    this.#users = new Users(launcher);
    this.#watch = new LimitWatch(launcher, options);
    this.#images = new ImageStore({
      launcher,
      cacheFolder: join(folder, "images"),
      ...(imageStore === undefined ? {} : { folder: imageStore }),
      ...(allowImagePaths === undefined ? {} : { allowPaths: allowImagePaths }),
    });
  }

  supports({ container }: ContainerSpec): string | undefined {
    if (this.#options.host.uid !== 0) return "only root can run images here";
    if (this.runtime === undefined) return "this host has neither crun nor runc";
    if (this.runtime.kind === "runc" && this.#cgroupsInside() === undefined) {
      return "runc needs cgroups, and this host has none for it";
    }
    if (container?.type === "DOCKER") return "it asks for Docker";
    const image = container?.mesos?.image;
    if (image === undefined) return "it asks for no image";
    for (const { name } of container?.network_infos ?? []) {
      if (name !== undefined && name !== "none") return `it asks for the network "${name}"`;
    }
    return undefined;
  }

  async launch(spec: ContainerSpec, options: { readonly signal: AbortSignal }): Promise<Container> {
    const { launcher, host } = this.#options;
    const { signal } = options;
    const cgroup = new Cgroup(host.cgroups, spec.id);
    let kept: KeptProcess | undefined;
    let launched: HeldContainer | undefined;
    try {
      signal.throwIfAborted();
      const reason = this.supports(spec);
      if (reason !== undefined || this.runtime === undefined) throw new Obstacle(reason ?? "");
      const image = await this.#imageOf(spec);
      const process = await this.#processOf(spec, image);
      await cgroup.create({ ...spec, ...this.#pidsMax() });
      const program = await this.#prepare(this.runtime, spec, image, process);
      signal.throwIfAborted();
      kept = await launcher.start({
        id: keptIdOf(spec.id),
        program,
        stdout: { path: join(spec.sandbox, "stdout"), ...spec.logs },
        stderr: { path: join(spec.sandbox, "stderr"), ...spec.logs },
        owner: process.user,
        ...terminalOf(spec),
      });
      const pid = await this.#started(spec.id, kept, signal);
      launched = this.#container(kept, cgroup, {
        containerizer: "oci",
        id: spec.id,
        ...identify(pid),
        sandbox: spec.sandbox,
        rootfs: image.rootfs,
        process: savedProcess(process),
        limits: finiteLimits(spec.limits),
        shares: finiteShares(spec.shares),
      });
      signal.throwIfAborted();
      return launched;
    } catch (error) {
      if (launched !== undefined) await launched.destroy();
      else await this.#abandon(spec.id, cgroup, kept);
      throw launchFailed(spec.id, error, signal);
    }
  }

  async recover(checkpoint: unknown): Promise<Recovered> {
    const { launcher, host } = this.#options;
    const read = readOciCheckpoint(checkpoint);
    const cgroup = new Cgroup(host.cgroups, read.id);
    const state = await launcher.find(keptIdOf(read.id));
    if (state.status === "running" && state.ended !== undefined) {
      const { pid, startTicks, ended } = state;
      const container = this.#container({ pid, startTicks, ended }, cgroup, read);
      return { status: "running", container };
    }
    const why = await memoryExceeded(cgroup, read.limits);
    await this.#abandon(read.id, cgroup, undefined);
    if (state.status !== "ended") return { status: "gone", termination: undefined };
    const { waitStatus } = state;
    if (waitStatus === undefined) return { status: "gone", termination: why };
    return { status: "gone", termination: { waitStatus, ...why } };
  }

  /**
   * Destroy what was started and is not in `known`: an agent that died between a start and its
   * checkpoint knows nothing of it.
   *
   * @returns the ids of what was destroyed.
   */
  async sweep(known: ReadonlySet<string>): Promise<string[]> {
    const { launcher, host } = this.#options;
    const swept: string[] = [];
    for (const keptId of await launcher.list()) {
      const id = idOf(keptId);
      if (id === undefined || known.has(id)) continue;
      const state = await launcher.find(keptId);
      const { ended } = state;
      const kept = state.status === "running" && ended ? { ...state, ended } : undefined;
      await this.#abandon(id, new Cgroup(host.cgroups, id), kept);
      swept.push(id);
    }
    return swept;
  }

  async [asyncDispose](): Promise<void> {
    this.#watch[Symbol.dispose]();
  }

  #imageOf({ container }: ContainerSpec): Promise<ReadyImage> {
    const image = container?.mesos?.image;
    if (image === undefined) throw new Obstacle("it asks for no image");
    return this.#images.get(image);
  }

  async #processOf(spec: ContainerSpec, { config, rootfs }: ReadyImage): Promise<ProcessSpec> {
    const rlimits = readRlimits(spec.container?.rlimit_info);
    if (!this.#options.host.mayRaiseLimits) requireReachable(rlimits);
    return {
      argv: argvOf(spec.command, config),
      environment: environmentIn(config.environment, spec.environment, spec.sandbox),
      folder: config.folder ?? SANDBOX,
      user: await this.#userOf(spec.user, rootfs, config.user),
      rlimits,
      capabilities: readCapabilities(spec.container?.linux_info),
      ...terminalOf(spec),
    };
  }

  /** A user of the host, as with any other task; else one that only the image knows. */
  async #userOf(
    asked: string | undefined,
    rootfs: string,
    images?: string,
  ): Promise<ContainerUser> {
    if (asked === undefined) return findContainerUser(rootfs, images ?? "0");
    try {
      return await this.#users.find(asked);
    } catch (error) {
      if (!(error instanceof Obstacle)) throw error;
      return findContainerUser(rootfs, asked);
    }
  }

  /** Write the bundle; gives what starts it. */
  async #prepare(runtime: Runtime, spec: ContainerSpec, image: ReadyImage, process: ProcessSpec) {
    const { launcher, host } = this.#options;
    const { container } = spec;
    const folder = this.#folderOf(spec.id);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const folders = await makeRootFolders(folder);
    const overlay = await this.#overlayWorks();
    if (!overlay) await copyRoot(image.rootfs, folders.rootfs, launcher);
    const inside = this.#cgroupsInside();
    const config = configJson({
      process,
      rootfs: folders.rootfs,
      hostname: container?.hostname,
      linux: container?.linux_info,
      sandbox: spec.sandbox,
      volumes: spec.volumes,
      network: container?.network_infos?.some(({ name }) => name === "none") ? "none" : "host",
      cgroupVersion: host.cgroups.controllers.get("memory")?.version,
      ...(inside === undefined
        ? {}
        : { cgroupsPath: join(inside, encodeURIComponent(spec.id), "in") }),
    });
    // It has secrets of the environment.
    await writeFile(join(folder, "config.json"), config, { mode: 0o600 });
    const argv = preparing(
      runtime,
      { lower: image.rootfs, folders, overlay },
      join(folder, "log"),
      [
        ...this.#runtimeArgv(runtime, join(folder, "log")),
        ...["run", "--pid-file", join(folder, "pid"), "--bundle", folder, runtimeId(spec.id)],
      ],
    );
    const [name = ""] = argv;
    const path = name.startsWith("/") ? name : host.program(name);
    if (path === undefined) throw new Obstacle(`this host has no ${name}(1)`);
    return { path, argv, environment: { PATH: SYSTEM_PATH }, folder: "/" };
  }

  /** The runtime writes the first process' number when the command runs. */
  async #started(id: string, kept: KeptProcess, signal: AbortSignal): Promise<number> {
    const folder = this.#folderOf(id);
    const given = new Promise<void>((resolve) => {
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
    const pid = await whenWritten(join(folder, "pid"), Promise.race([kept.ended, given]));
    signal.throwIfAborted();
    if (pid !== undefined) return Number(pid);
    const log = await readFile(join(folder, "log"), "utf8").catch(() => "");
    throw new Obstacle(lastError(log) ?? "the runtime does not say why");
  }

  #container(kept: KeptProcess, cgroup: Cgroup, checkpoint: OciCheckpoint): HeldContainer {
    const { launcher } = this.#options;
    const { id, pid, startTicks, sandbox, limits, shares } = checkpoint;
    const keptId = keptIdOf(id);
    const anatomy = new OciAnatomy({
      id,
      kept,
      keptId,
      first: { pid, startTicks },
      cgroup,
      folder: this.#folderOf(id),
      launcher,
      processInside: (command, options) => this.#processInside(checkpoint, command, options),
      execArgv: (processPath, pidPath, logPath) =>
        this.#execArgv(id, processPath, pidPath, logPath),
      clean: () => this.#clean(id, cgroup),
    });
    return new HeldContainer({
      id,
      keptId,
      kept,
      pid,
      sandbox,
      cgroup,
      limits,
      shares,
      ...this.#pidsMax(),
      anatomy,
      checkpoint,
      launcher,
      watch: this.#watch,
    });
  }

  async #processInside(
    { process, rootfs }: OciCheckpoint,
    command: ContainerCommand,
    options: ExecOptions,
  ): Promise<ProcessSpec> {
    return {
      ...process,
      argv: argvOf(command),
      environment: { ...process.environment, ...options.environment },
      user: options.user === undefined ? process.user : await this.#userOf(options.user, rootfs),
      ...(options.tty === undefined ? {} : { terminal: options.tty }),
    };
  }

  #execArgv(id: string, processPath: string, pidPath: string, logPath: string): string[] {
    if (this.runtime === undefined) throw new Obstacle("this host has neither crun nor runc");
    const argv = [
      ...this.#runtimeArgv(this.runtime, logPath),
      ...["exec", "--process", processPath, "--pid-file", pidPath, runtimeId(id)],
    ];
    return argv;
  }

  #runtimeArgv(runtime: Runtime, logPath: string): string[] {
    const cgroups = this.#cgroupsInside() !== undefined;
    const stateFolder = join(this.#options.folder, "state");
    return [runtime.path, ...globalOptions(runtime, { stateFolder, logPath, cgroups })];
  }

  /** Undo a start that failed, or what is left of one that nobody watched. */
  async #abandon(id: string, cgroup: Cgroup, kept: KeptProcess | undefined): Promise<void> {
    const { launcher } = this.#options;
    if (kept !== undefined) {
      // Before the runtime: it may be about to start something.
      await launcher.signal(keptIdOf(id), 9, { group: true });
      await kept.ended;
    }
    const pid = Number(await readFile(join(this.#folderOf(id), "pid"), "utf8").catch(() => ""));
    const ours = cgroup.tracks ? (await cgroup.processes()).includes(pid) : kept !== undefined;
    if (pid > 0 && ours) signalQuietly(pid, "SIGKILL");
    await cgroup.kill();
    await this.#clean(id, cgroup);
    await launcher.forget(keptIdOf(id));
  }

  async #clean(id: string, cgroup: Cgroup): Promise<void> {
    const { host, folder } = this.#options;
    const inside = this.#cgroupsInside();
    await cgroup.remove();
    // The runtime made one in every hierarchy.
    const name = encodeURIComponent(id);
    const all =
      inside === undefined ? [] : host.cgroups.mounts.map((path) => join(path, inside, name));
    await Promise.all(all.map((path) => removeCgroup(path)));
    const mine = [this.#folderOf(id), join(folder, "state", runtimeId(id))];
    await Promise.all(mine.map((path) => rm(path, { recursive: true, force: true })));
  }

  #overlayWorks(): Promise<boolean> {
    const { folder, launcher } = this.#options;
    this.#overlay ??= mkdir(folder, { recursive: true, mode: 0o700 }).then(() =>
      overlayWorks(folder, launcher),
    );
    return this.#overlay;
  }

  /** The folder of cgroups, the same in every hierarchy; undefined when there is none. */
  #cgroupsInside(): string | undefined {
    const { controllers, unified } = this.#options.host.cgroups;
    const places = [...controllers.values(), ...(unified === undefined ? [] : [unified])];
    const inside = places[0]?.inside;
    return places.every((each) => each.inside === inside) ? inside : undefined;
  }

  #folderOf(id: string): string {
    return join(this.#options.folder, "containers", encodeURIComponent(id));
  }

  #pidsMax(): { readonly pidsMax?: number } {
    const { pidsMax } = this.#options;
    return pidsMax === undefined ? {} : { pidsMax };
  }
}

const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const PREFIX = "oci:";

function keptIdOf(id: string): string {
  return PREFIX + id;
}

function idOf(keptId: string): string | undefined {
  return keptId.startsWith(PREFIX) ? keptId.slice(PREFIX.length) : undefined;
}

/** Runtimes take letters, digits and a few signs. */
function runtimeId(id: string): string {
  return id.replace(/[^\w.-]/g, (sign) => `+${sign.charCodeAt(0).toString(16)}`);
}

function terminalOf({ container }: ContainerSpec) {
  const tty = container?.tty_info;
  return tty === undefined ? {} : { terminal: tty.window_size ?? { rows: 24, columns: 80 } };
}

/** What commands inside have in common with the first one. */
function savedProcess({ environment, folder, user, rlimits, capabilities }: ProcessSpec) {
  const { bounding, effective } = capabilities;
  return {
    environment: { ...environment },
    folder,
    user: { uid: user.uid, gid: user.gid, groups: [...user.groups] },
    rlimits: rlimits.map((each) => ({ ...each })),
    capabilities: {
      bounding: [...bounding],
      ...(effective === undefined ? {} : { effective: [...effective] }),
    },
  };
}
