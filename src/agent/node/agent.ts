/** An agent of this machine: the core, and everything that it reaches out with. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { getLogger } from "@logtape/logtape";
import { asyncDispose, Disposer, FairleadError } from "../../base/mod.ts";
import { Drain, type Handler } from "../../http/mod.ts";
import { serve } from "../../http/node/mod.ts";
import type { AgentCall, AgentInfo, AgentMessage, Ask } from "../../model/mod.ts";
import { AgentCore, type AgentView } from "../core/core.ts";
import type { Checkpoint } from "../core/events.ts";
import { AGENT_TIMES } from "../core/options.ts";
import { nestedSandbox, sandboxFolder } from "../core/paths.ts";
import type { ContainerHost } from "../core/spec.ts";
import { ExecutorApi } from "./api/executor_api.ts";
import { ExecutorTokens } from "./api/executor_tokens.ts";
import { SandboxFiles } from "./api/files.ts";
import { snapshotOf } from "./api/metrics.ts";
import { OperatorApi } from "./api/operator_api.ts";
import { agentHandler } from "./api/router.ts";
import { SideContainers } from "./api/side_containers.ts";
import { CheckpointLog } from "./checkpoint_log.ts";
import { ContainerRunner } from "./container_runner.ts";
import { detectHostname, detectIp, detectResources, parseAttributes } from "./detect.ts";
import { lockFolder } from "./folder_lock.ts";
import { MasterLink } from "./master_link.ts";
import { type AgentOptions, type AgentSettings, readOptions } from "./options.ts";
import { type OwnContainers, openContainers } from "./own_containers.ts";
import { type OutwardEffect, Runtime } from "./runtime.ts";
import { VolumeKeeper } from "./volumes.ts";

const logger = getLogger(["fairlead", "agent"]);

/**
 * Start an agent on this machine.
 *
 * It resolves when its API listens and everything that ran before is found again; it goes on to
 * look for its master, for as long as it takes. Disposing it lets its tasks run on, to be found by
 * the next agent of the same work folder; `shutdown` ends them.
 *
 * @throws {FairleadError} `invalid_option`; `work_dir_in_use` when another agent runs there;
 * `incompatible_reconfiguration`; `address_in_use`; `checkpoint_failed`.
 */
export async function createAgent(options: AgentOptions): Promise<Agent> {
  const settings = readOptions(options);
  const opened = new Disposer();
  try {
    return await open(settings, opened);
  } catch (error) {
    await opened.dispose();
    throw error;
  }
}

async function open(settings: AgentSettings, opened: Disposer): Promise<Agent> {
  const { workDir } = settings;
  await mkdir(workDir, { recursive: true });
  opened.use(await lockFolder(workDir));
  const checkpoints = opened.use(await CheckpointLog.open(join(workDir, "checkpoints")));
  if (checkpoints.damaged !== undefined) {
    const { file, keptAs, reason } = checkpoints.damaged;
    logger.error("Checkpoints are damaged: {file}: {reason}; kept as {keptAs}", {
      file,
      keptAs,
      reason,
    });
  }
  let agent: Agent | undefined;
  const { bind, port } = settings;
  const drain = new Drain();
  const server = opened.use(
    await serve({
      handler: async (request) => agent?.fetch(request) ?? new Response(null, { status: 503 }),
      hostname: bind,
      port,
      drain,
      lightObjects: false,
      onError: (error) => logger.error("A request failed: {error}", { error }),
    }),
  );
  const info = await infoOf(settings, server.port);
  const tokens = await ExecutorTokens.open(workDir);
  const { containerizers, cacheBytesMax } = settings;
  const containers = await openContainers({ workDir, containerizers, cacheBytesMax, opened });
  agent = new Agent({
    settings,
    checkpoints,
    opened,
    info,
    containers,
    tokens,
    port: server.port,
    signal: drain.signal,
  });
  await agent.start();
  return agent;
}

async function infoOf(settings: AgentSettings, port: number): Promise<AgentInfo> {
  const { hostname, resources, workDir, attributes, domain } = settings;
  return {
    hostname: hostname ?? detectHostname(),
    port,
    resources: await detectResources(resources, workDir),
    attributes: parseAttributes(attributes),
    ...(domain === undefined ? {} : { domain }),
  };
}

interface AgentParts {
  readonly settings: AgentSettings;
  readonly checkpoints: CheckpointLog;
  readonly opened: Disposer;
  readonly info: AgentInfo;
  readonly containers: OwnContainers;
  readonly tokens: ExecutorTokens;
  readonly port: number;
  /** Aborted when the API's streams are to end. */
  readonly signal: AbortSignal;
}

/** A running agent. */
export class Agent implements AsyncDisposable {
  readonly #settings: AgentSettings;
  readonly #opened: Disposer;
  readonly #checkpoints: CheckpointLog;
  readonly #parts: Parts;
  readonly #handler: Handler;
  readonly #startMs: number;
  readonly #outgoing: AgentMessage[] = [];
  readonly #registrations = new Set<(id: string) => void>();
  #end: End = { resolve: () => undefined, reject: () => undefined };
  /** The port of its API. */
  readonly port: number;
  /** Resolves when it has stopped; rejects with what it failed of. */
  readonly ended: Promise<void>;

  /** @internal Use {@linkcode createAgent}. */
  constructor(made: AgentParts) {
    const { settings, checkpoints, opened, info, port } = made;
    this.#settings = settings;
    this.#checkpoints = checkpoints;
    this.#opened = opened;
    this.port = port;
    this.#startMs = settings.clock.nowMs();
    this.ended = new Promise<void>((resolve, reject) => {
      this.#end = { resolve, reject };
    });
    // Whoever does not look at it learns of a failure from the log.
    this.ended.catch(() => undefined);
    const { clock, random, reconfiguration, completedTasksMax } = settings;
    const core = new AgentCore({
      clock,
      random,
      info,
      reconfiguration,
      completedTasksMax,
      times: { ...AGENT_TIMES, ...timesOf(settings) },
      version: VERSION,
      capabilities: CAPABILITIES,
    });
    this.#parts = this.#connect(core, made);
    this.#handler = this.#serve(core);
  }

  /** @internal @throws {FairleadError} `incompatible_reconfiguration`. */
  async start(): Promise<void> {
    const { runtime, runner, link } = this.#parts;
    const checkpoints = [...this.#checkpoints.entries()];
    await runner.sweep(new Set(checkpoints.flatMap(containerIdOf)));
    runtime.dispatch({ type: "recovered", checkpoints });
    link.start();
  }

  #connect(core: AgentCore, { containers, tokens, signal }: AgentParts): Parts {
    const settings = this.#settings;
    const { clock, random, workDir } = settings;
    const runtime: Runtime = new Runtime({
      core,
      checkpoints: this.#checkpoints,
      clock,
      perform: (effect) => this.#perform(parts, effect),
      turnEnded: () => this.#sendAll(parts),
      log: ({ level, message, details }) => logger[level](message, { ...details }),
      onFatal: (error) => this.#fail(error),
    });
    const runner = new ContainerRunner({
      host: () => this.#host(),
      ...containers,
      executorEnvironment: (launch) => ({
        MESOS_EXECUTOR_AUTHENTICATION_TOKEN: tokens.make({
          frameworkId: launch.framework.id?.value ?? "",
          executorId: launch.executor.executor_id.value,
          container: launch.container,
        }),
      }),
      dispatch: (input) => runtime.dispatch(input),
      trouble: (message, details) => logger.warning(message, { ...details }),
      launchesMax: settings.launchesMax,
    });
    const link = new MasterLink({
      masters: typeof settings.masters === "string" ? [settings.masters] : settings.masters,
      headers: authorization(settings),
      clock,
      random,
      backoffMs: settings.linkBackoffMs,
      backoffMsMax: settings.linkBackoffMsMax,
      onOpen: () => runtime.dispatch({ type: "link_opened" }),
      onMessages: (messages) => runtime.dispatch({ type: "messages", messages }),
      onClose: () => runtime.dispatch({ type: "link_closed" }),
      onTrouble: (message, details) => logger.warning(message, { ...details }),
      ...(settings.ca === undefined ? {} : { ca: settings.ca }),
    });
    const volumes = new VolumeKeeper(workDir, (message, details) =>
      logger.error(message, { ...details }),
    );
    const executors = new ExecutorApi({
      state: core.state,
      dispatch: (input) => runtime.dispatch(input),
      tokens,
      requireTokens: settings.authenticator !== undefined,
      bodyBytesMax: settings.bodyBytesMax,
      trouble: (message, details) => logger.warning(message, { ...details }),
      signal,
    });
    const sides = new SideContainers({
      host: () => this.#host(),
      containerizers: containers.containerizers,
      find: (id) => runner.find(id),
      sandboxOf: (id) => this.#sandboxOf(id),
    });
    const files = new SandboxFiles(workDir, core.state);
    const operators = this.#operators({ core, runner, sides, files, signal });
    const parts: Parts = { core, runtime, runner, link, volumes, executors, operators, files };
    this.#opened.defer(() => sides.end());
    this.#opened.defer(() => volumes.settled());
    this.#opened.defer(() => runtime.stop());
    this.#opened.defer(() => runner.release());
    this.#opened.use(link);
    return parts;
  }

  #operators(parts: {
    readonly core: AgentCore;
    readonly runner: ContainerRunner;
    readonly sides: SideContainers;
    readonly files: SandboxFiles;
    readonly signal: AbortSignal;
  }): OperatorApi {
    const { core, runner, sides, files, signal } = parts;
    return new OperatorApi({
      state: core.state,
      version: VERSION,
      flags: () => this.#flags(),
      metrics: () => this.#metrics(),
      files,
      sides,
      running: () => runner.running(),
      find: (id) => runner.find(id),
      sandboxOf: (id) => this.#sandboxOf(id),
      authorize: this.#settings.authorize,
      bodyBytesMax: this.#settings.bodyBytesMax,
      signal,
    });
  }

  #serve(core: AgentCore): Handler {
    const { executors, operators, files } = this.#parts;
    const { authenticator, authorize, workDir } = this.#settings;
    return agentHandler({
      state: core.state,
      executors,
      operators,
      files,
      metrics: () => this.#metrics(),
      facts: () => ({
        workDir,
        endpoint: `${this.#ip}:${this.port}`,
        version: VERSION,
        startMs: this.#startMs,
        flags: this.#flags(),
      }),
      authenticator,
      authorize,
      logger,
    });
  }

  #metrics(): Record<string, number> {
    const uptimeMs = this.#settings.clock.nowMs() - this.#startMs;
    return snapshotOf(this.#parts.core.state, uptimeMs / 1_000);
  }

  /** Options that may be told: no secrets among them. */
  #flags(): Record<string, string> {
    const { workDir, bind, hostname, attributes, reconfiguration } = this.#settings;
    const { switchUser, limitCpus, limitDisk, masters } = this.#settings;
    return {
      work_dir: workDir,
      ip: bind,
      port: String(this.port),
      hostname: hostname ?? "",
      attributes,
      reconfiguration_policy: reconfiguration,
      switch_user: String(switchUser),
      cgroups_enable_cfs: String(limitCpus),
      enforce_container_disk_quota: String(limitDisk),
      master: typeof masters === "function" ? "" : [masters].flat().map(withoutSecrets).join(","),
    };
  }

  #sandboxOf(id: string): string | undefined {
    const owner = this.state.containers.get(id);
    if (owner === undefined) return undefined;
    const { framework, info, container, agentId, kind } =
      owner.type === "task" ? owner.executor : owner;
    const sandbox = sandboxFolder(this.#settings.workDir, {
      agentId,
      frameworkId: framework.id,
      executorId: info.executor_id.value,
      container,
    });
    return kind === "group" ? nestedSandbox(sandbox, id) : sandbox;
  }

  async #ask(id: number, ask: Ask): Promise<void> {
    const { runtime, operators } = this.#parts;
    try {
      const body = await operators.respond(callOf(ask), AbortSignal.timeout(ASK_MS));
      runtime.dispatch({ type: "answered", id, body });
    } catch (error) {
      const { code, message } = FairleadError.from(error);
      runtime.dispatch({ type: "answered", id, error: { code, message } });
    }
  }

  #host(): ContainerHost {
    const { workDir, taskEnvironment, logBytesMax, logFilesMax } = this.#settings;
    const { switchUser, limitCpus, limitDisk } = this.#settings;
    const { executorShutdownGraceMs, recoveryTimeoutMs } = this.#settings;
    return {
      workDir,
      endpoint: `${this.#ip}:${this.port}`,
      ipAddress: this.#ip,
      environment: taskEnvironment,
      logs: { bytesMax: logBytesMax, filesMax: logFilesMax },
      switchUser,
      limitCpus,
      limitDisk,
      executorShutdownGraceMs,
      recoveryTimeoutMs,
    };
  }

  get #ip(): string {
    const { ip, bind } = this.#settings;
    return ip ?? (bind === "0.0.0.0" || bind === "::" ? detectIp() : bind);
  }

  #perform({ link, runner, volumes, executors }: Parts, effect: OutwardEffect): void {
    switch (effect.type) {
      case "send":
        this.#outgoing.push(effect.message);
        return;
      case "close_link":
        this.#flushTo(link);
        link.close(effect.reason, effect.retryAfterMs);
        return;
      case "launch_container":
        runner.launch(effect.launch);
        return;
      case "recover_container":
        runner.recover(effect.container, effect.checkpoint);
        return;
      case "signal_container":
        runner.signal(effect.container, effect.signal);
        return;
      case "destroy_container":
        runner.destroy(effect.container);
        return;
      case "update_container":
        runner.update(effect.container, effect.resources);
        return;
      case "run_check":
        runner.check(effect.container, effect.check, effect.task);
        return;
      case "executor_event":
        executors.send(effect.connection, effect.event);
        return;
      case "end_executor":
        executors.end(effect.connection);
        return;
      case "ask":
        void this.#ask(effect.id, effect.ask);
        return;
      case "create_volume":
      case "destroy_volume":
        volumes.change(effect.type, effect.volume);
        return;
      case "set_aside_volumes":
        volumes.setAside(effect.agentId);
        return;
      case "registered":
        logger.info("Registered as {agentId} with master {masterId}", { ...effect });
        for (const resolve of this.#registrations) resolve(effect.agentId);
        this.#registrations.clear();
        return;
      case "stopped":
        this.#end.resolve();
        return;
    }
  }

  #sendAll({ link }: Parts): void {
    this.#flushTo(link);
  }

  #flushTo(link: MasterLink): void {
    if (this.#outgoing.length === 0) return;
    link.send(this.#outgoing.splice(0));
  }

  #fail(error: FairleadError): void {
    logger.fatal("The agent cannot go on: {message}", { code: error.code, message: error.message });
    this.#end.reject(error);
    void this[asyncDispose]();
  }

  /** What it knows; live. */
  get state(): AgentView {
    return this.#parts.core.state;
  }

  /** Given by the master; undefined before the first registration. */
  get id(): string | undefined {
    return this.state.agentId;
  }

  /** Where its API is. */
  get url(): string {
    return `http://${this.#ip}:${this.port}`;
  }

  /** The agent's API as a handler. */
  async fetch(request: Request): Promise<Response> {
    return this.#handler(request);
  }

  /** Resolves with the agent's id once a master has admitted it. */
  registered({ signal }: { readonly signal?: AbortSignal } = {}): Promise<string> {
    const { connection, agentId } = this.state;
    if (connection.status === "registered" && agentId !== undefined) {
      return Promise.resolve(agentId);
    }
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const settle = (id: string) => {
        signal?.removeEventListener("abort", give);
        resolve(id);
      };
      const give = () => {
        this.#registrations.delete(settle);
        reject(signal?.reason);
      };
      this.#registrations.add(settle);
      signal?.addEventListener("abort", give, { once: true });
    });
  }

  /**
   * End all tasks, each with its own grace, and stop.
   *
   * @param options.unregister Leave the cluster for good: the next start is that of a new agent.
   */
  async shutdown({ unregister = false }: { readonly unregister?: boolean } = {}): Promise<void> {
    if (!this.#opened.disposed) {
      const message = "asked to";
      this.#parts.runtime.dispatch({ type: "shutdown", message, unregister });
      await this.ended;
    }
    await this[asyncDispose]();
  }

  /** Let go of everything: tasks run on, and the next agent of this work folder finds them. */
  async [asyncDispose](): Promise<void> {
    await this.#opened.dispose();
    this.#end.resolve();
  }
}

interface End {
  readonly resolve: () => void;
  readonly reject: (error: FairleadError) => void;
}

interface Parts {
  readonly core: AgentCore;
  readonly runtime: Runtime;
  readonly runner: ContainerRunner;
  readonly link: MasterLink;
  readonly volumes: VolumeKeeper;
  readonly executors: ExecutorApi;
  readonly operators: OperatorApi;
  readonly files: SandboxFiles;
}

/** How long the master's questions may take. */
const ASK_MS = 10_000;
/** What tools that look at versions are told: the one whose API this is. */
const VERSION = "1.11.0";

const CAPABILITIES = [
  "MULTI_ROLE",
  "HIERARCHICAL_ROLE",
  "RESERVATION_REFINEMENT",
  "RESIZE_VOLUME",
  "AGENT_OPERATION_FEEDBACK",
  "AGENT_DRAINING",
  "TASK_RESOURCE_LIMITS",
];

/** A question of the master as the call that an operator would make. */
function callOf(ask: Ask): Extract<AgentCall, { type: Ask["type"] }> {
  switch (ask.type) {
    case "LIST_FILES":
      return { type: "LIST_FILES", list_files: { path: ask.path } };
    case "READ_FILE": {
      const { path, offset, length } = ask;
      const range = length === undefined ? { offset } : { offset, length };
      return { type: "READ_FILE", read_file: { path, ...range } };
    }
    case "GET_CONTAINERS":
      return { type: "GET_CONTAINERS", get_containers: { show_nested: true } };
    case "GET_METRICS":
      return { type: "GET_METRICS" };
  }
}

function withoutSecrets(url: string): string {
  return url.replace(/\/\/[^/@]*@/, "//");
}

/** The container that a checkpoint tells how to find. */
function containerIdOf({ path }: Checkpoint): string[] {
  const prefix = "containers/";
  return path.startsWith(prefix) ? [path.slice(prefix.length)] : [];
}

function timesOf(settings: AgentSettings) {
  const { executorRegistrationMs, executorReregistrationMs, executorShutdownGraceMs } = settings;
  const { updateRetryMs, updateRetryMsMax } = settings;
  return {
    executorRegistrationMs,
    executorReregistrationMs,
    executorShutdownGraceMs,
    updateRetryMs,
    updateRetryMsMax,
  };
}

function authorization({ credentials }: AgentSettings): Record<string, string> {
  if (credentials === undefined) return {};
  const text = `${credentials.principal}:${credentials.secret}`;
  return { authorization: `Basic ${Buffer.from(text).toString("base64")}` };
}
