/** What frameworks, agents, executors and tasks say of themselves. */
import * as z from "zod/mini";
import { boolean, bounded, bytes, double, list, once, openEnum, opt, optEnum } from "./schema.ts";
import { values } from "./values.ts";

/** @internal */
export const infos = once(() => {
  const v = values();

  const Environment = z.object({
    variables: list(
      z.object({
        name: z.string(),
        type: optEnum("UNKNOWN", "VALUE", "SECRET"),
        value: opt(z.string()),
        secret: opt(v.Secret),
      }),
    ),
  });
  const CommandInfo = z.object({
    uris: list(
      z.object({
        value: z.string(),
        executable: opt(boolean()),
        extract: opt(boolean()),
        cache: opt(boolean()),
        output_file: opt(z.string()),
      }),
    ),
    environment: opt(Environment),
    shell: opt(boolean()),
    value: opt(z.string()),
    arguments: list(z.string()),
    user: opt(z.string()),
  });
  const PortMapping = z.object({
    host_port: bounded(0, 65_535),
    container_port: bounded(0, 65_535),
    protocol: opt(z.string()),
  });
  const NetworkInfo = z.object({
    ip_addresses: list(
      z.object({ protocol: opt(openEnum("IPv4", "IPv6")), ip_address: opt(z.string()) }),
    ),
    name: opt(z.string()),
    groups: list(z.string()),
    labels: opt(v.Labels),
    port_mappings: list(PortMapping),
  });
  const TTYInfo = z.object({
    window_size: opt(z.object({ rows: bounded(0, 65_535), columns: bounded(0, 65_535) })),
  });
  const Capabilities = z.object({ capabilities: list(z.string()) });
  const ContainerInfo = z.object({
    type: openEnum("DOCKER", "MESOS"),
    volumes: list(v.Volume),
    hostname: opt(z.string()),
    docker: opt(
      z.object({
        image: z.string(),
        network: opt(openEnum("HOST", "BRIDGE", "NONE", "USER")),
        port_mappings: list(PortMapping),
        privileged: opt(boolean()),
        parameters: list(v.Parameter),
        force_pull_image: opt(boolean()),
        volume_driver: opt(z.string()),
      }),
    ),
    mesos: opt(z.object({ image: opt(v.Image) })),
    network_infos: list(NetworkInfo),
    linux_info: opt(
      z.object({
        share_pid_namespace: opt(boolean()),
        /** Deprecated: what `effective_capabilities` are now. */
        capability_info: opt(Capabilities),
        effective_capabilities: opt(Capabilities),
        bounding_capabilities: opt(Capabilities),
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
            type: opt(z.string()),
            hard: opt(bounded(0, 2 ** 64)),
            soft: opt(bounded(0, 2 ** 64)),
          }),
        ),
      }),
    ),
    tty_info: opt(TTYInfo),
  });
  const times = {
    delay_seconds: opt(double()),
    interval_seconds: opt(double()),
    timeout_seconds: opt(double()),
  };
  const HealthCheck = z.object({
    ...times,
    consecutive_failures: opt(bounded(0, 2 ** 32 - 1)),
    grace_period_seconds: opt(double()),
    type: opt(openEnum("UNKNOWN", "COMMAND", "HTTP", "TCP")),
    command: opt(CommandInfo),
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
  const CheckInfo = z.object({
    ...times,
    type: opt(openEnum("UNKNOWN", "COMMAND", "HTTP", "TCP")),
    command: opt(z.object({ command: CommandInfo })),
    http: opt(z.object({ port: bounded(0, 65_535), path: opt(z.string()) })),
    tcp: opt(z.object({ port: bounded(0, 65_535) })),
  });
  const DiscoveryInfo = z.object({
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
            labels: opt(v.Labels),
          }),
        ),
      }),
    ),
    labels: opt(v.Labels),
  });

  const FrameworkInfo = z.object({
    user: z.string(),
    name: z.string(),
    id: opt(v.Id),
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
    labels: opt(v.Labels),
    offer_filters: opt(
      z.record(
        z.string(),
        z.object({
          min_allocatable_resources: opt(
            z.object({ quantities: list(z.object({ quantities: opt(v.Amounts) })) }),
          ),
        }),
      ),
    ),
  });
  const AgentInfo = z.object({
    hostname: z.string(),
    port: opt(bounded(0, 65_535)),
    resources: list(v.Resource),
    attributes: list(v.Attribute),
    id: opt(v.Id),
    domain: opt(v.DomainInfo),
  });
  const MasterInfo = z.object({
    id: z.string(),
    /** The IPv4 address as an unsigned integer in network byte order, as Mesos has it. */
    ip: bounded(0, 2 ** 32 - 1),
    port: bounded(0, 65_535),
    pid: opt(z.string()),
    hostname: opt(z.string()),
    version: opt(z.string()),
    address: opt(v.Address),
    domain: opt(v.DomainInfo),
    capabilities: list(z.object({ type: opt(z.string()) })),
  });
  const ExecutorInfo = z.object({
    type: opt(openEnum("UNKNOWN", "DEFAULT", "CUSTOM")),
    executor_id: v.Id,
    framework_id: opt(v.Id),
    command: opt(CommandInfo),
    container: opt(ContainerInfo),
    resources: list(v.Resource),
    name: opt(z.string()),
    source: opt(z.string()),
    data: opt(bytes()),
    discovery: opt(DiscoveryInfo),
    shutdown_grace_period: opt(v.DurationInfo),
    labels: opt(v.Labels),
  });
  const TaskInfo = z.object({
    name: z.string(),
    task_id: v.Id,
    agent_id: v.Id,
    resources: list(v.Resource),
    executor: opt(ExecutorInfo),
    command: opt(CommandInfo),
    container: opt(ContainerInfo),
    health_check: opt(HealthCheck),
    check: opt(CheckInfo),
    kill_policy: opt(v.KillPolicy),
    data: opt(bytes()),
    labels: opt(v.Labels),
    discovery: opt(DiscoveryInfo),
    max_completion_time: opt(v.DurationInfo),
    /** What the task may burst to, by kind; cpus and mem may be `Infinity`. */
    limits: opt(v.Amounts),
  });
  const TaskGroupInfo = z.object({ tasks: list(TaskInfo) });
  return {
    Environment,
    CommandInfo,
    NetworkInfo,
    TTYInfo,
    ContainerInfo,
    HealthCheck,
    CheckInfo,
    DiscoveryInfo,
    FrameworkInfo,
    AgentInfo,
    MasterInfo,
    ExecutorInfo,
    TaskInfo,
    TaskGroupInfo,
  };
});

type Infos = ReturnType<typeof infos>;
type Of<Name extends keyof Infos> = z.output<Infos[Name]>;

export interface Environment extends Of<"Environment"> {}
export interface CommandInfo extends Of<"CommandInfo"> {}
export interface NetworkInfo extends Of<"NetworkInfo"> {}
export interface TTYInfo extends Of<"TTYInfo"> {}
export interface ContainerInfo extends Of<"ContainerInfo"> {}
export interface HealthCheck extends Of<"HealthCheck"> {}
export interface CheckInfo extends Of<"CheckInfo"> {}
export interface DiscoveryInfo extends Of<"DiscoveryInfo"> {}
export interface FrameworkInfo extends Of<"FrameworkInfo"> {}
export interface AgentInfo extends Of<"AgentInfo"> {}
export interface MasterInfo extends Of<"MasterInfo"> {}
export interface ExecutorInfo extends Of<"ExecutorInfo"> {}
export interface TaskInfo extends Of<"TaskInfo"> {}
export interface TaskGroupInfo extends Of<"TaskGroupInfo"> {}
