/** `POST /api/v1` of an agent: what an operator says and hears. */
import * as z from "zod/mini";
import {
  type AgentInfo,
  type CommandInfo,
  type ContainerInfo,
  type ExecutorInfo,
  type FrameworkInfo,
  infos,
} from "./infos.ts";
import { type OperationRecord, operator, type ResourceProvider } from "./operator.ts";
import { boolean, bounded, bytes, list, type Named, once, opt, optEnum } from "./schema.ts";
import { statistics } from "./statistics.ts";
import {
  type ContainerStatus,
  statuses,
  TASK_REASONS,
  TASK_STATES,
  type Task,
  type TaskResourceLimitation,
} from "./status.ts";
import { type Image, type ResourceJson, values } from "./values.ts";

/** A call that says all by its type. */
function bare<const Type extends string>(type: Type) {
  return z.object({ type: z.literal(type) });
}

/** @internal */
export const processIo = once(() => {
  const v = values();
  const i = infos();
  return z.discriminatedUnion("type", [
    z.object({
      type: z.literal("DATA"),
      data: z.object({ type: z.enum(["STDIN", "STDOUT", "STDERR"]), data: opt(bytes()) }),
    }),
    z.object({
      type: z.literal("CONTROL"),
      control: z.discriminatedUnion("type", [
        z.object({ type: z.literal("TTY_INFO"), tty_info: i.TTYInfo }),
        z.object({
          type: z.literal("HEARTBEAT"),
          heartbeat: opt(z.object({ interval: opt(v.DurationInfo) })),
        }),
      ]),
    }),
  ]);
});

/** @internal */
export const agentCalls = once(() => {
  const v = values();
  const i = infos();
  const s = statuses();
  const p = operator();
  const CommandInfo: Named<CommandInfo> = i.CommandInfo;
  const ContainerInfo: Named<ContainerInfo> = i.ContainerInfo;
  const Resource: Named<ResourceJson> = v.Resource;
  const Image: Named<Image> = v.Image;
  const container = z.object({ container_id: s.ContainerID });
  const kill = z.extend(container, { signal: opt(bounded(-(2 ** 31), 2 ** 31 - 1)) });
  const nested = z.extend(container, {
    command: opt(CommandInfo),
    container: opt(ContainerInfo),
  });
  const provider = z.object({ info: p.ResourceProviderInfo });
  return z.discriminatedUnion("type", [
    bare("GET_HEALTH"),
    bare("GET_FLAGS"),
    bare("GET_VERSION"),
    z.object({ type: z.literal("GET_METRICS"), get_metrics: opt(p.GetMetrics) }),
    bare("GET_LOGGING_LEVEL"),
    z.object({ type: z.literal("SET_LOGGING_LEVEL"), set_logging_level: p.SetLoggingLevel }),
    z.object({ type: z.literal("LIST_FILES"), list_files: p.ListFiles }),
    z.object({ type: z.literal("READ_FILE"), read_file: p.ReadFile }),
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
        resources: list(Resource),
        limits: opt(v.Amounts),
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
        z.object({ type: z.literal("CONTAINER_ID"), container_id: s.ContainerID }),
        z.object({ type: z.literal("PROCESS_IO"), process_io: processIo() }),
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
      mark_resource_provider_gone: z.object({ resource_provider_id: v.Id }),
    }),
    z.object({
      type: z.literal("PRUNE_IMAGES"),
      prune_images: opt(z.object({ excluded_images: list(Image) })),
    }),
  ]);
});

/** @internal */
export const agentNouns = once(() => {
  const v = values();
  const i = infos();
  const s = statuses();
  const FrameworkInfo: Named<FrameworkInfo> = i.FrameworkInfo;
  const ExecutorInfo: Named<ExecutorInfo> = i.ExecutorInfo;
  const Task: Named<Task> = s.Task;
  const ContainerStatus: Named<ContainerStatus> = s.ContainerStatus;
  const TaskResourceLimitation: Named<TaskResourceLimitation> = s.TaskResourceLimitation;
  const Container = z.object({
    framework_id: opt(v.Id),
    executor_id: opt(v.Id),
    executor_name: opt(z.string()),
    container_id: s.ContainerID,
    container_status: opt(ContainerStatus),
    resource_statistics: opt(statistics().ResourceStatistics),
  });
  const framework = z.object({ framework_info: FrameworkInfo });
  const GetFrameworks = z.object({
    frameworks: list(framework),
    completed_frameworks: list(framework),
  });
  const executor = z.object({ executor_info: ExecutorInfo });
  const GetExecutors = z.object({
    executors: list(executor),
    completed_executors: list(executor),
  });
  const GetTasks = z.object({
    pending_tasks: list(Task),
    queued_tasks: list(Task),
    launched_tasks: list(Task),
    terminated_tasks: list(Task),
    completed_tasks: list(Task),
  });
  const GetState = z.object({
    get_tasks: opt(GetTasks),
    get_executors: opt(GetExecutors),
    get_frameworks: opt(GetFrameworks),
  });
  /** How a container ended. */
  const Termination = z.object({
    /** As wait(2) gives it. */
    exit_status: opt(bounded(-(2 ** 31), 2 ** 31 - 1)),
    state: optEnum(...TASK_STATES),
    reason: optEnum(...TASK_REASONS),
    limitation: opt(TaskResourceLimitation),
    message: opt(z.string()),
  });
  return { Container, GetFrameworks, GetExecutors, GetTasks, GetState, Termination };
});

/** @internal */
export const agentResponses = once(() => {
  const v = values();
  const i = infos();
  const p = operator();
  const n = agentNouns();
  const AgentInfo: Named<AgentInfo> = i.AgentInfo;
  const OperationRecord: Named<OperationRecord> = p.OperationRecord;
  const ResourceProvider: Named<ResourceProvider> = p.ResourceProvider;
  const State: Named<AgentState> = n.GetState;
  const Frameworks: Named<AgentFrameworks> = n.GetFrameworks;
  const Executors: Named<AgentExecutors> = n.GetExecutors;
  const Tasks: Named<AgentTasks> = n.GetTasks;
  const Container: Named<AgentContainer> = n.Container;
  const Termination: Named<ContainerTermination> = n.Termination;
  return z.discriminatedUnion("type", [
    z.object({ type: z.literal("GET_HEALTH"), get_health: z.object({ healthy: boolean() }) }),
    z.object({ type: z.literal("GET_FLAGS"), get_flags: z.object({ flags: list(p.Flag) }) }),
    z.object({
      type: z.literal("GET_VERSION"),
      get_version: z.object({ version_info: p.VersionInfo }),
    }),
    z.object({
      type: z.literal("GET_METRICS"),
      get_metrics: z.object({ metrics: list(p.Metric) }),
    }),
    z.object({
      type: z.literal("GET_LOGGING_LEVEL"),
      get_logging_level: z.object({ level: bounded(0, 2 ** 32 - 1) }),
    }),
    z.object({
      type: z.literal("LIST_FILES"),
      list_files: z.object({ file_infos: list(p.FileInfo) }),
    }),
    z.object({ type: z.literal("READ_FILE"), read_file: p.ReadFileAnswer }),
    z.object({ type: z.literal("GET_STATE"), get_state: State }),
    z.object({
      type: z.literal("GET_CONTAINERS"),
      get_containers: z.object({ containers: list(Container) }),
    }),
    z.object({ type: z.literal("GET_FRAMEWORKS"), get_frameworks: Frameworks }),
    z.object({ type: z.literal("GET_EXECUTORS"), get_executors: Executors }),
    z.object({
      type: z.literal("GET_OPERATIONS"),
      get_operations: z.object({ operations: list(OperationRecord) }),
    }),
    z.object({ type: z.literal("GET_TASKS"), get_tasks: Tasks }),
    z.object({
      type: z.literal("GET_AGENT"),
      get_agent: z.object({
        agent_info: opt(AgentInfo),
        drain_config: opt(p.DrainSettings),
        estimated_drain_start_time: opt(v.TimeInfo),
      }),
    }),
    z.object({
      type: z.literal("GET_RESOURCE_PROVIDERS"),
      get_resource_providers: z.object({ resource_providers: list(ResourceProvider) }),
    }),
    z.object({ type: z.literal("WAIT_CONTAINER"), wait_container: Termination }),
    z.object({
      type: z.literal("WAIT_NESTED_CONTAINER"),
      wait_nested_container: Termination,
    }),
  ]);
});

type Nouns = ReturnType<typeof agentNouns>;
type Of<Name extends keyof Nouns> = z.output<Nouns[Name]>;

/** What an operator says to an agent. */
export type AgentCall = z.output<ReturnType<typeof agentCalls>>;
/** What an agent answers an operator; calls that change something are answered without a body. */
export type AgentResponse = z.output<ReturnType<typeof agentResponses>>;
/** A piece of a container's standard streams, or a word about them: what ATTACH_* streams carry. */
export type ProcessIO = z.output<ReturnType<typeof processIo>>;
/** A container as an agent tells of it. */
export interface AgentContainer extends Of<"Container"> {}
export interface AgentFrameworks extends Of<"GetFrameworks"> {}
export interface AgentExecutors extends Of<"GetExecutors"> {}
export interface AgentTasks extends Of<"GetTasks"> {}
export interface AgentState extends Of<"GetState"> {}
/** How a container ended. */
export interface ContainerTermination extends Of<"Termination"> {}
