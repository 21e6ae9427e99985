/** What frameworks, agents, executors and tasks say of themselves. */
import * as z from "zod/mini";
import { Attribute, ResourceJson } from "./resource_json.ts";
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
import {
  Address,
  Amounts,
  DomainInfo,
  DurationInfo,
  Id,
  KillPolicy,
  Labels,
  Secret,
} from "./values.ts";
import { Image, Parameter, Volume } from "./volumes.ts";

const environment = () =>
  z.object({
    variables: list(
      z.object({
        name: z.string(),
        type: optEnum("UNKNOWN", "VALUE", "SECRET"),
        value: opt(z.string()),
        secret: opt(Secret()),
      }),
    ),
  });
export interface Environment extends z.output<ReturnType<typeof environment>> {}
/** @internal */
export const Environment: Schema<Environment> = once(environment);

const commandInfo = () =>
  z.object({
    uris: list(
      z.object({
        value: z.string(),
        executable: opt(boolean()),
        extract: opt(boolean()),
        cache: opt(boolean()),
        output_file: opt(z.string()),
      }),
    ),
    environment: opt(Environment()),
    shell: opt(boolean()),
    value: opt(z.string()),
    arguments: list(z.string()),
    user: opt(z.string()),
  });
export interface CommandInfo extends z.output<ReturnType<typeof commandInfo>> {}
/** @internal */
export const CommandInfo: Schema<CommandInfo> = once(commandInfo);

const portMapping = () =>
  z.object({
    host_port: bounded(0, 65_535),
    container_port: bounded(0, 65_535),
    protocol: opt(z.string()),
  });
export interface PortMapping extends z.output<ReturnType<typeof portMapping>> {}
/** @internal */
export const PortMapping: Schema<PortMapping> = once(portMapping);

const networkInfo = () =>
  z.object({
    ip_addresses: list(
      z.object({ protocol: opt(openEnum("IPv4", "IPv6")), ip_address: opt(z.string()) }),
    ),
    name: opt(z.string()),
    groups: list(z.string()),
    labels: opt(Labels()),
    port_mappings: list(PortMapping()),
  });
export interface NetworkInfo extends z.output<ReturnType<typeof networkInfo>> {}
/** @internal */
export const NetworkInfo: Schema<NetworkInfo> = once(networkInfo);

const ttyInfo = () =>
  z.object({
    window_size: opt(z.object({ rows: bounded(0, 65_535), columns: bounded(0, 65_535) })),
  });
export interface TTYInfo extends z.output<ReturnType<typeof ttyInfo>> {}
/** @internal */
export const TTYInfo: Schema<TTYInfo> = once(ttyInfo);

const capabilities = () => z.object({ capabilities: list(z.string()) });
export interface Capabilities extends z.output<ReturnType<typeof capabilities>> {}
/** @internal */
export const Capabilities: Schema<Capabilities> = once(capabilities);

const containerInfo = () =>
  z.object({
    type: openEnum("DOCKER", "MESOS"),
    volumes: list(Volume()),
    hostname: opt(z.string()),
    docker: opt(
      z.object({
        image: z.string(),
        network: opt(openEnum("HOST", "BRIDGE", "NONE", "USER")),
        port_mappings: list(PortMapping()),
        privileged: opt(boolean()),
        parameters: list(Parameter()),
        force_pull_image: opt(boolean()),
        volume_driver: opt(z.string()),
      }),
    ),
    mesos: opt(z.object({ image: opt(Image()) })),
    network_infos: list(NetworkInfo()),
    linux_info: opt(
      z.object({
        share_pid_namespace: opt(boolean()),
        /** Deprecated: what `effective_capabilities` are now. */
        capability_info: opt(Capabilities()),
        effective_capabilities: opt(Capabilities()),
        bounding_capabilities: opt(Capabilities()),
        seccomp: opt(z.object({ profile_name: opt(z.string()), unconfined: opt(boolean()) })),
        share_cgroups: opt(boolean()),
        ipc_mode: opt(openEnum("UNKNOWN", "PRIVATE", "SHARE_PARENT")),
        shm_size: opt(bounded(0, 2 ** 32 - 1)),
      }),
    ),
    rlimit_info: opt(
      z.object({
        rlimits: list(
          z.object({
            type: z._default(z.string(), "UNKNOWN"),
            hard: opt(bounded(0, 2 ** 64)),
            soft: opt(bounded(0, 2 ** 64)),
          }),
        ),
      }),
    ),
    tty_info: opt(TTYInfo()),
  });
export interface ContainerInfo extends z.output<ReturnType<typeof containerInfo>> {}
/** @internal */
export const ContainerInfo: Schema<ContainerInfo> = once(containerInfo);

const healthCheck = () => {
  const times = {
    delay_seconds: opt(double()),
    interval_seconds: opt(double()),
    timeout_seconds: opt(double()),
  };
  return z.object({
    ...times,
    consecutive_failures: opt(bounded(0, 2 ** 32 - 1)),
    grace_period_seconds: opt(double()),
    type: opt(openEnum("UNKNOWN", "COMMAND", "HTTP", "TCP")),
    command: opt(CommandInfo()),
    http: opt(
      z.object({
        protocol: opt(openEnum("IPv4", "IPv6")),
        scheme: opt(z.string()),
        port: bounded(0, 65_535),
        path: opt(z.string()),
        statuses: list(bounded(0, 999)),
      }),
    ),
    tcp: opt(z.object({ protocol: opt(openEnum("IPv4", "IPv6")), port: bounded(0, 65_535) })),
  });
};
export interface HealthCheck extends z.output<ReturnType<typeof healthCheck>> {}
/** @internal */
export const HealthCheck: Schema<HealthCheck> = once(healthCheck);

const checkInfo = () => {
  const times = {
    delay_seconds: opt(double()),
    interval_seconds: opt(double()),
    timeout_seconds: opt(double()),
  };
  return z.object({
    ...times,
    type: opt(openEnum("UNKNOWN", "COMMAND", "HTTP", "TCP")),
    command: opt(z.object({ command: CommandInfo() })),
    http: opt(z.object({ port: bounded(0, 65_535), path: opt(z.string()) })),
    tcp: opt(z.object({ port: bounded(0, 65_535) })),
  });
};
export interface CheckInfo extends z.output<ReturnType<typeof checkInfo>> {}
/** @internal */
export const CheckInfo: Schema<CheckInfo> = once(checkInfo);

const discoveryInfo = () =>
  z.object({
    visibility: openEnum("FRAMEWORK", "CLUSTER", "EXTERNAL"),
    name: opt(z.string()),
    environment: opt(z.string()),
    location: opt(z.string()),
    version: opt(z.string()),
    ports: opt(
      z.object({
        ports: list(
          z.object({
            number: bounded(0, 65_535),
            name: opt(z.string()),
            protocol: opt(z.string()),
            visibility: opt(openEnum("FRAMEWORK", "CLUSTER", "EXTERNAL")),
            labels: opt(Labels()),
          }),
        ),
      }),
    ),
    labels: opt(Labels()),
  });
export interface DiscoveryInfo extends z.output<ReturnType<typeof discoveryInfo>> {}
/** @internal */
export const DiscoveryInfo: Schema<DiscoveryInfo> = once(discoveryInfo);

const frameworkInfo = () =>
  z.object({
    user: z.string(),
    name: z.string(),
    id: opt(Id()),
    failover_timeout: opt(double()),
    checkpoint: opt(boolean()),
    /** Deprecated: one role instead of `roles`. */
    role: opt(z.string()),
    roles: list(z.string()),
    hostname: opt(z.string()),
    principal: opt(z.string()),
    webui_url: opt(z.string()),
    capabilities: list(
      z.object({
        type: opt(
          openEnum(
            "REVOCABLE_RESOURCES",
            "TASK_KILLING_STATE",
            "GPU_RESOURCES",
            "SHARED_RESOURCES",
            "PARTITION_AWARE",
            "MULTI_ROLE",
            "RESERVATION_REFINEMENT",
            "REGION_AWARE",
          ),
        ),
      }),
    ),
    labels: opt(Labels()),
    offer_filters: opt(
      z.record(
        z.string(),
        z.object({
          min_allocatable_resources: opt(
            z.object({ quantities: list(z.object({ quantities: opt(Amounts()) })) }),
          ),
        }),
      ),
    ),
  });
export interface FrameworkInfo extends z.output<ReturnType<typeof frameworkInfo>> {}
/** @internal */
export const FrameworkInfo: Schema<FrameworkInfo> = once(frameworkInfo);

const agentInfo = () =>
  z.object({
    hostname: z.string(),
    port: opt(bounded(0, 65_535)),
    resources: list(ResourceJson()),
    attributes: list(Attribute()),
    id: opt(Id()),
    domain: opt(DomainInfo()),
  });
export interface AgentInfo extends z.output<ReturnType<typeof agentInfo>> {}
/** @internal */
export const AgentInfo: Schema<AgentInfo> = once(agentInfo);

const masterInfo = () =>
  z.object({
    id: z.string(),
    /** The IPv4 address as an unsigned integer in network byte order, as Mesos has it. */
    ip: bounded(0, 2 ** 32 - 1),
    port: bounded(0, 65_535),
    pid: opt(z.string()),
    hostname: opt(z.string()),
    version: opt(z.string()),
    address: opt(Address()),
    domain: opt(DomainInfo()),
    capabilities: list(z.object({ type: opt(z.string()) })),
  });
export interface MasterInfo extends z.output<ReturnType<typeof masterInfo>> {}
/** @internal */
export const MasterInfo: Schema<MasterInfo> = once(masterInfo);

const executorInfo = () =>
  z.object({
    type: opt(openEnum("UNKNOWN", "DEFAULT", "CUSTOM")),
    executor_id: Id(),
    framework_id: opt(Id()),
    command: opt(CommandInfo()),
    container: opt(ContainerInfo()),
    resources: list(ResourceJson()),
    name: opt(z.string()),
    source: opt(z.string()),
    data: opt(bytes()),
    discovery: opt(DiscoveryInfo()),
    shutdown_grace_period: opt(DurationInfo()),
    labels: opt(Labels()),
  });
export interface ExecutorInfo extends z.output<ReturnType<typeof executorInfo>> {}
/** @internal */
export const ExecutorInfo: Schema<ExecutorInfo> = once(executorInfo);

const taskInfo = () =>
  z.object({
    name: z.string(),
    task_id: Id(),
    agent_id: Id(),
    resources: list(ResourceJson()),
    executor: opt(ExecutorInfo()),
    command: opt(CommandInfo()),
    container: opt(ContainerInfo()),
    health_check: opt(HealthCheck()),
    check: opt(CheckInfo()),
    kill_policy: opt(KillPolicy()),
    data: opt(bytes()),
    labels: opt(Labels()),
    discovery: opt(DiscoveryInfo()),
    max_completion_time: opt(DurationInfo()),
    /** What the task may burst to, by kind; cpus and mem may be `Infinity`. */
    limits: opt(Amounts()),
  });
export interface TaskInfo extends z.output<ReturnType<typeof taskInfo>> {}
/** @internal */
export const TaskInfo: Schema<TaskInfo> = once(taskInfo);

const taskGroupInfo = () => z.object({ tasks: list(TaskInfo()) });
export interface TaskGroupInfo extends z.output<ReturnType<typeof taskGroupInfo>> {}
/** @internal */
export const TaskGroupInfo: Schema<TaskGroupInfo> = once(taskGroupInfo);
