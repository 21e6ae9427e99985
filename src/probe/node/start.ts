/** A whole probe of this machine, out of one object of options. */
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { hostname } from "node:os";
import { getLogger } from "@logtape/logtape";
import { asyncDispose, Disposer, systemClock, systemRandom } from "../../base/mod.ts";
import { Shards, type Topology } from "../../topology/mod.ts";
import { ControlRegistry } from "../controls/registry.ts";
import { openMetrics } from "../metrics.ts";
import { Probe } from "../probe.ts";
import { Publisher } from "../publisher/publisher.ts";
import type { Reporter, SpyContext, Tagger } from "../reporter.ts";
import type { ContainerState } from "../reporters/containers.ts";
import { podTagger } from "../reporters/kubernetes.ts";
import { taskRoot, taskTagger } from "../reporters/tasks.ts";
import { containerTagger } from "../taggers/container.ts";
import { hostTagger } from "../taggers/host.ts";
import { AgentReporter } from "./agents/agents.ts";
import { CgroupUsage } from "./cgroups/usage.ts";
import { reportCodec } from "./codec.ts";
import { ContainerReporter } from "./containers/reporter.ts";
import { dockerControls, dockerControlsOf } from "./controls/docker.ts";
import { openControls, writeAudit } from "./controls/open.ts";
import { HOST_CONTROLS, OCI_CONTROLS, shellControls } from "./controls/shells.ts";
import { nameReporter } from "./dns/reporter.ts";
import { ContainerEngine } from "./docker/engine.ts";
import { DockerRuntime } from "./docker/runtime.ts";
import { EngineUsage } from "./docker/usage.ts";
import { type KubeServer, kubeApi } from "./kubernetes/api.ts";
import { KubernetesReporter } from "./kubernetes/reporter.ts";
import { OciRuntime } from "./oci/runtime.ts";
import { PluginReporter } from "./plugins/plugins.ts";
import { ProcFiles } from "./proc/files.ts";
import { ProcessTable } from "./proc/process_table.ts";
import type { PublisherIdentity } from "./publisher/http_collector.ts";
import { readCollectorUrl, resolveCollectors } from "./publisher/resolve.ts";
import { resolveShard } from "./publisher/shard.ts";
import { type EndpointReporterOptions, endpointReporter } from "./reporters/endpoints.ts";
import { hostReporter } from "./reporters/host.ts";
import { processReporter } from "./reporters/processes.ts";

/** Options of {@linkcode startProbe}; all have defaults. */
export interface StartProbeOptions {
  /** Who gets reports: `host`, `host:port`, `https://user:password@host`. @default ["localhost:4040"] */
  readonly collectors?: readonly string[];
  /**
   * Publish to one of the collectors, which `hostId` decides, and not to each of them: for those
   * that tell each other. While nobody listens there, the next in rank gets the reports.
   *
   * @default false
   */
  readonly shard?: boolean;
  /** Names this host in all ids. @default its name */
  readonly hostId?: string;
  /** @default 64 random bits in hexadecimal */
  readonly probeId?: string;
  /** What collectors are told. @default "0.1.0" */
  readonly version?: string;
  readonly token?: string;
  readonly tls?: PublisherIdentity["tls"];
  /** @default 1_000 */
  readonly spyIntervalMs?: number;
  /** @default 3_000 */
  readonly publishIntervalMs?: number;
  /** One report in so many is whole. @default 3 */
  readonly fullEvery?: number;
  /** @default "/proc" */
  readonly procRoot?: string;
  /** Report processes. @default true */
  readonly processes?: boolean;
  /** Report connections. @default true */
  readonly connections?: boolean;
  /** The engine's socket; false: none. @default the first of Docker's and podman's that is there */
  readonly docker?: string | false;
  /** Folders of crun's and runc's states; false: none. @default ["/run/crun", "/run/runc"] */
  readonly oci?: readonly string[] | false;
  /** Tell names of programs only. @default false */
  readonly omitArguments?: boolean;
  /** Tell environments of containers. @default false */
  readonly withEnvironment?: boolean;
  /** Where plugins have their sockets; false: none. @default "/var/run/scope/plugins" */
  readonly plugins?: string | false;
  /** Whether to look up the names of addresses that this host speaks to. @default false */
  readonly names?: boolean;
  /** The cluster of Kubernetes that is reported; with `nodeName`, the pods of that node only. @default false */
  readonly kubernetes?: (KubeServer & { readonly nodeName?: string }) | false;
  /** Agents of fairlead or Mesos on this host, as `http://127.0.0.1:5051`. @default none */
  readonly agents?: readonly string[];
  /** Controls that collectors may use, by id; `*`: all. @default none */
  readonly controls?: readonly string[];
  /** Beside those of this machine. @default [] */
  readonly reporters?: readonly Reporter[];
  /** After those of this machine. @default [] */
  readonly taggers?: readonly Tagger[];
}

/** A probe that runs until it is disposed. */
export interface RunningProbe extends AsyncDisposable {
  readonly hostId: string;
  readonly probeId: string;
  readonly probe: Probe;
  readonly publisher: Publisher;
  /** Its own metrics, as OpenMetrics text. */
  metrics(): string;
}

const DOCKER_SOCKETS = ["/var/run/docker.sock", "/run/podman/podman.sock"];
const PROBE_ID_BYTES = 8;

/**
 * Start looking and publishing. Collectors need not be there yet.
 *
 * @throws {FairleadError} `invalid_option` naming what is wrong with an option.
 */
export function startProbe(options: StartProbeOptions = {}): RunningProbe {
  const { collectors = ["localhost:4040"], hostId = hostname(), version = "0.1.0" } = options;
  const probeId = options.probeId ?? randomBytes(PROBE_ID_BYTES).toString("hex");
  const identity = identityOf(probeId, version, options);
  for (const address of collectors) readCollectorUrl(address);
  const ranked = options.shard === true ? new Shards(collectors).ranked(hostId) : undefined;
  const opened = new Disposer();
  const registry = new ControlRegistry({ allowed: options.controls ?? [], onCall: writeAudit });
  const parts = partsOf({ ...options, hostId, probeId, version }, registry, opened);
  const log = getLogger(["fairlead", "probe"]);
  const publisher = new Publisher({
    addresses: ranked === undefined ? collectors : ranked.slice(0, 1),
    resolve: (address, signal) =>
      ranked === undefined
        ? resolveCollectors(address, identity, signal)
        : resolveShard(ranked, identity, signal),
    clock: systemClock,
    random: systemRandom,
  });
  const { spyIntervalMs, publishIntervalMs, fullEvery } = options;
  const probe = new Probe({
    hostId,
    ...parts,
    publisher,
    codec: reportCodec(),
    clock: systemClock,
    random: systemRandom,
    ...(spyIntervalMs === undefined ? {} : { spyIntervalMs }),
    ...(publishIntervalMs === undefined ? {} : { publishIntervalMs }),
    ...(fullEvery === undefined ? {} : { fullEvery }),
    onTrouble: ({ what, message }) => log.warn("{what}: {message}", { what, message }),
  });
  opened.use(probe);
  if ((options.controls ?? []).length > 0)
    opened.defer(openControls(collectors, identity, registry));
  const metrics = () => metricsOf(probe, publisher, registry);
  return { hostId, probeId, probe, publisher, metrics, [asyncDispose]: () => opened.dispose() };
}

function identityOf(
  probeId: string,
  version: string,
  { token, tls }: StartProbeOptions,
): PublisherIdentity {
  return {
    probeId,
    version,
    ...(token === undefined ? {} : { token }),
    ...(tls === undefined ? {} : { tls }),
  };
}

type Named = StartProbeOptions & {
  readonly hostId: string;
  readonly probeId: string;
  readonly version: string;
};

function partsOf(options: Named, registry: ControlRegistry, opened: Disposer) {
  const { hostId, procRoot, omitArguments = false } = options;
  const files = new ProcFiles(procRoot);
  opened.defer(() => files.close());
  const table = new ProcessTable(files);
  const runtimes = containerReporters(options, registry, files);
  const enter = (id: string) => first(runtimes, (each) => each.find(id)?.enter);
  for (const entry of shellControls({ hostId, enter })) registry.add(entry);
  const controls = registry.controls(HOST_CONTROLS);
  const { probeId, version } = options;
  const host = { hostId, probeId, version, hostName: hostname(), files, controls };
  const reporters: Reporter[] = [hostReporter(host)];
  if (options.processes !== false) {
    reporters.push(processReporter({ hostId, files, table, omitArguments }));
  }
  if (options.connections !== false) {
    reporters.push(...connectionReporters({ hostId, files, table }, options.names ?? false));
  }
  const containerOf = (pid: number) => first(runtimes, (each) => each.rootOf(pid));
  const hasContainer = (pid: number) => containerOf(pid) !== undefined;
  const agents = new AgentReporter({ agents: options.agents ?? [], hasContainer });
  reporters.push(...runtimes);
  if (options.plugins !== false) {
    const folder = options.plugins === undefined ? {} : { folder: options.plugins };
    reporters.push(new PluginReporter({ probeId, registry, ...folder }));
  }
  reporters.push(...(options.reporters ?? []));
  if (options.agents !== undefined && options.agents.length > 0) reporters.push(agents);
  const kubernetes = kubernetesReporter(options);
  if (kubernetes !== undefined) reporters.push(kubernetes);
  const taskOf = (pid: number) => agents.taskOf(pid);
  const rootOf = (pid: number) => {
    const task = taskOf(pid);
    return containerOf(pid) ?? (task === undefined ? undefined : taskRoot(task));
  };
  const taggers = [
    hostTagger(hostId),
    containerTagger(rootOf),
    taskTagger(taskOf),
    ...(kubernetes === undefined ? [] : [podTagger((id) => kubernetes.podOf(id))]),
    ...(options.taggers ?? []),
  ];
  return { reporters, taggers };
}

/** Connections, and the names of who is at their other ends. */
function connectionReporters(options: EndpointReporterOptions, withNames: boolean): Reporter[] {
  const endpoints = endpointReporter(options);
  if (!withNames) return [endpoints];
  let last: Topology | undefined;
  const report = async (context: SpyContext) => {
    const found = await endpoints.report(context);
    last = found.topologies.Endpoint;
    return found;
  };
  return [{ ...endpoints, report }, nameReporter({ endpoints: () => last })];
}

function kubernetesReporter({ kubernetes = false }: Named): KubernetesReporter | undefined {
  if (kubernetes === false) return undefined;
  const { nodeName } = kubernetes;
  return new KubernetesReporter({
    api: kubeApi(kubernetes),
    ...(nodeName === undefined ? {} : { nodeName }),
  });
}

function first<T, R>(all: readonly T[], look: (each: T) => R | undefined): R | undefined {
  for (const each of all) {
    const found = look(each);
    if (found !== undefined) return found;
  }
  return undefined;
}

function containerReporters(
  options: Named,
  registry: ControlRegistry,
  files: ProcFiles,
): ContainerReporter[] {
  const { hostId, procRoot, withEnvironment = false, oci } = options;
  const usage = new CgroupUsage(procRoot === undefined ? {} : { procRoot });
  const common = { hostId, usage, withEnvironment, nowMs: () => systemClock.nowMs() };
  const reporters: ContainerReporter[] = [];
  const docker = options.docker ?? DOCKER_SOCKETS.find((path) => existsSync(path)) ?? false;
  if (docker !== false) {
    const engine = new ContainerEngine(docker);
    const runtime = new DockerRuntime({ engine, clock: systemClock });
    const entries = dockerControls(engine);
    for (const entry of entries) registry.add(entry);
    const controls = registry.controls(entries.map(({ id }) => id));
    const controlsOf = dockerControlsOf;
    const fallback = new EngineUsage({ engine });
    reporters.push(new ContainerReporter({ ...common, runtime, fallback, controls, controlsOf }));
  }
  if (oci !== false) {
    const [first] = reporters;
    // The engine starts its containers by runc or crun: they are told of once.
    const isKnown = (id: string) => first?.find(id) !== undefined;
    const roots = oci === undefined ? {} : { roots: oci };
    const runtime = new OciRuntime({ files, isKnown, ...roots });
    const controls = registry.controls(OCI_CONTROLS);
    const controlsOf = (state: ContainerState) => (state === "running" ? OCI_CONTROLS : []);
    reporters.push(new ContainerReporter({ ...common, runtime, controls, controlsOf }));
  }
  return reporters;
}

function metricsOf(probe: Probe, publisher: Publisher, registry: ControlRegistry): string {
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  return openMetrics({
    probe: probe.counts,
    failing: probe.failures,
    totals: publisher.totals,
    collectors: publisher.counts,
    controls: registry.counts,
    process: {
      cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
      residentBytes: process.memoryUsage.rss(),
    },
  });
}
