/** A container as OCI runtimes read it: config.json. */
import { existsSync } from "node:fs";
import type { ContainerInfo } from "../../../../model/mod.ts";
import type { ContainerVolume, WindowSize } from "../../../containerizer.ts";
import { Obstacle } from "../failures.ts";
import type { ResourceLimit } from "../rlimits.ts";
import type { ContainerUser } from "./accounts.ts";
import { DEFAULT_CAPABILITIES, MASKED_PATHS, READONLY_PATHS, systemMounts } from "./defaults.ts";

/** Where the sandbox is inside, as Mesos has it. */
export const SANDBOX = "/mnt/mesos/sandbox";

/** A process inside. */
export interface ProcessSpec {
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly folder: string;
  readonly user: ContainerUser;
  readonly rlimits: readonly ResourceLimit[];
  readonly capabilities: Capabilities;
  /** Absent: none. */
  readonly terminal?: WindowSize;
}

/** What processes may be able to do. */
export interface Capabilities {
  readonly bounding: readonly string[];
  /** Absent: all of the bounding ones for root, none for others. */
  readonly effective?: readonly string[];
}

/** Everything about a container. */
export interface BundleSpec {
  readonly process: ProcessSpec;
  readonly rootfs: string;
  readonly hostname: string | undefined;
  readonly linux: ContainerInfo["linux_info"];
  /** Of the host. */
  readonly sandbox: string;
  readonly volumes: readonly ContainerVolume[];
  /** Whether it sees the host's network, or a loopback of its own. */
  readonly network: "host" | "none";
  /** Absent: this host has none. */
  readonly cgroupsPath?: string;
  readonly cgroupVersion: 1 | 2 | undefined;
}

/** Stands for a number that JavaScript's numbers cannot say exactly: 2^64 - 1. */
const UNLIMITED = "@unlimited@";
const CAPABILITY = /^(CAP_)?[A-Z_]+$/;
/** The host's own answers to who is where, as long as its network is shared. */
const HOST_FILES = ["/etc/hosts", "/etc/resolv.conf"];

/** The text of config.json. */
export function configJson(spec: BundleSpec): string {
  const config = {
    ociVersion: "1.0.2",
    process: processOf(spec.process),
    root: { path: spec.rootfs, readonly: false },
    ...(spec.hostname === undefined ? {} : { hostname: spec.hostname }),
    mounts: [
      ...systemMounts(spec.cgroupVersion, spec.linux?.shm_size),
      ...(spec.network === "host" ? HOST_FILES.filter((path) => existsSync(path)).map(file) : []),
      bind(spec.sandbox, SANDBOX, false),
      ...spec.volumes.map(({ source, target, readOnly }) => {
        return bind(source, target.startsWith("/") ? target : `${SANDBOX}/${target}`, readOnly);
      }),
    ],
    linux: {
      namespaces: namespacesOf(spec),
      ...(spec.cgroupsPath === undefined ? {} : { cgroupsPath: spec.cgroupsPath }),
      // Limits are on the cgroup around; what is left is which devices there are.
      resources: { devices: [{ allow: false, access: "rwm" }] },
      maskedPaths: MASKED_PATHS,
      readonlyPaths: READONLY_PATHS,
    },
  };
  return stringify(config);
}

/** The text that `exec --process` takes. */
export function processJson(spec: ProcessSpec): string {
  return stringify(processOf(spec));
}

function processOf(spec: ProcessSpec) {
  const { uid, gid, groups } = spec.user;
  const { terminal } = spec;
  return {
    terminal: terminal !== undefined,
    ...(terminal === undefined
      ? {}
      : { consoleSize: { height: terminal.rows, width: terminal.columns } }),
    user: { uid, gid, additionalGids: groups },
    args: spec.argv,
    env: Object.entries(spec.environment).map(([name, value]) => `${name}=${value}`),
    cwd: spec.folder,
    capabilities: capabilitiesOf(spec.capabilities, uid),
    rlimits: spec.rlimits.map(({ name, soft, hard }) => ({
      type: `RLIMIT_${name.toUpperCase()}`,
      soft: soft ?? UNLIMITED,
      hard: hard ?? UNLIMITED,
    })),
    noNewPrivileges: true,
  };
}

/**
 * Read what a container asks for.
 *
 * @throws {Obstacle} for an unknown name, or one that its own bounding set does not have.
 */
export function readCapabilities(linux: ContainerInfo["linux_info"]): Capabilities {
  const effective = named(linux?.effective_capabilities?.capabilities);
  const asked = named(linux?.bounding_capabilities?.capabilities);
  const bounding = asked ?? effective ?? DEFAULT_CAPABILITIES;
  const outside = effective?.find((each) => !bounding.includes(each));
  if (outside !== undefined)
    throw new Obstacle(`${outside} is not among its bounding capabilities`);
  return effective === undefined ? { bounding } : { bounding, effective };
}

function capabilitiesOf({ bounding, effective: asked }: Capabilities, uid: number) {
  const effective = asked ?? (uid === 0 ? bounding : []);
  return {
    bounding,
    effective,
    permitted: effective,
    inheritable: uid === 0 ? [] : effective,
    ambient: uid === 0 ? [] : effective,
  };
}

function named(names: readonly string[] | undefined): string[] | undefined {
  return names?.map((name) => {
    if (!CAPABILITY.test(name)) throw new Obstacle(`"${name}" is no capability`);
    return name.startsWith("CAP_") ? name : `CAP_${name}`;
  });
}

function namespacesOf({ linux, network, cgroupVersion }: BundleSpec) {
  const types = ["mount", "uts"];
  if (linux?.share_pid_namespace !== true) types.push("pid");
  if (linux?.ipc_mode !== "SHARE_PARENT") types.push("ipc");
  if (network === "none") types.push("network");
  if (cgroupVersion === 2) types.push("cgroup");
  return types.map((type) => ({ type }));
}

function bind(source: string, destination: string, readOnly: boolean) {
  const options = ["rbind", "rprivate", readOnly ? "ro" : "rw"];
  return { source, destination, type: "bind", options };
}

function file(path: string) {
  return {
    source: path,
    destination: path,
    type: "bind",
    options: ["bind", "ro", "nosuid", "nodev"],
  };
}

function stringify(value: unknown): string {
  return JSON.stringify(value).replaceAll(`"${UNLIMITED}"`, "18446744073709551615");
}
