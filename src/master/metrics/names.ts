/** Mesos' names of what a master counts. */
import type {
  FrameworkInfo,
  OperationState,
  SchedulerCall,
  TaskSource,
  TaskState,
} from "../../model/mod.ts";

/** Counters that are there from the start, at 0, so that a first increase can be seen. */
export const COUNTERS: readonly string[] = [
  ...["finished", "failed", "killed", "lost", "error", "dropped", "gone", "gone_by_operator"].map(
    (state) => `master/tasks_${state}`,
  ),
  ...[
    "register_framework",
    "reregister_framework",
    "unregister_framework",
    "deactivate_framework",
    "kill_task",
    "status_update_acknowledgement",
    "resource_request",
    "launch_tasks",
    "decline_offers",
    "revive_offers",
    "suppress_offers",
    "reconcile_operations",
    "reconcile_tasks",
    "framework_to_executor",
    "operation_status_update_acknowledgement",
    "executor_to_framework",
    "register_slave",
    "reregister_slave",
    "unregister_slave",
    "status_update",
    "operation_status_update",
    "exited_executor",
    "update_slave",
    "authenticate",
  ].map((message) => `master/messages_${message}`),
  ...[
    "framework_to_executor_messages",
    "executor_to_framework_messages",
    "status_updates",
    "status_update_acknowledgements",
    "operation_status_updates",
    "operation_status_update_acknowledgements",
  ].flatMap((what) => [`master/valid_${what}`, `master/invalid_${what}`]),
  "master/dropped_messages",
  "master/http_cache_hits",
  "master/recovery_slave_removals",
  "master/slave_registrations",
  "master/slave_reregistrations",
  "master/slave_removals",
  "master/slave_removals/reason_unhealthy",
  "master/slave_removals/reason_unregistered",
  "master/slave_removals/reason_registered",
  "master/slave_shutdowns_scheduled",
  "master/slave_shutdowns_completed",
  "master/slave_shutdowns_canceled",
  "master/slave_unreachable_scheduled",
  "master/slave_unreachable_completed",
  "master/slave_unreachable_canceled",
  "allocator/mesos/allocation_runs",
];

/** Timings that are there from the start. */
export const TIMINGS: readonly string[] = [
  "allocator/mesos/allocation_run_ms",
  "allocator/mesos/allocation_run_latency_ms",
  "registrar/state_fetch_ms",
  "registrar/state_store_ms",
];

/** What counts a call of a scheduler; SUBSCRIBE counts as the first one of its framework. */
export const CALL_COUNTERS: Readonly<Record<SchedulerCall["type"], string | undefined>> = {
  SUBSCRIBE: "master/messages_register_framework",
  UPDATE_FRAMEWORK: undefined,
  TEARDOWN: "master/messages_unregister_framework",
  ACCEPT: "master/messages_launch_tasks",
  DECLINE: "master/messages_decline_offers",
  ACCEPT_INVERSE_OFFERS: undefined,
  DECLINE_INVERSE_OFFERS: undefined,
  REVIVE: "master/messages_revive_offers",
  SUPPRESS: "master/messages_suppress_offers",
  KILL: "master/messages_kill_task",
  SHUTDOWN: undefined,
  ACKNOWLEDGE: "master/messages_status_update_acknowledgement",
  ACKNOWLEDGE_OPERATION_STATUS: "master/messages_operation_status_update_acknowledgement",
  RECONCILE: "master/messages_reconcile_tasks",
  RECONCILE_OPERATIONS: "master/messages_reconcile_operations",
  MESSAGE: "master/messages_framework_to_executor",
  REQUEST: "master/messages_resource_request",
};

/** What counts tasks that ended in a state: "master/tasks_failed". */
export function stateCounter(state: TaskState): string {
  return `master/tasks_${state.slice("TASK_".length).toLowerCase()}`;
}

/** What counts ends by who said so and why: "master/task_failed/source_agent/reason_…". */
export function reasonCounter(state: TaskState, source: TaskSource, reason: string): string {
  return `master/${state}/${source}/${reason}`.toLowerCase();
}

/** What counts operations, all of a kind and all together, in one state. */
export function operationGauges(type: string, state: OperationState): readonly string[] {
  const where = state.slice("OPERATION_".length).toLowerCase();
  const of = `master/operations/${type.toLowerCase()}`;
  return [`master/operations/${where}`, "master/operations/total", `${of}/${where}`, `${of}/total`];
}

/** What the names of a framework's own counters begin with. */
export function frameworkPrefix({ name, id }: Pick<FrameworkInfo, "name" | "id">): string {
  return `master/frameworks/${encodeURIComponent(name)}/${id?.value ?? ""}/`;
}
