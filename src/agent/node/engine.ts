/** The core of an agent, and everything that it reaches out with, put together. */
import type { Logger } from "@logtape/logtape";
import { type Disposer, FairleadError } from "../../base/mod.ts";
import type { Handler } from "../../http/mod.ts";
import type { AgentInfo, AgentMessage, Ask } from "../../model/mod.ts";
import { AgentCore } from "../core/core.ts";
import type { AgentEffect, Checkpoint } from "../core/events.ts";
import { nestedSandbox, sandboxFolder } from "../core/paths.ts";
import type { ExecutorRecord } from "../core/records.ts";
import {
  addressOf,
  authorization,
  CAPABILITIES,
  callOf,
  flagsOf,
  hostOf,
  timesOf,
  VERSION,
} from "./agent_facts.ts";
import { ExecutorApi } from "./api/executor_api.ts";
import type { ExecutorTokens } from "./api/executor_tokens.ts";
import { SandboxFiles } from "./api/files.ts";
import { snapshotOf } from "./api/metrics.ts";
import { OperatorApi } from "./api/operator_api.ts";
import { agentHandler } from "./api/router.ts";
import { SideContainers } from "./api/side_containers.ts";
import { allExecutors } from "./api/views.ts";
import type { CheckpointLog } from "./checkpoint_log.ts";
import { ContainerRunner } from "./container_runner.ts";
import { type Detector, MasterLink } from "./master_link.ts";
import type { AgentSettings } from "./options.ts";
import type { OwnContainers } from "./own_containers.ts";
import { type OutwardEffect, Runtime } from "./runtime.ts";
import { SandboxKeeper } from "./sandbox_keeper.ts";
import { VolumeKeeper } from "./volumes.ts";

/** What an engine is made of. */
export interface EngineOptions {
  readonly settings: AgentSettings;
  readonly info: AgentInfo;
  readonly port: number;
  readonly checkpoints: CheckpointLog;
  readonly containers: OwnContainers;
  readonly tokens: ExecutorTokens;
  readonly logger: Logger;
  /** Whatever has to be closed is put here. */
  readonly opened: Disposer;
  /** Aborted when the API's streams are to end. */
  readonly signal: AbortSignal;
  readonly onRegistered: (agentId: string) => void;
  readonly onStopped: () => void;
  /** It cannot go on. */
  readonly onFatal: (error: FairleadError) => void;
}

/** How long the master's questions may take. */
const ASK_MS = 10_000;

/** One agent at work. */
export class Engine {
  readonly #options: EngineOptions;
  readonly core: AgentCore;
  readonly handler: Handler;
  readonly #startMs: number;
  readonly #runtime: Runtime;
  readonly #runner: ContainerRunner;
  readonly #link: MasterLink;
  readonly #volumes: VolumeKeeper;
  readonly #sandboxes: SandboxKeeper;
  readonly #executors: ExecutorApi;
  readonly #operators: OperatorApi;
  readonly #outgoing: AgentMessage[] = [];
  #onRecovered: (error?: FairleadError) => void = () => undefined;

  constructor(options: EngineOptions) {
    const { settings, info, opened } = options;
    const { clock, random, reconfiguration, completedTasksMax, workDir } = settings;
    this.#options = options;
    this.#startMs = clock.nowMs();
    this.core = new AgentCore({
      clock,
      random,
      info,
      reconfiguration,
      completedTasksMax,
      times: timesOf(settings),
      version: VERSION,
      capabilities: CAPABILITIES,
    });
    const files = new SandboxFiles(workDir, this.core.state);
    this.#volumes = new VolumeKeeper(workDir, (message, details) =>
      this.#options.logger.error(message, { ...details }),
    );
    this.#sandboxes = this.#keepSandboxes();
    this.#runtime = this.#loop();
    this.#runner = this.#run();
    const sides = this.#sides();
    this.#executors = this.#serveExecutors();
    this.#operators = this.#serveOperators(files, sides);
    this.handler = this.#serve(files);
    this.#link = this.#connect();
    // Closed in reverse: first the link, so that nothing new comes.
    opened.use(this.#sandboxes);
    opened.defer(() => this.#volumes.settled());
    opened.defer(() => this.#runtime.stop());
    opened.defer(() => sides.end());
    opened.defer(() => this.#runner.release());
    opened.use(this.#link);
  }

  /**
   * Find what ran before, then look for the master.
   *
   * @throws {FairleadError} `incompatible_reconfiguration`.
   */
  async start(): Promise<void> {
    const checkpoints = [...this.#options.checkpoints.entries()];
    await this.#runner.sweep(new Set(checkpoints.flatMap(containerIdOf)));
    const recovered = new Promise<void>((resolve, reject) => {
      this.#onRecovered = (error) => (error === undefined ? resolve() : reject(error));
    });
    this.#runtime.dispatch({ type: "recovered", checkpoints });
    await recovered;
    const live = Array.from(allExecutors(this.core.state), ({ container }) => container);
    await this.#sandboxes.start(new Set(live));
    this.#link.start();
  }

  /** End all tasks, then `onStopped`. */
  shutdown(message: string, unregister: boolean): void {
    this.#runtime.dispatch({ type: "shutdown", message, unregister });
  }

  #trouble = (message: string, details: Readonly<Record<string, unknown>>): void => {
    this.#options.logger.warning(message, { ...details });
  };

  #keepSandboxes(): SandboxKeeper {
    const { workDir, gcDelayMs, gcFreeRatioMin, clock } = this.#options.settings;
    return new SandboxKeeper({
      workDir,
      delayMs: gcDelayMs,
      freeRatioMin: gcFreeRatioMin,
      clock,
      trouble: this.#trouble,
    });
  }

  #loop(): Runtime {
    const { checkpoints, settings, onFatal } = this.#options;
    return new Runtime({
      core: this.core,
      checkpoints,
      clock: settings.clock,
      perform: (effect) => this.#perform(effect),
      turnEnded: () => this.#turnEnded(),
      log: (effect) => this.#log(effect),
      onFatal: (error) => {
        this.#onRecovered(error);
        onFatal(error);
      },
    });
  }

  #run(): ContainerRunner {
    const { settings, port, containers, tokens } = this.#options;
    return new ContainerRunner({
      host: () => hostOf(settings, port),
      ...containers,
      executorEnvironment: ({ framework, executor, container }) => ({
        MESOS_EXECUTOR_AUTHENTICATION_TOKEN: tokens.make({
          frameworkId: framework.id?.value ?? "",
          executorId: executor.executor_id.value,
          container,
        }),
      }),
      dispatch: (input) => this.#runtime.dispatch(input),
      trouble: this.#trouble,
      launchesMax: settings.launchesMax,
    });
  }

  #sides(): SideContainers {
    const { settings, port, containers } = this.#options;
    return new SideContainers({
      host: () => hostOf(settings, port),
      containerizers: containers.containerizers,
      find: (id) => this.#runner.find(id),
      sandboxOf: (id) => this.#sandboxOf(id),
    });
  }

  #connect(): MasterLink {
    const { settings } = this.#options;
    const { masters, clock, random, linkBackoffMs, linkBackoffMsMax, ca } = settings;
    return new MasterLink({
      masters: mastersOf(masters),
      headers: authorization(settings),
      clock,
      random,
      backoffMs: linkBackoffMs,
      backoffMsMax: linkBackoffMsMax,
      onOpen: () => this.#runtime.dispatch({ type: "link_opened" }),
      onMessages: (messages) => this.#runtime.dispatch({ type: "messages", messages }),
      onClose: () => this.#runtime.dispatch({ type: "link_closed" }),
      onTrouble: this.#trouble,
      ...(ca === undefined ? {} : { ca }),
    });
  }

  #serveExecutors(): ExecutorApi {
    const { settings, tokens, signal } = this.#options;
    return new ExecutorApi({
      state: this.core.state,
      dispatch: (input) => this.#runtime.dispatch(input),
      tokens,
      requireTokens: settings.authenticator !== undefined,
      bodyBytesMax: settings.bodyBytesMax,
      trouble: this.#trouble,
      signal,
    });
  }

  #serveOperators(files: SandboxFiles, sides: SideContainers): OperatorApi {
    const { settings, port, signal } = this.#options;
    return new OperatorApi({
      state: this.core.state,
      version: VERSION,
      flags: () => flagsOf(settings, port),
      metrics: () => this.#metrics(),
      files,
      sides,
      running: () => this.#runner.running(),
      find: (id) => this.#runner.find(id),
      sandboxOf: (id) => this.#sandboxOf(id),
      authorize: settings.authorize,
      bodyBytesMax: settings.bodyBytesMax,
      signal,
    });
  }

  #serve(files: SandboxFiles): Handler {
    const { settings, port, logger } = this.#options;
    return agentHandler({
      state: this.core.state,
      executors: this.#executors,
      operators: this.#operators,
      files,
      metrics: () => this.#metrics(),
      facts: () => ({
        workDir: settings.workDir,
        endpoint: `${addressOf(settings)}:${port}`,
        version: VERSION,
        startMs: this.#startMs,
        flags: flagsOf(settings, port),
      }),
      authenticator: settings.authenticator,
      authorize: settings.authorize,
      logger,
    });
  }

  #metrics(): Record<string, number> {
    const uptimeMs = this.#options.settings.clock.nowMs() - this.#startMs;
    return snapshotOf(this.core.state, uptimeMs / 1_000);
  }

  #sandboxOf(id: string): string | undefined {
    const owner = this.core.state.containers.get(id);
    if (owner === undefined) return undefined;
    const executor = owner.type === "task" ? owner.executor : owner;
    const sandbox = this.#folderOf(executor);
    return executor.kind === "group" ? nestedSandbox(sandbox, id) : sandbox;
  }

  #folderOf({ framework, info, container, agentId }: ExecutorRecord): string {
    return sandboxFolder(this.#options.settings.workDir, {
      agentId,
      frameworkId: framework.id,
      executorId: info.executor_id.value,
      container,
    });
  }

  #perform(effect: OutwardEffect): void {
    switch (effect.type) {
      case "send":
        this.#outgoing.push(effect.message);
        return;
      case "close_link":
        this.#sendAll();
        this.#link.close(effect.reason, effect.retryAfterMs);
        return;
      case "launch_container":
        this.#runner.launch(effect.launch);
        return;
      case "recover_container":
        this.#runner.recover(effect.container, effect.checkpoint);
        return;
      case "signal_container":
        this.#runner.signal(effect.container, effect.signal);
        return;
      case "destroy_container":
        this.#runner.destroy(effect.container);
        return;
      case "update_container":
        this.#runner.update(effect.container, effect.resources);
        return;
      case "run_check":
        this.#runner.check(effect.container, effect.check, effect.task);
        return;
      case "executor_event":
        this.#executors.send(effect.connection, effect.event);
        return;
      case "end_executor":
        this.#executors.end(effect.connection);
        return;
      case "ask":
        void this.#answer(effect.id, effect.ask);
        return;
      case "release_sandbox":
        this.#sandboxes.release(sandboxFolder(this.#options.settings.workDir, effect));
        return;
      case "create_volume":
      case "destroy_volume":
        this.#volumes.change(effect.type, effect.volume);
        return;
      case "set_aside_volumes":
        this.#volumes.setAside(effect.agentId);
        return;
      case "registered":
        this.#options.onRegistered(effect.agentId);
        return;
      case "stopped":
        this.#options.onStopped();
        return;
    }
  }

  async #answer(id: number, ask: Ask): Promise<void> {
    try {
      const body = await this.#operators.respond(callOf(ask), AbortSignal.timeout(ASK_MS));
      this.#runtime.dispatch({ type: "answered", id, body });
    } catch (error) {
      const { code, message } = FairleadError.from(error);
      this.#runtime.dispatch({ type: "answered", id, error: { code, message } });
    }
  }

  #turnEnded(): void {
    this.#sendAll();
    if (this.core.state.connection.status !== "recovering") this.#onRecovered();
  }

  #sendAll(): void {
    if (this.#outgoing.length > 0) this.#link.send(this.#outgoing.splice(0));
  }

  #log({ level, message, details }: Extract<AgentEffect, { type: "log" }>): void {
    this.#options.logger[level](message, { ...details });
  }
}

/** The container that a checkpoint tells how to find. */
function containerIdOf({ path }: Checkpoint): string[] {
  const prefix = "containers/";
  return path.startsWith(prefix) ? [path.slice(prefix.length)] : [];
}

function mastersOf(masters: AgentSettings["masters"]): readonly string[] | Detector {
  if (typeof masters === "string") return [masters];
  return typeof masters === "function" ? { leader: masters } : masters;
}
