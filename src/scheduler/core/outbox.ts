/** Calls on their way to the master: in order, batched where it may be, retried where it is safe. */
import type { SchedulerCall } from "../../model/mod.ts";
import { type Delivery, deliveryOf, isAcknowledgement, weightOf } from "./delivery.ts";
import type { BatchResult, CallOutcome, CallRefusal, FrameworkCall } from "./inputs.ts";
import { Lane } from "./lane.ts";
import type { CoreContext, Subscribed } from "./session.ts";

/** A call that was not answered yet. */
interface Pending {
  readonly call: FrameworkCall;
  /** Undefined for the core's own calls. */
  readonly token: number | undefined;
  readonly delivery: Delivery;
  attempts: number;
  isSettled: boolean;
}

interface Post {
  readonly pendings: readonly Pending[];
  readonly dueMs: number;
  readonly isAcknowledgement: boolean;
}

/** What the outbox tells its core. */
export interface OutboxHost {
  frameworkId(): string | undefined;
  settled(call: FrameworkCall, outcome: CallOutcome): void;
  /** The master says that it does not know this stream, or does not lead. */
  lost(reason: "not_subscribed" | "not_leading" | "unavailable", message: string): void;
}

/** Calls of one batch, by weight: a task counts one. */
const BATCH_WEIGHT_MAX = 2_000;
const BATCH_CALLS_MAX = 1_000;
/** How often a call is sent before it counts as unavailable. */
const ATTEMPTS_MAX = 5;
const PAUSE_INITIAL_MS = 100;
const PAUSE_MAX_MS = 5_000;

export class Outbox {
  readonly #context: CoreContext;
  readonly #host: OutboxHost;
  /** Calls whose order matters: the next leaves when the one before is answered. */
  readonly #calls = new Lane<Pending>();
  readonly #acknowledgements = new Lane<Pending>();
  readonly #posts = new Map<number, Post>();
  #postCount = 0;
  /** No post before this: the master was busy. */
  #pausedUntilMs = 0;
  #pauses = 0;

  constructor(context: CoreContext, host: OutboxHost) {
    this.#context = context;
    this.#host = host;
  }

  get isEmpty(): boolean {
    return this.size === 0 && this.#posts.size === 0;
  }

  /** Calls that wait to be sent. */
  get size(): number {
    return this.#calls.size + this.#acknowledgements.size;
  }

  /** When {@linkcode Outbox.tick} has something to do. */
  get dueMs(): number {
    let dueMs = this.size > 0 && this.#pausedUntilMs > 0 ? this.#pausedUntilMs : Infinity;
    for (const post of this.#posts.values()) dueMs = Math.min(dueMs, post.dueMs);
    return dueMs;
  }

  /** Take a call; it leaves at the next flush. */
  add(call: FrameworkCall, token: number | undefined, isSubscribed: boolean): void {
    const delivery = deliveryOf(call);
    const pending: Pending = { call, token, delivery, attempts: 0, isSettled: false };
    if (!isSubscribed && pending.delivery !== "lasting") {
      this.#refuse(pending, "not_subscribed", "there is no subscription");
    } else if (this.size >= this.#context.numbers.callsMax) {
      this.#refuse(pending, "full", `${this.size} calls wait already`);
    } else if (isAcknowledgement(call)) this.#acknowledgements.push(pending);
    else this.#calls.push(pending);
  }

  /** Send what may leave now. */
  flush(target: Subscribed | undefined): void {
    if (target === undefined || this.size === 0) return;
    if (this.#context.clock.nowMs() < this.#pausedUntilMs) return;
    this.#pausedUntilMs = 0;
    if (target.isBatching) {
      if (this.#posts.size === 0) this.#post(target, this.#takeBatch());
      return;
    }
    if (this.#calls.size > 0 && !this.#hasCallInFlight()) {
      this.#post(target, this.#takeNext());
    }
    const room = this.#context.numbers.acknowledgementsInFlightMax - this.#posts.size;
    for (const pending of this.#acknowledgements.take(Math.max(0, room))) {
      this.#post(target, [pending]);
    }
  }

  answered(
    post: number,
    status: number,
    message = "",
    results?: readonly BatchResult[] | undefined,
  ): void {
    const { pendings } = this.#take(post);
    if (results !== undefined && results.length === pendings.length) {
      this.#pauses = 0;
      const again: Pending[] = [];
      pendings.forEach((pending, index) => {
        const result = results[index];
        this.#answeredOne(pending, result?.status ?? 0, result?.message ?? "", again);
      });
      this.#requeue(again);
      return;
    }
    if (status === 307 || status === 308 || status === 503) {
      const reason = status === 503 ? "unavailable" : "not_leading";
      this.#bounced(pendings, message);
      this.#host.lost(reason, message === "" ? `a call was answered ${status}` : message);
      return;
    }
    const again: Pending[] = [];
    for (const pending of pendings) this.#answeredOne(pending, status, message, again);
    if (again.length > 0) this.#pause();
    else this.#pauses = 0;
    this.#requeue(again);
    if (isUnknownStream(status, message)) this.#host.lost("not_subscribed", message);
  }

  /** No answer: the master may have taken the calls, or may not. */
  failed(post: number, message: string): void {
    const { pendings } = this.#take(post);
    const again: Pending[] = [];
    for (const pending of pendings) {
      if (pending.delivery === "once") this.#refuse(pending, "disconnected", message, true);
      else if (pending.attempts < ATTEMPTS_MAX) again.push(pending);
      else this.#refuse(pending, "unavailable", message, true);
    }
    if (again.length > 0) this.#pause();
    this.#requeue(again);
  }

  /** The subscription is gone: what lasts waits for the next one, the rest is told. */
  lost(message: string): void {
    const kept: Pending[] = [];
    for (const [number, { pendings }] of this.#posts) {
      // A master that tears a framework down ends its stream first, and answers then.
      if (pendings.some(isTeardown)) continue;
      this.#posts.delete(number);
      this.#context.effect({ type: "abort_post", post: number });
      for (const pending of pendings) {
        if (pending.delivery !== "lasting") this.#refuse(pending, "disconnected", message, true);
        else {
          pending.attempts = Math.min(pending.attempts, 1);
          kept.push(pending);
        }
      }
    }
    for (const pending of this.#calls) {
      if (pending.delivery === "lasting") kept.push(pending);
      else this.#refuse(pending, "not_subscribed", message);
    }
    for (const pending of this.#acknowledgements) this.#refuse(pending, "not_subscribed", message);
    this.#calls.replace(kept);
    this.#acknowledgements.replace([]);
    this.#pausedUntilMs = 0;
    this.#pauses = 0;
  }

  /** The framework is gone, as a TEARDOWN of ours wanted; false when there was none. */
  tornDown(): boolean {
    for (const { pendings } of this.#posts.values()) {
      const teardown = pendings.find(isTeardown);
      if (teardown === undefined) continue;
      this.#settle(teardown, { taken: true });
      return true;
    }
    const waiting = [...this.#calls].find((pending) => isTeardown(pending) && pending.attempts > 0);
    if (waiting === undefined) return false;
    this.#settle(waiting, { taken: true });
    return true;
  }

  /** Nothing more is sent. */
  close(message: string): void {
    for (const [number, { pendings }] of this.#posts) {
      this.#context.effect({ type: "abort_post", post: number });
      for (const pending of pendings) this.#refuse(pending, "closed", message, true);
    }
    this.#posts.clear();
    const waiting = [...this.#calls, ...this.#acknowledgements];
    this.#calls.replace([]);
    this.#acknowledgements.replace([]);
    for (const pending of waiting) this.#refuse(pending, "closed", message);
  }

  tick(target: Subscribed | undefined): void {
    const nowMs = this.#context.clock.nowMs();
    for (const [number, { dueMs }] of this.#posts) {
      if (dueMs > nowMs) continue;
      this.#context.effect({ type: "abort_post", post: number });
      this.failed(number, "no answer came in time");
    }
    this.flush(target);
  }

  /** Whether the post is still waited for. */
  isOpen(post: number): boolean {
    return this.#posts.has(post);
  }

  #answeredOne(pending: Pending, status: number, message: string, again: Pending[]): void {
    if (status === 202 || status === 200) {
      this.#settle(pending, { taken: true });
      return;
    }
    const isUntouched = status === 429 || status === 503 || isUnknownStream(status, message);
    const isSafe = pending.delivery !== "once";
    if ((isUntouched || (isSafe && status >= 500)) && pending.attempts < ATTEMPTS_MAX) {
      if (isUntouched && !isSafe && status !== 429) {
        this.#refuse(pending, "not_subscribed", message, false, status);
      } else again.push(pending);
      return;
    }
    const reason = status >= 500 || status === 429 ? "unavailable" : "refused";
    this.#refuse(pending, reason, message, status >= 500 && !isUntouched, status);
  }

  /** The master did not look at them. */
  #bounced(pendings: readonly Pending[], message: string): void {
    const again: Pending[] = [];
    for (const pending of pendings) {
      if (pending.delivery === "lasting") again.push(pending);
      else this.#refuse(pending, "not_subscribed", message);
    }
    this.#requeue(again);
  }

  #take(post: number): Post {
    const taken = this.#posts.get(post) ?? NO_POST;
    this.#posts.delete(post);
    return taken;
  }

  #hasCallInFlight(): boolean {
    for (const post of this.#posts.values()) if (!post.isAcknowledgement) return true;
    return false;
  }

  /** The next call whose order matters, and the declines that may go with it as one. */
  #takeNext(): Pending[] {
    const first = this.#calls.at(0);
    let count = 1;
    while (first !== undefined && count < BATCH_CALLS_MAX) {
      const next = this.#calls.at(count);
      if (next === undefined || !isSameDecline(first.call, next.call)) break;
      count += 1;
    }
    return this.#calls.take(count);
  }

  #takeBatch(): Pending[] {
    const taken: Pending[] = [];
    let weight = 0;
    for (const lane of [this.#calls, this.#acknowledgements]) {
      let count = 0;
      for (const pending of lane) {
        weight += weightOf(pending.call);
        const length = taken.length + count;
        if (length >= BATCH_CALLS_MAX || (weight > BATCH_WEIGHT_MAX && length > 0)) break;
        count += 1;
      }
      for (const pending of lane.take(count)) taken.push(pending);
    }
    return taken;
  }

  #post(target: Subscribed, pendings: readonly Pending[]): void {
    const frameworkId = this.#host.frameworkId();
    const [first] = pendings;
    if (first === undefined || frameworkId === undefined) return;
    const post = ++this.#postCount;
    const dueMs = this.#context.clock.nowMs() + this.#context.numbers.callTimeoutMs;
    const framework_id = { value: frameworkId };
    for (const pending of pendings) pending.attempts += 1;
    const calls: SchedulerCall[] = target.isBatching
      ? pendings.map(({ call }) => ({ framework_id, ...call }))
      : [{ framework_id, ...asOne(pendings) }];
    this.#posts.set(post, {
      pendings,
      dueMs,
      isAcknowledgement: !target.isBatching && isAcknowledgement(first.call),
    });
    const { url, streamId } = target;
    this.#context.effect({
      type: "post",
      post,
      url,
      streamId,
      calls,
      isBatch: target.isBatching && calls.length > 1,
    });
  }

  #requeue(pendings: readonly Pending[]): void {
    this.#calls.putBack(pendings.filter(({ call }) => !isAcknowledgement(call)));
    this.#acknowledgements.putBack(pendings.filter(({ call }) => isAcknowledgement(call)));
  }

  #pause(): void {
    const fullMs = Math.min(PAUSE_MAX_MS, PAUSE_INITIAL_MS * 2 ** this.#pauses);
    this.#pauses += 1;
    const pauseMs = Math.round(fullMs * (1 - 0.5 * this.#context.random.next()));
    this.#pausedUntilMs = this.#context.clock.nowMs() + pauseMs;
  }

  #refuse(
    pending: Pending,
    reason: CallRefusal,
    message: string,
    uncertain = false,
    status?: number,
  ): void {
    this.#settle(pending, {
      taken: false,
      reason,
      message,
      uncertain,
      ...(status === undefined ? {} : { status }),
    });
  }

  #settle(pending: Pending, outcome: CallOutcome): void {
    if (pending.isSettled) return;
    pending.isSettled = true;
    if (pending.token !== undefined) {
      this.#context.effect({ type: "settle", token: pending.token, outcome });
    }
    this.#host.settled(pending.call, outcome);
  }
}

function isTeardown({ call }: Pending): boolean {
  return call.type === "TEARDOWN";
}

/** May the two leave as one call? */
function isSameDecline(a: FrameworkCall, b: FrameworkCall): boolean {
  if (a.type !== "DECLINE" || b.type !== "DECLINE") return false;
  return a.decline.filters?.refuse_seconds === b.decline.filters?.refuse_seconds;
}

/** The calls as one: several only where {@linkcode isSameDecline}. */
function asOne(pendings: readonly Pending[]): FrameworkCall {
  const [{ call }] = pendings as readonly [Pending, ...Pending[]];
  if (call.type !== "DECLINE" || pendings.length === 1) return call;
  const offer_ids = pendings.flatMap((each) =>
    each.call.type === "DECLINE" ? (each.call.decline.offer_ids ?? []) : [],
  );
  return { ...call, decline: { ...call.decline, offer_ids } };
}

const NO_POST: Post = { pendings: [], dueMs: 0, isAcknowledgement: false };

/** 403 is also "you may not"; only these words say that the stream is not known. */
function isUnknownStream(status: number, message: string): boolean {
  return status === 403 && /not subscribed/i.test(message);
}
