/** A scheduler: the core with sockets and a clock around it, and calls by name. */
import { asyncDispose, BoundedQueue, type Clock, FairleadError, unreachable } from "../base/mod.ts";
import type { Offer, SchedulerCall, SchedulerEvent, TaskStatus } from "../model/mod.ts";
import { FrameworkCalls } from "./calls.ts";
import type { SchedulerCore } from "./core/core.ts";
import type { CallOutcome, FrameworkCall, SchedulerEffect, SchedulerInput } from "./core/inputs.ts";
import type { SessionState } from "./core/session.ts";
import type { KnownTask } from "./core/tasks.ts";
import type { FrameworkEvent } from "./events.ts";
import { type MasterDetector, schedulerUrl } from "./masters.ts";
import { Alarm } from "./timer.ts";
import type { Transport } from "./transport.ts";

/** What a scheduler is made of. */
export interface SchedulerParts {
  readonly core: SchedulerCore;
  readonly transport: Transport<SchedulerCall, SchedulerEvent>;
  readonly clock: Clock;
  readonly detector: MasterDetector | undefined;
  readonly eventsMax: number;
  readonly signal: AbortSignal | undefined;
}

interface Signalled {
  readonly signal?: AbortSignal | undefined;
}

/** Room in the queue for the SDK's own events when the master's fill it. */
const LOCAL_EVENTS_MAX = 100_000;

/**
 * A framework's connection to its master: events to loop over, and calls.
 *
 * It subscribes by itself, follows the leader, subscribes again with the same id when the
 * connection breaks, and asks after its tasks each time. See `docs/scheduler.md` for what is
 * retried and what is not.
 */
export class Scheduler extends FrameworkCalls implements AsyncDisposable {
  readonly #core: SchedulerCore;
  readonly #transport: Transport<SchedulerCall, SchedulerEvent>;
  readonly #detector: MasterDetector | undefined;
  readonly #eventsMax: number;
  readonly #queue: BoundedQueue<FrameworkEvent>;
  readonly #alarm: Alarm;
  readonly #streams = new Map<number, AbortController>();
  readonly #posts = new Map<number, AbortController>();
  readonly #settlers = new Map<number, (outcome: CallOutcome) => void>();
  readonly #subscribers = new Set<(end: FairleadError | undefined) => void>();
  readonly #closing = new AbortController();
  #watching: AbortController | undefined;
  #tokens = 0;
  #isFlushing = false;
  #isRead = false;
  /** Handed to the loop, which is not done with it. */
  #current: FrameworkEvent | undefined;
  /** Streams that wait for room in the queue. */
  #paused: (() => void)[] = [];
  readonly #ended: Promise<void>;
  #end: () => void = () => undefined;
  readonly #unlisten: () => void;
  #error: FairleadError | undefined;

  /** @ignore Made by `connect`. */
  constructor({ core, transport, clock, detector, eventsMax, signal }: SchedulerParts) {
    super();
    this.#core = core;
    this.#transport = transport;
    this.#detector = detector;
    this.#eventsMax = eventsMax;
    const capacityMax = eventsMax + LOCAL_EVENTS_MAX;
    this.#queue = new BoundedQueue({ capacityMax, whenFull: "reject" });
    this.#alarm = new Alarm(clock, () => this.#step({ type: "tick" }));
    this.#ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#step({ type: "start" });
    const onAbort = () => void this.close();
    this.#unlisten = () => signal?.removeEventListener("abort", onAbort);
    if (signal?.aborted) onAbort();
    else signal?.addEventListener("abort", onAbort, { once: true });
  }

  /** The framework's id; undefined before the first SUBSCRIBED of a new framework. */
  override get frameworkId(): string | undefined {
    return this.#core.frameworkId;
  }

  /** Where the subscription stands. */
  get session(): SessionState {
    return this.#core.session;
  }

  /** Offers at hand: neither answered here nor rescinded; a lost subscription empties it. */
  get offers(): Offer[] {
    return [...this.#core.offers.values()];
  }

  /** The tasks that are not over, as far as was heard. */
  get tasks(): KnownTask[] {
    return [...this.#core.tasks.live()];
  }

  /** Events that wait for the loop. */
  get eventsWaiting(): number {
    return this.#queue.size;
  }

  /**
   * The events, in order, one loop at a time.
   *
   * **When an update is acknowledged** (unless `acknowledge: "explicit"`): when the loop asks for the
   * next event, that is, after the body has run for this one. A body that throws or breaks has not
   * taken it: the next loop begins with the same update. It begins with the same OFFERS too, as far
   * as they are neither answered nor rescinded; other events come once.
   *
   * A full queue (`eventsMax`) stops the reading of the stream: nothing is lost, and a master that
   * cuts the connection off for it is subscribed to again.
   *
   * @throws {FairleadError} `events_taken` when a loop runs already; after ERROR
   * `framework_failed_over`, `framework_removed` or `framework_error`; `unauthenticated`,
   * `subscribe_refused` or `subscribe_exhausted` when no subscription can be had; `events_overflow`
   * when nobody reads. The signal's reason when it is aborted.
   */
  async *events({ signal }: Signalled = {}): AsyncGenerator<FrameworkEvent, void> {
    if (this.#isRead) {
      throw new FairleadError("events_taken", "Cannot read events: another loop reads them");
    }
    this.#isRead = true;
    try {
      this.#current = this.#again(this.#current);
      for (;;) {
        if (this.#current === undefined) {
          const next = await this.#queue.take({ signal });
          if (next.done) return;
          this.#current = next.value;
        }
        const event = this.#current;
        this.#makeRoom();
        yield event;
        this.#current = undefined;
        this.#consumed(event);
      }
    } finally {
      this.#isRead = false;
    }
  }

  /**
   * Wait for a subscription; the framework's id comes back.
   *
   * @throws {FairleadError} what ended the scheduler, or `scheduler_closed`; the signal's reason
   * when it is aborted.
   */
  subscribed({ signal }: Signalled = {}): Promise<string> {
    return new Promise((resolve, reject) => {
      const stop = (end: FairleadError | undefined) => {
        signal?.removeEventListener("abort", onAbort);
        this.#subscribers.delete(stop);
        const id = this.#core.frameworkId;
        if (end === undefined && id !== undefined) resolve(id);
        else reject(end);
      };
      const onAbort = () => {
        this.#subscribers.delete(stop);
        reject(signal?.reason);
      };
      if (signal?.aborted) return onAbort();
      const { status } = this.#core.session;
      if (status === "subscribed") return stop(undefined);
      if (status === "closed") return stop(this.#error ?? closed());
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#subscribers.add(stop);
    });
  }

  override call(call: FrameworkCall): Promise<CallOutcome> {
    return new Promise((resolve) => {
      const token = ++this.#tokens;
      this.#settlers.set(token, resolve);
      this.#step({ type: "call", token, call });
      this.#flushSoon();
    });
  }

  /**
   * Close: calls under way are sent, for two seconds at most, then the stream is closed.
   *
   * The framework stays with the master, its tasks run on: within `failover_timeout` another
   * scheduler may go on with its id.
   */
  close(): Promise<void> {
    this.#step({ type: "close" });
    return this.#ended;
  }

  [asyncDispose](): Promise<void> {
    return this.close();
  }

  protected override agentOf(taskId: string): string | undefined {
    return this.#core.tasks.get(taskId)?.agentId;
  }

  protected override acknowledged(status: TaskStatus): void {
    this.#core.tasks.consumed(status, true);
  }

  /** What of an event that a loop did not take comes again. */
  #again(event: FrameworkEvent | undefined): FrameworkEvent | undefined {
    if (event?.type === "UPDATE" || event?.type === "UPDATE_OPERATION_STATUS") return event;
    if (event?.type !== "OFFERS") return undefined;
    const offers = event.offers.filter(({ id }) => this.#core.offers.has(id.value));
    return offers.length === 0 ? undefined : { type: "OFFERS", offers };
  }

  #consumed(event: FrameworkEvent): void {
    this.#step({ type: "consumed", event });
    // What is acknowledged while a request is on its way gathers for the next one.
    if (this.#core.callsWaiting > 0) this.#flushSoon();
  }

  /** What is called in one turn leaves together. */
  #flushSoon(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    queueMicrotask(() => {
      this.#isFlushing = false;
      this.#step({ type: "flush" });
    });
  }

  #step(input: SchedulerInput): void {
    for (const effect of this.#core.step(input)) this.#do(effect);
    this.#alarm.set(this.#core.nextDueMs());
  }

  #do(effect: SchedulerEffect): void {
    switch (effect.type) {
      case "locate":
        this.#locate();
        return;
      case "open":
        this.#open(effect);
        return;
      case "close_stream":
        this.#streams.get(effect.stream)?.abort();
        this.#streams.delete(effect.stream);
        return;
      case "post":
        this.#post(effect);
        return;
      case "abort_post":
        this.#posts.get(effect.post)?.abort();
        this.#posts.delete(effect.post);
        return;
      case "emit":
        this.#emit(effect.event);
        return;
      case "settle":
        this.#settlers.get(effect.token)?.(effect.outcome);
        this.#settlers.delete(effect.token);
        return;
      case "end":
        this.#onEnd(effect.error);
        return;
      default:
        unreachable(effect);
    }
  }

  async #locate(): Promise<void> {
    try {
      const leader = await this.#detector?.leader({ signal: this.#closing.signal });
      if (leader === undefined) {
        this.#step({ type: "locate_failed", message: "there is no leader" });
        return;
      }
      void this.#watchLeader(leader);
      this.#step({ type: "located", url: schedulerUrl(leader) });
    } catch (error) {
      this.#step({ type: "locate_failed", message: FairleadError.from(error).message });
    }
  }

  /** Hear of the next leader, once for each that was located. */
  async #watchLeader(leader: string): Promise<void> {
    this.#watching?.abort();
    const watching = new AbortController();
    this.#watching = watching;
    const signal = AbortSignal.any([watching.signal, this.#closing.signal]);
    try {
      if (this.#detector?.changed === undefined) return;
      await this.#detector.changed(leader, { signal });
      if (!signal.aborted) this.#step({ type: "leader_changed" });
    } catch {
      // It only ends a pause early: the attempt after the pause asks the detector again.
    }
  }

  async #open({ stream, url, call }: Extract<SchedulerEffect, { type: "open" }>): Promise<void> {
    const controller = new AbortController();
    this.#streams.set(stream, controller);
    try {
      const { head, body } = await this.#transport.open(url, call, controller.signal);
      this.#step({ type: "stream_answer", stream, ...head });
      if (head.status === 200 && body !== undefined) {
        await this.#read(stream, body, controller.signal);
      }
      this.#step({ type: "stream_ended", stream });
    } catch (error) {
      this.#step({ type: "stream_ended", stream, message: reasonOf(error) });
    } finally {
      this.#streams.delete(stream);
    }
  }

  async #read(
    stream: number,
    body: ReadableStream<Uint8Array>,
    signal: AbortSignal,
  ): Promise<void> {
    for await (const events of this.#transport.events(body, signal)) {
      for (const event of events) {
        if (event instanceof FairleadError) {
          this.#step({ type: "stream_unreadable", stream, message: event.message });
        } else this.#step({ type: "stream_event", stream, event });
        if (this.#queue.size >= this.#eventsMax) await this.#room(stream);
        if (!this.#streams.has(stream)) return;
      }
    }
  }

  async #room(stream: number): Promise<void> {
    this.#step({ type: "stream_paused", stream, isPaused: true });
    await new Promise<void>((resolve) => {
      this.#paused.push(resolve);
    });
    this.#step({ type: "stream_paused", stream, isPaused: false });
  }

  #makeRoom(): void {
    if (this.#paused.length > 0 && this.#queue.size <= this.#eventsMax / 2) this.#resume();
  }

  #resume(): void {
    for (const resume of this.#paused.splice(0)) resume();
  }

  async #post(effect: Extract<SchedulerEffect, { type: "post" }>): Promise<void> {
    const { post, url, streamId, calls, isBatch } = effect;
    const controller = new AbortController();
    this.#posts.set(post, controller);
    try {
      const { signal } = controller;
      const answer = await this.#transport.post(url, streamId, calls, { isBatch, signal });
      this.#posts.delete(post);
      this.#step({ type: "post_answer", post, ...answer });
    } catch (error) {
      this.#posts.delete(post);
      this.#step({ type: "post_failed", post, message: reasonOf(error) });
    }
  }

  #emit(event: FrameworkEvent): void {
    if (event.type === "SUBSCRIBED") {
      for (const subscriber of this.#subscribers) subscriber(undefined);
    }
    if (this.#queue.closed || this.#queue.push(event)) return;
    const text = "Cannot keep events: nobody reads them, and the queue is full";
    this.#error = new FairleadError("events_overflow", text, {
      details: { eventsWaiting: this.#queue.size },
    });
    this.#queue.fail(this.#error);
    queueMicrotask(() => this.#step({ type: "close" }));
  }

  #onEnd(error: FairleadError | undefined): void {
    this.#error ??= error;
    this.#closing.abort();
    this.#alarm.clear();
    for (const controller of this.#streams.values()) controller.abort();
    for (const controller of this.#posts.values()) controller.abort();
    this.#streams.clear();
    this.#posts.clear();
    if (error === undefined) this.#queue.close();
    else this.#queue.fail(error);
    for (const subscriber of this.#subscribers) subscriber(this.#error ?? closed());
    this.#resume();
    this.#unlisten();
    this.#end();
  }
}

/** `fetch failed` says nothing; its cause does. */
function reasonOf(error: unknown): string {
  const { message, cause } = error instanceof Error ? error : FairleadError.from(error);
  const below = cause instanceof Error ? cause.message || codeOf(cause) : undefined;
  return below === undefined ? message : `${message}: ${below}`;
}

function codeOf(error: Error): string | undefined {
  return "code" in error ? String(error.code) : undefined;
}

function closed(): FairleadError {
  return new FairleadError("scheduler_closed", "Cannot wait: the scheduler is closed");
}
