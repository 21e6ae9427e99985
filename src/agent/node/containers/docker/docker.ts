/** Containers of a Docker Engine, or of podman behind the same API. */
import { setMaxListeners } from "node:events";
import { asyncDispose } from "../../../../base/mod.ts";
import type { Container, Containerizer, ContainerSpec, Recovered } from "../../../containerizer.ts";
import { exitedWith } from "../../../wait_status.ts";
import type { Launcher } from "../../launcher/client.ts";
import { finiteLimits, finiteShares } from "../amounts.ts";
import { launchFailed, Obstacle } from "../failures.ts";
import type { Host } from "../host.ts";
import { LimitWatch, type LimitWatchOptions } from "../limit_watch.ts";
import { memoryLimitation } from "../limitations.ts";
import { SANDBOX } from "../oci/bundle.ts";
import { type ResourceLimit, readRlimits, requireReachable } from "../rlimits.ts";
import { Users } from "../users.ts";
import { type ContainerAnswer, readAnswer } from "./answers.ts";
import { type DockerCheckpoint, readDockerCheckpoint } from "./checkpoint.ts";
import { DockerContainer, NO_CGROUP } from "./container.ts";
import { createBody } from "./create.ts";
import { answeredWith, DockerEngine } from "./engine.ts";
import { ensureImage } from "./images.ts";
import { attachLogs, followLogs } from "./logs.ts";

/** Options of {@linkcode DockerContainerizer}. */
export interface DockerOptions extends LimitWatchOptions {
  /** For measuring sandboxes and looking users up: the engine starts the containers. */
  readonly launcher: Launcher;
  readonly host: Host;
  /** @default "/var/run/docker.sock" */
  readonly socketPath?: string;
  /** Tells the containers of this agent from others of the same engine; such as its work folder. */
  readonly owner: string;
  /** Processes and threads of one container; absent: the engine's own limit. */
  readonly pidsMax?: number;
}

/**
 * Where limits may not be raised, engines fail on their own defaults (podman asks for more than it
 * has): these are what any host grants.
 */
const MODEST_LIMITS: readonly ResourceLimit[] = [
  { name: "nofile", soft: 1_024, hard: 4_096 },
  { name: "nproc", soft: 16_384, hard: 16_384 },
];

const OWNER_LABEL = "io.fairlead.agent";
const ID_LABEL = "io.fairlead.container";

/** Starts containers through the Engine API. */
export class DockerContainerizer implements Containerizer {
  readonly name = "docker";
  readonly #options: DockerOptions;
  readonly #engine: DockerEngine;
  readonly #users: Users;
  readonly #watch: LimitWatch;
  readonly #letGo = new AbortController();

  constructor(options: DockerOptions) {
    this.#options = options;
    // Each container that runs waits with it.
    setMaxListeners(0, this.#letGo.signal);
    this.#engine = new DockerEngine(options.socketPath ?? "/var/run/docker.sock");
    this.#users = new Users(options.launcher);
    this.#watch = new LimitWatch(options.launcher, options);
  }

  /** Whether an engine answers; undefined when it does, else why not. */
  async unavailable(): Promise<string | undefined> {
    try {
      await this.#engine.json({ method: "GET", path: "/version", timeoutMs: 5_000 });
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  supports({ container }: ContainerSpec): string | undefined {
    if (container?.type !== "DOCKER") return "it does not ask for Docker";
    if (!container.docker?.image) return "it asks for no image";
    return undefined;
  }

  async launch(spec: ContainerSpec, options: { readonly signal: AbortSignal }): Promise<Container> {
    const { signal } = options;
    let dockerId: string | undefined;
    let launched: DockerContainer | undefined;
    try {
      signal.throwIfAborted();
      const reason = this.supports(spec);
      if (reason !== undefined) throw new Obstacle(reason);
      const docker = spec.container?.docker;
      const image = await ensureImage(this.#engine, docker?.image ?? "", {
        pull: docker?.force_pull_image === true,
        signal,
      });
      const user = await this.#userOf(spec.user);
      const created = await this.#engine.json({
        method: "POST",
        path: "/containers/create",
        query: { name: nameOf(spec.id) },
        body: createBody({
          spec,
          rlimits: this.#rlimitsOf(spec),
          labels: { [OWNER_LABEL]: this.#options.owner, [ID_LABEL]: spec.id },
          ...(user === undefined ? {} : { user }),
          ...(image.folder === undefined ? { folder: SANDBOX } : {}),
          ...this.#pidsMax(),
        }),
      });
      dockerId = readAnswer((a) => a.Created, created).Id;
      signal.throwIfAborted();
      const checkpoint = checkpointOf(spec, dockerId);
      const logs = await attachLogs(this.#engine, { ...checkpoint, signal: this.#letGo.signal });
      await this.#engine.json({ method: "POST", path: `/containers/${dockerId}/start` });
      launched = this.#container(checkpoint, await this.#look(dockerId), logs.done);
      signal.throwIfAborted();
      return launched;
    } catch (error) {
      if (launched !== undefined) await launched.destroy();
      else if (dockerId !== undefined) await this.#remove(dockerId);
      throw launchFailed(spec.id, error, signal);
    }
  }

  async recover(checkpoint: unknown): Promise<Recovered> {
    const read = readDockerCheckpoint(checkpoint);
    try {
      const state = await this.#look(read.dockerId);
      const { State } = state;
      if (State.Running === true) {
        const logged = followLogs(this.#engine, { ...read, signal: this.#letGo.signal });
        return { status: "running", container: this.#container(read, state, logged) };
      }
      await this.#remove(read.dockerId);
      const { ExitCode: code } = State;
      if (typeof code !== "number") return { status: "gone", termination: undefined };
      const why = State.OOMKilled === true ? await memoryLimitation(NO_CGROUP, read.limits) : {};
      return { status: "gone", termination: { waitStatus: exitedWith(code), ...why } };
    } catch (error) {
      if (answeredWith(error, 404)) return { status: "gone", termination: undefined };
      throw error;
    }
  }

  /**
   * Destroy what was started and is not in `known`: an agent that died between a start and its
   * checkpoint knows nothing of it.
   *
   * @returns the ids of what was destroyed.
   */
  async sweep(known: ReadonlySet<string>): Promise<string[]> {
    const filters = JSON.stringify({ label: [`${OWNER_LABEL}=${this.#options.owner}`] });
    const answer = await this.#engine.json({
      method: "GET",
      path: "/containers/json",
      query: { all: true, filters },
    });
    const swept: string[] = [];
    for (const { Id, Labels } of readAnswer((a) => a.Listed, answer)) {
      const id = Labels?.[ID_LABEL];
      if (id === undefined || known.has(id)) continue;
      await this.#remove(Id);
      swept.push(id);
    }
    return swept;
  }

  async [asyncDispose](): Promise<void> {
    this.#letGo.abort();
    this.#watch[Symbol.dispose]();
  }

  #container(
    checkpoint: DockerCheckpoint,
    state: ContainerAnswer,
    logged: Promise<void>,
  ): DockerContainer {
    return new DockerContainer({
      engine: this.#engine,
      checkpoint,
      state,
      logged,
      watch: this.#watch,
      ...this.#pidsMax(),
      userOf: async (name) => (await this.#userOf(name)) ?? name,
      signal: this.#letGo.signal,
    });
  }

  /**
   * A user of this host by number. Root is what an agent says when nobody said anything: then the
   * image decides.
   */
  async #userOf(name: string | undefined): Promise<string | undefined> {
    if (name === undefined || name === "root") return undefined;
    const { uid, gid } = await this.#users.find(name);
    return `${uid}:${gid}`;
  }

  #rlimitsOf(spec: ContainerSpec): ResourceLimit[] {
    const asked = readRlimits(spec.container?.rlimit_info);
    if (this.#options.host.mayRaiseLimits) return asked;
    requireReachable(asked);
    const names = new Set(asked.map(({ name }) => name));
    return [...asked, ...MODEST_LIMITS.filter(({ name }) => !names.has(name))];
  }

  async #look(dockerId: string) {
    const path = `/containers/${dockerId}/json`;
    return readAnswer((a) => a.Container, await this.#engine.json({ method: "GET", path }));
  }

  async #remove(dockerId: string): Promise<void> {
    try {
      await this.#engine.json({
        method: "DELETE",
        path: `/containers/${dockerId}`,
        query: { force: true, v: true },
      });
    } catch (error) {
      if (!answeredWith(error, 404)) throw error;
    }
  }

  #pidsMax(): { readonly pidsMax?: number } {
    const { pidsMax } = this.#options;
    return pidsMax === undefined ? {} : { pidsMax };
  }
}

function checkpointOf(spec: ContainerSpec, dockerId: string): DockerCheckpoint {
  return {
    containerizer: "docker",
    id: spec.id,
    dockerId,
    sandbox: spec.sandbox,
    environment: { ...spec.environment },
    ...(spec.user === undefined ? {} : { user: spec.user }),
    terminal: spec.container?.tty_info !== undefined,
    logs: { ...spec.logs },
    limits: finiteLimits(spec.limits),
    shares: finiteShares(spec.shares),
  };
}

/** Engines take letters, digits and a few signs. */
function nameOf(id: string): string {
  return `fairlead-${id.replace(/[^\w.-]/g, (sign) => `-${sign.charCodeAt(0).toString(16)}`)}`;
}
