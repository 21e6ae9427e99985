/** From what a framework asked for to what a containerizer is told. */
import { FairleadError } from "../../base/mod.ts";
import type {
  CommandInfo,
  ContainerInfo,
  Environment,
  ResourceJson,
  TaskInfo,
  Volume,
} from "../../model/mod.ts";
import { Resources } from "../../resources/mod.ts";
import type {
  CheckSpec,
  ContainerCommand,
  ContainerLimits,
  ContainerSpec,
  ContainerVolume,
  LogRotation,
} from "../containerizer.ts";
import type { CheckKind, ContainerLaunch } from "./events.ts";
import { volumesOf } from "./operations.ts";
import { nestedSandbox, sandboxFolder, volumeFolder } from "./paths.ts";

const MEGABYTE = 2 ** 20;
const CHECK_TIMEOUT_S = 20;
/** A timeout of 0 means none: this long is long enough. */
const CHECK_TIMEOUT_MS_MAX = 3_600_000;

/** What of the machine and its agent goes into every container. */
export interface ContainerHost {
  /** Absolute. */
  readonly workDir: string;
  /** "host:port" of the agent's API. */
  readonly endpoint: string;
  readonly ipAddress: string;
  /** Every container starts from these variables. */
  readonly environment: Readonly<Record<string, string>>;
  readonly logs: LogRotation;
  /** Whether users can be switched; else everything runs as the agent's own. */
  readonly switchUser: boolean;
  /** Hold tasks to the cpus that they asked for although others are idle. */
  readonly limitCpus: boolean;
  readonly limitDisk: boolean;
  readonly executorShutdownGraceMs: number;
  /** How long an executor is to try to come back to a restarting agent. */
  readonly recoveryTimeoutMs: number;
}

/** A container's specification, and what has to be there before it starts. */
export interface PreparedLaunch {
  readonly spec: ContainerSpec;
  readonly uris: NonNullable<CommandInfo["uris"]>;
  /** Folders to make, the sandbox first. */
  readonly folders: readonly string[];
  /** The executor's sandbox: that of the container itself, unless it is nested. */
  readonly executorSandbox: string;
}

/**
 * The whole specification of a launch.
 *
 * @throws {FairleadError} `invalid_launch` with a message for people: no command, a secret that
 * nobody can resolve, a volume that leads out of the sandbox.
 */
export function prepareLaunch(launch: ContainerLaunch, host: ContainerHost): PreparedLaunch {
  const { task, executor, framework, parent } = launch;
  const executorSandbox = sandboxFolder(host.workDir, {
    agentId: launch.agentId,
    frameworkId: framework.id?.value ?? "",
    executorId: executor.executor_id.value,
    container: parent ?? launch.container,
  });
  const sandbox =
    parent === undefined ? executorSandbox : nestedSandbox(executorSandbox, launch.container);
  const command = task === undefined ? executor.command : (task.command ?? executor.command);
  const container = task === undefined ? executor.container : task.container;
  const user = command?.user ?? framework.user;
  const { volumes, folders } = volumesFor(launch, host, container, { sandbox, executorSandbox });
  const spec: ContainerSpec = {
    id: launch.container,
    sandbox,
    command: commandOf(command, container),
    environment: environmentOf(launch, host, { sandbox, command, container }),
    volumes,
    limits: limitsOf(launch, host),
    shares: sharesOf(launch.resources),
    logs: host.logs,
    ...(parent === undefined ? {} : { parent }),
    ...(host.switchUser && user !== "" ? { user } : {}),
    ...(container === undefined ? {} : { container }),
  };
  return {
    spec,
    uris: command?.uris ?? [],
    folders: [...new Set([executorSandbox, sandbox, ...folders])],
    executorSandbox,
  };
}

function invalid(message: string, details: Readonly<Record<string, unknown>> = {}): FairleadError {
  return new FairleadError("invalid_launch", `Cannot launch: ${message}`, { details });
}

function commandOf(
  command: CommandInfo | undefined,
  container: ContainerInfo | undefined,
): ContainerCommand {
  const { shell = true, value, arguments: args = [] } = command ?? { shell: false };
  if (value === undefined && !hasImage(container)) throw invalid("there is no command");
  return { shell, arguments: args, ...(value === undefined ? {} : { value }) };
}

/** A command that runs in what is there already. @throws {FairleadError} `invalid_launch`. */
export function execCommand(command: CommandInfo | undefined): ContainerCommand {
  return commandOf(command, undefined);
}

/** Whether it has a root of its own, in which the sandbox has another path. */
function hasImage(container: ContainerInfo | undefined): boolean {
  return container?.mesos?.image !== undefined || container?.docker !== undefined;
}

/** Where a container with an image sees its sandbox. */
const SANDBOX_INSIDE = "/mnt/mesos/sandbox";

interface Placed {
  readonly sandbox: string;
  readonly command: CommandInfo | undefined;
  readonly container: ContainerInfo | undefined;
}

function environmentOf(
  { task, executor, framework, agentId, resources }: ContainerLaunch,
  host: ContainerHost,
  { sandbox, command, container }: Placed,
): Record<string, string> {
  const inside = hasImage(container) ? SANDBOX_INSIDE : sandbox;
  const role = resources.find((resource) => resource.allocation_info?.role)?.allocation_info?.role;
  const grace = executor.shutdown_grace_period;
  const graceMs =
    grace === undefined ? host.executorShutdownGraceMs : Number(grace.nanoseconds) / 1e6;
  return {
    ...host.environment,
    LIBPROCESS_PORT: "0",
    MESOS_AGENT_ENDPOINT: host.endpoint,
    MESOS_CHECKPOINT: "1",
    MESOS_CONTAINER_IP: host.ipAddress,
    MESOS_DIRECTORY: inside,
    MESOS_EXECUTOR_ID: executor.executor_id.value,
    MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD: `${graceMs / 1_000}secs`,
    MESOS_FRAMEWORK_ID: framework.id?.value ?? "",
    MESOS_RECOVERY_TIMEOUT: `${host.recoveryTimeoutMs / 1_000}secs`,
    MESOS_SANDBOX: inside,
    MESOS_SLAVE_ID: agentId,
    MESOS_SLAVE_PID: `slave(1)@${host.endpoint}`,
    MESOS_SUBSCRIPTION_BACKOFF_MAX: "2secs",
    ...(role === undefined ? {} : { MESOS_ALLOCATION_ROLE: role }),
    ...(task === undefined ? {} : { MESOS_TASK_ID: task.task_id.value }),
    ...variablesOf(command?.environment),
  };
}

/** @throws {FairleadError} `invalid_launch` for secrets that only a store could resolve. */
export function variablesOf(environment: Environment | undefined): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const { name, value, type, secret } of environment?.variables ?? []) {
    if (type !== "SECRET") variables[name] = value ?? "";
    else if (secret?.value?.data === undefined) {
      throw invalid(`no store can resolve the secret of variable ${name}`, { name });
    } else variables[name] = textOf(secret.value.data);
  }
  return variables;
}

function textOf(base64: string): string {
  const standard = base64.replaceAll("-", "+").replaceAll("_", "/");
  const bytes = Uint8Array.from(atob(standard), (character) => character.charCodeAt(0));
  return new TextDecoder().decode(bytes);
}

/** The sum of a scalar; what belongs to persistent volumes is apart. */
function amountOf(resources: readonly ResourceJson[], kind: string): number | undefined {
  let sum: number | undefined;
  for (const { name, scalar, disk } of resources) {
    if (name !== kind || scalar === undefined || disk?.persistence !== undefined) continue;
    sum = (sum ?? 0) + scalar.value;
  }
  return sum;
}

function limitsOf(
  { task, resources }: ContainerLaunch,
  { limitCpus, limitDisk }: ContainerHost,
): ContainerLimits {
  const cpus = task?.limits?.cpus?.value ?? (limitCpus ? amountOf(resources, "cpus") : undefined);
  const mem = task?.limits?.mem?.value ?? amountOf(resources, "mem");
  const disk = limitDisk ? amountOf(resources, "disk") : undefined;
  const gpus = amountOf(resources, "gpus");
  return {
    ...(cpus !== undefined && Number.isFinite(cpus) ? { cpus } : {}),
    ...(mem !== undefined && Number.isFinite(mem) ? { memBytes: mem * MEGABYTE } : {}),
    ...(disk === undefined ? {} : { diskBytes: disk * MEGABYTE }),
    ...(gpus === undefined ? {} : { gpus }),
  };
}

function sharesOf(resources: readonly ResourceJson[]): ContainerSpec["shares"] {
  const cpus = amountOf(resources, "cpus");
  const mem = amountOf(resources, "mem");
  return {
    ...(cpus === undefined ? {} : { cpus }),
    ...(mem === undefined ? {} : { memBytes: mem * MEGABYTE }),
  };
}

/** What a container with these resources is held to from now on. */
export function limitsFor(
  resources: readonly ResourceJson[],
  host: ContainerHost,
): { readonly limits: ContainerLimits; readonly shares: ContainerSpec["shares"] } {
  const cpus = host.limitCpus ? amountOf(resources, "cpus") : undefined;
  const mem = amountOf(resources, "mem");
  const disk = host.limitDisk ? amountOf(resources, "disk") : undefined;
  return {
    limits: {
      ...(cpus === undefined ? {} : { cpus }),
      ...(mem === undefined ? {} : { memBytes: mem * MEGABYTE }),
      ...(disk === undefined ? {} : { diskBytes: disk * MEGABYTE }),
    },
    shares: sharesOf(resources),
  };
}

interface Sandboxes {
  readonly sandbox: string;
  readonly executorSandbox: string;
}

function volumesFor(
  { task, resources }: ContainerLaunch,
  host: ContainerHost,
  container: ContainerInfo | undefined,
  sandboxes: Sandboxes,
): { readonly volumes: ContainerVolume[]; readonly folders: string[] } {
  const volumes: ContainerVolume[] = [];
  const folders: string[] = [];
  const persistent = resources.filter(({ disk }) => disk?.persistence !== undefined);
  for (const resource of persistent) {
    const target = resource.disk?.volume?.container_path;
    const [folder] = volumesOf(Resources.fromJson([resource])).values();
    if (folder === undefined || target === undefined) continue;
    const source = volumeFolder(host.workDir, folder);
    folders.push(source);
    volumes.push({
      source,
      target: checkTarget(target),
      readOnly: resource.disk?.volume?.mode === "RO",
    });
  }
  for (const volume of container?.volumes ?? []) {
    const { source, make } = sourceOf(volume, task, sandboxes);
    if (make) folders.push(source);
    volumes.push({
      source,
      target: checkTarget(volume.container_path),
      readOnly: volume.mode === "RO",
    });
  }
  return { volumes, folders };
}

function sourceOf(
  volume: Volume,
  task: TaskInfo | undefined,
  { sandbox, executorSandbox }: Sandboxes,
): { readonly source: string; readonly make: boolean } {
  const { source, host_path: hostPath, container_path: target } = volume;
  const path = hostPath ?? source?.host_path?.path;
  if (path?.startsWith("/")) return { source: path, make: false };
  if (path !== undefined) return { source: `${sandbox}/${checkInside(path)}`, make: true };
  if (source?.sandbox_path !== undefined) {
    const { type, path: inner } = source.sandbox_path;
    const root = type === "PARENT" && task !== undefined ? executorSandbox : sandbox;
    return { source: `${root}/${checkInside(inner)}`, make: true };
  }
  throw invalid(`no agent here has volumes like the one at ${target}`, { target });
}

function checkTarget(target: string): string {
  return target.startsWith("/") ? target : checkInside(target);
}

function checkInside(path: string): string {
  if (path === "" || path.startsWith("/") || path.split("/").includes("..")) {
    throw invalid(`the path ${JSON.stringify(path)} leads out of the sandbox`, { path });
  }
  return path;
}

/**
 * What a check or health check looks at; undefined when the task has none that can be run.
 *
 * @param address Where the task's ports are.
 */
export function checkSpec(task: TaskInfo, kind: CheckKind, address: string): CheckSpec | undefined {
  const check = kind === "check" ? task.check : task.health_check;
  const timeoutS = check?.timeout_seconds ?? CHECK_TIMEOUT_S;
  const timeoutMs = timeoutS > 0 ? timeoutS * 1_000 : CHECK_TIMEOUT_MS_MAX;
  const command = kind === "check" ? task.check?.command?.command : task.health_check?.command;
  if (command !== undefined) {
    const user = command.user;
    return {
      type: "COMMAND",
      timeoutMs,
      command: commandOf(command, undefined),
      environment: variablesOf(command.environment),
      ...(user === undefined ? {} : { user }),
    };
  }
  if (check?.http !== undefined) {
    const scheme = task.health_check?.http?.scheme;
    return {
      type: "HTTP",
      timeoutMs,
      scheme: kind === "health_check" && scheme === "https" ? "https" : "http",
      host: address,
      port: check.http.port,
      path: check.http.path ?? "/",
    };
  }
  if (check?.tcp === undefined) return undefined;
  return { type: "TCP", timeoutMs, host: address, port: check.tcp.port };
}
