/** The subscription: found, kept, lost, and found again. */
import { type Clock, FairleadError, type Random } from "../../base/mod.ts";
import type { MasterInfo, OfType, SchedulerEvent } from "../../model/mod.ts";
import type { DisconnectReason } from "../events.ts";
import type { SchedulerEffect, SchedulerInput, SubscribeCall } from "./inputs.ts";
import type { CoreNumbers } from "./options.ts";

/** What the parts of a core share. */
export interface CoreContext {
  readonly numbers: CoreNumbers;
  readonly clock: Pick<Clock, "nowMs">;
  readonly random: Random;
  /** Add to the effects of the step that runs. */
  readonly effect: (effect: SchedulerEffect) => void;
}

/** The state of a subscription; each holds exactly what is true in it. */
export type SessionState =
  | { readonly status: "idle" }
  /** Between two attempts. */
  | { readonly status: "waiting"; readonly untilMs: number }
  /** The shell looks for the leader. */
  | { readonly status: "locating" }
  | {
      readonly status: "subscribing";
      readonly stream: number;
      readonly url: string;
      readonly untilMs: number;
      readonly streamId: string | undefined;
    }
  | Subscribed
  | { readonly status: "closed" };

export interface Subscribed {
  readonly status: "subscribed";
  readonly stream: number;
  readonly url: string;
  readonly streamId: string | undefined;
  readonly heartbeatMs: number;
  /** Whether the master takes many calls in one request. */
  readonly isBatching: boolean;
}

/** Redirects followed at once; the next one waits like any failed attempt. */
const HOPS_MAX = 5;
/** Mesos' own, for a master that does not tell. */
const HEARTBEAT_MS = 15_000;
/** So many attempts that were given up are kept in mind. */
const GIVEN_UP_MAX = 16;
/** How late a SUBSCRIBE that was given up may still come to the master. */
const LATE_MS = 600_000;
/** Answers that pass: a proxy before the master, a master that starts, rate limits. */
const PASSING = new Set([0, 404, 408, 425, 429]);

export class Session {
  #state: SessionState = { status: "idle" };
  readonly #context: CoreContext;
  readonly #masters: readonly string[];
  readonly #subscribeCall: () => SubscribeCall;
  #streams = 0;
  #master = 0;
  /** Attempts that failed since the last SUBSCRIBED. */
  #failures = 0;
  /** Masters that were tried since the last pause. */
  #tried = 0;
  #hops = 0;
  #lastSeenMs = 0;
  #isPaused = false;
  #told: DisconnectReason | undefined;
  /** When attempts were given up whose SUBSCRIBE may be on its way still. */
  #givenUpMs: number[] = [];

  constructor(
    context: CoreContext,
    masters: readonly string[],
    subscribeCall: () => SubscribeCall,
  ) {
    this.#context = context;
    this.#masters = masters;
    this.#subscribeCall = subscribeCall;
  }

  get state(): SessionState {
    return this.#state;
  }

  get subscribed(): Subscribed | undefined {
    return this.#state.status === "subscribed" ? this.#state : undefined;
  }

  /** When {@linkcode Session.tick} has something to do. */
  get dueMs(): number {
    const state = this.#state;
    if (state.status === "waiting" || state.status === "subscribing") return state.untilMs;
    if (state.status !== "subscribed" || this.#isPaused) return Infinity;
    return this.#lastSeenMs + state.heartbeatMs * this.#context.numbers.heartbeatsMissedMax;
  }

  start(): void {
    if (this.#state.status === "idle") this.#attempt();
  }

  located(url: string): void {
    if (this.#state.status === "locating") this.#open(url);
  }

  locateFailed(message: string): void {
    if (this.#state.status === "locating") this.#failed("unreachable", message, "");
  }

  /** Whoever waits for the old leader to come back goes to the new one instead. */
  leaderChanged(): void {
    const state = this.#state;
    if (state.status !== "waiting") return;
    this.#failures = 0;
    const untilMs = Math.min(state.untilMs, this.#context.clock.nowMs() + this.#pauseMs());
    this.#state = { status: "waiting", untilMs };
  }

  /** Is this the stream of now? A late word of an older one changes nothing. */
  isCurrent(stream: number): boolean {
    const state = this.#state;
    return (
      (state.status === "subscribing" || state.status === "subscribed") && state.stream === stream
    );
  }

  /** The head of the answer to SUBSCRIBE. */
  answered(answer: Extract<SchedulerInput, { type: "stream_answer" }>): void {
    const state = this.#state;
    if (state.status !== "subscribing" || state.stream !== answer.stream) return;
    const { status, message = `status ${status}` } = answer;
    if (status === 200) {
      this.#state = { ...state, streamId: answer.streamId };
      this.#context.effect({ type: "emit", event: { type: "CONNECTED", master: state.url } });
      return;
    }
    this.#context.effect({ type: "close_stream", stream: state.stream });
    if (status === 307 || status === 308) {
      this.#redirected(state.url, answer.location);
    } else if (status >= 500 || PASSING.has(status)) {
      this.#failed("unavailable", message, state.url);
    } else {
      this.close();
      this.#context.effect({ type: "end", error: refused(status, message, state.url) });
    }
  }

  /** Something came on the stream. */
  touched(): void {
    this.#lastSeenMs = this.#context.clock.nowMs();
  }

  /** While the shell does not read, silence says nothing about the master. */
  paused(isPaused: boolean): void {
    this.#isPaused = isPaused;
    this.touched();
  }

  /** SUBSCRIBED came; false when it is out of place. */
  confirmed({ subscribed }: OfType<SchedulerEvent, "SUBSCRIBED">): boolean {
    const state = this.#state;
    if (state.status !== "subscribing") return false;
    const { stream, url, streamId } = state;
    const seconds = subscribed.heartbeat_interval_seconds;
    const heartbeatMs = seconds !== undefined && seconds > 0 ? seconds * 1_000 : HEARTBEAT_MS;
    const isBatching = takesBatches(subscribed.master_info);
    this.#state = { status: "subscribed", stream, url, streamId, heartbeatMs, isBatching };
    this.#failures = 0;
    this.#tried = 0;
    this.#hops = 0;
    this.#told = undefined;
    this.#isPaused = false;
    this.touched();
    return true;
  }

  /** The stream is of no use any more, for this reason. */
  lost(reason: DisconnectReason, message: string): void {
    const state = this.#state;
    if (state.status !== "subscribing" && state.status !== "subscribed") return;
    this.#context.effect({ type: "close_stream", stream: state.stream });
    if (state.status === "subscribing") {
      const nowMs = this.#context.clock.nowMs();
      this.#givenUpMs = this.#givenUpMs.filter((ms) => ms + LATE_MS > nowMs).slice(-GIVEN_UP_MAX);
      this.#givenUpMs.push(nowMs);
    }
    this.#failed(reason, message, state.url);
  }

  /**
   * The master says that somebody else subscribed. When that may have been a late SUBSCRIBE of
   * this very scheduler, it subscribes once more, and this is true.
   */
  overtaken(message: string): boolean {
    const nowMs = this.#context.clock.nowMs();
    const givenUpMs = this.#givenUpMs.pop();
    if (givenUpMs === undefined || givenUpMs + LATE_MS <= nowMs) return false;
    this.lost("stream_ended", message);
    return true;
  }

  tick(): void {
    if (this.#context.clock.nowMs() < this.dueMs) return;
    const state = this.#state;
    if (state.status === "waiting") this.#attempt();
    else if (state.status === "subscribing") {
      this.lost("heartbeats_missed", "no SUBSCRIBED came in time");
    } else if (state.status === "subscribed") {
      const silentMs = this.#context.clock.nowMs() - this.#lastSeenMs;
      this.lost("heartbeats_missed", `nothing came for ${silentMs} ms`);
    }
  }

  close(): void {
    const state = this.#state;
    if (state.status === "subscribing" || state.status === "subscribed") {
      this.#context.effect({ type: "close_stream", stream: state.stream });
    }
    this.#state = { status: "closed" };
  }

  #attempt(): void {
    const url = this.#masters[this.#master];
    if (url !== undefined) {
      this.#open(url);
      return;
    }
    this.#state = { status: "locating" };
    this.#context.effect({ type: "locate" });
  }

  #open(url: string): void {
    const stream = ++this.#streams;
    const untilMs = this.#context.clock.nowMs() + this.#context.numbers.subscribeTimeoutMs;
    this.#state = { status: "subscribing", stream, url, untilMs, streamId: undefined };
    this.#context.effect({ type: "open", stream, url, call: this.#subscribeCall() });
  }

  #redirected(from: string, location: string | undefined): void {
    if (location === undefined || this.#hops >= HOPS_MAX) {
      this.#failed("not_leading", "the master does not lead and names no leader", from);
      return;
    }
    this.#hops += 1;
    this.#open(location);
  }

  /** Tell of it, then try the next master: at once, or after a pause when all were tried. */
  #failed(reason: DisconnectReason, message: string, master: string): void {
    const wasSubscribed = this.#state.status === "subscribed";
    if (wasSubscribed || this.#told !== reason) {
      this.#told = reason;
      this.#context.effect({
        type: "emit",
        event: { type: "DISCONNECTED", reason, message, master },
      });
    }
    this.#failures += 1;
    this.#hops = 0;
    const { attemptsMax } = this.#context.numbers;
    if (this.#failures >= attemptsMax) {
      this.#giveUp(message);
      return;
    }
    this.#tried += 1;
    // A master that was lost is asked again first: most often it is the connection that broke.
    if (!wasSubscribed && this.#masters.length > 0) {
      this.#master = (this.#master + 1) % this.#masters.length;
    }
    if (!wasSubscribed && this.#tried < this.#masters.length) {
      this.#attempt();
      return;
    }
    this.#tried = 0;
    this.#state = { status: "waiting", untilMs: this.#context.clock.nowMs() + this.#pauseMs() };
  }

  #pauseMs(): number {
    const { backoffInitialMs, backoffMaxMs } = this.#context.numbers;
    const rounds = Math.floor((this.#failures - 1) / Math.max(1, this.#masters.length));
    const fullMs = Math.min(backoffMaxMs, backoffInitialMs * 2 ** Math.min(rounds, 30));
    return Math.round(fullMs * (1 - 0.8 * this.#context.random.next()));
  }

  #giveUp(message: string): void {
    this.#state = { status: "closed" };
    const attempts = this.#failures;
    const error = new FairleadError(
      "subscribe_exhausted",
      `Cannot subscribe: ${attempts} attempts failed, the last one with "${message}"`,
      { details: { attempts } },
    );
    this.#context.effect({ type: "end", error });
  }
}

function takesBatches(master: MasterInfo | undefined): boolean {
  return master?.capabilities?.some(({ type }) => type === "CALL_BATCH") ?? false;
}

function refused(status: number, message: string, master: string): FairleadError {
  const said = message === "" ? "" : `: ${message}`;
  return new FairleadError(
    status === 401 ? "unauthenticated" : "subscribe_refused",
    `Cannot subscribe: the master at ${master} answered ${status}${said}`,
    { details: { status, message, master } },
  );
}
