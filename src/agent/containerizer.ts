/**
 * The port between an agent and what really runs: whatever can start, watch and end containers
 * (process groups, OCI bundles, a Docker engine) fills `Containerizer`; one conformance suite
 * holds all of them to it.
 */
import type { ContainerInfo, ResourceJson, TaskReason } from "../model/mod.ts";

/** What a container or a command inside it runs. */
export interface ContainerCommand {
  /** Whether `value` is a line for `/bin/sh -c`; else it is a program and `arguments` its argv. */
  readonly shell: boolean;
  /** Absent: the image's own entry point. */
  readonly value?: string;
  /** The whole argv, its first the program's name for itself; not used by a shell. */
  readonly arguments: readonly string[];
}

/** A persistent volume, a host folder or a piece of another sandbox, resolved to a path. */
export interface ContainerVolume {
  /** An absolute path on the host; it exists. */
  readonly source: string;
  /** Absolute (inside the container's root) or relative to the sandbox. */
  readonly target: string;
  readonly readOnly: boolean;
}

/** Amounts that a container may not pass; absent: no limit. */
export interface ContainerLimits {
  /** Cores. */
  readonly cpus?: number;
  readonly memBytes?: number;
  /** Of the sandbox. */
  readonly diskBytes?: number;
  readonly gpus?: number;
}

/** How stdout and stderr are kept: `stdout`, then `stdout.1` and so on, the oldest dropped. */
export interface LogRotation {
  /** Of one file. */
  readonly bytesMax: number;
  /** Of one stream, the current one included. */
  readonly filesMax: number;
}

/** Everything that is needed to start a container. */
export interface ContainerSpec {
  /** Unique on the agent; that of a nested container is "parent.child". */
  readonly id: string;
  /**
   * The container (or the task group's executor, which has no process of its own and is never
   * launched) that this one belongs to.
   */
  readonly parent?: string;
  /** An absolute path, it exists; stdout and stderr go there, and it is the working folder. */
  readonly sandbox: string;
  readonly command: ContainerCommand;
  /** All of it: nothing of the agent's own environment is added. */
  readonly environment: Readonly<Record<string, string>>;
  /** Absent: the agent's own user. */
  readonly user?: string;
  /** Image, rlimits, capabilities, terminal, networks; its volumes are in `volumes` already. */
  readonly container?: ContainerInfo;
  readonly volumes: readonly ContainerVolume[];
  /** Hard limits. */
  readonly limits: ContainerLimits;
  /** What was asked for: weights and soft limits follow from it. */
  readonly shares: { readonly cpus?: number; readonly memBytes?: number };
  readonly logs: LogRotation;
}

/** How a container ended. */
export interface Termination {
  /**
   * As wait(2) gives it: the exit code times 256, or the signal (plus 128 with a core dump).
   * Absent when nobody could learn it, which `message` then says.
   */
  readonly waitStatus?: number;
  /** Set when the containerizer ended it: a limit was passed. */
  readonly reason?: TaskReason;
  readonly message?: string;
  /** The resources whose limit was passed. */
  readonly limitation?: readonly ResourceJson[];
}

/** Mesos' ResourceStatistics, as far as a host can tell. */
export interface ContainerStatistics {
  /** Seconds since 1970. */
  readonly timestamp: number;
  readonly processes?: number;
  readonly threads?: number;
  readonly cpus_user_time_secs?: number;
  readonly cpus_system_time_secs?: number;
  readonly cpus_soft_limit?: number;
  readonly cpus_limit?: number;
  readonly cpus_nr_periods?: number;
  readonly cpus_nr_throttled?: number;
  readonly cpus_throttled_time_secs?: number;
  readonly mem_total_bytes?: number;
  readonly mem_rss_bytes?: number;
  readonly mem_anon_bytes?: number;
  readonly mem_file_bytes?: number;
  readonly mem_cache_bytes?: number;
  readonly mem_mapped_file_bytes?: number;
  readonly mem_swap_bytes?: number;
  readonly mem_soft_limit_bytes?: number;
  readonly mem_limit_bytes?: number;
  readonly disk_limit_bytes?: number;
  readonly disk_used_bytes?: number;
  readonly net_rx_bytes?: number;
  readonly net_tx_bytes?: number;
  readonly net_rx_packets?: number;
  readonly net_tx_packets?: number;
}

/** The signals that an agent sends. */
export type ContainerSignal = "SIGTERM" | "SIGKILL" | "SIGINT" | "SIGHUP" | "SIGUSR1" | "SIGUSR2";

/** The size of a terminal, in characters. */
export interface WindowSize {
  readonly rows: number;
  readonly columns: number;
}

/** Options of {@linkcode Container.exec}. */
export interface ExecOptions {
  /** Added to the container's own. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly user?: string;
  /** Give it a terminal; stdout then has all output. */
  readonly tty?: WindowSize;
  /** Kills the command. */
  readonly signal?: AbortSignal;
}

/** A command that runs inside a container, its streams open. */
export interface ExecSession {
  readonly stdin: WritableStream<Uint8Array>;
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  /** Does nothing without a terminal. */
  resize(size: WindowSize): Promise<void>;
  signal(signal: ContainerSignal): Promise<void>;
  /** Resolves once, when it has ended and its output was read to the end or dropped. */
  readonly ended: Promise<Termination>;
}

/** A container that was started, or found again. */
export interface Container {
  readonly id: string;
  /** Of its first process, as the host counts. */
  readonly pid?: number;
  readonly ipAddresses: readonly string[];
  /** Resolves once when it has ended, also for one found again; never rejects. */
  readonly ended: Promise<Termination>;
  /** To the whole container; does nothing once it has ended. */
  signal(signal: ContainerSignal): Promise<void>;
  /** Kill what is left, remove what holds it (cgroups, mounts), keep the sandbox. Twice is harmless. */
  destroy(): Promise<void>;
  usage(): Promise<ContainerStatistics>;
  /** @throws {FairleadError} `exec_failed` when the command cannot be started. */
  exec(command: ContainerCommand, options?: ExecOptions): Promise<ExecSession>;
  /** Hold it to other limits from now on. */
  update(limits: ContainerLimits, shares: ContainerSpec["shares"]): Promise<void>;
  /** JSON that `recover` of the same containerizer takes, also in another process. */
  readonly checkpoint: unknown;
}

/** What became of a container while nobody watched. */
export type Recovered =
  | { readonly status: "running"; readonly container: Container }
  /** It ended; absent termination: nobody can tell how. Nothing of it is left behind. */
  | { readonly status: "gone"; readonly termination: Termination | undefined };

/** Starts containers of one kind. */
export interface Containerizer extends AsyncDisposable {
  /** "posix", "oci", "docker". */
  readonly name: string;
  /** Undefined when it can run this, else the reason why not. Costs nothing, touches nothing. */
  supports(spec: ContainerSpec): string | undefined;
  /**
   * Start it; resolves when the command runs.
   *
   * @throws {FairleadError} `launch_failed` with a message for people: no such image, no such user.
   * Then nothing is left behind; the same when the signal is aborted, whose reason it rejects with.
   */
  launch(spec: ContainerSpec, options: { readonly signal: AbortSignal }): Promise<Container>;
  /** Find a container again by what its `checkpoint` was. */
  recover(checkpoint: unknown): Promise<Recovered>;
  /**
   * Destroy whatever was started and is not in `known`: an agent that died between a start and its
   * checkpoint knows nothing of it.
   *
   * @returns the ids of what was destroyed.
   */
  sweep?(known: ReadonlySet<string>): Promise<readonly string[]>;
  /** Let go of everything here; containers go on and can be recovered. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** A look into a task from outside or inside. */
export type CheckSpec = { readonly timeoutMs: number } & (
  | {
      readonly type: "COMMAND";
      readonly command: ContainerCommand;
      readonly environment: Readonly<Record<string, string>>;
      readonly user?: string;
    }
  | {
      readonly type: "HTTP";
      readonly scheme: "http" | "https";
      /** The host to connect to. */
      readonly host: string;
      readonly port: number;
      readonly path: string;
    }
  | { readonly type: "TCP"; readonly host: string; readonly port: number }
);

/** What a look saw. */
export type CheckResult =
  | { readonly type: "COMMAND"; readonly exitCode: number }
  | { readonly type: "HTTP"; readonly statusCode: number }
  | { readonly type: "TCP"; readonly succeeded: boolean }
  /** The task did not answer: refused, cut off or late. */
  | { readonly type: "failed"; readonly message: string }
  /** The checker itself could not look; it says nothing about the task. */
  | { readonly type: "error"; readonly message: string };
