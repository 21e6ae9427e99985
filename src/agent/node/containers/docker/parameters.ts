/** DockerInfo's `parameters`: options of `docker run`, in the words of the Engine API. */
import { Obstacle } from "../failures.ts";

/** The two halves of what a container is created from. */
export interface Fields {
  readonly config: Record<string, unknown>;
  readonly host: Record<string, unknown>;
}

type Apply = (fields: Fields, value: string) => void;

const list =
  (half: keyof Fields, name: string): Apply =>
  (fields, value) => {
    const values = fields[half][name];
    fields[half][name] = [...(Array.isArray(values) ? values : []), value];
  };

const pair =
  (half: keyof Fields, name: string, separator: string): Apply =>
  (fields, value) => {
    const [key = "", ...rest] = value.split(separator);
    const before = fields[half][name];
    fields[half][name] = {
      ...(typeof before === "object" ? before : {}),
      [key]: rest.join(separator),
    };
  };

const set =
  (half: keyof Fields, name: string, read: (value: string) => unknown = (value) => value): Apply =>
  (fields, value) => {
    fields[half][name] = read(value);
  };

const flag = (value: string) => value !== "false";

/** The options that frameworks use; others are refused by name. */
const PARAMETERS: Readonly<Record<string, Apply>> = {
  "add-host": list("host", "ExtraHosts"),
  "cap-add": list("host", "CapAdd"),
  "cap-drop": list("host", "CapDrop"),
  "cpu-shares": set("host", "CpuShares", Number),
  "cpuset-cpus": set("host", "CpusetCpus"),
  device: (fields, value) => {
    const [from = "", to = from, permissions = "rwm"] = value.split(":");
    const devices = fields.host.Devices;
    const device = { PathOnHost: from, PathInContainer: to, CgroupPermissions: permissions };
    fields.host.Devices = [...(Array.isArray(devices) ? devices : []), device];
  },
  dns: list("host", "Dns"),
  "dns-option": list("host", "DnsOptions"),
  "dns-search": list("host", "DnsSearch"),
  domainname: set("config", "Domainname"),
  entrypoint: set("config", "Entrypoint", (value) => (value === "" ? [] : [value])),
  env: list("config", "Env"),
  "group-add": list("host", "GroupAdd"),
  hostname: set("config", "Hostname"),
  init: set("host", "Init", flag),
  ipc: set("host", "IpcMode"),
  label: pair("config", "Labels", "="),
  "log-driver": (fields, value) => {
    fields.host.LogConfig = { Type: value, Config: {} };
  },
  "memory-swap": set("host", "MemorySwap", Number),
  "memory-swappiness": set("host", "MemorySwappiness", Number),
  "oom-score-adj": set("host", "OomScoreAdj", Number),
  pid: set("host", "PidMode"),
  "pids-limit": set("host", "PidsLimit", Number),
  privileged: set("host", "Privileged", flag),
  "read-only": set("host", "ReadonlyRootfs", flag),
  "security-opt": list("host", "SecurityOpt"),
  "shm-size": set("host", "ShmSize", bytesOf),
  "stop-signal": set("config", "StopSignal"),
  sysctl: pair("host", "Sysctls", "="),
  tmpfs: pair("host", "Tmpfs", ":"),
  ulimit: (fields, value) => {
    const [, name, soft, hard = soft] = /^(\w+)=(-?\d+)(?::(-?\d+))?$/.exec(value) ?? [];
    if (name === undefined) throw new Obstacle(`"${value}" is no ulimit`);
    const limits = Array.isArray(fields.host.Ulimits) ? fields.host.Ulimits : [];
    const others = limits.filter((each) => each.Name !== name);
    fields.host.Ulimits = [...others, { Name: name, Soft: Number(soft), Hard: Number(hard) }];
  },
  user: set("config", "User"),
  userns: set("host", "UsernsMode"),
  uts: set("host", "UTSMode"),
  volume: list("host", "Binds"),
  "volumes-from": list("host", "VolumesFrom"),
  workdir: set("config", "WorkingDir"),
};

/** @throws {Obstacle} for an option that is not known here. */
export function applyParameters(
  fields: Fields,
  parameters: readonly { readonly key: string; readonly value: string }[],
): void {
  for (const { key, value } of parameters) {
    const apply = Object.hasOwn(PARAMETERS, key) ? PARAMETERS[key] : undefined;
    if (apply === undefined) throw new Obstacle(`the Docker parameter "${key}" is not known here`);
    apply(fields, value);
  }
}

const UNITS: Readonly<Record<string, number>> = { "": 1, b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };

function bytesOf(value: string): number {
  const [, digits, unit = ""] = /^(\d+)([bkmg]?)$/i.exec(value) ?? [];
  if (digits === undefined) throw new Obstacle(`"${value}" is no size`);
  return Number(digits) * (UNITS[unit.toLowerCase()] ?? 1);
}
