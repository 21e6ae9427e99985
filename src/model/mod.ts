/**
 * The nouns, calls and events of the Mesos v1 APIs, with the field names of their JSON: types, and
 * readers that check what comes in. Ids are wrapped as on the wire (`{ value: "…" }`), bytes are
 * base64 text, unknown fields are left out, and `null` is the same as absent.
 *
 * @example
 * ```ts
 * import { readSchedulerCall } from "fairlead/model";
 *
 * const call = readSchedulerCall({ type: "TEARDOWN", framework_id: { value: "f1" }, extra: null });
 * console.assert(call.type === "TEARDOWN" && call.framework_id.value === "f1");
 * ```
 *
 * @module
 */
export type {
  AgentCall,
  AgentContainer,
  AgentExecutors,
  AgentFrameworks,
  AgentResponse,
  AgentState,
  AgentTasks,
  ContainerTermination,
  ProcessIO,
} from "./agent_api.ts";
export type {
  ConsoleAgent,
  ConsoleAgentCounts,
  ConsoleAgentRow,
  ConsoleAgentState,
  ConsoleAmounts,
  ConsoleDelta,
  ConsoleExplanations,
  ConsoleFile,
  ConsoleFileChunk,
  ConsoleFiles,
  ConsoleFrameworkRow,
  ConsoleFrameworkState,
  ConsoleMachine,
  ConsoleMaintenance,
  ConsoleOffer,
  ConsoleOffers,
  ConsoleRoleMember,
  ConsoleRoleRow,
  ConsoleSnapshot,
  ConsoleSummary,
  ConsoleTask,
  ConsoleTaskRow,
  ConsoleTaskSort,
  ConsoleTaskStatus,
  ConsoleTasks,
} from "./console_api.ts";
export type { ExecutorCall, ExecutorEvent } from "./executor_api.ts";
export type {
  AgentInfo,
  CheckInfo,
  CommandInfo,
  ContainerInfo,
  DiscoveryInfo,
  Environment,
  ExecutorInfo,
  FrameworkInfo,
  HealthCheck,
  MasterInfo,
  NetworkInfo,
  TaskGroupInfo,
  TaskInfo,
  TTYInfo,
} from "./infos.ts";
export {
  type AgentMessage,
  type Ask,
  type DrainConfig,
  LINK_PATH,
  LINK_PROTOCOL,
  LINK_VERSION,
  type MasterMessage,
  type PendingOperation,
  type Registration,
  type RunningExecutor,
  type TaskLaunch,
} from "./link.ts";
export { readAgentMessages, readMasterMessages } from "./link_read.ts";
export type {
  MasterAgent,
  MasterAgents,
  MasterCall,
  MasterEvent,
  MasterExecutor,
  MasterExecutors,
  MasterFramework,
  MasterFrameworks,
  MasterResponse,
  MasterState,
  MasterTasks,
} from "./master_api.ts";
export { dropNulls } from "./nulls.ts";
export type { InverseOffer, Offer, Operation } from "./offers.ts";
export type {
  AgentCapability,
  DrainInfo,
  DrainSettings,
  FileInfo,
  Flag,
  InverseOfferStatus,
  MaintenanceSchedule,
  MaintenanceStatus,
  MaintenanceWindow,
  Metric,
  OperationRecord,
  QuotaConfig,
  QuotaInfo,
  QuotaRequest,
  QuotaStatus,
  ResourceProvider,
  ResourceProviderInfo,
  Role,
  VersionInfo,
  WeightInfo,
} from "./operator.ts";
export {
  readAgentCall,
  readAgentResponse,
  readExecutorCall,
  readExecutorEvent,
  readJson,
  readMasterCall,
  readMasterEvent,
  readMasterResponse,
  readProcessIO,
  readSchedulerCall,
  readSchedulerEvent,
} from "./read.ts";
export type { Attribute, ResourceJson } from "./resource_json.ts";
export type {
  OfferConstraintsJson,
  OfType,
  SchedulerCall,
  SchedulerEvent,
} from "./scheduler_api.ts";
export type { ResourceStatistics } from "./statistics.ts";
export {
  type CheckStatusInfo,
  type ContainerID,
  type ContainerStatus,
  isTerminal,
  type OperationState,
  type OperationStatus,
  TASK_REASONS,
  TASK_STATES,
  type Task,
  type TaskReason,
  type TaskResourceLimitation,
  type TaskSource,
  type TaskState,
  type TaskStatus,
} from "./status.ts";
export {
  type Address,
  type Amounts,
  type DomainInfo,
  type Duration,
  type DurationInfo,
  type Filters,
  type Id,
  type KillPolicy,
  type Label,
  type Labels,
  type MachineID,
  nanosecondsOf,
  type Secret,
  type TimeInfo,
  type Unavailability,
  type URLInfo,
} from "./values.ts";
export type { Image, Parameter, Volume } from "./volumes.ts";
