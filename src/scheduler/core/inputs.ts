/** What a scheduler's core hears and what it wants done. */
import type { FairleadError } from "../../base/mod.ts";
import type { OfType, SchedulerCall, SchedulerEvent } from "../../model/mod.ts";
import type { FrameworkEvent } from "../events.ts";

type WithoutId<Call> = Call extends unknown ? Omit<Call, "framework_id"> : never;

/** A call as a framework makes it; the core adds the framework's id. */
export type FrameworkCall = WithoutId<Exclude<SchedulerCall, { type: "SUBSCRIBE" }>>;

export type SubscribeCall = OfType<SchedulerCall, "SUBSCRIBE">;

/** Why a call was not taken. */
export type CallRefusal =
  /** There is no subscription, and the call means nothing on a later one. */
  | "not_subscribed"
  /** The connection broke while the call was on its way. */
  | "disconnected"
  /** The master said no; `status` and `message` are its words. */
  | "refused"
  /** The master could not be reached or had no time, several times in a row. */
  | "unavailable"
  /** Too many calls wait already. */
  | "full"
  /** The scheduler is closed. */
  | "closed";

/** What became of a call. */
export type CallOutcome =
  /** The master took it (202), or did it (UPDATE_FRAMEWORK: 200). */
  | { readonly taken: true }
  | {
      readonly taken: false;
      readonly reason: CallRefusal;
      readonly message: string;
      /** The HTTP status, where there was an answer. */
      readonly status?: number | undefined;
      /** The master may have taken it all the same: nobody heard its answer. */
      readonly uncertain: boolean;
    };

/** The answer to one call of a batch. */
export interface BatchResult {
  readonly status: number;
  readonly message?: string | undefined;
}

/** What a core hears. Streams and posts are named by the numbers that its effects gave them. */
export type SchedulerInput =
  | { readonly type: "start" }
  /** The leader's address, asked for by `locate`. */
  | { readonly type: "located"; readonly url: string }
  | { readonly type: "locate_failed"; readonly message: string }
  /** Another master leads than the one that was located last. */
  | { readonly type: "leader_changed" }
  /** The head of the answer to SUBSCRIBE; `location` is absolute. */
  | {
      readonly type: "stream_answer";
      readonly stream: number;
      readonly status: number;
      readonly streamId?: string | undefined;
      readonly location?: string | undefined;
      readonly message?: string | undefined;
    }
  | { readonly type: "stream_event"; readonly stream: number; readonly event: SchedulerEvent }
  /** A record came that is no event. */
  | { readonly type: "stream_unreadable"; readonly stream: number; readonly message: string }
  /** It ended, by itself or by an error, before its answer or after. */
  | {
      readonly type: "stream_ended";
      readonly stream: number;
      readonly message?: string | undefined;
    }
  /** The shell stopped reading because its queue is full, or reads again. */
  | { readonly type: "stream_paused"; readonly stream: number; readonly isPaused: boolean }
  /** The framework calls; `settle` with this token tells what came of it. */
  | { readonly type: "call"; readonly token: number; readonly call: FrameworkCall }
  /** The framework is done with an event that was emitted. */
  | { readonly type: "consumed"; readonly event: FrameworkEvent }
  /** End of a turn: what was gathered may leave. */
  | { readonly type: "flush" }
  | {
      readonly type: "post_answer";
      readonly post: number;
      readonly status: number;
      readonly message?: string | undefined;
      /** One for each call of a batch that was not taken whole. */
      readonly results?: readonly BatchResult[] | undefined;
    }
  | { readonly type: "post_failed"; readonly post: number; readonly message: string }
  | { readonly type: "tick" }
  /** Send what waits, for a short while, then end. */
  | { readonly type: "close" };

/** What a core wants done. */
export type SchedulerEffect =
  /** Find the leader: `located` or `locate_failed`. */
  | { readonly type: "locate" }
  | {
      readonly type: "open";
      readonly stream: number;
      readonly url: string;
      readonly call: SubscribeCall;
    }
  | { readonly type: "close_stream"; readonly stream: number }
  /** One request: a call, or with `isBatch` a RecordIO body of many. */
  | {
      readonly type: "post";
      readonly post: number;
      readonly url: string;
      readonly streamId: string | undefined;
      readonly calls: readonly SchedulerCall[];
      readonly isBatch: boolean;
    }
  | { readonly type: "abort_post"; readonly post: number }
  | { readonly type: "emit"; readonly event: FrameworkEvent }
  | { readonly type: "settle"; readonly token: number; readonly outcome: CallOutcome }
  /** No more events come; with an error, the loop throws it. */
  | { readonly type: "end"; readonly error?: FairleadError };
