/** What became of tasks and operations. */
import * as z from "zod/mini";
import { ContainerInfo, DiscoveryInfo, HealthCheck, NetworkInfo } from "./infos.ts";
import { ResourceJson } from "./resource_json.ts";
import {
  boolean,
  bounded,
  bytes,
  double,
  list,
  once,
  openEnum,
  opt,
  optEnum,
  type Schema,
} from "./schema.ts";
import { Amounts, DurationInfo, Id, KillPolicy, Labels, TimeInfo } from "./values.ts";

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

const taskSource = () => optEnum("SOURCE_MASTER", "SOURCE_AGENT", "SOURCE_EXECUTOR");
export type TaskSource = NonNullable<z.output<ReturnType<typeof taskSource>>>;

const containerID = () => z.object({ value: z.string(), parent: opt(z.lazy(() => ContainerID())) });
export interface ContainerID extends z.output<ReturnType<typeof containerID>> {}
/** @internal */
export const ContainerID: Schema<ContainerID> = once(containerID);

const checkStatusInfo = () =>
  z.object({
    type: opt(openEnum("UNKNOWN", "COMMAND", "HTTP", "TCP")),
    command: opt(z.object({ exit_code: opt(bounded(-(2 ** 31), 2 ** 31 - 1)) })),
    http: opt(z.object({ status_code: opt(bounded(0, 999)) })),
    tcp: opt(z.object({ succeeded: opt(boolean()) })),
  });
export interface CheckStatusInfo extends z.output<ReturnType<typeof checkStatusInfo>> {}
/** @internal */
export const CheckStatusInfo: Schema<CheckStatusInfo> = once(checkStatusInfo);

const containerStatus = () =>
  z.object({
    container_id: opt(ContainerID()),
    network_infos: list(NetworkInfo()),
    cgroup_info: opt(
      z.object({ net_cls: opt(z.object({ classid: opt(bounded(0, 2 ** 32 - 1)) })) }),
    ),
    executor_pid: opt(bounded(0, 2 ** 32 - 1)),
  });
export interface ContainerStatus extends z.output<ReturnType<typeof containerStatus>> {}
/** @internal */
export const ContainerStatus: Schema<ContainerStatus> = once(containerStatus);

const taskResourceLimitation = () => z.object({ resources: list(ResourceJson()) });
export interface TaskResourceLimitation
  extends z.output<ReturnType<typeof taskResourceLimitation>> {}
/** @internal */
export const TaskResourceLimitation: Schema<TaskResourceLimitation> = once(taskResourceLimitation);

const taskStatus = () =>
  z.object({
    task_id: Id(),
    state: z.enum(TASK_STATES),
    message: opt(z.string()),
    source: taskSource(),
    reason: opt(openEnum(...TASK_REASONS)),
    data: opt(bytes()),
    agent_id: opt(Id()),
    executor_id: opt(Id()),
    /** Seconds since 1970. */
    timestamp: opt(double()),
    /** Base64 of 16 bytes; a status that has one wants to be acknowledged. */
    uuid: opt(bytes()),
    healthy: opt(boolean()),
    check_status: opt(CheckStatusInfo()),
    labels: opt(Labels()),
    container_status: opt(ContainerStatus()),
    unreachable_time: opt(TimeInfo()),
    limitation: opt(TaskResourceLimitation()),
  });
export interface TaskStatus extends z.output<ReturnType<typeof taskStatus>> {}
/** @internal */
export const TaskStatus: Schema<TaskStatus> = once(taskStatus);

const operationState = () =>
  z.enum([
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
export type OperationState = z.output<ReturnType<typeof operationState>>;
/** @internal */
export const OperationState: Schema<OperationState> = once(operationState);

const operationStatus = () =>
  z.object({
    operation_id: opt(Id()),
    state: OperationState(),
    message: opt(z.string()),
    converted_resources: list(ResourceJson()),
    uuid: opt(z.object({ value: bytes() })),
    agent_id: opt(Id()),
    resource_provider_id: opt(Id()),
  });
export interface OperationStatus extends z.output<ReturnType<typeof operationStatus>> {}
/** @internal */
export const OperationStatus: Schema<OperationStatus> = once(operationStatus);

const task = () =>
  z.object({
    name: z.string(),
    task_id: Id(),
    framework_id: Id(),
    executor_id: opt(Id()),
    agent_id: Id(),
    state: z.enum(TASK_STATES),
    resources: list(ResourceJson()),
    limits: opt(Amounts()),
    statuses: list(TaskStatus()),
    status_update_state: optEnum(...TASK_STATES),
    status_update_uuid: opt(bytes()),
    labels: opt(Labels()),
    discovery: opt(DiscoveryInfo()),
    container: opt(ContainerInfo()),
    health_check: opt(HealthCheck()),
    kill_policy: opt(KillPolicy()),
    max_completion_time: opt(DurationInfo()),
    user: opt(z.string()),
  });
/** A task as state answers tell it. */
export interface Task extends z.output<ReturnType<typeof task>> {}
/** @internal */
export const Task: Schema<Task> = once(task);
