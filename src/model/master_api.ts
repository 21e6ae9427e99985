/** `POST /api/v1` of a master: what an operator says and hears. */
import * as z from "zod/mini";
import { infos } from "./infos.ts";
import { offers } from "./offers.ts";
import { operator } from "./operator.ts";
import { schedulerApi } from "./scheduler_api.ts";
import { boolean, bounded, double, list, once, opt } from "./schema.ts";
import { statuses, TASK_STATES } from "./status.ts";
import { values } from "./values.ts";

/** A call or event that says all by its type. */
function bare<const Type extends string>(type: Type) {
  return z.object({ type: z.literal(type) });
}

/** @internal */
export const masterCalls = once(() => {
  const v = values();
  const p = operator();
  const agent = z.object({ agent_id: v.Id });
  const resources = z.object({ agent_id: v.Id, resources: list(v.Resource) });
  const volumes = z.object({ agent_id: v.Id, volumes: list(v.Resource) });
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
      reserve_resources: z.extend(resources, { source: list(v.Resource) }),
    }),
    z.object({ type: z.literal("UNRESERVE_RESOURCES"), unreserve_resources: resources }),
    z.object({ type: z.literal("CREATE_VOLUMES"), create_volumes: volumes }),
    z.object({ type: z.literal("DESTROY_VOLUMES"), destroy_volumes: volumes }),
    z.object({
      type: z.literal("GROW_VOLUME"),
      grow_volume: z.object({ agent_id: opt(v.Id), volume: v.Resource, addition: v.Resource }),
    }),
    z.object({
      type: z.literal("SHRINK_VOLUME"),
      shrink_volume: z.object({ agent_id: opt(v.Id), volume: v.Resource, subtract: v.Scalar }),
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
  const Agent = z.object({
    agent_info: i.AgentInfo,
    active: boolean(),
    deactivated: opt(boolean()),
    version: z.string(),
    pid: opt(z.string()),
    registered_time: opt(v.TimeInfo),
    reregistered_time: opt(v.TimeInfo),
    total_resources: list(v.Resource),
    allocated_resources: list(v.Resource),
    offered_resources: list(v.Resource),
    capabilities: list(p.AgentCapability),
    resource_providers: list(p.ResourceProvider),
    drain_info: opt(p.DrainInfo),
    estimated_drain_start_time: opt(v.TimeInfo),
  });
  const Framework = z.object({
    framework_info: i.FrameworkInfo,
    active: boolean(),
    connected: boolean(),
    recovered: boolean(),
    registered_time: opt(v.TimeInfo),
    reregistered_time: opt(v.TimeInfo),
    unregistered_time: opt(v.TimeInfo),
    offers: list(o.Offer),
    inverse_offers: list(o.InverseOffer),
    allocated_resources: list(v.Resource),
    offered_resources: list(v.Resource),
    offer_constraints: opt(schedulerApi().OfferConstraints),
  });
  const Executor = z.object({ executor_info: i.ExecutorInfo, agent_id: v.Id });
  const GetAgents = z.object({ agents: list(Agent), recovered_agents: list(i.AgentInfo) });
  const GetFrameworks = z.object({
    frameworks: list(Framework),
    completed_frameworks: list(Framework),
    recovered_frameworks: list(i.FrameworkInfo),
  });
  const GetExecutors = z.object({ executors: list(Executor), orphan_executors: list(Executor) });
  const GetTasks = z.object({
    pending_tasks: list(s.Task),
    tasks: list(s.Task),
    unreachable_tasks: list(s.Task),
    completed_tasks: list(s.Task),
    orphan_tasks: list(s.Task),
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
    z.object({ type: z.literal("GET_STATE"), get_state: n.GetState }),
    z.object({ type: z.literal("GET_AGENTS"), get_agents: n.GetAgents }),
    z.object({ type: z.literal("GET_FRAMEWORKS"), get_frameworks: n.GetFrameworks }),
    z.object({ type: z.literal("GET_EXECUTORS"), get_executors: n.GetExecutors }),
    z.object({
      type: z.literal("GET_OPERATIONS"),
      get_operations: z.object({ operations: list(p.OperationRecord) }),
    }),
    z.object({ type: z.literal("GET_TASKS"), get_tasks: n.GetTasks }),
    z.object({ type: z.literal("GET_ROLES"), get_roles: z.object({ roles: list(p.Role) }) }),
    z.object({
      type: z.literal("GET_WEIGHTS"),
      get_weights: z.object({ weight_infos: list(p.WeightInfo) }),
    }),
    z.object({
      type: z.literal("GET_MASTER"),
      get_master: z.object({
        master_info: opt(i.MasterInfo),
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
  const framework = z.object({ framework: n.Framework });
  return z.discriminatedUnion("type", [
    z.object({
      type: z.literal("SUBSCRIBED"),
      subscribed: z.object({
        get_state: opt(n.GetState),
        heartbeat_interval_seconds: opt(double()),
      }),
    }),
    z.object({ type: z.literal("TASK_ADDED"), task_added: z.object({ task: s.Task }) }),
    z.object({
      type: z.literal("TASK_UPDATED"),
      task_updated: z.object({
        framework_id: v.Id,
        status: s.TaskStatus,
        /** Where the task stands now, which may be further than `status`. */
        state: z.enum(TASK_STATES),
      }),
    }),
    z.object({ type: z.literal("AGENT_ADDED"), agent_added: z.object({ agent: n.Agent }) }),
    z.object({ type: z.literal("AGENT_REMOVED"), agent_removed: z.object({ agent_id: v.Id }) }),
    z.object({ type: z.literal("FRAMEWORK_ADDED"), framework_added: framework }),
    z.object({ type: z.literal("FRAMEWORK_UPDATED"), framework_updated: framework }),
    z.object({
      type: z.literal("FRAMEWORK_REMOVED"),
      framework_removed: z.object({ framework_info: i.FrameworkInfo }),
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
export type MasterAgent = Of<"Agent">;
/** A framework as a master tells of it. */
export type MasterFramework = Of<"Framework">;
export type MasterExecutor = Of<"Executor">;
export type MasterAgents = Of<"GetAgents">;
export type MasterFrameworks = Of<"GetFrameworks">;
export type MasterExecutors = Of<"GetExecutors">;
export type MasterTasks = Of<"GetTasks">;
export type MasterState = Of<"GetState">;
