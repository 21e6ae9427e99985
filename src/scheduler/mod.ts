/**
 * Frameworks: what runs tasks on a cluster. `connect` gives events to loop over and calls to make,
 * against fairlead's master and against a Mesos 1.x one; everything between (subscribing, following
 * the leader, acknowledging, reconciling) is done by it.
 *
 * @example
 * ```ts
 * import { connect } from "fairlead/scheduler";
 *
 * const stop = new AbortController();
 * await using scheduler = connect({
 *   master: ["10.0.0.1:5050", "10.0.0.2:5050"],
 *   framework: { name: "nightly", roles: ["batch"] },
 *   signal: stop.signal,
 * });
 * stop.abort();
 * for await (const event of scheduler.events()) {
 *   if (event.type === "OFFERS") await scheduler.decline(event.offers);
 * }
 * ```
 *
 * @module
 */
export {
  FrameworkCalls,
  type FrameworkUpdate,
  type OfferRef,
  type RefuseOptions,
} from "./calls.ts";
export { type ConnectOptions, connect } from "./connect.ts";
export { SchedulerCore } from "./core/core.ts";
export type {
  BatchResult,
  CallOutcome,
  CallRefusal,
  FrameworkCall,
  SchedulerEffect,
  SchedulerInput,
  SubscribeCall,
} from "./core/inputs.ts";
export type { KnownTaskSpec, SchedulerCoreOptions, SchedulerTimings } from "./core/options.ts";
export type { SessionState, Subscribed } from "./core/session.ts";
export type { KnownTask } from "./core/tasks.ts";
export type { DisconnectReason, FrameworkEvent } from "./events.ts";
export { type FrameworkOptions, readFramework } from "./framework.ts";
export type { FetchLike, MasterDetector, MasterOption } from "./masters.ts";
export { Scheduler } from "./scheduler.ts";
export type { Credentials } from "./transport.ts";
