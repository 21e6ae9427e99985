/** Does with containers what the core wants done, and tells it what becomes of them. */
import { mkdir, symlink, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { FairleadError } from "../../base/mod.ts";
import type { CommandInfo, ResourceJson, TaskInfo } from "../../model/mod.ts";
import type {
  CheckResult,
  CheckSpec,
  Container,
  Containerizer,
  ContainerSignal,
  ContainerSpec,
  Recovered,
} from "../containerizer.ts";
import type { AgentInput, CheckKind, ContainerLaunch } from "../core/events.ts";
import { runsFolder } from "../core/paths.ts";
import {
  type ContainerHost,
  checkSpec,
  limitsFor,
  type PreparedLaunch,
  prepareLaunch,
} from "../core/spec.ts";

/** Brings URIs into a sandbox. */
export type Fetch = (
  uris: NonNullable<CommandInfo["uris"]>,
  sandbox: string,
  options: { readonly signal: AbortSignal; readonly user?: string },
) => Promise<void>;

/** Looks at a task once. */
export type RunCheck = (
  spec: CheckSpec,
  container: Container,
  options: { readonly signal: AbortSignal },
) => Promise<CheckResult>;

/** Options of a {@linkcode ContainerRunner}. */
export interface ContainerRunnerOptions {
  readonly host: () => ContainerHost;
  /** The first one that supports a container runs it. */
  readonly containerizers: readonly Containerizer[];
  readonly fetch: Fetch;
  readonly runCheck: RunCheck;
  /** Gives a sandbox to its user. */
  readonly own: (folder: string, user: string) => Promise<void>;
  /** More variables for an executor's process. */
  readonly executorEnvironment: (launch: ContainerLaunch) => Readonly<Record<string, string>>;
  readonly dispatch: (input: AgentInput) => void;
  readonly trouble: (message: string, details: Readonly<Record<string, unknown>>) => void;
  /** How many containers may be starting at once. */
  readonly launchesMax: number;
}

/** What the core keeps so that a container is found again. */
interface RunnerCheckpoint {
  readonly containerizer: string;
  readonly state: unknown;
  /** Its address as it was told. */
  readonly addresses: readonly string[];
}

type Held =
  | { readonly status: "starting"; readonly abort: AbortController }
  | { readonly status: "running"; readonly container: Container; readonly checks: AbortController };

/** How long starts that are under way may take when the agent is let go of. */
const RELEASE_MS = 5_000;

/** Its start was under way when the agent ended; `sweep` has removed what there was of it. */
const INTERRUPTED: Recovered = {
  status: "gone",
  termination: {
    reason: "REASON_AGENT_RESTARTED",
    message: "The agent restarted while the container was starting",
  },
};

/** Starts, watches, signals and ends the containers of one agent. */
export class ContainerRunner {
  readonly #options: ContainerRunnerOptions;
  readonly #held = new Map<string, Held>();
  readonly #waiting: (() => void)[] = [];
  readonly #working = new Set<Promise<void>>();
  #starting = 0;
  #released = false;

  constructor(options: ContainerRunnerOptions) {
    this.#options = options;
  }

  /** The container of an id, while it runs. */
  find(id: string): Container | undefined {
    const held = this.#held.get(id);
    return held?.status === "running" ? held.container : undefined;
  }

  /** All that run. */
  *running(): Iterable<Container> {
    for (const held of this.#held.values()) if (held.status === "running") yield held.container;
  }

  /** Start one; how it went is dispatched. */
  launch(launch: ContainerLaunch): void {
    const abort = new AbortController();
    this.#held.set(launch.container, { status: "starting", abort });
    this.#work(this.#start(launch, abort));
  }

  async #start(launch: ContainerLaunch, abort: AbortController): Promise<void> {
    const { dispatch } = this.#options;
    try {
      await this.#turn();
      try {
        await this.#startNow(launch, abort.signal);
      } finally {
        this.#starting -= 1;
        this.#waiting.shift()?.();
      }
    } catch (error) {
      if (this.#held.get(launch.container)?.status === "starting") {
        this.#held.delete(launch.container);
      }
      if (this.#released) return;
      const { message, code } = FairleadError.from(error);
      this.#options.trouble(`Cannot start container ${launch.container}: ${message}`, { code });
      dispatch({ type: "container_failed", container: launch.container, message });
    }
  }

  async #turn(): Promise<void> {
    if (this.#starting >= this.#options.launchesMax) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#starting += 1;
  }

  async #startNow(launch: ContainerLaunch, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const prepared = prepareLaunch(launch, this.#options.host());
    const spec = this.#withEnvironment(launch, prepared.spec);
    const containerizer = this.#choose(spec);
    await this.#makeFolders(launch, prepared);
    if (prepared.uris.length > 0) {
      const { user } = spec;
      await this.#options.fetch(prepared.uris, spec.sandbox, {
        signal,
        ...(user === undefined ? {} : { user }),
      });
    }
    const container = await containerizer.launch(spec, { signal });
    const addresses = this.#addressesOf(container);
    const checkpoint: RunnerCheckpoint = {
      containerizer: containerizer.name,
      state: container.checkpoint,
      addresses,
    };
    this.#hold(container);
    this.#options.dispatch({
      type: "container_launched",
      container: container.id,
      pid: container.pid,
      ipAddresses: addresses,
      checkpoint,
    });
    this.#watch(container);
    // Ended before it was known to run: the abort came too late for the start.
    if (signal.aborted) this.destroy(container.id);
  }

  #withEnvironment(launch: ContainerLaunch, spec: ContainerSpec): ContainerSpec {
    if (launch.task !== undefined) return spec;
    const more = this.#options.executorEnvironment(launch);
    return { ...spec, environment: { ...spec.environment, ...more } };
  }

  /** @throws {FairleadError} `launch_failed` when none of them can. */
  #choose(spec: ContainerSpec): Containerizer {
    const reasons: string[] = [];
    for (const containerizer of this.#options.containerizers) {
      const reason = containerizer.supports(spec);
      if (reason === undefined) return containerizer;
      reasons.push(`${containerizer.name}: ${reason}`);
    }
    throw new FairleadError(
      "launch_failed",
      `Cannot start container ${spec.id}: no containerizer can (${reasons.join("; ")})`,
      { details: { container: spec.id, reasons } },
    );
  }

  async #makeFolders(launch: ContainerLaunch, prepared: PreparedLaunch): Promise<void> {
    const { spec, folders, executorSandbox } = prepared;
    for (const folder of folders) {
      const made = await mkdir(folder, { recursive: true, mode: 0o755 });
      if (made !== undefined && spec.user !== undefined) {
        await this.#options.own(folder, spec.user);
      }
    }
    await this.#linkLatest(launch, executorSandbox);
    if (launch.parent !== undefined && launch.task !== undefined) {
      await this.#linkTask(launch.task, executorSandbox, spec.sandbox);
    }
  }

  async #linkLatest(launch: ContainerLaunch, executorSandbox: string): Promise<void> {
    const runs = runsFolder(this.#options.host().workDir, {
      agentId: launch.agentId,
      frameworkId: launch.framework.id?.value ?? "",
      executorId: launch.executor.executor_id.value,
    });
    await link(executorSandbox, `${runs}/latest`);
  }

  async #linkTask(task: TaskInfo, executorSandbox: string, sandbox: string): Promise<void> {
    const path = `${executorSandbox}/tasks/${encodeURIComponent(task.task_id.value)}`;
    await mkdir(dirname(path), { recursive: true });
    await link(sandbox, path);
  }

  #addressesOf(container: Container): readonly string[] {
    const { ipAddresses } = container;
    return ipAddresses.length > 0 ? ipAddresses : [this.#options.host().ipAddress];
  }

  #hold(container: Container): void {
    this.#held.set(container.id, { status: "running", container, checks: new AbortController() });
  }

  #watch(container: Container): void {
    void container.ended.then((termination) => {
      const held = this.#held.get(container.id);
      if (held?.status === "running") held.checks.abort();
      if (this.#released) return;
      this.#options.dispatch({ type: "container_ended", container: container.id, termination });
    });
  }

  /** End whatever runs that no checkpoint tells of. */
  async sweep(known: ReadonlySet<string>): Promise<void> {
    for (const { name, sweep } of this.#options.containerizers.map(bound)) {
      try {
        const swept = await sweep(known);
        if (swept.length === 0) continue;
        this.#options.trouble(`Ended ${swept.length} containers that no checkpoint tells of`, {
          containerizer: name,
          containers: swept,
        });
      } catch (error) {
        this.#options.trouble(`Cannot sweep: ${FairleadError.from(error).message}`, {
          containerizer: name,
        });
      }
    }
  }

  /** Find one that an earlier run of the agent started; what was found is dispatched. */
  recover(id: string, checkpoint: unknown): void {
    this.#work(this.#recover(id, checkpoint));
  }

  async #recover(id: string, checkpoint: unknown): Promise<void> {
    let found: Recovered;
    let addresses: readonly string[] = [];
    try {
      // Written by this class, and by nobody else.
      const known = checkpoint as RunnerCheckpoint | undefined;
      found = known === undefined ? INTERRUPTED : await this.#find(known);
      addresses = known?.addresses ?? [];
    } catch (error) {
      const { message } = FairleadError.from(error);
      this.#options.trouble(`Cannot recover container ${id}: ${message}`, { container: id });
      found = { status: "gone", termination: { message: `Cannot recover: ${message}` } };
    }
    if (found.status === "running") this.#hold(found.container);
    this.#options.dispatch({
      type: "container_recovered",
      container: id,
      running: found.status === "running",
      ...(found.status === "running"
        ? { pid: found.container.pid, ipAddresses: addresses }
        : { termination: found.termination }),
    });
    if (found.status === "running") this.#watch(found.container);
  }

  #find({ containerizer: name, state }: RunnerCheckpoint): Promise<Recovered> {
    const containerizer = this.#options.containerizers.find((each) => each.name === name);
    if (containerizer === undefined) {
      throw new FairleadError(
        "launch_failed",
        `Cannot find a container of ${name} again: this agent has no such containerizer`,
        { details: { containerizer: name } },
      );
    }
    return containerizer.recover(state);
  }

  signal(id: string, signal: ContainerSignal): void {
    const container = this.find(id);
    if (container === undefined) return;
    this.#work(this.#try(`signal container ${id}`, () => container.signal(signal)));
  }

  /** End it, whatever it is doing. */
  destroy(id: string): void {
    const held = this.#held.get(id);
    if (held === undefined) return;
    if (held.status === "starting") {
      held.abort.abort(new FairleadError("aborted", "The container was not wanted any more"));
      return;
    }
    held.checks.abort();
    this.#work(
      this.#try(`destroy container ${id}`, async () => {
        await held.container.destroy();
        if (this.#held.get(id) === held) this.#held.delete(id);
      }),
    );
  }

  update(id: string, resources: readonly ResourceJson[]): void {
    const container = this.find(id);
    if (container === undefined) return;
    const { limits, shares } = limitsFor(resources, this.#options.host());
    this.#work(this.#try(`update container ${id}`, () => container.update(limits, shares)));
  }

  /** Look once; what was seen is dispatched. */
  check(id: string, check: CheckKind, task: TaskInfo): void {
    const held = this.#held.get(id);
    if (held?.status !== "running") return;
    this.#work(this.#check(held, check, task));
  }

  async #check(
    { container, checks }: Extract<Held, { status: "running" }>,
    check: CheckKind,
    task: TaskInfo,
  ): Promise<void> {
    let result: CheckResult;
    try {
      const spec = checkSpec(task, check, container.ipAddresses[0] ?? "127.0.0.1");
      result =
        spec === undefined
          ? { type: "error", message: "there is nothing to look at" }
          : await this.#options.runCheck(spec, container, { signal: checks.signal });
    } catch (error) {
      if (checks.signal.aborted) return;
      result = { type: "error", message: FairleadError.from(error).message };
    }
    this.#options.dispatch({ type: "check_result", container: container.id, check, result });
  }

  async #try(what: string, act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      const { message, code } = FairleadError.from(error);
      this.#options.trouble(`Cannot ${what}: ${message}`, { code });
    }
  }

  #work(promise: Promise<void>): void {
    const kept = promise.finally(() => this.#working.delete(kept));
    this.#working.add(kept);
  }

  /** Let go of all containers; they run on. What is under way ends first, in a while or early. */
  async release(): Promise<void> {
    const deadline = setTimeout(() => this.#giveUp(), RELEASE_MS);
    this.#released = true;
    for (const held of this.#held.values()) {
      if (held.status === "running") held.checks.abort();
    }
    await Promise.allSettled(this.#working);
    clearTimeout(deadline);
  }

  /** Starts that take long are not waited for: the next agent tells that they were interrupted. */
  #giveUp(): void {
    for (const held of this.#held.values()) {
      if (held.status === "starting") held.abort.abort();
    }
  }
}

function bound(containerizer: Containerizer) {
  const sweep = async (known: ReadonlySet<string>) => (await containerizer.sweep?.(known)) ?? [];
  return { name: containerizer.name, sweep };
}

/** Point a link somewhere, in place of what it pointed at. */
async function link(target: string, path: string): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      await symlink(target, path);
      return;
    } catch (error) {
      const exists = error instanceof Error && "code" in error && error.code === "EEXIST";
      if (!exists || attempt >= 3) throw error;
      await unlink(path).catch(() => undefined);
    }
  }
}
