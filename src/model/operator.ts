/** Nouns that only the operator APIs have: flags, files, weights, quotas, maintenance, draining. */
import * as z from "zod/mini";
import { Operation } from "./offers.ts";
import { Attribute, ReservationInfo, ResourceJson } from "./resource_json.ts";
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
  type Schema,
} from "./schema.ts";
import { OperationStatus } from "./status.ts";
import { Amounts, DurationInfo, Id, MachineID, TimeInfo, Unavailability } from "./values.ts";

const flag = () => z.object({ name: z.string(), value: opt(z.string()) });
export interface Flag extends z.output<ReturnType<typeof flag>> {}
/** @internal */
export const Flag: Schema<Flag> = once(flag);

const versionInfo = () =>
  z.object({
    version: z.string(),
    build_date: opt(z.string()),
    /** Seconds since 1970. */
    build_time: opt(double()),
    build_user: opt(z.string()),
    git_sha: opt(z.string()),
    git_branch: opt(z.string()),
    git_tag: opt(z.string()),
  });
export interface VersionInfo extends z.output<ReturnType<typeof versionInfo>> {}
/** @internal */
export const VersionInfo: Schema<VersionInfo> = once(versionInfo);

const metric = () => z.object({ name: z.string(), value: opt(double()) });
export interface Metric extends z.output<ReturnType<typeof metric>> {}
/** @internal */
export const Metric: Schema<Metric> = once(metric);

const fileInfo = () =>
  z.object({
    path: z.string(),
    nlink: opt(integer()),
    size: opt(integer()),
    mtime: opt(TimeInfo()),
    /** As stat(2) gives it: the kind of file and its permissions. */
    mode: opt(bounded(0, 2 ** 32 - 1)),
    uid: opt(z.string()),
    gid: opt(z.string()),
  });
export interface FileInfo extends z.output<ReturnType<typeof fileInfo>> {}
/** @internal */
export const FileInfo: Schema<FileInfo> = once(fileInfo);

const weightInfo = () => z.object({ weight: double(), role: opt(z.string()) });
export interface WeightInfo extends z.output<ReturnType<typeof weightInfo>> {}
/** @internal */
export const WeightInfo: Schema<WeightInfo> = once(weightInfo);

const role = () =>
  z.object({
    name: z.string(),
    weight: double(),
    frameworks: list(Id()),
    resources: list(ResourceJson()),
  });
export interface Role extends z.output<ReturnType<typeof role>> {}
/** @internal */
export const Role: Schema<Role> = once(role);

const quotaConfig = () =>
  z.object({
    role: z.string(),
    guarantees: opt(Amounts()),
    limits: opt(Amounts()),
  });
/** Guarantees and limits of a role, by kind. */
export interface QuotaConfig extends z.output<ReturnType<typeof quotaConfig>> {}
/** @internal */
export const QuotaConfig: Schema<QuotaConfig> = once(quotaConfig);

const quotaInfo = () => {
  const guarantee = { role: opt(z.string()), guarantee: list(ResourceJson()) };
  return z.object({ ...guarantee, principal: opt(z.string()) });
};
/** Deprecated: a guarantee as resources. */
export interface QuotaInfo extends z.output<ReturnType<typeof quotaInfo>> {}
/** @internal */
export const QuotaInfo: Schema<QuotaInfo> = once(quotaInfo);

const quotaRequest = () => {
  const guarantee = { role: opt(z.string()), guarantee: list(ResourceJson()) };
  return z.object({ ...guarantee, force: opt(boolean()) });
};
export interface QuotaRequest extends z.output<ReturnType<typeof quotaRequest>> {}
/** @internal */
export const QuotaRequest: Schema<QuotaRequest> = once(quotaRequest);

const quotaStatus = () => z.object({ infos: list(QuotaInfo()), configs: list(QuotaConfig()) });
export interface QuotaStatus extends z.output<ReturnType<typeof quotaStatus>> {}
/** @internal */
export const QuotaStatus: Schema<QuotaStatus> = once(quotaStatus);

const maintenanceWindow = () =>
  z.object({
    machine_ids: list(MachineID()),
    unavailability: Unavailability(),
  });
export interface MaintenanceWindow extends z.output<ReturnType<typeof maintenanceWindow>> {}
/** @internal */
export const MaintenanceWindow: Schema<MaintenanceWindow> = once(maintenanceWindow);

const maintenanceSchedule = () => z.object({ windows: list(MaintenanceWindow()) });
export interface MaintenanceSchedule extends z.output<ReturnType<typeof maintenanceSchedule>> {}
/** @internal */
export const MaintenanceSchedule: Schema<MaintenanceSchedule> = once(maintenanceSchedule);

const inverseOfferStatus = () =>
  z.object({
    status: openEnum("UNKNOWN", "ACCEPT", "DECLINE"),
    framework_id: Id(),
    timestamp: TimeInfo(),
  });
/** What a framework said to an inverse offer. */
export interface InverseOfferStatus extends z.output<ReturnType<typeof inverseOfferStatus>> {}
/** @internal */
export const InverseOfferStatus: Schema<InverseOfferStatus> = once(inverseOfferStatus);

const maintenanceStatus = () =>
  z.object({
    draining_machines: list(z.object({ id: MachineID(), statuses: list(InverseOfferStatus()) })),
    down_machines: list(MachineID()),
  });
export interface MaintenanceStatus extends z.output<ReturnType<typeof maintenanceStatus>> {}
/** @internal */
export const MaintenanceStatus: Schema<MaintenanceStatus> = once(maintenanceStatus);

const drainSettings = () =>
  z.object({
    max_grace_period: opt(DurationInfo()),
    mark_gone: opt(boolean()),
  });
/** `mesos.v1.DrainConfig`. */
export interface DrainSettings extends z.output<ReturnType<typeof drainSettings>> {}
/** @internal */
export const DrainSettings: Schema<DrainSettings> = once(drainSettings);

const drainInfo = () =>
  z.object({
    state: z.enum(["UNKNOWN", "DRAINING", "DRAINED"]),
    config: DrainSettings(),
  });
export interface DrainInfo extends z.output<ReturnType<typeof drainInfo>> {}
/** @internal */
export const DrainInfo: Schema<DrainInfo> = once(drainInfo);

const operationRecord = () =>
  z.object({
    framework_id: opt(Id()),
    agent_id: opt(Id()),
    info: Operation(),
    latest_status: OperationStatus(),
    statuses: list(OperationStatus()),
    uuid: z.object({ value: bytes() }),
  });
/** `mesos.v1.Operation`: an operation and what became of it. */
export interface OperationRecord extends z.output<ReturnType<typeof operationRecord>> {}
/** @internal */
export const OperationRecord: Schema<OperationRecord> = once(operationRecord);

const resourceProviderInfo = () =>
  z.object({
    id: opt(Id()),
    attributes: list(Attribute()),
    type: z.string(),
    name: z.string(),
    default_reservations: list(ReservationInfo()),
  });
export interface ResourceProviderInfo extends z.output<ReturnType<typeof resourceProviderInfo>> {}
/** @internal */
export const ResourceProviderInfo: Schema<ResourceProviderInfo> = once(resourceProviderInfo);

const resourceProvider = () =>
  z.object({
    resource_provider_info: ResourceProviderInfo(),
    total_resources: list(ResourceJson()),
  });
export interface ResourceProvider extends z.output<ReturnType<typeof resourceProvider>> {}
/** @internal */
export const ResourceProvider: Schema<ResourceProvider> = once(resourceProvider);

const agentCapability = () =>
  z.object({
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
export interface AgentCapability extends z.output<ReturnType<typeof agentCapability>> {}
/** @internal */
export const AgentCapability: Schema<AgentCapability> = once(agentCapability);

const getMetrics = () => z.object({ timeout: opt(DurationInfo()) });
/** The same of master and agent. */
export interface GetMetrics extends z.output<ReturnType<typeof getMetrics>> {}
/** @internal */
export const GetMetrics: Schema<GetMetrics> = once(getMetrics);

const setLoggingLevel = () =>
  z.object({ level: bounded(0, 2 ** 32 - 1), duration: DurationInfo() });
/** The same of master and agent. */
export interface SetLoggingLevel extends z.output<ReturnType<typeof setLoggingLevel>> {}
/** @internal */
export const SetLoggingLevel: Schema<SetLoggingLevel> = once(setLoggingLevel);

const listFiles = () => z.object({ path: z.string() });
/** The same of master and agent. */
export interface ListFiles extends z.output<ReturnType<typeof listFiles>> {}
/** @internal */
export const ListFiles: Schema<ListFiles> = once(listFiles);

const readFile = () =>
  z.object({
    path: z.string(),
    offset: bounded(0, Number.MAX_SAFE_INTEGER),
    length: opt(bounded(0, Number.MAX_SAFE_INTEGER)),
  });
/** The same of master and agent. */
export interface ReadFile extends z.output<ReturnType<typeof readFile>> {}
/** @internal */
export const ReadFile: Schema<ReadFile> = once(readFile);

const readFileAnswer = () => z.object({ size: integer(), data: bytes() });
/** The same of master and agent. */
export interface ReadFileAnswer extends z.output<ReturnType<typeof readFileAnswer>> {}
/** @internal */
export const ReadFileAnswer: Schema<ReadFileAnswer> = once(readFileAnswer);
