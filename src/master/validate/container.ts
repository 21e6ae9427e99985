/** The rules for containers: volumes, Docker parameters, limits of the process. */
import type { ContainerInfo, Volume } from "../../model/mod.ts";
import { faultOfSecret } from "./command.ts";
import type { Fault } from "./types.ts";

/** What is wrong with a container. */
export function faultOfContainer(container: ContainerInfo): Fault {
  return faultOfVolumes(container) ?? faultOfDocker(container) ?? faultOfRlimits(container);
}

/** Whether the tasks of an executor share its cgroups; what says nothing does. */
export function sharesCgroups(container: ContainerInfo | undefined): boolean {
  return container?.linux_info?.share_cgroups ?? true;
}

function faultOfVolumes({ volumes = [] }: ContainerInfo): Fault {
  for (const volume of volumes) {
    const fault = faultOfVolume(volume);
    if (fault !== undefined) return `Invalid volume: ${fault}`;
  }
  return undefined;
}

function faultOfVolume({ host_path, image, source }: Volume): Fault {
  const count =
    Number(host_path !== undefined) + Number(image !== undefined) + Number(source !== undefined);
  if (count !== 1) return "Only one of them should be set: 'host_path', 'image' and 'source'";
  return source === undefined ? undefined : faultOfSource(source);
}

function faultOfSource(source: NonNullable<Volume["source"]>): Fault {
  switch (source.type) {
    case "DOCKER_VOLUME":
      return source.docker_volume ? undefined : missing("docker_volume", "DOCKER_VOLUME");
    case "HOST_PATH":
      return source.host_path ? undefined : missing("host_path", "HOST_PATH");
    case "SANDBOX_PATH":
      return source.sandbox_path ? undefined : missing("sandbox_path", "SANDBOX_PATH");
    case "SECRET":
      return source.secret ? faultOfSecret(source.secret) : missing("secret", "SECRET");
    case "CSI_VOLUME":
      return "CSI volumes are not supported";
    default:
      return "'source.type' is unknown";
  }
}

function missing(field: string, type: string): string {
  return `'source.${field}' is not set for ${type} volume`;
}

function faultOfDocker({ type, docker }: ContainerInfo): Fault {
  if (type !== "DOCKER") return undefined;
  if (docker === undefined) return "DockerInfo 'docker' is not set for DOCKER typed ContainerInfo";
  // The containerizer names the container, so as to find it again.
  const named = docker.parameters?.some(({ key }) => key === "name");
  return named ? "Parameter in DockerInfo must not be 'name'" : undefined;
}

const RLIMITS: ReadonlySet<string> = new Set([
  "RLMT_AS",
  "RLMT_CORE",
  "RLMT_CPU",
  "RLMT_DATA",
  "RLMT_FSIZE",
  "RLMT_LOCKS",
  "RLMT_MEMLOCK",
  "RLMT_MSGQUEUE",
  "RLMT_NICE",
  "RLMT_NOFILE",
  "RLMT_NPROC",
  "RLMT_RSS",
  "RLMT_RTPRIO",
  "RLMT_RTTIME",
  "RLMT_SIGPENDING",
  "RLMT_STACK",
]);

function faultOfRlimits({ rlimit_info }: ContainerInfo): Fault {
  for (const { type, hard, soft } of rlimit_info?.rlimits ?? []) {
    if (!RLIMITS.has(type)) return `Unknown rlimit type '${type}'`;
    if ((hard === undefined) !== (soft === undefined)) {
      return `Invalid rlimit values: ${type} must set both 'hard' and 'soft', or neither`;
    }
    if (hard !== undefined && soft !== undefined && soft > hard) {
      return `Invalid rlimit values: ${type} has a 'soft' limit above its 'hard' one`;
    }
  }
  return undefined;
}
