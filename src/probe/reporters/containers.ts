/** Containers and images as nodes, whatever runtime has them. */
import type { Control, Metric, Report, ReportNode } from "../../topology/mod.ts";
import type { EndpointScopes } from "../connections/scopes.ts";
import {
  instantOf,
  latestAt,
  makeNode,
  makeReport,
  makeTopology,
  measured,
  sortedSet,
} from "../report/build.ts";
import { containerNodeId, imageNodeId } from "../report/node_ids.ts";
import {
  CONTAINER,
  ENV_PREFIX,
  IMAGE,
  IMAGE_LABEL_PREFIX,
  LABEL_PREFIX,
} from "../report/templates.ts";

/** States that a container may be in; Scope's words. */
export type ContainerState =
  | "created"
  | "running"
  | "paused"
  | "restarting"
  | "exited"
  | "dead"
  | "removing"
  | "deleted";

/** What a runtime knows of a container; times are milliseconds since the epoch. */
export interface ContainerFacts {
  readonly id: string;
  readonly name: string;
  readonly state: ContainerState;
  readonly createdMs: number | undefined;
  readonly startedMs: number | undefined;
  readonly exitCode: number | undefined;
  readonly command: string;
  readonly hostName: string;
  readonly restartCount: number;
  /** Its first process on this host; 0 while it does not run. */
  readonly pid: number;
  readonly image: ImageFacts | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
  readonly networkMode: string;
  readonly networks: readonly string[];
  readonly ips: readonly string[];
  /** As "80/tcp", or "0.0.0.0:8080->80/tcp". */
  readonly ports: readonly string[];
}

/** What a runtime knows of an image. */
export interface ImageFacts {
  readonly id: string;
  /** With registry, without tag. */
  readonly name: string;
  readonly tag: string;
  readonly sizeBytes?: number;
  readonly labels?: Readonly<Record<string, string>>;
}

/** What a container uses. */
export interface ContainerUse {
  /** Of one core; several cores may give more than 100. */
  readonly cpuPercent: number | undefined;
  readonly memoryBytes: number | undefined;
  readonly memoryBytesMax: number | undefined;
}

/** Options of {@linkcode containerReport}. */
export interface ContainerReportOptions {
  readonly scopes: EndpointScopes;
  /** Tell variables of the environment. @default false */
  readonly withEnvironment?: boolean;
  /** Controls that may be used, by id; those of other states are left out of a node. */
  readonly controls: ReadonlyMap<string, Control>;
  /** The controls that make sense in a state. */
  controlsOf(state: ContainerState): readonly string[];
  /** What it uses; undefined where that is not known. */
  useOf(id: string): ContainerUse | undefined;
}

/** The report of these containers and their images. */
export function containerReport(
  nowMs: number,
  containers: Iterable<ContainerFacts>,
  options: ContainerReportOptions,
): Report {
  const nodes: ReportNode[] = [];
  const images = new Map<string, ReportNode>();
  for (const facts of containers) {
    nodes.push(containerNode(nowMs, facts, options));
    const { image } = facts;
    if (image !== undefined && !images.has(image.id)) images.set(image.id, imageNode(nowMs, image));
  }
  const Container = makeTopology(nodes, { ...CONTAINER, controls: options.controls });
  const ContainerImage = makeTopology(images.values(), IMAGE);
  return makeReport({ Container, ContainerImage }, { ts: instantOf(nowMs) });
}

function containerNode(
  nowMs: number,
  facts: ContainerFacts,
  options: ContainerReportOptions,
): ReportNode {
  const { image, ips } = facts;
  const scoped = ips.map((ip) => `${options.scopes.of(ip, "")};${ip}`);
  return makeNode(containerNodeId(facts.id), "container", {
    latest: latestAt(instantOf(nowMs), { ...words(nowMs, facts), ...more(facts, options) }),
    sets: new Map(
      Object.entries({
        docker_container_ips: sortedSet(ips),
        docker_container_ips_with_scopes: sortedSet(scoped),
        docker_container_networks: sortedSet(facts.networks),
        docker_container_ports: sortedSet(facts.ports),
      }).filter(([, texts]) => texts.length > 0),
    ),
    metrics: metricsOf(nowMs, options.useOf(facts.id)),
    parents:
      image === undefined ? new Map() : new Map([["container_image", [imageNodeId(image.id)]]]),
  });
}

function words(nowMs: number, facts: ContainerFacts): Record<string, string | undefined> {
  const { image, state, startedMs, createdMs } = facts;
  const runs = state === "running" || state === "paused" || state === "restarting";
  const upSeconds = Math.max(0, Math.floor((nowMs - (startedMs ?? nowMs)) / 1_000));
  return {
    docker_container_id: facts.id,
    docker_container_name: facts.name,
    docker_container_state: state,
    docker_container_state_human: humanState(facts, upSeconds),
    docker_container_created: createdMs === undefined ? undefined : iso(createdMs),
    docker_container_command: facts.command,
    docker_container_hostname: facts.hostName,
    docker_container_uptime: runs ? String(upSeconds) : undefined,
    docker_container_restart_count: String(facts.restartCount),
    docker_container_network_mode: facts.networkMode,
    docker_is_in_host_network: facts.networkMode === "host" ? "true" : undefined,
    docker_image_id: image?.id,
    docker_image_name: image?.name,
    docker_image_tag: image?.tag,
  };
}

function more(
  { labels, environment, state }: ContainerFacts,
  { withEnvironment = false, controls, controlsOf }: ContainerReportOptions,
): Record<string, string> {
  const active = controlsOf(state).filter((id) => controls.has(id));
  return {
    ...prefixed(LABEL_PREFIX, labels),
    ...(withEnvironment ? prefixed(ENV_PREFIX, environment) : {}),
    active_controls: active.join(";"),
  };
}

function prefixed(
  prefix: string,
  values: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [prefix + key, value]));
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

const UNITS: readonly (readonly [number, string])[] = [
  [86_400, "day"],
  [3_600, "hour"],
  [60, "minute"],
  [1, "second"],
];

function humanState({ state, exitCode }: ContainerFacts, upSeconds: number): string {
  const [size, unit] = UNITS.find(([seconds]) => upSeconds >= seconds) ?? [1, "second"];
  const count = Math.floor(upSeconds / size);
  const since = `${count} ${unit}${count === 1 ? "" : "s"}`;
  if (state === "running") return `Up ${since}`;
  if (state === "paused") return `Up ${since} (Paused)`;
  return state === "exited" && exitCode !== undefined ? `Exited (${exitCode})` : state;
}

function metricsOf(nowMs: number, use: ContainerUse | undefined): ReadonlyMap<string, Metric> {
  const at = instantOf(nowMs);
  const metrics = new Map<string, Metric>();
  if (use?.cpuPercent !== undefined) {
    metrics.set("docker_cpu_total_usage", measured(at, use.cpuPercent));
  }
  if (use?.memoryBytes !== undefined) {
    metrics.set("docker_memory_usage", measured(at, use.memoryBytes, use.memoryBytesMax));
  }
  return metrics;
}

function imageNode(nowMs: number, image: ImageFacts): ReportNode {
  const size = image.sizeBytes === undefined ? undefined : String(image.sizeBytes);
  return makeNode(imageNodeId(image.id), "container_image", {
    latest: latestAt(instantOf(nowMs), {
      docker_image_id: image.id,
      docker_image_name: image.name,
      docker_image_tag: image.tag,
      docker_image_size: size,
      docker_image_virtual_size: size,
      ...prefixed(IMAGE_LABEL_PREFIX, image.labels ?? {}),
    }),
  });
}

/** Take a name apart: `registry:5000/team/app:1.2@sha256:…` → name and tag. */
export function readImageName(reference: string): { readonly name: string; readonly tag: string } {
  const [bare = ""] = reference.split("@", 1);
  const colon = bare.lastIndexOf(":");
  if (colon > bare.lastIndexOf("/"))
    return { name: bare.slice(0, colon), tag: bare.slice(colon + 1) };
  return { name: bare, tag: bare === "" ? "" : "latest" };
}

/** Take lines of `NAME=value` apart; others are passed over. */
export function readEnvironment(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    lines.flatMap((line) => {
      const at = line.indexOf("=");
      return at < 1 ? [] : [[line.slice(0, at), line.slice(at + 1)]];
    }),
  );
}
