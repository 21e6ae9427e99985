/**
 * Frameworks: what runs tasks on a cluster. `connect` gives events to loop over and calls to make,
 * against fairlead's master and against a Mesos 1.x one; everything between (subscribing, following
 * the leader, acknowledging, reconciling) is done by it. `match` finds agents for tasks that wait,
 * by `fairlead/placement`, and says in numbers why others wait on.
 *
 * @example
 * ```ts
 * import { connect, match, task } from "fairlead/scheduler";
 *
 * const stop = new AbortController();
 * await using scheduler = connect({
 *   master: ["10.0.0.1:5050", "10.0.0.2:5050"],
 *   framework: { name: "nightly", roles: ["batch"] },
 *   signal: stop.signal,
 * });
 * let waiting = [task({ name: "report", command: "./report.sh", cpus: 1, mem: 512 })];
 * stop.abort(); // this example does not wait for a cluster
 * for await (const event of scheduler.events()) {
 *   if (event.type === "UPDATE") console.log(event.status.task_id.value, event.status.state);
 *   if (event.type !== "OFFERS") continue;
 *   const matched = match(event.offers, waiting);
 *   await scheduler.apply(matched);
 *   waiting = matched.waiting.map(({ task }) => task);
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
export { ExecutorCore, type ExecutorCoreOptions } from "./executor/core.ts";
export { type ExecutorEnvironment, readExecutorEnvironment } from "./executor/environment.ts";
export {
  Executor,
  type ExecutorHandlers,
  type ExecutorOptions,
  type UpdateOptions,
} from "./executor/executor.ts";
export type {
  ExecutorEffect,
  ExecutorInput,
  ExecutorNotice,
  StatusDraft,
} from "./executor/inputs.ts";
export { type FrameworkOptions, readFramework } from "./framework.ts";
export type { Fetch, FetchLike, MasterDetector, MasterOption } from "./masters.ts";
export { type AgentFacts, agentFacts, type RunningInstance } from "./match/agents.ts";
export type { Part, PortDemand, ReservedUse, View } from "./match/demand.ts";
export { type Launch, type Match, type MatchOptions, match, type Waiting } from "./match/match.ts";
export type { CountedKind, Obstacle, Shortfall, WaitReason } from "./match/reason.ts";
export { Scheduler } from "./scheduler.ts";
export {
  type AmountOptions,
  type PendingPiece,
  type PendingTask,
  type Placed,
  type PlacementOptions,
  type TaskDefinition,
  type TaskGroupOptions,
  type TaskOptions,
  type TaskTemplate,
  task,
  taskGroup,
} from "./task.ts";
export type { Credentials } from "./transport.ts";
