/** A whole probe of this machine, out of one object of options. */
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { hostname } from "node:os";
import { getLogger } from "@logtape/logtape";
import { asyncDispose, Disposer, systemClock, systemRandom } from "../../base/mod.ts";
import { type ControlCounts, openMetrics } from "../metrics.ts";
import { Probe } from "../probe.ts";
import { Publisher } from "../publisher/publisher.ts";
import type { Reporter, Tagger } from "../reporter.ts";
import { containerTagger } from "../taggers/container.ts";
import { hostTagger } from "../taggers/host.ts";
import { CgroupUsage } from "./cgroups/usage.ts";
import { reportCodec } from "./codec.ts";
import { ContainerReporter } from "./containers/reporter.ts";
import { ContainerEngine } from "./docker/engine.ts";
import { DockerRuntime } from "./docker/runtime.ts";
import { OciRuntime } from "./oci/runtime.ts";
import { ProcFiles } from "./proc/files.ts";
import { ProcessTable } from "./proc/process_table.ts";
import type { PublisherIdentity } from "./publisher/http_collector.ts";
import { readCollectorUrl, resolveCollectors } from "./publisher/resolve.ts";
import { endpointReporter } from "./reporters/endpoints.ts";
import { hostReporter } from "./reporters/host.ts";
import { processReporter } from "./reporters/processes.ts";

/** Options of {@linkcode startProbe}; all have defaults. */
export interface StartProbeOptions {
  /** Who gets reports: `host`, `host:port`, `https://user:password@host`. @default ["localhost:4040"] */
  readonly collectors?: readonly string[];
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
const NO_CONTROLS: ReadonlyMap<string, ControlCounts> = new Map();

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
  const opened = new Disposer();
  const parts = partsOf({ ...options, hostId, probeId, version }, opened);
  const log = getLogger(["fairlead", "probe"]);
  const publisher = new Publisher({
    addresses: collectors,
    resolve: (address, signal) => resolveCollectors(address, identity, signal),
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
  const metrics = () => metricsOf(probe, publisher);
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

function partsOf(options: Named, opened: Disposer) {
  const { hostId, procRoot, omitArguments = false } = options;
  const files = new ProcFiles(procRoot);
  opened.defer(() => files.close());
  const table = new ProcessTable(files);
  const runtimes = containerReporters(options, files);
  const reporters: Reporter[] = [hostReporter({ ...options, hostName: hostname(), files })];
  if (options.processes !== false) {
    reporters.push(processReporter({ hostId, files, table, omitArguments }));
  }
  if (options.connections !== false) reporters.push(endpointReporter({ hostId, files, table }));
  reporters.push(...runtimes, ...(options.reporters ?? []));
  const rootOf = (pid: number) => {
    for (const each of runtimes) {
      const root = each.rootOf(pid);
      if (root !== undefined) return root;
    }
    return undefined;
  };
  const taggers = [hostTagger(hostId), containerTagger(rootOf), ...(options.taggers ?? [])];
  return { reporters, taggers };
}

function containerReporters(options: Named, files: ProcFiles): ContainerReporter[] {
  const { hostId, procRoot, withEnvironment = false, oci } = options;
  const usage = new CgroupUsage(procRoot === undefined ? {} : { procRoot });
  const common = { hostId, usage, withEnvironment, nowMs: () => systemClock.nowMs() };
  const reporters: ContainerReporter[] = [];
  const docker = options.docker ?? DOCKER_SOCKETS.find((path) => existsSync(path)) ?? false;
  if (docker !== false) {
    const engine = new ContainerEngine(docker);
    const runtime = new DockerRuntime({ engine, clock: systemClock });
    reporters.push(new ContainerReporter({ ...common, runtime }));
  }
  if (oci !== false) {
    const [first] = reporters;
    // The engine starts its containers by runc or crun: they are told of once.
    const isKnown = (id: string) => first?.find(id) !== undefined;
    const roots = oci === undefined ? {} : { roots: oci };
    const runtime = new OciRuntime({ files, isKnown, ...roots });
    reporters.push(new ContainerReporter({ ...common, runtime }));
  }
  return reporters;
}

function metricsOf(probe: Probe, publisher: Publisher): string {
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  return openMetrics({
    probe: probe.counts,
    failing: probe.failures,
    totals: publisher.totals,
    collectors: publisher.counts,
    controls: NO_CONTROLS,
    process: {
      cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
      residentBytes: process.memoryUsage.rss(),
    },
  });
}
