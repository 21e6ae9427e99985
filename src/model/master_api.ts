/** `POST /api/v1` of a master: what an operator says and hears. */
import * as z from "zod/mini";
import {
  type AgentInfo,
  type ExecutorInfo,
  type FrameworkInfo,
  infos,
  type MasterInfo,
} from "./infos.ts";
import { type InverseOffer, type Offer, offers } from "./offers.ts";
import { type OperationRecord, operator, type ResourceProvider, type Role } from "./operator.ts";
import { schedulerApi } from "./scheduler_api.ts";
import { boolean, bounded, double, list, type Named, once, opt } from "./schema.ts";
import { statuses, TASK_STATES, type Task, type TaskStatus } from "./status.ts";
import { type ResourceJson, values } from "./values.ts";

/** A call or event that says all by its type. */
function bare<const Type extends string>(type: Type) {
  return z.object({ type: z.literal(type) });
}

/** @internal */
export const masterCalls = once(() => {
  const v = values();
  const p = operator();
  const Resource: Named<ResourceJson> = v.Resource;
  const agent = z.object({ agent_id: v.Id });
  const resources = z.object({ agent_id: v.Id, resources: list(Resource) });
  const volumes = z.object({ agent_id: v.Id, volumes: list(Resource) });
  const machines = z.object({ machines: list(v.MachineID) });
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
    bare("GET_AGENTS"),
    bare("GET_FRAMEWORKS"),
    bare("GET_EXECUTORS"),
    bare("GET_OPERATIONS"),
    bare("GET_TASKS"),
    bare("GET_ROLES"),
    bare("GET_WEIGHTS"),
    z.object({
      type: z.literal("UPDATE_WEIGHTS"),
      update_weights: z.object({ weight_infos: list(p.WeightInfo) }),
    }),
    bare("GET_MASTER"),
    bare("SUBSCRIBE"),
    z.object({
      type: z.literal("RESERVE_RESOURCES"),
      reserve_resources: z.extend(resources, { source: list(Resource) }),
    }),
    z.object({ type: z.literal("UNRESERVE_RESOURCES"), unreserve_resources: resources }),
    z.object({ type: z.literal("CREATE_VOLUMES"), create_volumes: volumes }),
    z.object({ type: z.literal("DESTROY_VOLUMES"), destroy_volumes: volumes }),
    z.object({
      type: z.literal("GROW_VOLUME"),
      grow_volume: z.object({ agent_id: opt(v.Id), volume: Resource, addition: Resource }),
    }),
    z.object({
      type: z.literal("SHRINK_VOLUME"),
      shrink_volume: z.object({ agent_id: opt(v.Id), volume: Resource, subtract: v.Scalar }),
    }),
    bare("GET_MAINTENANCE_STATUS"),
    bare("GET_MAINTENANCE_SCHEDULE"),
    z.object({
      type: z.literal("UPDATE_MAINTENANCE_SCHEDULE"),
      update_maintenance_schedule: z.object({ schedule: p.MaintenanceSchedule }),
    }),
    z.object({ type: z.literal("START_MAINTENANCE"), start_maintenance: machines }),
    z.object({ type: z.literal("STOP_MAINTENANCE"), stop_maintenance: machines }),
    z.object({
      type: z.literal("DRAIN_AGENT"),
      drain_agent: z.object({
        agent_id: v.Id,
        max_grace_period: opt(v.Duration),
        mark_gone: opt(boolean()),
      }),
    }),
    z.object({ type: z.literal("DEACTIVATE_AGENT"), deactivate_agent: agent }),
    z.object({ type: z.literal("REACTIVATE_AGENT"), reactivate_agent: agent }),
    bare("GET_QUOTA"),
    z.object({
      type: z.literal("UPDATE_QUOTA"),
      update_quota: z.object({ force: opt(boolean()), quota_configs: list(p.QuotaConfig) }),
    }),
    z.object({
      type: z.literal("SET_QUOTA"),
      set_quota: z.object({ quota_request: p.QuotaRequest }),
    }),
    z.object({ type: z.literal("REMOVE_QUOTA"), remove_quota: z.object({ role: z.string() }) }),
    z.object({ type: z.literal("TEARDOWN"), teardown: z.object({ framework_id: v.Id }) }),
    z.object({ type: z.literal("MARK_AGENT_GONE"), mark_agent_gone: agent }),
  ]);
});

/** @internal */
export const masterNouns = once(() => {
  const v = values();
  const i = infos();
  const o = offers();
  const s = statuses();
  const p = operator();
  const Resource: Named<ResourceJson> = v.Resource;
  const AgentInfo: Named<AgentInfo> = i.AgentInfo;
  const FrameworkInfo: Named<FrameworkInfo> = i.FrameworkInfo;
  const ExecutorInfo: Named<ExecutorInfo> = i.ExecutorInfo;
  const Offer: Named<Offer> = o.Offer;
  const InverseOffer: Named<InverseOffer> = o.InverseOffer;
  const Task: Named<Task> = s.Task;
  const ResourceProvider: Named<ResourceProvider> = p.ResourceProvider;
  const Agent = z.object({
    agent_info: AgentInfo,
    active: boolean(),
    deactivated: opt(boolean()),
    version: z.string(),
    pid: opt(z.string()),
    registered_time: opt(v.TimeInfo),
    reregistered_time: opt(v.TimeInfo),
    total_resources: list(Resource),
    allocated_resources: list(Resource),
    offered_resources: list(Resource),
    capabilities: list(p.AgentCapability),
    resource_providers: list(ResourceProvider),
    drain_info: opt(p.DrainInfo),
    estimated_drain_start_time: opt(v.TimeInfo),
  });
  const Framework = z.object({
    framework_info: FrameworkInfo,
    active: boolean(),
    connected: boolean(),
    recovered: boolean(),
    registered_time: opt(v.TimeInfo),
    reregistered_time: opt(v.TimeInfo),
    unregistered_time: opt(v.TimeInfo),
    offers: list(Offer),
    inverse_offers: list(InverseOffer),
    allocated_resources: list(Resource),
    offered_resources: list(Resource),
    offer_constraints: opt(schedulerApi().OfferConstraints),
  });
  const Executor = z.object({ executor_info: ExecutorInfo, agent_id: v.Id });
  const GetAgents = z.object({ agents: list(Agent), recovered_agents: list(AgentInfo) });
  const GetFrameworks = z.object({
    frameworks: list(Framework),
    completed_frameworks: list(Framework),
    recovered_frameworks: list(FrameworkInfo),
  });
  const GetExecutors = z.object({ executors: list(Executor), orphan_executors: list(Executor) });
  const GetTasks = z.object({
    pending_tasks: list(Task),
    tasks: list(Task),
    unreachable_tasks: list(Task),
    completed_tasks: list(Task),
    orphan_tasks: list(Task),
  });
  const GetState = z.object({
    get_tasks: opt(GetTasks),
    get_executors: opt(GetExecutors),
    get_frameworks: opt(GetFrameworks),
    get_agents: opt(GetAgents),
  });
  return { Agent, Framework, Executor, GetAgents, GetFrameworks, GetExecutors, GetTasks, GetState };
});

/** @internal */
export const masterResponses = once(() => {
  const i = infos();
  const p = operator();
  const n = masterNouns();
  const MasterInfo: Named<MasterInfo> = i.MasterInfo;
  const OperationRecord: Named<OperationRecord> = p.OperationRecord;
  const State: Named<MasterState> = n.GetState;
  const Agents: Named<MasterAgents> = n.GetAgents;
  const Frameworks: Named<MasterFrameworks> = n.GetFrameworks;
  const Executors: Named<MasterExecutors> = n.GetExecutors;
  const Tasks: Named<MasterTasks> = n.GetTasks;
  const Role: Named<Role> = p.Role;
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
    z.object({ type: z.literal("GET_AGENTS"), get_agents: Agents }),
    z.object({ type: z.literal("GET_FRAMEWORKS"), get_frameworks: Frameworks }),
    z.object({ type: z.literal("GET_EXECUTORS"), get_executors: Executors }),
    z.object({
      type: z.literal("GET_OPERATIONS"),
      get_operations: z.object({ operations: list(OperationRecord) }),
    }),
    z.object({ type: z.literal("GET_TASKS"), get_tasks: Tasks }),
    z.object({ type: z.literal("GET_ROLES"), get_roles: z.object({ roles: list(Role) }) }),
    z.object({
      type: z.literal("GET_WEIGHTS"),
      get_weights: z.object({ weight_infos: list(p.WeightInfo) }),
    }),
    z.object({
      type: z.literal("GET_MASTER"),
      get_master: z.object({
        master_info: opt(MasterInfo),
        /** Seconds since 1970, as `elected_time`. */
        start_time: opt(double()),
        elected_time: opt(double()),
      }),
    }),
    z.object({
      type: z.literal("GET_MAINTENANCE_STATUS"),
      get_maintenance_status: z.object({ status: p.MaintenanceStatus }),
    }),
    z.object({
      type: z.literal("GET_MAINTENANCE_SCHEDULE"),
      get_maintenance_schedule: z.object({ schedule: p.MaintenanceSchedule }),
    }),
    z.object({ type: z.literal("GET_QUOTA"), get_quota: z.object({ status: p.QuotaStatus }) }),
  ]);
});

/** @internal */
export const masterEvents = once(() => {
  const v = values();
  const i = infos();
  const s = statuses();
  const n = masterNouns();
  const FrameworkInfo: Named<FrameworkInfo> = i.FrameworkInfo;
  const TaskStatus: Named<TaskStatus> = s.TaskStatus;
  const Task: Named<Task> = s.Task;
  const State: Named<MasterState> = n.GetState;
  const Framework: Named<MasterFramework> = n.Framework;
  const Agent: Named<MasterAgent> = n.Agent;
  const framework = z.object({ framework: Framework });
  return z.discriminatedUnion("type", [
    z.object({
      type: z.literal("SUBSCRIBED"),
      subscribed: z.object({
        get_state: opt(State),
        heartbeat_interval_seconds: opt(double()),
      }),
    }),
    z.object({ type: z.literal("TASK_ADDED"), task_added: z.object({ task: Task }) }),
    z.object({
      type: z.literal("TASK_UPDATED"),
      task_updated: z.object({
        framework_id: v.Id,
        status: TaskStatus,
        /** Where the task stands now, which may be further than `status`. */
        state: z.enum(TASK_STATES),
      }),
    }),
    z.object({ type: z.literal("AGENT_ADDED"), agent_added: z.object({ agent: Agent }) }),
    z.object({ type: z.literal("AGENT_REMOVED"), agent_removed: z.object({ agent_id: v.Id }) }),
    z.object({ type: z.literal("FRAMEWORK_ADDED"), framework_added: framework }),
    z.object({ type: z.literal("FRAMEWORK_UPDATED"), framework_updated: framework }),
    z.object({
      type: z.literal("FRAMEWORK_REMOVED"),
      framework_removed: z.object({ framework_info: FrameworkInfo }),
    }),
    bare("HEARTBEAT"),
  ]);
});

type Nouns = ReturnType<typeof masterNouns>;
type Of<Name extends keyof Nouns> = z.output<Nouns[Name]>;

/** What an operator says to a master. */
export type MasterCall = z.output<ReturnType<typeof masterCalls>>;
/** What a master answers an operator; calls that change something are answered without a body. */
export type MasterResponse = z.output<ReturnType<typeof masterResponses>>;
/** What an operator hears after SUBSCRIBE. */
export type MasterEvent = z.output<ReturnType<typeof masterEvents>>;
/** An agent as a master tells of it. */
export interface MasterAgent extends Of<"Agent"> {}
/** A framework as a master tells of it. */
export interface MasterFramework extends Of<"Framework"> {}
export interface MasterExecutor extends Of<"Executor"> {}
export interface MasterAgents extends Of<"GetAgents"> {}
export interface MasterFrameworks extends Of<"GetFrameworks"> {}
export interface MasterExecutors extends Of<"GetExecutors"> {}
export interface MasterTasks extends Of<"GetTasks"> {}
export interface MasterState extends Of<"GetState"> {}
