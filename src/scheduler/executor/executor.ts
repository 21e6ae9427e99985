/** An executor: the core with sockets and a clock around it, and handlers for what it is told. */
import {
  asyncDispose,
  type Clock,
  FairleadError,
  type Random,
  systemClock,
  systemRandom,
  unreachable,
} from "../../base/mod.ts";
import type {
  AgentInfo,
  ExecutorCall,
  ExecutorEvent,
  ExecutorInfo,
  FrameworkInfo,
  KillPolicy,
  TaskInfo,
  TaskState,
} from "../../model/mod.ts";
import { fromBase64, toBase64 } from "../base64.ts";
import type { Fetch } from "../masters.ts";
import { Alarm } from "../timer.ts";
import { executorCodec, Transport } from "../transport.ts";
import { ExecutorCore } from "./core.ts";
import type { ExecutorEnvironment } from "./environment.ts";
import type { ExecutorEffect, ExecutorInput, ExecutorNotice, StatusDraft } from "./inputs.ts";

/** What an executor does when it is told something. */
export interface ExecutorHandlers {
  /**
   * Start a task and tell of it with `update`. What is thrown becomes TASK_FAILED with its message.
   *
   * A group's tasks come one by one, unless there is `onLaunchGroup`.
   */
  onLaunch(task: TaskInfo, executor: Executor): void | Promise<void>;
  onLaunchGroup?(tasks: readonly TaskInfo[], executor: Executor): void | Promise<void>;
  /** End a task and tell of it: TASK_KILLED. */
  onKill?(
    taskId: string,
    executor: Executor,
    options: { readonly killPolicy: KillPolicy | undefined },
  ): void | Promise<void>;
  onMessage?(data: Uint8Array, executor: Executor): void | Promise<void>;
  /**
   * End all tasks, within the grace period. When it is done and everything is told, or when the
   * grace period is over, the executor ends.
   */
  onShutdown?(
    executor: Executor,
    options: { readonly reason: string; readonly graceMs: number },
  ): void | Promise<void>;
  onSubscribed?(executor: Executor): void | Promise<void>;
  onDisconnected?(message: string, executor: Executor): void | Promise<void>;
  /** The agent complains, or a handler of these threw. */
  onError?(error: FairleadError, executor: Executor): void;
}

/** How an executor is run. */
export interface ExecutorOptions {
  readonly environment: ExecutorEnvironment;
  /** How often HEARTBEAT is sent; 0 for never. @default 300_000 */
  readonly heartbeatMs?: number;
  /** How requests are made. @default the platform's `fetch` */
  readonly fetch?: Fetch;
  readonly clock?: Clock;
  readonly random?: Random;
}

/** What may be said of a task besides its state. */
export type UpdateOptions = Omit<Partial<StatusDraft>, "task_id" | "state" | "data"> & {
  readonly data?: Uint8Array;
};

/** Bytes of one event of an agent. */
const EVENT_BYTES_MAX = 67_108_864;

/**
 * An executor of a framework's own, subscribed to the agent that started it.
 *
 * Updates are told until the agent acknowledges them, also over a restart of the agent: it is waited
 * for as long as the framework checkpoints and its recovery timeout allows. Launches that are told
 * twice are heard once.
 */
export class Executor implements AsyncDisposable {
  readonly environment: ExecutorEnvironment;
  /** Resolves at the end; rejects with `executor_refused` when the agent does not want it. */
  readonly done: Promise<void>;
  readonly #handlers: ExecutorHandlers;
  readonly #core: ExecutorCore;
  readonly #transport: Transport<ExecutorCall, ExecutorEvent>;
  readonly #alarm: Alarm;
  readonly #streams = new Map<number, AbortController>();
  readonly #posts = new Map<number, AbortController>();
  readonly #settlers = new Map<number, (isDone: boolean) => void>();
  #tokens = 0;
  #end: (error: FairleadError | undefined) => void = () => undefined;
  #subscribed: Extract<ExecutorNotice, { type: "subscribed" }> | undefined;

  /** It subscribes at once. */
  constructor(handlers: ExecutorHandlers, options: ExecutorOptions) {
    const { environment, clock = systemClock, random = systemRandom } = options;
    this.environment = environment;
    this.#handlers = handlers;
    this.#core = new ExecutorCore({
      ...environment,
      heartbeatMs: options.heartbeatMs ?? 300_000,
      clock,
      random,
    });
    const { token } = environment;
    this.#transport = new Transport(executorCodec, {
      fetch: options.fetch ?? ((url, init) => globalThis.fetch(url, init)),
      credentials: token === undefined ? undefined : { token },
      recordBytesMax: EVENT_BYTES_MAX,
    });
    this.#alarm = new Alarm(clock, () => this.#step({ type: "tick" }));
    this.done = new Promise((resolve, reject) => {
      this.#end = (error) => (error === undefined ? resolve() : reject(error));
    });
    // Whoever does not wait for the end does not want to hear of it either.
    this.done.catch(() => undefined);
    this.#step({ type: "start" });
  }

  /** Of the framework, as of the last subscription. */
  get framework(): FrameworkInfo | undefined {
    return this.#subscribed?.framework;
  }

  get info(): ExecutorInfo | undefined {
    return this.#subscribed?.executor;
  }

  get agent(): AgentInfo | undefined {
    return this.#subscribed?.agent;
  }

  get isSubscribed(): boolean {
    return this.#core.status === "subscribed";
  }

  /**
   * Tell of a task.
   *
   * @returns Whether the agent acknowledged it; false when the executor ended first, or the agent
   * refused it.
   */
  update(taskId: string, state: TaskState, options: UpdateOptions = {}): Promise<boolean> {
    const { data, ...more } = options;
    const bytes = data === undefined ? {} : { data: toBase64(data) };
    const status: StatusDraft = { ...more, ...bytes, task_id: { value: taskId }, state };
    return this.#ask((token) => ({ type: "update", token, status }));
  }

  /** Send bytes to the scheduler, at most once; false when they certainly did not leave. */
  message(data: Uint8Array): Promise<boolean> {
    return this.#ask((token) => ({ type: "message", token, data: toBase64(data) }));
  }

  /** End: what is untold is told first, within the grace period. */
  stop(): Promise<void> {
    this.#step({ type: "finish" });
    return this.done;
  }

  async [asyncDispose](): Promise<void> {
    await this.stop().catch(() => undefined);
  }

  #ask(input: (token: number) => ExecutorInput): Promise<boolean> {
    return new Promise((resolve) => {
      const token = ++this.#tokens;
      this.#settlers.set(token, resolve);
      this.#step(input(token));
    });
  }

  #step(input: ExecutorInput): void {
    for (const effect of this.#core.step(input)) this.#do(effect);
    this.#alarm.set(this.#core.nextDueMs());
  }

  #do(effect: ExecutorEffect): void {
    switch (effect.type) {
      case "open":
        void this.#open(effect);
        return;
      case "close_stream":
        this.#streams.get(effect.stream)?.abort();
        this.#streams.delete(effect.stream);
        return;
      case "post":
        void this.#post(effect);
        return;
      case "abort_post":
        this.#posts.get(effect.post)?.abort();
        this.#posts.delete(effect.post);
        return;
      case "notify":
        this.#notify(effect.notice);
        return;
      case "settle":
        this.#settlers.get(effect.token)?.(effect.isDone);
        this.#settlers.delete(effect.token);
        return;
      case "end":
        this.#alarm.clear();
        this.#end(effect.error);
        return;
      default:
        unreachable(effect);
    }
  }

  async #open({ stream, call }: Extract<ExecutorEffect, { type: "open" }>): Promise<void> {
    const controller = new AbortController();
    const { signal } = controller;
    this.#streams.set(stream, controller);
    try {
      const { head, body } = await this.#transport.open(this.environment.url, call, signal);
      this.#step({ type: "stream_answer", stream, ...head });
      if (head.status === 200 && body !== undefined) {
        for await (const events of this.#transport.events(body, signal)) {
          for (const event of events) {
            if (event instanceof FairleadError) this.#complain(event);
            else this.#step({ type: "stream_event", stream, event });
          }
        }
      }
      this.#step({ type: "stream_ended", stream });
    } catch (error) {
      this.#step({ type: "stream_ended", stream, message: FairleadError.from(error).message });
    } finally {
      this.#streams.delete(stream);
    }
  }

  async #post({ post, streamId, call }: Extract<ExecutorEffect, { type: "post" }>): Promise<void> {
    const controller = new AbortController();
    this.#posts.set(post, controller);
    try {
      const how = { isBatch: false, signal: controller.signal };
      const { status } = await this.#transport.post(this.environment.url, streamId, [call], how);
      this.#step({ type: "post_answer", post, status });
    } catch {
      // Why does not matter: it is tried again, and then the stream counts as lost.
      this.#step({ type: "post_failed", post });
    } finally {
      this.#posts.delete(post);
    }
  }

  #notify(notice: ExecutorNotice): void {
    const handlers = this.#handlers;
    switch (notice.type) {
      case "subscribed":
        this.#subscribed = notice;
        void this.#run(() => handlers.onSubscribed?.(this));
        return;
      case "disconnected":
        void this.#run(() => handlers.onDisconnected?.(notice.message, this));
        return;
      case "launch":
        void this.#launch([notice.task], () => handlers.onLaunch(notice.task, this));
        return;
      case "launch_group":
        this.#launchGroup(notice.tasks);
        return;
      case "kill": {
        const { taskId, killPolicy } = notice;
        void this.#run(() => handlers.onKill?.(taskId, this, { killPolicy }));
        return;
      }
      case "message":
        void this.#run(() => handlers.onMessage?.(fromBase64(notice.data), this));
        return;
      case "error":
        this.#complain(new FairleadError("executor_error", `The agent says: ${notice.message}`));
        return;
      case "shutdown":
        void this.#shutdown(notice);
        return;
      default:
        unreachable(notice);
    }
  }

  #launchGroup(tasks: readonly TaskInfo[]): void {
    const { onLaunchGroup } = this.#handlers;
    if (onLaunchGroup !== undefined) {
      void this.#launch(tasks, () => onLaunchGroup.call(this.#handlers, tasks, this));
      return;
    }
    for (const task of tasks) {
      void this.#launch([task], () => this.#handlers.onLaunch(task, this));
    }
  }

  async #launch(tasks: readonly TaskInfo[], run: () => void | Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      const { message } = FairleadError.from(error);
      for (const { task_id } of tasks) void this.update(task_id.value, "TASK_FAILED", { message });
    }
  }

  async #shutdown({
    reason,
    graceMs,
  }: Extract<ExecutorNotice, { type: "shutdown" }>): Promise<void> {
    await this.#run(() => this.#handlers.onShutdown?.(this, { reason, graceMs }));
    this.#step({ type: "finish" });
  }

  async #run(handle: () => void | Promise<void>): Promise<void> {
    try {
      await handle();
    } catch (error) {
      this.#complain(FairleadError.from(error));
    }
  }

  #complain(error: FairleadError): void {
    this.#handlers.onError?.(error, this);
  }
}
