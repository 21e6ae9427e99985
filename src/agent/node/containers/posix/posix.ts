/** Containers that are process groups of this host, held by cgroups where it has them. */
import { mkdir, realpath, rm, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { asyncDispose } from "../../../../base/mod.ts";
import type {
  Container,
  ContainerCommand,
  Containerizer,
  ContainerSpec,
  ContainerVolume,
  ExecOptions,
  Recovered,
} from "../../../containerizer.ts";
import type { KeptProcess, Launcher } from "../../launcher/client.ts";
import type { Program } from "../../launcher/protocol.ts";
import { finiteLimits, finiteShares } from "../amounts.ts";
import { Cgroup } from "../cgroups/cgroup.ts";
import { programOf, within } from "../command_line.ts";
import { launchFailed, Obstacle } from "../failures.ts";
import { HeldContainer } from "../held_container.ts";
import type { Host } from "../host.ts";
import { LimitWatch, type LimitWatchOptions } from "../limit_watch.ts";
import { memoryExceeded } from "../limitations.ts";
import { type ResourceLimit, readRlimits, requireReachable } from "../rlimits.ts";
import { type User, Users } from "../users.ts";
import { PosixAnatomy } from "./anatomy.ts";
import { type PosixCheckpoint, readPosixCheckpoint } from "./checkpoint.ts";

/** Options of {@linkcode PosixContainerizer}. */
export interface PosixOptions extends LimitWatchOptions {
  readonly launcher: Launcher;
  readonly host: Host;
  /** Processes and threads of one container; absent: no limit. */
  readonly pidsMax?: number;
}

/** What the host lets be enforced; the rest is only asked for. */
export interface Isolation {
  readonly cpu: boolean;
  readonly memory: boolean;
  readonly pids: boolean;
  readonly disk: boolean;
  /** Whether no process can leave its container. */
  readonly processes: boolean;
}

/** Starts containers as plain processes: no image, no network of their own. */
export class PosixContainerizer implements Containerizer {
  readonly name = "posix";
  readonly isolation: Isolation;
  readonly #options: PosixOptions;
  readonly #users: Users;
  readonly #watch: LimitWatch;

  constructor(options: PosixOptions) {
    const { controllers, unified } = options.host.cgroups;
    this.#options = options;
    this.#users = new Users(options.launcher);
    this.#watch = new LimitWatch(options.launcher, options);
    this.isolation = {
      cpu: controllers.has("cpu"),
      memory: controllers.has("memory"),
      pids: controllers.has("pids"),
      disk: true,
      processes: controllers.size > 0 || unified !== undefined,
    };
  }

  supports({ container, volumes }: ContainerSpec): string | undefined {
    if (container?.type === "DOCKER") return "it asks for Docker";
    if (container?.mesos?.image !== undefined) return "it asks for an image";
    const network = container?.network_infos?.find((each) => each.name !== undefined);
    if (network !== undefined) return `it asks for the network "${network.name}"`;
    if (container?.linux_info?.effective_capabilities !== undefined)
      return "it asks for capabilities";
    if (container?.linux_info?.bounding_capabilities !== undefined)
      return "it asks for capabilities";
    for (const { source, target, readOnly } of volumes) {
      if (readOnly) return `its volume ${target} is read-only`;
      if (target.startsWith("/") && target !== source) return `its volume ${target} is absolute`;
    }
    return undefined;
  }

  async launch(spec: ContainerSpec, options: { readonly signal: AbortSignal }): Promise<Container> {
    const { launcher, host } = this.#options;
    const { signal } = options;
    const keptId = keptIdOf(spec.id);
    const cgroup = new Cgroup(host.cgroups, spec.id);
    let kept: KeptProcess | undefined;
    let launched: HeldContainer | undefined;
    try {
      signal.throwIfAborted();
      const reason = this.supports(spec);
      if (reason !== undefined) throw new Obstacle(reason);
      const rlimits = readRlimits(spec.container?.rlimit_info);
      if (!host.mayRaiseLimits) requireReachable(rlimits);
      const user = await this.#userOf(spec.user);
      const program = await this.#program(spec.command, spec, { cgroup, rlimits, user });
      await linkVolumes(spec.sandbox, spec.volumes);
      await cgroup.create({ ...spec, ...this.#pidsMax() });
      signal.throwIfAborted();
      kept = await launcher.start({
        id: keptId,
        program,
        stdout: { path: join(spec.sandbox, "stdout"), ...spec.logs },
        stderr: { path: join(spec.sandbox, "stderr"), ...spec.logs },
        ...ownerOf(user),
        ...terminalOf(spec),
      });
      launched = this.#container(kept, cgroup, {
        containerizer: "posix",
        id: spec.id,
        pid: kept.pid,
        startTicks: kept.startTicks,
        sandbox: spec.sandbox,
        environment: { ...spec.environment },
        ...(spec.user === undefined ? {} : { user: spec.user }),
        rlimits,
        limits: finiteLimits(spec.limits),
        shares: finiteShares(spec.shares),
      });
      signal.throwIfAborted();
      return launched;
    } catch (error) {
      if (launched !== undefined) await launched.destroy();
      else await abandon(cgroup);
      throw launchFailed(spec.id, error, signal);
    }
  }

  async recover(checkpoint: unknown): Promise<Recovered> {
    const { launcher, host } = this.#options;
    const read = readPosixCheckpoint(checkpoint);
    const keptId = keptIdOf(read.id);
    const cgroup = new Cgroup(host.cgroups, read.id);
    const state = await launcher.find(keptId);
    if (state.status === "running" && state.ended !== undefined) {
      const { pid, startTicks, ended } = state;
      const container = this.#container({ pid, startTicks, ended }, cgroup, read);
      return { status: "running", container };
    }
    const why = await memoryExceeded(cgroup, read.limits);
    const ended = Promise.resolve({});
    const rest = new PosixAnatomy({
      kept: { pid: read.pid, startTicks: read.startTicks, ended },
      keptId,
      cgroup,
      sandbox: read.sandbox,
      launcher,
      commandInside: () => Promise.reject(new Obstacle("it has ended")),
    });
    await rest.kill();
    await rest.clean();
    await launcher.forget(keptId);
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
      const cgroup = new Cgroup(host.cgroups, id);
      await cgroup.kill();
      if (state.status === "running") await launcher.signal(keptId, 9, { group: true });
      await state.ended;
      await cgroup.remove();
      await launcher.forget(keptId);
      swept.push(id);
    }
    return swept;
  }

  async [asyncDispose](): Promise<void> {
    this.#watch[Symbol.dispose]();
  }

  async #userOf(name: string | undefined): Promise<User | undefined> {
    if (name === undefined) return undefined;
    const user = await this.#users.find(name);
    const { uid } = this.#options.host;
    if (user.uid === uid) return undefined;
    if (uid === 0) return user;
    throw new Obstacle(`only root may run as "${name}", this agent is user ${uid}`);
  }

  #program(
    command: ContainerCommand,
    spec: Pick<ContainerSpec, "environment" | "sandbox">,
    how: {
      readonly cgroup: Cgroup;
      readonly rlimits: readonly ResourceLimit[];
      readonly user: User | undefined;
    },
  ): Promise<Program> {
    const { cgroup, rlimits, user } = how;
    return programOf(
      command,
      { environment: spec.environment, folder: spec.sandbox },
      { entrances: cgroup.entrances, rlimits, ...(user === undefined ? {} : { user }) },
      this.#options.host,
    );
  }

  #container(kept: KeptProcess, cgroup: Cgroup, checkpoint: PosixCheckpoint): HeldContainer {
    const { launcher } = this.#options;
    const { id, sandbox, rlimits, limits, shares } = checkpoint;
    const keptId = keptIdOf(id);
    const commandInside = async (command: ContainerCommand, options: ExecOptions) => {
      const user = await this.#userOf(options.user ?? checkpoint.user);
      const environment = { ...checkpoint.environment, ...options.environment };
      const how = { cgroup, rlimits, user };
      const program = await this.#program(command, { environment, sandbox }, how);
      return { program, ...ownerOf(user) };
    };
    return new HeldContainer({
      id,
      keptId,
      kept,
      pid: kept.pid,
      sandbox,
      cgroup,
      limits,
      shares,
      ...this.#pidsMax(),
      anatomy: new PosixAnatomy({ kept, keptId, cgroup, sandbox, launcher, commandInside }),
      checkpoint,
      launcher,
      watch: this.#watch,
    });
  }

  #pidsMax(): { readonly pidsMax?: number } {
    const { pidsMax } = this.#options;
    return pidsMax === undefined ? {} : { pidsMax };
  }
}

function ownerOf(user: User | undefined) {
  return user === undefined ? {} : { owner: { uid: user.uid, gid: user.gid } };
}

/** A start that failed may have got as far as the cgroup. */
async function abandon(cgroup: Cgroup): Promise<void> {
  await cgroup.kill();
  await cgroup.remove();
}

function terminalOf({ container }: ContainerSpec) {
  const tty = container?.tty_info;
  return tty === undefined ? {} : { terminal: tty.window_size ?? { rows: 24, columns: 80 } };
}

/**
 * Volumes are links in the sandbox, as without a root of its own nothing can be mounted.
 *
 * @throws {Obstacle} when a target would lie outside of the sandbox.
 */
async function linkVolumes(sandbox: string, volumes: readonly ContainerVolume[]): Promise<void> {
  const root = await realpath(sandbox);
  for (const { source, target } of volumes) {
    if (target === source) continue;
    const path = within(root, target);
    await mkdir(dirname(path), { recursive: true });
    // The fetcher may have put links there.
    const parent = await realpath(dirname(path));
    if (parent !== root && !parent.startsWith(`${root}/`)) {
      throw new Obstacle(`its volume ${target} leaves the sandbox`);
    }
    await rm(path, { force: true });
    await symlink(source, path);
  }
}

const PREFIX = "posix:";

function keptIdOf(id: string): string {
  return PREFIX + id;
}

function idOf(keptId: string): string | undefined {
  return keptId.startsWith(PREFIX) ? keptId.slice(PREFIX.length) : undefined;
}
