/** Nouns that only the operator APIs have: flags, files, weights, quotas, maintenance, draining. */
import * as z from "zod/mini";
import { offers } from "./offers.ts";
import {
  boolean,
  bounded,
  bytes,
  double,
  integer,
  list,
  once,
  openEnum,
  opt,
  optEnum,
} from "./schema.ts";
import { statuses } from "./status.ts";
import { values } from "./values.ts";

/** @internal */
export const operator = once(() => {
  const v = values();
  const o = offers();
  const s = statuses();
  const Flag = z.object({ name: z.string(), value: opt(z.string()) });
  const VersionInfo = z.object({
    version: z.string(),
    build_date: opt(z.string()),
    /** Seconds since 1970. */
    build_time: opt(double()),
    build_user: opt(z.string()),
    git_sha: opt(z.string()),
    git_branch: opt(z.string()),
    git_tag: opt(z.string()),
  });
  const Metric = z.object({ name: z.string(), value: opt(double()) });
  const FileInfo = z.object({
    path: z.string(),
    nlink: opt(integer()),
    size: opt(integer()),
    mtime: opt(v.TimeInfo),
    /** As stat(2) gives it: the kind of file and its permissions. */
    mode: opt(bounded(0, 2 ** 32 - 1)),
    uid: opt(z.string()),
    gid: opt(z.string()),
  });
  const WeightInfo = z.object({ weight: double(), role: opt(z.string()) });
  const Role = z.object({
    name: z.string(),
    weight: double(),
    frameworks: list(v.Id),
    resources: list(v.Resource),
  });
  const QuotaConfig = z.object({
    role: z.string(),
    guarantees: opt(v.Amounts),
    limits: opt(v.Amounts),
  });
  const guarantee = { role: opt(z.string()), guarantee: list(v.Resource) };
  /** Deprecated: a guarantee as resources. */
  const QuotaInfo = z.object({ ...guarantee, principal: opt(z.string()) });
  const QuotaRequest = z.object({ ...guarantee, force: opt(boolean()) });
  const QuotaStatus = z.object({ infos: list(QuotaInfo), configs: list(QuotaConfig) });
  const MaintenanceWindow = z.object({
    machine_ids: list(v.MachineID),
    unavailability: v.Unavailability,
  });
  const MaintenanceSchedule = z.object({ windows: list(MaintenanceWindow) });
  const InverseOfferStatus = z.object({
    status: openEnum("UNKNOWN", "ACCEPT", "DECLINE"),
    framework_id: v.Id,
    timestamp: v.TimeInfo,
  });
  const MaintenanceStatus = z.object({
    draining_machines: list(z.object({ id: v.MachineID, statuses: list(InverseOfferStatus) })),
    down_machines: list(v.MachineID),
  });
  const DrainSettings = z.object({
    max_grace_period: opt(v.DurationInfo),
    mark_gone: opt(boolean()),
  });
  const DrainInfo = z.object({
    state: z.enum(["UNKNOWN", "DRAINING", "DRAINED"]),
    config: DrainSettings,
  });
  /** An operation with its history: `mesos.v1.Operation`. */
  const OperationRecord = z.object({
    framework_id: opt(v.Id),
    agent_id: opt(v.Id),
    info: o.Operation,
    latest_status: s.OperationStatus,
    statuses: list(s.OperationStatus),
    uuid: z.object({ value: bytes() }),
  });
  const ResourceProviderInfo = z.object({
    id: opt(v.Id),
    attributes: list(v.Attribute),
    type: z.string(),
    name: z.string(),
    default_reservations: list(v.ReservationInfo),
  });
  const ResourceProvider = z.object({
    resource_provider_info: ResourceProviderInfo,
    total_resources: list(v.Resource),
  });
  const AgentCapability = z.object({
    type: optEnum(
      "UNKNOWN",
      "MULTI_ROLE",
      "HIERARCHICAL_ROLE",
      "RESERVATION_REFINEMENT",
      "RESOURCE_PROVIDER",
      "RESIZE_VOLUME",
      "AGENT_OPERATION_FEEDBACK",
      "AGENT_DRAINING",
      "TASK_RESOURCE_LIMITS",
    ),
  });
  return {
    Flag,
    VersionInfo,
    Metric,
    FileInfo,
    WeightInfo,
    Role,
    QuotaConfig,
    QuotaInfo,
    QuotaRequest,
    QuotaStatus,
    MaintenanceWindow,
    MaintenanceSchedule,
    InverseOfferStatus,
    MaintenanceStatus,
    DrainSettings,
    DrainInfo,
    OperationRecord,
    ResourceProviderInfo,
    ResourceProvider,
    AgentCapability,
    ...sharedParts(),
  };
});

/** The parts that the master's and the agent's calls and responses have in common. */
function sharedParts() {
  const v = values();
  return {
    GetMetrics: z.object({ timeout: opt(v.DurationInfo) }),
    SetLoggingLevel: z.object({ level: bounded(0, 2 ** 32 - 1), duration: v.DurationInfo }),
    ListFiles: z.object({ path: z.string() }),
    ReadFile: z.object({
      path: z.string(),
      offset: bounded(0, Number.MAX_SAFE_INTEGER),
      length: opt(bounded(0, Number.MAX_SAFE_INTEGER)),
    }),
    ReadFileAnswer: z.object({ size: integer(), data: bytes() }),
  };
}

type Operator = ReturnType<typeof operator>;
type Of<Name extends keyof Operator> = z.output<Operator[Name]>;

export interface Flag extends Of<"Flag"> {}
export interface VersionInfo extends Of<"VersionInfo"> {}
export interface Metric extends Of<"Metric"> {}
export interface FileInfo extends Of<"FileInfo"> {}
export interface WeightInfo extends Of<"WeightInfo"> {}
export interface Role extends Of<"Role"> {}
/** Guarantees and limits of a role, by kind. */
export interface QuotaConfig extends Of<"QuotaConfig"> {}
export interface QuotaInfo extends Of<"QuotaInfo"> {}
export interface QuotaRequest extends Of<"QuotaRequest"> {}
export interface QuotaStatus extends Of<"QuotaStatus"> {}
export interface MaintenanceWindow extends Of<"MaintenanceWindow"> {}
export interface MaintenanceSchedule extends Of<"MaintenanceSchedule"> {}
export interface MaintenanceStatus extends Of<"MaintenanceStatus"> {}
/** What a framework said to an inverse offer. */
export interface InverseOfferStatus extends Of<"InverseOfferStatus"> {}
/** `mesos.v1.DrainConfig`. */
export interface DrainSettings extends Of<"DrainSettings"> {}
export interface DrainInfo extends Of<"DrainInfo"> {}
/** `mesos.v1.Operation`: an operation and what became of it. */
export interface OperationRecord extends Of<"OperationRecord"> {}
export interface ResourceProviderInfo extends Of<"ResourceProviderInfo"> {}
export interface ResourceProvider extends Of<"ResourceProvider"> {}
export interface AgentCapability extends Of<"AgentCapability"> {}
