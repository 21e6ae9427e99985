/** `POST /api/v1` of a master: what an operator says and hears. */
import * as z from "zod/mini";
import { AgentInfo, ExecutorInfo, FrameworkInfo, MasterInfo } from "./infos.ts";
import { InverseOffer, Offer } from "./offers.ts";
import {
  AgentCapability,
  DrainInfo,
  FileInfo,
  Flag,
  GetMetrics,
  ListFiles,
  MaintenanceSchedule,
  MaintenanceStatus,
  Metric,
  OperationRecord,
  QuotaConfig,
  QuotaRequest,
  QuotaStatus,
  ReadFile,
  ReadFileAnswer,
  ResourceProvider,
  Role,
  SetLoggingLevel,
  VersionInfo,
  WeightInfo,
} from "./operator.ts";
import { ResourceJson } from "./resource_json.ts";
import { OfferConstraintsJson } from "./scheduler_api.ts";
import { boolean, bounded, double, list, once, opt, type Schema } from "./schema.ts";
import { TASK_STATES, Task, TaskStatus } from "./status.ts";
import { Duration, Id, MachineID, Scalar, TimeInfo } from "./values.ts";

/** A call or event that says all by its type. */
function bare<const Type extends string>(type: Type) {
  return z.object({ type: z.literal(type) });
}

const masterCall = () => {
  const agent = z.object({ agent_id: Id() });
  const resources = z.object({ agent_id: Id(), resources: list(ResourceJson()) });
  const volumes = z.object({ agent_id: Id(), volumes: list(ResourceJson()) });
  const machines = z.object({ machines: list(MachineID()) });
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
    bare("GET_AGENTS"),
    bare("GET_FRAMEWORKS"),
    bare("GET_EXECUTORS"),
    bare("GET_OPERATIONS"),
    bare("GET_TASKS"),
    bare("GET_ROLES"),
    bare("GET_WEIGHTS"),
    z.object({
      type: z.literal("UPDATE_WEIGHTS"),
      update_weights: z.object({ weight_infos: list(WeightInfo()) }),
    }),
    bare("GET_MASTER"),
    bare("SUBSCRIBE"),
    z.object({
      type: z.literal("RESERVE_RESOURCES"),
      reserve_resources: z.extend(resources, { source: list(ResourceJson()) }),
    }),
    z.object({ type: z.literal("UNRESERVE_RESOURCES"), unreserve_resources: resources }),
    z.object({ type: z.literal("CREATE_VOLUMES"), create_volumes: volumes }),
    z.object({ type: z.literal("DESTROY_VOLUMES"), destroy_volumes: volumes }),
    z.object({
      type: z.literal("GROW_VOLUME"),
      grow_volume: z.object({
        agent_id: opt(Id()),
        volume: ResourceJson(),
        addition: ResourceJson(),
      }),
    }),
    z.object({
      type: z.literal("SHRINK_VOLUME"),
      shrink_volume: z.object({ agent_id: opt(Id()), volume: ResourceJson(), subtract: Scalar() }),
    }),
    bare("GET_MAINTENANCE_STATUS"),
    bare("GET_MAINTENANCE_SCHEDULE"),
    z.object({
      type: z.literal("UPDATE_MAINTENANCE_SCHEDULE"),
      update_maintenance_schedule: z.object({ schedule: MaintenanceSchedule() }),
    }),
    z.object({ type: z.literal("START_MAINTENANCE"), start_maintenance: machines }),
    z.object({ type: z.literal("STOP_MAINTENANCE"), stop_maintenance: machines }),
    z.object({
      type: z.literal("DRAIN_AGENT"),
      drain_agent: z.object({
        agent_id: Id(),
        max_grace_period: opt(Duration()),
        mark_gone: opt(boolean()),
      }),
    }),
    z.object({ type: z.literal("DEACTIVATE_AGENT"), deactivate_agent: agent }),
    z.object({ type: z.literal("REACTIVATE_AGENT"), reactivate_agent: agent }),
    bare("GET_QUOTA"),
    z.object({
      type: z.literal("UPDATE_QUOTA"),
      update_quota: z.object({ force: opt(boolean()), quota_configs: list(QuotaConfig()) }),
    }),
    z.object({
      type: z.literal("SET_QUOTA"),
      set_quota: z.object({ quota_request: QuotaRequest() }),
    }),
    z.object({ type: z.literal("REMOVE_QUOTA"), remove_quota: z.object({ role: z.string() }) }),
    z.object({ type: z.literal("TEARDOWN"), teardown: z.object({ framework_id: Id() }) }),
    z.object({ type: z.literal("MARK_AGENT_GONE"), mark_agent_gone: agent }),
  ]);
};
/** What an operator says to a master. */
export type MasterCall = z.output<ReturnType<typeof masterCall>>;
/** @internal */
export const MasterCall: Schema<MasterCall> = once(masterCall);

const masterAgent = () =>
  z.object({
    agent_info: AgentInfo(),
    active: boolean(),
    deactivated: opt(boolean()),
    version: z.string(),
    pid: opt(z.string()),
    registered_time: opt(TimeInfo()),
    reregistered_time: opt(TimeInfo()),
    total_resources: list(ResourceJson()),
    allocated_resources: list(ResourceJson()),
    offered_resources: list(ResourceJson()),
    capabilities: list(AgentCapability()),
    resource_providers: list(ResourceProvider()),
    drain_info: opt(DrainInfo()),
    estimated_drain_start_time: opt(TimeInfo()),
  });
/** An agent as a master tells of it. */
export interface MasterAgent extends z.output<ReturnType<typeof masterAgent>> {}
/** @internal */
export const MasterAgent: Schema<MasterAgent> = once(masterAgent);

const masterFramework = () =>
  z.object({
    framework_info: FrameworkInfo(),
    active: boolean(),
    connected: boolean(),
    recovered: boolean(),
    registered_time: opt(TimeInfo()),
    reregistered_time: opt(TimeInfo()),
    unregistered_time: opt(TimeInfo()),
    offers: list(Offer()),
    inverse_offers: list(InverseOffer()),
    allocated_resources: list(ResourceJson()),
    offered_resources: list(ResourceJson()),
    offer_constraints: opt(OfferConstraintsJson()),
  });
/** A framework as a master tells of it. */
export interface MasterFramework extends z.output<ReturnType<typeof masterFramework>> {}
/** @internal */
export const MasterFramework: Schema<MasterFramework> = once(masterFramework);

const masterExecutor = () => z.object({ executor_info: ExecutorInfo(), agent_id: Id() });
export interface MasterExecutor extends z.output<ReturnType<typeof masterExecutor>> {}
/** @internal */
export const MasterExecutor: Schema<MasterExecutor> = once(masterExecutor);

const masterAgents = () =>
  z.object({ agents: list(MasterAgent()), recovered_agents: list(AgentInfo()) });
export interface MasterAgents extends z.output<ReturnType<typeof masterAgents>> {}
/** @internal */
export const MasterAgents: Schema<MasterAgents> = once(masterAgents);

const masterFrameworks = () =>
  z.object({
    frameworks: list(MasterFramework()),
    completed_frameworks: list(MasterFramework()),
    recovered_frameworks: list(FrameworkInfo()),
  });
export interface MasterFrameworks extends z.output<ReturnType<typeof masterFrameworks>> {}
/** @internal */
export const MasterFrameworks: Schema<MasterFrameworks> = once(masterFrameworks);

const masterExecutors = () =>
  z.object({ executors: list(MasterExecutor()), orphan_executors: list(MasterExecutor()) });
export interface MasterExecutors extends z.output<ReturnType<typeof masterExecutors>> {}
/** @internal */
export const MasterExecutors: Schema<MasterExecutors> = once(masterExecutors);

const masterTasks = () =>
  z.object({
    pending_tasks: list(Task()),
    tasks: list(Task()),
    unreachable_tasks: list(Task()),
    completed_tasks: list(Task()),
    orphan_tasks: list(Task()),
  });
export interface MasterTasks extends z.output<ReturnType<typeof masterTasks>> {}
/** @internal */
export const MasterTasks: Schema<MasterTasks> = once(masterTasks);

const masterState = () =>
  z.object({
    get_tasks: opt(MasterTasks()),
    get_executors: opt(MasterExecutors()),
    get_frameworks: opt(MasterFrameworks()),
    get_agents: opt(MasterAgents()),
  });
export interface MasterState extends z.output<ReturnType<typeof masterState>> {}
/** @internal */
export const MasterState: Schema<MasterState> = once(masterState);

const masterResponse = () =>
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
    z.object({ type: z.literal("GET_STATE"), get_state: MasterState() }),
    z.object({ type: z.literal("GET_AGENTS"), get_agents: MasterAgents() }),
    z.object({ type: z.literal("GET_FRAMEWORKS"), get_frameworks: MasterFrameworks() }),
    z.object({ type: z.literal("GET_EXECUTORS"), get_executors: MasterExecutors() }),
    z.object({
      type: z.literal("GET_OPERATIONS"),
      get_operations: z.object({ operations: list(OperationRecord()) }),
    }),
    z.object({ type: z.literal("GET_TASKS"), get_tasks: MasterTasks() }),
    z.object({ type: z.literal("GET_ROLES"), get_roles: z.object({ roles: list(Role()) }) }),
    z.object({
      type: z.literal("GET_WEIGHTS"),
      get_weights: z.object({ weight_infos: list(WeightInfo()) }),
    }),
    z.object({
      type: z.literal("GET_MASTER"),
      get_master: z.object({
        master_info: opt(MasterInfo()),
        /** Seconds since 1970, as `elected_time`. */
        start_time: opt(double()),
        elected_time: opt(double()),
      }),
    }),
    z.object({
      type: z.literal("GET_MAINTENANCE_STATUS"),
      get_maintenance_status: z.object({ status: MaintenanceStatus() }),
    }),
    z.object({
      type: z.literal("GET_MAINTENANCE_SCHEDULE"),
      get_maintenance_schedule: z.object({ schedule: MaintenanceSchedule() }),
    }),
    z.object({ type: z.literal("GET_QUOTA"), get_quota: z.object({ status: QuotaStatus() }) }),
  ]);
/** What a master answers an operator; calls that change something are answered without a body. */
export type MasterResponse = z.output<ReturnType<typeof masterResponse>>;
/** @internal */
export const MasterResponse: Schema<MasterResponse> = once(masterResponse);

const masterEvent = () => {
  const framework = z.object({ framework: MasterFramework() });
  return z.discriminatedUnion("type", [
    z.object({
      type: z.literal("SUBSCRIBED"),
      subscribed: z.object({
        get_state: opt(MasterState()),
        heartbeat_interval_seconds: opt(double()),
      }),
    }),
    z.object({ type: z.literal("TASK_ADDED"), task_added: z.object({ task: Task() }) }),
    z.object({
      type: z.literal("TASK_UPDATED"),
      task_updated: z.object({
        framework_id: Id(),
        status: TaskStatus(),
        /** Where the task stands now, which may be further than `status`. */
        state: z.enum(TASK_STATES),
      }),
    }),
    z.object({ type: z.literal("AGENT_ADDED"), agent_added: z.object({ agent: MasterAgent() }) }),
    z.object({ type: z.literal("AGENT_REMOVED"), agent_removed: z.object({ agent_id: Id() }) }),
    z.object({ type: z.literal("FRAMEWORK_ADDED"), framework_added: framework }),
    z.object({ type: z.literal("FRAMEWORK_UPDATED"), framework_updated: framework }),
    z.object({
      type: z.literal("FRAMEWORK_REMOVED"),
      framework_removed: z.object({ framework_info: FrameworkInfo() }),
    }),
    bare("HEARTBEAT"),
  ]);
};
/** What an operator hears after SUBSCRIBE. */
export type MasterEvent = z.output<ReturnType<typeof masterEvent>>;
/** @internal */
export const MasterEvent: Schema<MasterEvent> = once(masterEvent);
