/** An executor's decisions, without I/O: subscribed to its agent, updates told until acknowledged. */
import { type Clock, FairleadError, type Random, unreachable } from "../../base/mod.ts";
import {
  type ExecutorCall,
  type ExecutorEvent,
  isTerminal,
  type OfType,
  type TaskInfo,
  type TaskStatus,
} from "../../model/mod.ts";
import type { ExecutorEffect, ExecutorInput, ExecutorNotice, StatusDraft } from "./inputs.ts";

/** What an executor's core is made of. */
export interface ExecutorCoreOptions {
  readonly frameworkId: string;
  readonly executorId: string;
  /** Whether the executor outlives its agent's process. */
  readonly isCheckpointing: boolean;
  /** How long it waits for the agent to come back; from the loss of the subscription. */
  readonly recoveryTimeoutMs: number;
  /** The longest pause between two attempts to subscribe. */
  readonly backoffMaxMs: number;
  /** How long ending may take after SHUTDOWN. */
  readonly shutdownGraceMs: number;
  /** How often HEARTBEAT is sent; 0 for never. */
  readonly heartbeatMs: number;
  readonly clock: Pick<Clock, "nowMs">;
  readonly random: Random;
}

type State =
  | { readonly status: "idle" }
  | { readonly status: "waiting"; readonly untilMs: number }
  | {
      readonly status: "subscribing" | "subscribed";
      readonly stream: number;
      readonly streamId: string | undefined;
    }
  | { readonly status: "ended" };

interface Update {
  readonly status: TaskStatus;
  readonly token: number;
  /** The stream on which the agent was told. */
  told: number;
}

interface Pending {
  readonly call: ExecutorCall;
  /** Of a message; updates are settled by their acknowledgement. */
  readonly token: number | undefined;
  attempts: number;
}

/** Updates without acknowledgement and messages unsent that are kept. */
const PENDING_MAX = 100_000;
const CALL_TIMEOUT_MS = 15_000;
const SUBSCRIBE_TIMEOUT_MS = 15_000;
const PAUSE_INITIAL_MS = 100;
const ATTEMPTS_MAX = 5;

export class ExecutorCore {
  readonly #options: ExecutorCoreOptions;
  #effects: ExecutorEffect[] = [];
  #state: State = { status: "idle" };
  /** Tasks that no update was acknowledged of. */
  readonly #unacknowledgedTasks = new Map<string, TaskInfo>();
  /** Tasks that were launched and whose end is not acknowledged. */
  readonly #tasks = new Set<string>();
  /** Unacknowledged updates by uuid, in order. */
  readonly #updates = new Map<string, Update>();
  #queue: Pending[] = [];
  #post: { readonly number: number; readonly pending: Pending; readonly dueMs: number } | undefined;
  #streams = 0;
  #posts = 0;
  #failures = 0;
  #wasSubscribed = false;
  #giveUpMs: number | undefined;
  #subscribeByMs = Infinity;
  #pausedUntilMs = 0;
  #heartbeatMs = Infinity;
  /** After SHUTDOWN: when everything must be over. */
  #endByMs: number | undefined;
  #isFinishing = false;

  constructor(options: ExecutorCoreOptions) {
    this.#options = options;
  }

  get status(): State["status"] {
    return this.#state.status;
  }

  /** Updates that the agent has not acknowledged. */
  get unacknowledged(): number {
    return this.#updates.size;
  }

  nextDueMs(): number | undefined {
    if (this.#state.status === "ended") return undefined;
    const dueMs = Math.min(
      this.#state.status === "waiting" ? this.#state.untilMs : Infinity,
      this.#state.status === "subscribing" ? this.#subscribeByMs : Infinity,
      this.#state.status === "subscribed" ? this.#heartbeatMs : (this.#giveUpMs ?? Infinity),
      this.#post?.dueMs ?? (this.#queue.length > 0 ? this.#pausedUntilMs || Infinity : Infinity),
      this.#endByMs ?? Infinity,
    );
    return dueMs === Infinity ? undefined : dueMs;
  }

  step(input: ExecutorInput): ExecutorEffect[] {
    this.#effects = [];
    if (this.#state.status === "ended") {
      if (input.type === "update" || input.type === "message") this.#settle(input.token, false);
      return this.#effects;
    }
    this.#take(input);
    if (this.status === "subscribed") this.#flush();
    if (this.#isFinishing && this.#isDrained()) this.#end();
    return this.#effects;
  }

  #take(input: ExecutorInput): void {
    switch (input.type) {
      case "start":
        if (this.#state.status !== "idle") return;
        this.#giveUpMs = this.#nowMs() + this.#options.recoveryTimeoutMs;
        this.#open();
        return;
      case "stream_answer":
        this.#onAnswer(input);
        return;
      case "stream_event":
        if (this.#isCurrent(input.stream)) this.#onEvent(input.event);
        return;
      case "stream_ended":
        if (this.#isCurrent(input.stream))
          this.#lost(input.message ?? "the agent ended the stream");
        return;
      case "update":
        this.#onUpdate(input.token, input.status);
        return;
      case "message":
        this.#add({ type: "MESSAGE", ...this.#from(), message: { data: input.data } }, input.token);
        return;
      case "post_answer":
        this.#onPost(input.post, input.status);
        return;
      case "post_failed":
        this.#onPost(input.post, undefined);
        return;
      case "tick":
        this.#onTick();
        return;
      case "finish":
        this.#isFinishing = true;
        this.#endByMs ??= this.#nowMs() + this.#options.shutdownGraceMs;
        return;
      default:
        unreachable(input);
    }
  }

  #onAnswer(answer: Extract<ExecutorInput, { type: "stream_answer" }>): void {
    const state = this.#state;
    if (state.status !== "subscribing" || state.stream !== answer.stream) return;
    const { status, message = `status ${status}` } = answer;
    if (status === 200) {
      this.#state = { ...state, streamId: answer.streamId };
    } else if (status >= 500 || status === 404 || status === 429) {
      this.#lost(message);
    } else {
      const text = `Cannot subscribe: the agent answered ${status}: ${message}`;
      this.#end(new FairleadError("executor_refused", text, { details: { status, message } }));
    }
  }

  #onEvent(event: ExecutorEvent): void {
    switch (event.type) {
      case "SUBSCRIBED":
        this.#onSubscribed(event);
        return;
      case "LAUNCH":
        if (this.#isNew(event.launch.task)) {
          this.#notify({ type: "launch", task: event.launch.task });
        }
        return;
      case "LAUNCH_GROUP": {
        const all = event.launch_group.task_group.tasks ?? [];
        const tasks = all.filter((task) => this.#isNew(task));
        if (tasks.length > 0) this.#notify({ type: "launch_group", tasks });
        return;
      }
      case "KILL":
        this.#notify({
          type: "kill",
          taskId: event.kill.task_id.value,
          killPolicy: event.kill.kill_policy,
        });
        return;
      case "ACKNOWLEDGED":
        this.#onAcknowledged(event.acknowledged.task_id.value, event.acknowledged.uuid);
        return;
      case "MESSAGE":
        this.#notify({ type: "message", data: event.message.data });
        return;
      case "SHUTDOWN":
        this.#shutdown("the agent asked for it");
        return;
      case "ERROR":
        this.#notify({ type: "error", message: event.error.message });
        return;
      case "HEARTBEAT":
        return;
      default:
        unreachable(event);
    }
  }

  #onSubscribed({ subscribed }: OfType<ExecutorEvent, "SUBSCRIBED">): void {
    if (this.#state.status !== "subscribing") return;
    this.#state = { ...this.#state, status: "subscribed" };
    this.#failures = 0;
    this.#giveUpMs = undefined;
    this.#scheduleHeartbeat();
    this.#notify({
      type: "subscribed",
      executor: subscribed.executor_info,
      framework: subscribed.framework_info,
      agent: subscribed.agent_info,
      isAgain: this.#wasSubscribed,
    });
    this.#wasSubscribed = true;
    // Those that were made after the SUBSCRIBE had left.
    for (const update of this.#updates.values()) {
      if (update.told !== this.#state.stream) this.#tell(update, this.#state.stream);
    }
  }

  /** An agent that lost its memory of a launch sends it again. */
  #isNew(task: TaskInfo): boolean {
    const taskId = task.task_id.value;
    if (this.#tasks.has(taskId)) return false;
    this.#tasks.add(taskId);
    this.#unacknowledgedTasks.set(taskId, task);
    return true;
  }

  #onUpdate(token: number, draft: StatusDraft): void {
    if (this.#updates.size >= PENDING_MAX) {
      this.#settle(token, false);
      return;
    }
    const uuid = uuidOf(this.#options.random);
    const status: TaskStatus = {
      timestamp: this.#nowMs() / 1_000,
      ...draft,
      source: "SOURCE_EXECUTOR",
      executor_id: { value: this.#options.executorId },
      uuid,
    };
    const update: Update = { status, token, told: 0 };
    this.#updates.set(uuid, update);
    if (this.#state.status === "subscribed") this.#tell(update, this.#state.stream);
  }

  #tell(update: Update, stream: number): void {
    update.told = stream;
    const call: ExecutorCall = {
      type: "UPDATE",
      ...this.#from(),
      update: { status: update.status },
    };
    this.#queue.push({ call, token: undefined, attempts: 0 });
  }

  #onAcknowledged(taskId: string, uuid: string): void {
    const update = this.#updates.get(uuid);
    this.#unacknowledgedTasks.delete(taskId);
    if (update === undefined) return;
    this.#updates.delete(uuid);
    if (isTerminal(update.status.state)) this.#tasks.delete(taskId);
    this.#settle(update.token, true);
  }

  #add(call: ExecutorCall, token: number): void {
    if (this.#state.status !== "subscribed" || this.#queue.length >= PENDING_MAX) {
      this.#settle(token, false);
      return;
    }
    this.#queue.push({ call, token, attempts: 0 });
  }

  #flush(): void {
    const state = this.#state;
    if (state.status !== "subscribed" || this.#post !== undefined) return;
    if (this.#nowMs() < this.#pausedUntilMs) return;
    this.#pausedUntilMs = 0;
    const pending = this.#queue.shift();
    if (pending === undefined) return;
    pending.attempts += 1;
    const number = ++this.#posts;
    this.#post = { number, pending, dueMs: this.#nowMs() + CALL_TIMEOUT_MS };
    this.#effects.push({
      type: "post",
      post: number,
      streamId: state.streamId,
      call: pending.call,
    });
  }

  #onPost(number: number, status: number | undefined): void {
    if (this.#post?.number !== number) return;
    const { pending } = this.#post;
    this.#post = undefined;
    const isTaken = status === 202 || status === 200;
    const isRetried = pending.call.type === "UPDATE" && (status === undefined || status >= 500);
    if (!isTaken && isRetried && pending.attempts < ATTEMPTS_MAX) {
      this.#queue.unshift(pending);
      const pauseMs = PAUSE_INITIAL_MS * 2 ** pending.attempts;
      this.#pausedUntilMs = this.#nowMs() + pauseMs;
      return;
    }
    if (pending.token !== undefined) this.#settle(pending.token, isTaken);
    if (isTaken || pending.call.type !== "UPDATE") return;
    // An update that does not get through will do so with the next SUBSCRIBE.
    if (isRetried) this.#lost("updates do not reach the agent");
    else this.#refused(pending.call.update.status, status ?? 0);
  }

  /** The agent will never take it: keeping it would refuse every later one of the task too. */
  #refused(status: TaskStatus, code: number): void {
    const update = this.#updates.get(status.uuid ?? "");
    if (update === undefined) return;
    this.#updates.delete(status.uuid ?? "");
    this.#settle(update.token, false);
    const what = `${status.state} of task ${status.task_id.value}`;
    this.#notify({ type: "error", message: `the agent refused ${what} (${code})` });
  }

  #onTick(): void {
    const nowMs = this.#nowMs();
    if (this.#endByMs !== undefined && nowMs >= this.#endByMs) {
      this.#end();
      return;
    }
    if (this.#post !== undefined && nowMs >= this.#post.dueMs) {
      this.#effects.push({ type: "abort_post", post: this.#post.number });
      this.#onPost(this.#post.number, undefined);
    }
    const { status } = this.#state;
    if (status !== "subscribed" && nowMs >= (this.#giveUpMs ?? Infinity)) {
      this.#giveUp();
      return;
    }
    if (this.#state.status === "waiting" && nowMs >= this.#state.untilMs) this.#open();
    else if (status === "subscribing" && nowMs >= this.#subscribeByMs) {
      this.#lost("no SUBSCRIBED came in time");
    } else if (status === "subscribed" && nowMs >= this.#heartbeatMs) {
      this.#scheduleHeartbeat();
      const call: ExecutorCall = { type: "HEARTBEAT", ...this.#from() };
      this.#queue.push({ call, token: undefined, attempts: 0 });
    }
  }

  #scheduleHeartbeat(): void {
    const { heartbeatMs } = this.#options;
    this.#heartbeatMs = heartbeatMs === 0 ? Infinity : this.#nowMs() + heartbeatMs;
  }

  #open(): void {
    const stream = ++this.#streams;
    this.#state = { status: "subscribing", stream, streamId: undefined };
    this.#subscribeByMs = this.#nowMs() + SUBSCRIBE_TIMEOUT_MS;
    for (const update of this.#updates.values()) update.told = stream;
    this.#effects.push({
      type: "open",
      stream,
      call: {
        type: "SUBSCRIBE",
        ...this.#from(),
        subscribe: {
          unacknowledged_tasks: [...this.#unacknowledgedTasks.values()],
          unacknowledged_updates: Array.from(this.#updates.values(), ({ status }) => ({ status })),
        },
      },
    });
  }

  #isCurrent(stream: number): boolean {
    const state = this.#state;
    return "stream" in state && state.stream === stream;
  }

  /** The agent is gone: it may come back, if the framework checkpoints. */
  #lost(message: string): void {
    const state = this.#state;
    if (!("stream" in state)) return;
    this.#effects.push({ type: "close_stream", stream: state.stream });
    this.#dropQueue();
    const nowMs = this.#nowMs();
    const { isCheckpointing, recoveryTimeoutMs, backoffMaxMs } = this.#options;
    if (state.status === "subscribed") {
      this.#notify({ type: "disconnected", message });
      this.#giveUpMs = nowMs + (isCheckpointing ? recoveryTimeoutMs : 0);
    }
    this.#failures += 1;
    const fullMs = Math.min(backoffMaxMs, PAUSE_INITIAL_MS * 2 ** Math.min(this.#failures, 30));
    const pauseMs = Math.round(fullMs * (1 - 0.8 * this.#options.random.next()));
    this.#state = { status: "waiting", untilMs: nowMs + pauseMs };
    if (nowMs >= (this.#giveUpMs ?? Infinity)) this.#giveUp();
  }

  /** Messages are lost; updates go with the next SUBSCRIBE. */
  #dropQueue(): void {
    const dropped = this.#queue;
    this.#queue = [];
    if (this.#post !== undefined) {
      this.#effects.push({ type: "abort_post", post: this.#post.number });
      dropped.push(this.#post.pending);
      this.#post = undefined;
    }
    this.#pausedUntilMs = 0;
    for (const { token } of dropped) if (token !== undefined) this.#settle(token, false);
  }

  #giveUp(): void {
    this.#giveUpMs = undefined;
    this.#shutdown("the agent did not come back in time");
  }

  #shutdown(reason: string): void {
    if (this.#endByMs !== undefined) return;
    const graceMs = this.#options.shutdownGraceMs;
    this.#endByMs = this.#nowMs() + graceMs;
    this.#notify({ type: "shutdown", reason, graceMs });
  }

  /** Is there nothing left to tell, or nobody to tell it to? */
  #isDrained(): boolean {
    // A lost agent is waited for as long as there is hope, and something to tell.
    if (this.#state.status !== "subscribed") {
      return this.#updates.size === 0 || this.#giveUpMs === undefined;
    }
    return this.#updates.size === 0 && this.#queue.length === 0 && this.#post === undefined;
  }

  #end(error?: FairleadError): void {
    const state = this.#state;
    if (state.status === "ended") return;
    if ("stream" in state) this.#effects.push({ type: "close_stream", stream: state.stream });
    this.#dropQueue();
    for (const { token } of this.#updates.values()) this.#settle(token, false);
    this.#updates.clear();
    this.#state = { status: "ended" };
    this.#effects.push(error === undefined ? { type: "end" } : { type: "end", error });
  }

  #from() {
    const { frameworkId, executorId } = this.#options;
    return { framework_id: { value: frameworkId }, executor_id: { value: executorId } };
  }

  #notify(notice: ExecutorNotice): void {
    this.#effects.push({ type: "notify", notice });
  }

  #settle(token: number, isDone: boolean): void {
    this.#effects.push({ type: "settle", token, isDone });
  }

  #nowMs(): number {
    return this.#options.clock.nowMs();
  }
}

/** 16 random bytes in base64, as a UUID of version 4. */
function uuidOf(random: Random): string {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < 16; at += 4) view.setUint32(at, random.u32());
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return btoa(String.fromCharCode(...bytes));
}
