/** What an agent tells of itself, put together from its options and its machine. */
import type { AgentCall, AgentInfo, Ask, ResourceJson } from "../../model/mod.ts";
import { AGENT_TIMES, type AgentTimes } from "../core/options.ts";
import type { ContainerHost } from "../core/spec.ts";
import { detectHostname, detectIp, detectResources, parseAttributes } from "./detect.ts";
import type { AgentSettings } from "./options.ts";

/** What tools that look at versions are told: the one whose API this is. */
export const VERSION = "1.11.0";

/** What masters are told that the agent can do. */
export const CAPABILITIES = [
  "MULTI_ROLE",
  "HIERARCHICAL_ROLE",
  "RESERVATION_REFINEMENT",
  "RESIZE_VOLUME",
  "AGENT_OPERATION_FEEDBACK",
  "AGENT_DRAINING",
  "TASK_RESOURCE_LIMITS",
];

/** @throws {FairleadError} `invalid_resource`, `invalid_option`. */
export async function infoOf(
  settings: AgentSettings,
  port: number,
  before: readonly ResourceJson[],
): Promise<AgentInfo> {
  const { hostname, resources, workDir, attributes, domain } = settings;
  return {
    hostname: hostname ?? detectHostname(),
    port,
    resources: await detectResources(resources, workDir, before),
    attributes: parseAttributes(attributes),
    ...(domain === undefined ? {} : { domain }),
  };
}

/** The address that others are told. */
export function addressOf({ ip, bind }: AgentSettings): string {
  return ip ?? (bind === "0.0.0.0" || bind === "::" ? detectIp() : bind);
}

export function hostOf(settings: AgentSettings, port: number): ContainerHost {
  const address = addressOf(settings);
  return {
    workDir: settings.workDir,
    endpoint: `${address}:${port}`,
    ipAddress: address,
    environment: settings.taskEnvironment,
    logs: { bytesMax: settings.logBytesMax, filesMax: settings.logFilesMax },
    switchUser: settings.switchUser,
    limitCpus: settings.limitCpus,
    limitDisk: settings.limitDisk,
    executorShutdownGraceMs: settings.executorShutdownGraceMs,
    recoveryTimeoutMs: settings.recoveryTimeoutMs,
  };
}

export function timesOf(settings: AgentSettings): AgentTimes {
  return {
    ...AGENT_TIMES,
    executorRegistrationMs: settings.executorRegistrationMs,
    executorReregistrationMs: settings.executorReregistrationMs,
    executorShutdownGraceMs: settings.executorShutdownGraceMs,
    updateRetryMs: settings.updateRetryMs,
    updateRetryMsMax: settings.updateRetryMsMax,
  };
}

/** Options that may be told, under Mesos' names: no secrets among them. */
export function flagsOf(settings: AgentSettings, port: number): Record<string, string> {
  const { masters } = settings;
  return {
    work_dir: settings.workDir,
    ip: settings.bind,
    port: String(port),
    hostname: settings.hostname ?? "",
    attributes: settings.attributes,
    reconfiguration_policy: settings.reconfiguration,
    switch_user: String(settings.switchUser),
    cgroups_enable_cfs: String(settings.limitCpus),
    enforce_container_disk_quota: String(settings.limitDisk),
    master: addressesOf(masters).map(withoutSecrets).join(","),
  };
}

/** None where a detector knows. */
function addressesOf(masters: AgentSettings["masters"]): readonly string[] {
  if (typeof masters === "string") return [masters];
  return Array.isArray(masters) ? masters : [];
}

function withoutSecrets(url: string): string {
  return url.replace(/\/\/[^/@]*@/, "//");
}

/** What proves to the master who this is. */
export function authorization({ credentials }: AgentSettings): Record<string, string> {
  if (credentials === undefined) return {};
  const text = `${credentials.principal}:${credentials.secret}`;
  return { authorization: `Basic ${Buffer.from(text).toString("base64")}` };
}

/** A question of the master as the call that an operator would make. */
export function callOf(ask: Ask): Extract<AgentCall, { type: Ask["type"] }> {
  switch (ask.type) {
    case "LIST_FILES":
      return { type: "LIST_FILES", list_files: { path: ask.path } };
    case "READ_FILE": {
      const { path, offset, length } = ask;
      const range = length === undefined ? { offset } : { offset, length };
      return { type: "READ_FILE", read_file: { path, ...range } };
    }
    case "GET_CONTAINERS":
      return { type: "GET_CONTAINERS", get_containers: { show_nested: true } };
    case "GET_METRICS":
      return { type: "GET_METRICS" };
  }
}
