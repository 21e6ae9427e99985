/** A container that an engine runs. */

import { constants } from "node:os";
import { FairleadError } from "../../../../base/mod.ts";
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
} from "../../../containerizer.ts";
import { exitedWith, killedBy } from "../../../wait_status.ts";
import { Cgroup } from "../cgroups/cgroup.ts";
import { execFailed, Obstacle } from "../failures.ts";
import type { LimitWatch, Watched } from "../limit_watch.ts";
import { memoryLimitation } from "../limitations.ts";
import { handlesSignal, hostOomKills, signalQuietly } from "../processes.ts";
import { type ContainerAnswer, readAnswer } from "./answers.ts";
import type { DockerCheckpoint } from "./checkpoint.ts";
import { resourcesOf } from "./create.ts";
import { answeredWith, type DockerEngine } from "./engine.ts";
import { execInside } from "./exec.ts";
import { processesBeside } from "./processes.ts";
import { statisticsOf } from "./statistics.ts";

/** What a container is made of. */
export interface DockerParts {
  readonly engine: DockerEngine;
  readonly checkpoint: DockerCheckpoint;
  /** As it was when it was looked at last. */
  readonly state: ContainerAnswer;
  /** Resolves when all that it said is in the sandbox. */
  readonly logged: Promise<void>;
  readonly watch: LimitWatch;
  readonly pidsMax?: number;
  /** "uid:gid" for a user of the host, else the name for the image. */
  userOf(name: string): Promise<string>;
  /** Lets go of the container. */
  readonly signal: AbortSignal;
}

const KILLED = 137;
const RETRY_MS = 1_000;
const LOGGED_MS_MAX = 5_000;
/** Limits are the engine's: there is no cgroup of ours. */
export const NO_CGROUP = new Cgroup({ controllers: new Map(), mounts: [] }, "none");

/** Runs, or has run, under an engine. */
export class DockerContainer implements Container, Watched {
  readonly id: string;
  /** Absent when it was over before it could be looked at. */
  readonly pid?: number;
  readonly ipAddresses: readonly string[];
  readonly sandbox: string;
  readonly cgroup = NO_CGROUP;
  readonly ended: Promise<Termination>;
  limits: ContainerLimits;
  diskUsedBytes: number | undefined;
  readonly #parts: DockerParts;
  readonly #sessions = new Set<() => void>();
  readonly #oomKills = hostOomKills();
  #why: Omit<Termination, "waitStatus"> = {};
  #endedBy: ContainerSignal | undefined;
  #over = false;

  constructor(parts: DockerParts) {
    const { checkpoint, state } = parts;
    this.#parts = parts;
    this.id = checkpoint.id;
    if (state.State.Pid) this.pid = state.State.Pid;
    this.ipAddresses = addressesOf(state);
    this.sandbox = checkpoint.sandbox;
    this.limits = checkpoint.limits;
    this.ended = this.#awaitEnd();
    parts.watch.add(this);
  }

  get checkpoint(): unknown {
    return this.#parts.checkpoint;
  }

  /**
   * Where its processes are this host's, all get the signal; and the first one, which the kernel
   * spares signals that it does not handle, ends by those that would end it elsewhere.
   */
  async signal(signal: ContainerSignal): Promise<void> {
    if (this.#over) return;
    const { pid: first } = this;
    const spared = first !== undefined && !handlesSignal(first, constants.signals[signal]);
    if (spared) this.#endedBy ??= signal;
    // All others go with the first one when that is killed.
    const others = first === undefined || signal === "SIGKILL" ? [] : processesBeside(first);
    for (const pid of others) if (pid !== first) signalQuietly(pid, signal);
    await this.#kill(spared ? "SIGKILL" : signal);
  }

  async destroy(): Promise<void> {
    const { engine, checkpoint, watch } = this.#parts;
    watch.delete(this);
    for (const kill of this.#sessions) kill();
    if (!this.#over) this.#endedBy ??= "SIGKILL";
    try {
      // The end is learnt before the container is no more.
      await this.#kill("SIGKILL");
      await this.ended;
      await engine.json({
        method: "DELETE",
        path: `/containers/${checkpoint.dockerId}`,
        query: { force: true, v: true },
      });
    } catch (error) {
      if (!answeredWith(error, 404)) throw error;
    }
  }

  async usage(): Promise<ContainerStatistics> {
    const { engine, checkpoint } = this.#parts;
    const answer = await engine.json({
      method: "GET",
      path: `/containers/${checkpoint.dockerId}/stats`,
      query: { stream: false },
      timeoutMs: 10_000,
    });
    const { cpus, memBytes, diskBytes } = this.limits;
    return {
      timestamp: Date.now() / 1_000,
      ...(cpus === undefined ? {} : { cpus_limit: cpus }),
      ...statisticsOf(readAnswer((a) => a.Stats, answer)),
      ...(memBytes === undefined ? {} : { mem_limit_bytes: memBytes }),
      ...(diskBytes === undefined ? {} : { disk_limit_bytes: diskBytes }),
      ...(this.diskUsedBytes === undefined ? {} : { disk_used_bytes: this.diskUsedBytes }),
    };
  }

  async exec(command: ContainerCommand, options: ExecOptions = {}): Promise<ExecSession> {
    const { engine, checkpoint } = this.#parts;
    try {
      options.signal?.throwIfAborted();
      if (this.#over) throw new Obstacle("it has ended");
      const name = options.user ?? checkpoint.user;
      const session = await execInside(engine, {
        dockerId: checkpoint.dockerId,
        command,
        environment: { ...checkpoint.environment, ...options.environment },
        ...(name === undefined ? {} : { user: await this.#parts.userOf(name) }),
        options,
      });
      this.#sessions.add(session.kill);
      options.signal?.addEventListener("abort", session.kill, { once: true });
      if (options.signal?.aborted) session.kill();
      void session.ended.then(() => {
        this.#sessions.delete(session.kill);
        options.signal?.removeEventListener("abort", session.kill);
      });
      return session;
    } catch (error) {
      if (options.signal?.aborted) throw options.signal.reason;
      throw execFailed(this.id, error);
    }
  }

  async update(limits: ContainerLimits, shares: ContainerSpec["shares"]): Promise<void> {
    const { engine, checkpoint, pidsMax } = this.#parts;
    try {
      await engine.json({
        method: "POST",
        path: `/containers/${checkpoint.dockerId}/update`,
        body: resourcesOf({ limits, shares }, pidsMax),
      });
    } catch (error) {
      throw new FairleadError(
        "limit_refused",
        `Cannot hold container ${this.id} to other limits: ${FairleadError.from(error).message}`,
        { cause: error },
      );
    }
    this.limits = limits;
  }

  exceeded(why: Omit<Termination, "waitStatus">): void {
    this.#why = why;
    this.#endedBy ??= "SIGKILL";
    // What cannot be killed now is killed by whoever destroys the container.
    this.#kill("SIGKILL").catch(() => undefined);
  }

  async #kill(signal: ContainerSignal): Promise<void> {
    const { engine, checkpoint } = this.#parts;
    try {
      await engine.json({
        method: "POST",
        path: `/containers/${checkpoint.dockerId}/kill`,
        query: { signal },
      });
    } catch (error) {
      // It has ended, or is not there any more.
      if (!answeredWith(error, 409) && !answeredWith(error, 404) && !answeredWith(error, 500))
        throw error;
    }
  }

  async #awaitEnd(): Promise<Termination> {
    const { checkpoint, watch, logged } = this.#parts;
    const state = await this.#waitForEnd();
    this.#over = true;
    watch.delete(this);
    await Promise.race([logged, new Promise((done) => setTimeout(done, LOGGED_MS_MAX).unref())]);
    const code = state?.ExitCode;
    if (typeof code !== "number") {
      return { message: "the engine does not say how it ended", ...this.#why };
    }
    const died = state?.OOMKilled === true || (code === KILLED && this.#diedOfMemory());
    if (died && this.#why.reason === undefined) {
      this.#why = { ...(await memoryLimitation(this.cgroup, checkpoint.limits)) };
    }
    return { waitStatus: this.#waitStatus(code), ...this.#why };
  }

  /** The engine's memory of it, once it has ended; undefined when it has none. */
  async #waitForEnd(): Promise<ContainerAnswer["State"] | undefined> {
    const { engine, checkpoint, signal } = this.#parts;
    const path = `/containers/${checkpoint.dockerId}`;
    for (;;) {
      try {
        await engine.json({ method: "POST", path: `${path}/wait`, timeoutMs: 0, signal });
        const { State } = readAnswer(
          (a) => a.Container,
          await engine.json({ method: "GET", path: `${path}/json` }),
        );
        if (State.Running !== true) return State;
      } catch (error) {
        // Let go of: nobody is told of this end.
        if (signal.aborted) return new Promise(() => undefined);
        if (answeredWith(error, 404)) return undefined;
      }
      await new Promise((done) => setTimeout(done, RETRY_MS));
    }
  }

  /** Engines do not always notice what the kernel does. */
  #diedOfMemory(): boolean {
    const { memBytes } = this.limits;
    return this.#endedBy === undefined && memBytes !== undefined && hostOomKills() > this.#oomKills;
  }

  #waitStatus(code: number): number {
    return code === KILLED && this.#endedBy !== undefined
      ? killedBy(this.#endedBy)
      : exitedWith(code);
  }
}

function addressesOf({ NetworkSettings }: ContainerAnswer): string[] {
  const networks = Object.values(NetworkSettings?.Networks ?? {});
  const all = [
    NetworkSettings?.IPAddress,
    ...networks.flatMap((each) => [each.IPAddress, each.GlobalIPv6Address]),
  ];
  return [
    ...new Set(all.filter((each): each is string => typeof each === "string" && each !== "")),
  ];
}
