/** What became of tasks and operations. */
import * as z from "zod/mini";
import { infos } from "./infos.ts";
import { boolean, bounded, bytes, double, list, once, openEnum, opt, optEnum } from "./schema.ts";
import { values } from "./values.ts";

/** Every state a task can be in. */
export const TASK_STATES = [
  "TASK_STAGING",
  "TASK_STARTING",
  "TASK_RUNNING",
  "TASK_KILLING",
  "TASK_FINISHED",
  "TASK_FAILED",
  "TASK_KILLED",
  "TASK_ERROR",
  "TASK_LOST",
  "TASK_DROPPED",
  "TASK_UNREACHABLE",
  "TASK_GONE",
  "TASK_GONE_BY_OPERATOR",
  "TASK_UNKNOWN",
] as const;
export type TaskState = (typeof TASK_STATES)[number];

const TERMINAL: ReadonlySet<TaskState> = new Set([
  "TASK_FINISHED",
  "TASK_FAILED",
  "TASK_KILLED",
  "TASK_ERROR",
  "TASK_LOST",
  "TASK_DROPPED",
  "TASK_GONE",
  "TASK_GONE_BY_OPERATOR",
]);

/** Whether a task in this state is over; TASK_UNREACHABLE and TASK_UNKNOWN are not. */
export function isTerminal(state: TaskState): boolean {
  return TERMINAL.has(state);
}

/** The reasons of Mesos 1.11. */
export const TASK_REASONS = [
  "REASON_COMMAND_EXECUTOR_FAILED",
  "REASON_CONTAINER_LAUNCH_FAILED",
  "REASON_CONTAINER_LIMITATION",
  "REASON_CONTAINER_LIMITATION_DISK",
  "REASON_CONTAINER_LIMITATION_MEMORY",
  "REASON_CONTAINER_PREEMPTED",
  "REASON_CONTAINER_UPDATE_FAILED",
  "REASON_MAX_COMPLETION_TIME_REACHED",
  "REASON_EXECUTOR_REGISTRATION_TIMEOUT",
  "REASON_EXECUTOR_REREGISTRATION_TIMEOUT",
  "REASON_EXECUTOR_TERMINATED",
  "REASON_EXECUTOR_UNREGISTERED",
  "REASON_FRAMEWORK_REMOVED",
  "REASON_GC_ERROR",
  "REASON_INVALID_FRAMEWORKID",
  "REASON_INVALID_OFFERS",
  "REASON_IO_SWITCHBOARD_EXITED",
  "REASON_MASTER_DISCONNECTED",
  "REASON_RECONCILIATION",
  "REASON_RESOURCES_UNKNOWN",
  "REASON_AGENT_DISCONNECTED",
  "REASON_AGENT_DRAINING",
  "REASON_AGENT_REMOVED",
  "REASON_AGENT_REMOVED_BY_OPERATOR",
  "REASON_AGENT_REREGISTERED",
  "REASON_AGENT_RESTARTED",
  "REASON_AGENT_UNKNOWN",
  "REASON_TASK_KILLED_DURING_LAUNCH",
  "REASON_TASK_CHECK_STATUS_UPDATED",
  "REASON_TASK_HEALTH_CHECK_STATUS_UPDATED",
  "REASON_TASK_GROUP_INVALID",
  "REASON_TASK_GROUP_UNAUTHORIZED",
  "REASON_TASK_INVALID",
  "REASON_TASK_UNAUTHORIZED",
  "REASON_TASK_UNKNOWN",
] as const;
export type TaskReason = (typeof TASK_REASONS)[number];

/** @internal */
export const statuses = once(() => {
  const v = values();
  const i = infos();
  const Source = optEnum("SOURCE_MASTER", "SOURCE_AGENT", "SOURCE_EXECUTOR");
  const ContainerID = z.object({
    value: z.string(),
    get parent(): z.ZodMiniOptional<typeof ContainerID> {
      return z.optional(ContainerID);
    },
  });
  const CheckStatusInfo = z.object({
    type: opt(openEnum("UNKNOWN", "COMMAND", "HTTP", "TCP")),
    command: opt(z.object({ exit_code: opt(bounded(-(2 ** 31), 2 ** 31 - 1)) })),
    http: opt(z.object({ status_code: opt(bounded(0, 999)) })),
    tcp: opt(z.object({ succeeded: opt(boolean()) })),
  });
  const ContainerStatus = z.object({
    container_id: opt(ContainerID),
    network_infos: list(i.NetworkInfo),
    cgroup_info: opt(
      z.object({ net_cls: opt(z.object({ classid: opt(bounded(0, 2 ** 32 - 1)) })) }),
    ),
    executor_pid: opt(bounded(0, 2 ** 32 - 1)),
  });
  const TaskResourceLimitation = z.object({ resources: list(v.Resource) });
  const TaskStatus = z.object({
    task_id: v.Id,
    state: z.enum(TASK_STATES),
    message: opt(z.string()),
    source: Source,
    reason: opt(openEnum(...TASK_REASONS)),
    data: opt(bytes()),
    agent_id: opt(v.Id),
    executor_id: opt(v.Id),
    /** Seconds since 1970. */
    timestamp: opt(double()),
    /** Base64 of 16 bytes; a status that has one wants to be acknowledged. */
    uuid: opt(bytes()),
    healthy: opt(boolean()),
    check_status: opt(CheckStatusInfo),
    labels: opt(v.Labels),
    container_status: opt(ContainerStatus),
    unreachable_time: opt(v.TimeInfo),
    limitation: opt(TaskResourceLimitation),
  });
  const OperationState = z.enum([
    "OPERATION_UNSUPPORTED",
    "OPERATION_PENDING",
    "OPERATION_FINISHED",
    "OPERATION_FAILED",
    "OPERATION_ERROR",
    "OPERATION_DROPPED",
    "OPERATION_UNREACHABLE",
    "OPERATION_GONE_BY_OPERATOR",
    "OPERATION_RECOVERING",
    "OPERATION_UNKNOWN",
  ]);
  const OperationStatus = z.object({
    operation_id: opt(v.Id),
    state: OperationState,
    message: opt(z.string()),
    converted_resources: list(v.Resource),
    uuid: opt(z.object({ value: bytes() })),
    agent_id: opt(v.Id),
    resource_provider_id: opt(v.Id),
  });
  /** A task as state answers tell it. */
  const Task = z.object({
    name: z.string(),
    task_id: v.Id,
    framework_id: v.Id,
    executor_id: opt(v.Id),
    agent_id: v.Id,
    state: z.enum(TASK_STATES),
    resources: list(v.Resource),
    limits: opt(v.Amounts),
    statuses: list(TaskStatus),
    status_update_state: optEnum(...TASK_STATES),
    status_update_uuid: opt(bytes()),
    labels: opt(v.Labels),
    discovery: opt(i.DiscoveryInfo),
    container: opt(i.ContainerInfo),
    health_check: opt(i.HealthCheck),
    kill_policy: opt(v.KillPolicy),
    max_completion_time: opt(v.DurationInfo),
    user: opt(z.string()),
  });
  return {
    Source,
    ContainerID,
    CheckStatusInfo,
    ContainerStatus,
    TaskResourceLimitation,
    TaskStatus,
    OperationState,
    OperationStatus,
    Task,
  };
});

type Statuses = ReturnType<typeof statuses>;
type Of<Name extends keyof Statuses> = z.output<Statuses[Name]>;

export type TaskSource = NonNullable<Of<"Source">>;
export interface ContainerID extends Of<"ContainerID"> {}
export interface CheckStatusInfo extends Of<"CheckStatusInfo"> {}
export interface ContainerStatus extends Of<"ContainerStatus"> {}
export interface TaskResourceLimitation extends Of<"TaskResourceLimitation"> {}
export interface TaskStatus extends Of<"TaskStatus"> {}
export type OperationState = Of<"OperationState">;
export interface OperationStatus extends Of<"OperationStatus"> {}
export interface Task extends Of<"Task"> {}
