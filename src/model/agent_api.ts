/** `POST /api/v1` of an agent: what an operator says and hears. */
import * as z from "zod/mini";
import {
  AgentInfo,
  CommandInfo,
  ContainerInfo,
  ExecutorInfo,
  FrameworkInfo,
  TTYInfo,
} from "./infos.ts";
import {
  DrainSettings,
  FileInfo,
  Flag,
  GetMetrics,
  ListFiles,
  Metric,
  OperationRecord,
  ReadFile,
  ReadFileAnswer,
  ResourceProvider,
  ResourceProviderInfo,
  SetLoggingLevel,
  VersionInfo,
} from "./operator.ts";
import { ResourceJson } from "./resource_json.ts";
import { boolean, bounded, bytes, list, once, opt, optEnum, type Schema } from "./schema.ts";
import { ResourceStatistics } from "./statistics.ts";
import {
  ContainerID,
  ContainerStatus,
  TASK_REASONS,
  TASK_STATES,
  Task,
  TaskResourceLimitation,
} from "./status.ts";
import { Amounts, DurationInfo, Id, TimeInfo } from "./values.ts";
import { Image } from "./volumes.ts";

/** A call that says all by its type. */
function bare<const Type extends string>(type: Type) {
  return z.object({ type: z.literal(type) });
}

const processIO = () =>
  z.discriminatedUnion("type", [
    z.object({
      type: z.literal("DATA"),
      data: z.object({ type: z.enum(["STDIN", "STDOUT", "STDERR"]), data: opt(bytes()) }),
    }),
    z.object({
      type: z.literal("CONTROL"),
      control: z.discriminatedUnion("type", [
        z.object({ type: z.literal("TTY_INFO"), tty_info: TTYInfo() }),
        z.object({
          type: z.literal("HEARTBEAT"),
          heartbeat: opt(z.object({ interval: opt(DurationInfo()) })),
        }),
      ]),
    }),
  ]);
/** A piece of a container's standard streams, or a word about them: what ATTACH_* streams carry. */
export type ProcessIO = z.output<ReturnType<typeof processIO>>;
/** @internal */
export const ProcessIO: Schema<ProcessIO> = once(processIO);

const agentCall = () => {
  const container = z.object({ container_id: ContainerID() });
  const kill = z.extend(container, { signal: opt(bounded(-(2 ** 31), 2 ** 31 - 1)) });
  const nested = z.extend(container, {
    command: opt(CommandInfo()),
    container: opt(ContainerInfo()),
  });
  const provider = z.object({ info: ResourceProviderInfo() });
  return z.discriminatedUnion("type", [
    bare("GET_HEALTH"),
    bare("GET_FLAGS"),
    bare("GET_VERSION"),
    z.object({ type: z.literal("GET_METRICS"), get_metrics: opt(GetMetrics()) }),
    bare("GET_LOGGING_LEVEL"),
    z.object({ type: z.literal("SET_LOGGING_LEVEL"), set_logging_level: SetLoggingLevel() }),
    z.object({ type: z.literal("LIST_FILES"), list_files: ListFiles() }),
    z.object({ type: z.literal("READ_FILE"), read_file: ReadFile() }),
    bare("GET_STATE"),
    z.object({
      type: z.literal("GET_CONTAINERS"),
      get_containers: opt(
        z.object({ show_nested: opt(boolean()), show_standalone: opt(boolean()) }),
      ),
    }),
    bare("GET_FRAMEWORKS"),
    bare("GET_EXECUTORS"),
    bare("GET_OPERATIONS"),
    bare("GET_TASKS"),
    bare("GET_AGENT"),
    bare("GET_RESOURCE_PROVIDERS"),
    z.object({
      type: z.literal("LAUNCH_CONTAINER"),
      launch_container: z.extend(nested, {
        resources: list(ResourceJson()),
        limits: opt(Amounts()),
      }),
    }),
    z.object({ type: z.literal("WAIT_CONTAINER"), wait_container: container }),
    z.object({ type: z.literal("KILL_CONTAINER"), kill_container: kill }),
    z.object({ type: z.literal("REMOVE_CONTAINER"), remove_container: container }),
    z.object({ type: z.literal("LAUNCH_NESTED_CONTAINER"), launch_nested_container: nested }),
    z.object({ type: z.literal("WAIT_NESTED_CONTAINER"), wait_nested_container: container }),
    z.object({ type: z.literal("KILL_NESTED_CONTAINER"), kill_nested_container: kill }),
    z.object({ type: z.literal("REMOVE_NESTED_CONTAINER"), remove_nested_container: container }),
    z.object({
      type: z.literal("LAUNCH_NESTED_CONTAINER_SESSION"),
      launch_nested_container_session: nested,
    }),
    z.object({
      type: z.literal("ATTACH_CONTAINER_INPUT"),
      attach_container_input: z.discriminatedUnion("type", [
        z.object({ type: z.literal("CONTAINER_ID"), container_id: ContainerID() }),
        z.object({ type: z.literal("PROCESS_IO"), process_io: ProcessIO() }),
      ]),
    }),
    z.object({ type: z.literal("ATTACH_CONTAINER_OUTPUT"), attach_container_output: container }),
    z.object({
      type: z.literal("ADD_RESOURCE_PROVIDER_CONFIG"),
      add_resource_provider_config: provider,
    }),
    z.object({
      type: z.literal("UPDATE_RESOURCE_PROVIDER_CONFIG"),
      update_resource_provider_config: provider,
    }),
    z.object({
      type: z.literal("REMOVE_RESOURCE_PROVIDER_CONFIG"),
      remove_resource_provider_config: z.object({ type: z.string(), name: z.string() }),
    }),
    z.object({
      type: z.literal("MARK_RESOURCE_PROVIDER_GONE"),
      mark_resource_provider_gone: z.object({ resource_provider_id: Id() }),
    }),
    z.object({
      type: z.literal("PRUNE_IMAGES"),
      prune_images: opt(z.object({ excluded_images: list(Image()) })),
    }),
  ]);
};
/** What an operator says to an agent. */
export type AgentCall = z.output<ReturnType<typeof agentCall>>;
/** @internal */
export const AgentCall: Schema<AgentCall> = once(agentCall);

const agentContainer = () =>
  z.object({
    framework_id: opt(Id()),
    executor_id: opt(Id()),
    executor_name: opt(z.string()),
    container_id: ContainerID(),
    container_status: opt(ContainerStatus()),
    resource_statistics: opt(ResourceStatistics()),
  });
/** A container as an agent tells of it. */
export interface AgentContainer extends z.output<ReturnType<typeof agentContainer>> {}
/** @internal */
export const AgentContainer: Schema<AgentContainer> = once(agentContainer);

const agentFrameworks = () => {
  const framework = z.object({ framework_info: FrameworkInfo() });
  return z.object({
    frameworks: list(framework),
    completed_frameworks: list(framework),
  });
};
export interface AgentFrameworks extends z.output<ReturnType<typeof agentFrameworks>> {}
/** @internal */
export const AgentFrameworks: Schema<AgentFrameworks> = once(agentFrameworks);

const agentExecutors = () => {
  const executor = z.object({ executor_info: ExecutorInfo() });
  return z.object({
    executors: list(executor),
    completed_executors: list(executor),
  });
};
export interface AgentExecutors extends z.output<ReturnType<typeof agentExecutors>> {}
/** @internal */
export const AgentExecutors: Schema<AgentExecutors> = once(agentExecutors);

const agentTasks = () =>
  z.object({
    pending_tasks: list(Task()),
    queued_tasks: list(Task()),
    launched_tasks: list(Task()),
    terminated_tasks: list(Task()),
    completed_tasks: list(Task()),
  });
export interface AgentTasks extends z.output<ReturnType<typeof agentTasks>> {}
/** @internal */
export const AgentTasks: Schema<AgentTasks> = once(agentTasks);

const agentState = () =>
  z.object({
    get_tasks: opt(AgentTasks()),
    get_executors: opt(AgentExecutors()),
    get_frameworks: opt(AgentFrameworks()),
  });
export interface AgentState extends z.output<ReturnType<typeof agentState>> {}
/** @internal */
export const AgentState: Schema<AgentState> = once(agentState);

const containerTermination = () =>
  z.object({
    /** As wait(2) gives it. */
    exit_status: opt(bounded(-(2 ** 31), 2 ** 31 - 1)),
    state: optEnum(...TASK_STATES),
    reason: optEnum(...TASK_REASONS),
    limitation: opt(TaskResourceLimitation()),
    message: opt(z.string()),
  });
/** How a container ended. */
export interface ContainerTermination extends z.output<ReturnType<typeof containerTermination>> {}
/** @internal */
export const ContainerTermination: Schema<ContainerTermination> = once(containerTermination);

const agentResponse = () =>
  z.discriminatedUnion("type", [
    z.object({ type: z.literal("GET_HEALTH"), get_health: z.object({ healthy: boolean() }) }),
    z.object({ type: z.literal("GET_FLAGS"), get_flags: z.object({ flags: list(Flag()) }) }),
    z.object({
      type: z.literal("GET_VERSION"),
      get_version: z.object({ version_info: VersionInfo() }),
    }),
    z.object({
      type: z.literal("GET_METRICS"),
      get_metrics: z.object({ metrics: list(Metric()) }),
    }),
    z.object({
      type: z.literal("GET_LOGGING_LEVEL"),
      get_logging_level: z.object({ level: bounded(0, 2 ** 32 - 1) }),
    }),
    z.object({
      type: z.literal("LIST_FILES"),
      list_files: z.object({ file_infos: list(FileInfo()) }),
    }),
    z.object({ type: z.literal("READ_FILE"), read_file: ReadFileAnswer() }),
    z.object({ type: z.literal("GET_STATE"), get_state: AgentState() }),
    z.object({
      type: z.literal("GET_CONTAINERS"),
      get_containers: z.object({ containers: list(AgentContainer()) }),
    }),
    z.object({ type: z.literal("GET_FRAMEWORKS"), get_frameworks: AgentFrameworks() }),
    z.object({ type: z.literal("GET_EXECUTORS"), get_executors: AgentExecutors() }),
    z.object({
      type: z.literal("GET_OPERATIONS"),
      get_operations: z.object({ operations: list(OperationRecord()) }),
    }),
    z.object({ type: z.literal("GET_TASKS"), get_tasks: AgentTasks() }),
    z.object({
      type: z.literal("GET_AGENT"),
      get_agent: z.object({
        agent_info: opt(AgentInfo()),
        drain_config: opt(DrainSettings()),
        estimated_drain_start_time: opt(TimeInfo()),
      }),
    }),
    z.object({
      type: z.literal("GET_RESOURCE_PROVIDERS"),
      get_resource_providers: z.object({ resource_providers: list(ResourceProvider()) }),
    }),
    z.object({ type: z.literal("WAIT_CONTAINER"), wait_container: ContainerTermination() }),
    z.object({
      type: z.literal("WAIT_NESTED_CONTAINER"),
      wait_nested_container: ContainerTermination(),
    }),
  ]);
/** What an agent answers an operator; calls that change something are answered without a body. */
export type AgentResponse = z.output<ReturnType<typeof agentResponse>>;
/** @internal */
export const AgentResponse: Schema<AgentResponse> = once(agentResponse);
