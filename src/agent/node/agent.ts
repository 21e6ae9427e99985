/** An agent of this machine. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { getLogger } from "@logtape/logtape";
import { asyncDispose, Disposer, FairleadError } from "../../base/mod.ts";
import { Drain } from "../../http/mod.ts";
import { serve } from "../../http/node/mod.ts";
import { lastResources } from "../core/checkpoints.ts";
import type { AgentView } from "../core/core.ts";
import { addressOf, infoOf } from "./agent_facts.ts";
import { ExecutorTokens } from "./api/executor_tokens.ts";
import { CheckpointLog } from "./checkpoint_log.ts";
import { Engine, type EngineOptions } from "./engine.ts";
import { lockFolder } from "./folder_lock.ts";
import { type AgentOptions, type AgentSettings, readOptions } from "./options.ts";
import { openContainers } from "./own_containers.ts";

const logger = getLogger(["fairlead", "agent"]);

/**
 * Start an agent on this machine.
 *
 * It resolves when its API listens and everything that ran before is found again; it goes on to
 * look for its master, for as long as it takes. Disposing it lets its tasks run on, to be found by
 * the next agent of the same work folder; `shutdown` ends them.
 *
 * @throws {FairleadError} `invalid_option`; `work_dir_in_use` when another agent runs there;
 * `incompatible_reconfiguration`; `address_in_use`; `checkpoint_failed`; `launcher_failed`.
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
  const { workDir, containerizers, imageStore, dockerSocket, cacheBytesMax } = settings;
  await mkdir(workDir, { recursive: true });
  opened.use(await lockFolder(workDir));
  const checkpoints = opened.use(await openCheckpoints(workDir));
  const drain = new Drain();
  let agent: Agent | undefined;
  const { port } = await listen(settings, opened, drain, (request) => agent?.fetch(request));
  const info = await infoOf(settings, port, lastResources(checkpoints.entries()));
  const tokens = await ExecutorTokens.open(workDir);
  const containers = await openContainers({
    workDir,
    containerizers,
    imageStore,
    dockerSocket,
    cacheBytesMax,
    opened,
  });
  const { signal } = drain;
  agent = new Agent({ settings, info, port, checkpoints, containers, tokens, opened, signal });
  await agent.start();
  return agent;
}

async function openCheckpoints(workDir: string): Promise<CheckpointLog> {
  const checkpoints = await CheckpointLog.open(join(workDir, "checkpoints"));
  if (checkpoints.damaged !== undefined) {
    logger.error("Checkpoints are damaged: {file}: {reason}; kept as {keptAs}", {
      ...checkpoints.damaged,
    });
  }
  return checkpoints;
}

async function listen(
  settings: AgentSettings,
  opened: Disposer,
  drain: Drain,
  handle: (request: Request) => Promise<Response> | undefined,
): Promise<{ readonly port: number }> {
  const { bind, port, tls } = settings;
  const server = await serve({
    handler: (request) => handle(request) ?? new Response(null, { status: 503 }),
    hostname: bind,
    port,
    drain,
    lightObjects: false,
    onError: (error) => logger.error("A request failed: {error}", { error }),
    ...(tls === undefined ? {} : { tls }),
  });
  return opened.use(server);
}

interface Waiting {
  readonly resolve: (id: string) => void;
  readonly reject: (reason: unknown) => void;
}

/** A running agent. */
export class Agent implements AsyncDisposable {
  readonly #engine: Engine;
  readonly #opened: Disposer;
  readonly #settings: AgentSettings;
  readonly #waiting = new Set<Waiting>();
  #resolveEnded: () => void = () => undefined;
  #rejectEnded: (error: FairleadError) => void = () => undefined;
  /** The port of its API. */
  readonly port: number;
  /** Resolves when it has stopped; rejects with what it failed of. */
  readonly ended: Promise<void>;

  /** @internal Use {@linkcode createAgent}. */
  constructor(options: Omit<EngineOptions, "logger" | "onRegistered" | "onStopped" | "onFatal">) {
    this.#opened = options.opened;
    this.#settings = options.settings;
    this.port = options.port;
    this.ended = new Promise<void>((resolve, reject) => {
      this.#resolveEnded = resolve;
      this.#rejectEnded = reject;
    });
    // Whoever does not look at it learns of a failure from the log.
    this.ended.catch(() => undefined);
    this.#engine = new Engine({
      ...options,
      logger,
      onRegistered: (id) => this.#registered(id),
      onStopped: () => this.#resolveEnded(),
      onFatal: (error) => this.#fail(error),
    });
  }

  /** @internal @throws {FairleadError} `incompatible_reconfiguration`. */
  start(): Promise<void> {
    return this.#engine.start();
  }

  #registered(id: string): void {
    logger.info("Registered as {id}", { id });
    for (const { resolve } of this.#waiting) resolve(id);
    this.#waiting.clear();
  }

  #fail(error: FairleadError): void {
    logger.fatal("The agent cannot go on: {message}", { code: error.code, message: error.message });
    this.#rejectEnded(error);
    void this[asyncDispose]();
  }

  /** What it knows; live. */
  get state(): AgentView {
    return this.#engine.core.state;
  }

  /** Given by the master; undefined before the first registration. */
  get id(): string | undefined {
    return this.state.agentId;
  }

  /** Where its API is. */
  get url(): string {
    const scheme = this.#settings.tls === undefined ? "http" : "https";
    return `${scheme}://${addressOf(this.#settings)}:${this.port}`;
  }

  /** The agent's API as a handler. */
  async fetch(request: Request): Promise<Response> {
    return this.#engine.handler(request);
  }

  /**
   * Resolves with the agent's id once a master has admitted it.
   *
   * @throws {FairleadError} `already_disposed` when the agent ends first; the signal's reason.
   */
  registered({ signal }: { readonly signal?: AbortSignal } = {}): Promise<string> {
    const { connection, agentId } = this.state;
    if (connection.status === "registered" && agentId !== undefined) {
      return Promise.resolve(agentId);
    }
    return new Promise((resolve, reject) => {
      if (this.#opened.disposed) return reject(hasEnded());
      if (signal?.aborted) return reject(signal.reason);
      const give = () => {
        this.#waiting.delete(waiting);
        reject(signal?.reason);
      };
      const settle = (act: () => void) => {
        signal?.removeEventListener("abort", give);
        act();
      };
      const waiting: Waiting = {
        resolve: (id) => settle(() => resolve(id)),
        reject: (reason) => settle(() => reject(reason)),
      };
      this.#waiting.add(waiting);
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
      this.#engine.shutdown("it was asked to", unregister);
      await this.ended;
    }
    await this[asyncDispose]();
  }

  /** Let go of everything: tasks run on, and the next agent of this work folder finds them. */
  async [asyncDispose](): Promise<void> {
    await this.#opened.dispose();
    for (const { reject } of this.#waiting) reject(hasEnded());
    this.#waiting.clear();
    this.#resolveEnded();
  }
}

function hasEnded(): FairleadError {
  return new FairleadError("already_disposed", "Cannot register: the agent has ended");
}
