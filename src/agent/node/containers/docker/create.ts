/** What a container is created from: ContainerSpec in the words of the Engine API. */
import type { ContainerCommand, ContainerSpec } from "../../../containerizer.ts";
import { memoryLimitBytes } from "../cgroups/settings.ts";
import { Obstacle } from "../failures.ts";
import { SANDBOX } from "../oci/bundle.ts";
import type { ResourceLimit } from "../rlimits.ts";
import { applyParameters, type Fields } from "./parameters.ts";

/** What is known when a container is created. */
export interface CreateOptions {
  readonly spec: ContainerSpec;
  readonly rlimits: readonly ResourceLimit[];
  /** "uid:gid"; absent: the image's own. */
  readonly user?: string;
  /** Where the image says nothing of a working folder, it is the sandbox. */
  readonly folder?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly pidsMax?: number;
}

const CPU_SHARES_PER_CORE = 1_024;
const PERIOD_US = 100_000;
const MAPPED = new Set(["BRIDGE", "USER"]);

/**
 * The body of `POST /containers/create`.
 *
 * @throws {Obstacle} for what an engine has no words for.
 */
export function createBody(options: CreateOptions): unknown {
  const { spec, rlimits, user, folder, labels, pidsMax } = options;
  const { container } = spec;
  const docker = container?.docker;
  const { ports, bindings } = portsOf(spec);
  const environment = { ...spec.environment };
  if (environment.MESOS_SANDBOX === spec.sandbox) environment.MESOS_SANDBOX = SANDBOX;
  const fields: Fields = {
    config: {
      Image: docker?.image ?? "",
      ...commandOf(spec.command),
      Env: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
      Labels: labels,
      Tty: container?.tty_info !== undefined,
      ExposedPorts: ports,
      ...(user === undefined ? {} : { User: user }),
      ...(folder === undefined ? {} : { WorkingDir: folder }),
      ...(container?.hostname === undefined ? {} : { Hostname: container.hostname }),
    },
    host: {
      NetworkMode: networkOf(spec),
      PortBindings: bindings,
      Privileged: docker?.privileged === true,
      Binds: bindsOf(spec),
      // What the sandbox has is kept there; the engine's copy only has to last until it is read.
      LogConfig: { Type: "json-file", Config: { "max-size": "10m" } },
      Ulimits: rlimits.map(({ name, soft, hard }) => ({
        Name: name,
        Soft: soft ?? -1,
        Hard: hard ?? -1,
      })),
      ...resourcesOf(spec, pidsMax),
      ...(docker?.volume_driver === undefined ? {} : { VolumeDriver: docker.volume_driver }),
    },
  };
  applyParameters(fields, docker?.parameters ?? []);
  return { ...fields.config, HostConfig: fields.host };
}

/** Limits and shares, as `update` takes them, too. */
export function resourcesOf(
  { limits, shares }: Pick<ContainerSpec, "limits" | "shares">,
  pidsMax?: number,
): Record<string, unknown> {
  const memory = memoryLimitBytes(limits.memBytes);
  const { cpus } = limits;
  const limited = cpus !== undefined && Number.isFinite(cpus);
  return {
    ...(shares.cpus === undefined
      ? {}
      : { CpuShares: Math.max(Math.floor(shares.cpus * CPU_SHARES_PER_CORE), 2) }),
    ...(limited
      ? { CpuPeriod: PERIOD_US, CpuQuota: Math.max(Math.floor(cpus * PERIOD_US), 1_000) }
      : {}),
    // No swap beyond it.
    ...(memory === undefined ? {} : { Memory: memory, MemorySwap: memory }),
    ...(pidsMax === undefined ? {} : { PidsLimit: pidsMax }),
  };
}

/** Mesos: a line for sh replaces the entry point, arguments go to it, a value is a program. */
function commandOf({ shell, value, arguments: argv }: ContainerCommand) {
  if (shell) {
    if (value === undefined) throw new Obstacle("the command has no value");
    return { Entrypoint: ["/bin/sh", "-c"], Cmd: [value] };
  }
  if (value === undefined || value === "") return argv.length > 0 ? { Cmd: argv } : {};
  return { Entrypoint: [value], Cmd: argv.slice(1) };
}

function networkOf({ container }: ContainerSpec): string {
  const mode = container?.docker?.network ?? "HOST";
  if (mode !== "USER") return mode.toLowerCase();
  const name = container?.network_infos?.find((each) => each.name !== undefined)?.name;
  if (name === undefined) throw new Obstacle("its network is USER, but network_infos names none");
  return name;
}

function portsOf({ container }: ContainerSpec) {
  const docker = container?.docker;
  const mappings = docker?.port_mappings ?? [];
  if (mappings.length > 0 && !MAPPED.has(docker?.network ?? "HOST")) {
    throw new Obstacle("ports can be mapped on BRIDGE and USER networks only");
  }
  const ports: Record<string, object> = {};
  const bindings: Record<string, { HostPort: string }[]> = {};
  for (const { container_port, host_port, protocol = "tcp" } of mappings) {
    const key = `${container_port}/${protocol.toLowerCase()}`;
    ports[key] = {};
    bindings[key] = [...(bindings[key] ?? []), { HostPort: String(host_port) }];
  }
  return { ports, bindings };
}

function bindsOf({ sandbox, volumes }: ContainerSpec): string[] {
  const all = [
    { source: sandbox, target: SANDBOX, readOnly: false },
    ...volumes.map(({ source, target, readOnly }) => ({
      source,
      target: target.startsWith("/") ? target : `${SANDBOX}/${target}`,
      readOnly,
    })),
  ];
  return all.map(({ source, target, readOnly }) => {
    if (`${source}${target}`.includes(":"))
      throw new Obstacle(`a volume's path has a colon: ${target}`);
    return `${source}:${target}:${readOnly ? "ro" : "rw"}`;
  });
}
