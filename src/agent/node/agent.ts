/** An agent of this machine: the core, and everything that it reaches out with. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { getLogger } from "@logtape/logtape";
import { asyncDispose, Disposer, type FairleadError } from "../../base/mod.ts";
import type { AgentInfo, AgentMessage } from "../../model/mod.ts";
import { AgentCore, type AgentView } from "../core/core.ts";
import type { Checkpoint } from "../core/events.ts";
import { AGENT_TIMES } from "../core/options.ts";
import type { ContainerHost } from "../core/spec.ts";
import { CheckpointLog } from "./checkpoint_log.ts";
import { ContainerRunner } from "./container_runner.ts";
import { detectHostname, detectIp, detectResources, parseAttributes } from "./detect.ts";
import { lockFolder } from "./folder_lock.ts";
import { listen } from "./listen.ts";
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
  const server = opened.use(
    await listen({
      handler: async (request) => agent?.fetch(request) ?? new Response(null, { status: 503 }),
      hostname: bind,
      port,
    }),
  );
  const info = await infoOf(settings, server.port);
  const containers = await containersOf(settings, opened);
  agent = new Agent({ settings, checkpoints, opened, info, containers, port: server.port });
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

async function containersOf(settings: AgentSettings, opened: Disposer): Promise<OwnContainers> {
  const { containerizers, workDir } = settings;
  if (containerizers === undefined) return openContainers(workDir, opened);
  return { containerizers, own: () => Promise.resolve() };
}

interface AgentParts {
  readonly settings: AgentSettings;
  readonly checkpoints: CheckpointLog;
  readonly opened: Disposer;
  readonly info: AgentInfo;
  readonly containers: OwnContainers;
  readonly port: number;
}

/** A running agent. */
export class Agent implements AsyncDisposable {
  readonly #settings: AgentSettings;
  readonly #opened: Disposer;
  readonly #checkpoints: CheckpointLog;
  readonly #parts: Parts;
  readonly #outgoing: AgentMessage[] = [];
  readonly #registrations = new Set<(id: string) => void>();
  #end: End = { resolve: () => undefined, reject: () => undefined };
  /** The port of its API. */
  readonly port: number;
  /** Resolves when it has stopped; rejects with what it failed of. */
  readonly ended: Promise<void>;

  /** @internal Use {@linkcode createAgent}. */
  constructor({ settings, checkpoints, opened, info, containers, port }: AgentParts) {
    this.#settings = settings;
    this.#checkpoints = checkpoints;
    this.#opened = opened;
    this.port = port;
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
      capabilities: CAPABILITIES,
    });
    this.#parts = this.#connect(core, containers);
  }

  /** @internal @throws {FairleadError} `incompatible_reconfiguration`. */
  async start(): Promise<void> {
    const { runtime, runner, link } = this.#parts;
    const checkpoints = [...this.#checkpoints.entries()];
    await runner.sweep(new Set(checkpoints.flatMap(containerIdOf)));
    runtime.dispatch({ type: "recovered", checkpoints });
    link.start();
  }

  #connect(core: AgentCore, { containerizers, own }: OwnContainers): Parts {
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
      containerizers,
      fetch: () => Promise.resolve(),
      runCheck: () => Promise.resolve({ type: "error", message: "not connected" }),
      own,
      executorEnvironment: () => Promise.resolve({}),
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
    const parts: Parts = { core, runtime, runner, link, volumes };
    this.#opened.defer(() => volumes.settled());
    this.#opened.defer(() => runtime.stop());
    this.#opened.defer(() => runner.release());
    this.#opened.use(link);
    return parts;
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

  #perform({ link, runner, volumes }: Parts, effect: OutwardEffect): void {
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
    const { pathname } = new URL(request.url);
    if (pathname === "/health") return new Response(null, { status: 200 });
    return new Response("Not found", { status: 404 });
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
}

const CAPABILITIES = [
  "MULTI_ROLE",
  "HIERARCHICAL_ROLE",
  "RESERVATION_REFINEMENT",
  "RESIZE_VOLUME",
  "AGENT_OPERATION_FEEDBACK",
  "AGENT_DRAINING",
  "TASK_RESOURCE_LIMITS",
];

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
