/** Containers that operators start: on their own, or beside what runs in another one. */
import { mkdir } from "node:fs/promises";
import { FairleadError } from "../../../base/mod.ts";
import type {
  CommandInfo,
  ContainerID,
  ContainerInfo,
  ContainerTermination,
  ResourceJson,
} from "../../../model/mod.ts";
import type {
  Container,
  Containerizer,
  ContainerSignal,
  ContainerSpec,
  ExecSession,
  Termination,
} from "../../containerizer.ts";
import { nestedSandbox } from "../../core/paths.ts";
import { type ContainerHost, execCommand, limitsFor, variablesOf } from "../../core/spec.ts";

/** What is asked for. */
export interface SideLaunch {
  readonly container_id: ContainerID;
  readonly command?: CommandInfo | undefined;
  readonly container?: ContainerInfo | undefined;
  readonly resources?: readonly ResourceJson[] | undefined;
}

/** Options of {@linkcode SideContainers}. */
export interface SideContainersOptions {
  readonly host: () => ContainerHost;
  readonly containerizers: readonly Containerizer[];
  /** A container that the core started. */
  readonly find: (id: string) => Container | undefined;
  /** The sandbox of one, when the core knows it. */
  readonly sandboxOf: (id: string) => string | undefined;
}

interface Side {
  readonly id: string;
  readonly sandbox: string;
  readonly container: Container | undefined;
  readonly session: ExecSession | undefined;
  readonly ended: Promise<Termination>;
  termination: Termination | undefined;
}

/** How many may be there at once, ended ones included until they are removed. */
const SIDES_MAX = 1_000;
const SIGNALS: ReadonlyMap<number, ContainerSignal> = new Map([
  [1, "SIGHUP"],
  [2, "SIGINT"],
  [9, "SIGKILL"],
  [10, "SIGUSR1"],
  [12, "SIGUSR2"],
  [15, "SIGTERM"],
]);

/** "parent.child", all the way up. */
export function pathOf(id: ContainerID): string {
  return id.parent === undefined ? id.value : `${pathOf(id.parent)}.${id.value}`;
}

/**
 * Starts and ends them. They live as long as the agent's process knows them: after a restart those
 * without a checkpoint are swept away.
 */
export class SideContainers {
  readonly #options: SideContainersOptions;
  readonly #sides = new Map<string, Side>();
  readonly #starting = new Set<string>();

  constructor(options: SideContainersOptions) {
    this.#options = options;
  }

  /** All that run. */
  *running(): Iterable<Container> {
    for (const { container, termination } of this.#sides.values()) {
      if (container !== undefined && termination === undefined) yield container;
    }
  }

  /**
   * Start one; whether it had to be started.
   *
   * @throws {FairleadError} `not_found` when its parent does not run; `launch_failed`;
   * `invalid_launch`; `too_many` when there are too many.
   */
  async launch(launch: SideLaunch, signal: AbortSignal): Promise<boolean> {
    const id = pathOf(launch.container_id);
    if (this.#known(id)) return false;
    const spec = this.#spec(id, launch);
    this.#starting.add(id);
    try {
      await mkdir(spec.sandbox, { recursive: true, mode: 0o755 });
      const container = await this.#choose(spec).launch(spec, { signal });
      this.#keep(id, spec.sandbox, container, undefined);
      return true;
    } finally {
      this.#starting.delete(id);
    }
  }

  #known(id: string): boolean {
    const { find } = this.#options;
    if (find(id) !== undefined || this.#sides.has(id) || this.#starting.has(id)) return true;
    if (this.#sides.size + this.#starting.size < SIDES_MAX) return false;
    throw new FairleadError("too_many", `Cannot start ${id}: ${SIDES_MAX} containers are there`, {
      details: { max: SIDES_MAX },
    });
  }

  #spec(id: string, { container_id, command, container, resources }: SideLaunch): ContainerSpec {
    const host = this.#options.host();
    const parent = container_id.parent === undefined ? undefined : pathOf(container_id.parent);
    const sandbox =
      parent === undefined
        ? `${host.workDir}/containers/${encodeURIComponent(id)}`
        : nestedSandbox(this.#sandboxOf(parent), id);
    const user = command?.user;
    return {
      id,
      sandbox,
      command: execCommand(command),
      environment: {
        ...host.environment,
        MESOS_SANDBOX: sandbox,
        ...variablesOf(command?.environment),
      },
      volumes: [],
      logs: host.logs,
      ...limitsFor(resources ?? [], host),
      ...(parent === undefined ? {} : { parent }),
      ...(user === undefined || !host.switchUser ? {} : { user }),
      ...(container === undefined ? {} : { container }),
    };
  }

  #sandboxOf(id: string): string {
    const sandbox = this.#sides.get(id)?.sandbox ?? this.#options.sandboxOf(id);
    if (sandbox === undefined) throw notFound(id);
    return sandbox;
  }

  #choose(spec: ContainerSpec): Containerizer {
    const { containerizers } = this.#options;
    const found = containerizers.find((each) => each.supports(spec) === undefined);
    if (found !== undefined) return found;
    const reasons = containerizers.map((each) => `${each.name}: ${each.supports(spec)}`);
    throw new FairleadError(
      "launch_failed",
      `Cannot start container ${spec.id}: no containerizer can (${reasons.join("; ")})`,
      { details: { container: spec.id, reasons } },
    );
  }

  /**
   * Start a command inside a container, its streams here.
   *
   * @throws {FairleadError} `not_found` when the container does not run; `exec_failed`.
   */
  async session(launch: SideLaunch, signal: AbortSignal): Promise<ExecSession> {
    const { container_id, command, container } = launch;
    const id = pathOf(container_id);
    if (container_id.parent === undefined) {
      throw new FairleadError("invalid_launch", "Cannot open a session: it has no parent");
    }
    if (this.#known(id)) {
      throw new FairleadError("already_there", `Cannot start ${id}: there is one of that id`);
    }
    const parent = this.#running(pathOf(container_id.parent));
    const tty = container?.tty_info;
    this.#starting.add(id);
    try {
      const session = await parent.exec(execCommand(command), {
        environment: variablesOf(command?.environment),
        signal,
        ...(command?.user === undefined ? {} : { user: command.user }),
        ...(tty === undefined ? {} : { tty: tty.window_size ?? { rows: 24, columns: 80 } }),
      });
      this.#keep(id, "", undefined, session);
      return session;
    } finally {
      this.#starting.delete(id);
    }
  }

  #running(id: string): Container {
    const side = this.#sides.get(id);
    const container =
      this.#options.find(id) ?? (side?.termination === undefined ? side?.container : undefined);
    if (container === undefined) throw notFound(id);
    return container;
  }

  #keep(
    id: string,
    sandbox: string,
    container: Container | undefined,
    session: ExecSession | undefined,
  ): void {
    const ended = container?.ended ?? session?.ended ?? Promise.resolve({});
    const side: Side = { id, sandbox, container, session, ended, termination: undefined };
    this.#sides.set(id, side);
    void ended.then(async (termination) => {
      side.termination = termination;
      await container?.destroy();
      // Nobody waits for sessions: whoever has one sees its end.
      if (session !== undefined) this.#sides.delete(id);
    });
  }

  /** The session of an id. @throws {FairleadError} `not_found`. */
  sessionOf(id: ContainerID): ExecSession {
    const session = this.#sides.get(pathOf(id))?.session;
    if (session === undefined) throw notFound(pathOf(id));
    return session;
  }

  /** Resolves when it has ended. @throws {FairleadError} `not_found`. */
  async wait(id: ContainerID, signal: AbortSignal): Promise<ContainerTermination> {
    const path = pathOf(id);
    const ended = this.#sides.get(path)?.ended ?? this.#options.find(path)?.ended;
    if (ended === undefined) throw notFound(path);
    const termination = await abortable(ended, signal);
    return terminationOf(termination);
  }

  /** @throws {FairleadError} `not_found`. */
  async kill(id: ContainerID, number = 9): Promise<void> {
    const path = pathOf(id);
    const side = this.#sides.get(path);
    const signal = SIGNALS.get(number);
    if (signal === undefined) {
      throw new FairleadError(
        "invalid_call",
        `Cannot send signal ${number}: it is not one of ours`,
        {
          details: { allowed: [...SIGNALS.keys()] },
        },
      );
    }
    const target = side?.session ?? side?.container ?? this.#options.find(path);
    if (target === undefined) throw notFound(path);
    await target.signal(signal);
  }

  /** Forget one that has ended. @throws {FairleadError} `not_found`, `still_running`. */
  remove(id: ContainerID): void {
    const path = pathOf(id);
    const side = this.#sides.get(path);
    if (side === undefined) throw notFound(path);
    if (side.termination === undefined) {
      throw new FairleadError("still_running", `Cannot remove ${path}: it runs`);
    }
    this.#sides.delete(path);
  }

  /** End all of them: nobody could find them again. */
  async end(): Promise<void> {
    const endings = Array.from(this.#sides.values(), async ({ container, session }) => {
      await container?.destroy();
      await session?.signal("SIGKILL");
    });
    await Promise.allSettled(endings);
  }
}

function terminationOf({ waitStatus, reason, message, limitation }: Termination) {
  const termination: ContainerTermination = {};
  if (waitStatus !== undefined) termination.exit_status = waitStatus;
  if (reason !== undefined) {
    termination.state = "TASK_FAILED";
    termination.reason = reason;
  }
  if (message !== undefined) termination.message = message;
  if (limitation !== undefined) termination.limitation = { resources: [...limitation] };
  return termination;
}

function notFound(id: string): FairleadError {
  return new FairleadError("not_found", `Container ${id} cannot be found`, {
    details: { container: id },
  });
}

function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const give = () => reject(signal.reason);
    signal.addEventListener("abort", give, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", give));
  });
}
