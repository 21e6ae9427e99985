/** What a host says of itself. */
import type { Metric, Topology } from "../../topology/mod.ts";
import type { CpuTimes, MemoryUse } from "../proc/host_texts.ts";
import { instantOf, latestAt, makeNode, makeTopology, measured } from "../report/build.ts";
import { hostNodeId } from "../report/node_ids.ts";
import { HOST } from "../report/templates.ts";

/** What was read of a host; undefined where the reading failed. */
export interface HostFacts {
  readonly hostName: string;
  readonly os: string;
  readonly kernelVersion: string;
  readonly uptimeSeconds: number | undefined;
  readonly cpu: CpuTimes | undefined;
  readonly memory: MemoryUse | undefined;
  readonly load1: number | undefined;
  /** In CIDR notation. */
  readonly localNetworks: readonly string[];
}

/** What stays the same as long as a probe runs. */
export interface HostIdentity {
  readonly hostId: string;
  readonly probeId: string;
  readonly version: string;
}

/** Makes a host's topology; remembers processor times, for what was used is a difference. */
export class HostReport {
  readonly #identity: HostIdentity;
  #before: CpuTimes | undefined;

  constructor(identity: HostIdentity) {
    this.#identity = identity;
  }

  /** The topology at an instant; the first one has no processor usage yet. */
  take(nowMs: number, facts: HostFacts): Topology {
    const { hostId, probeId, version } = this.#identity;
    const at = instantOf(nowMs);
    const node = makeNode(hostNodeId(hostId), "host", {
      latest: latestAt(at, {
        control_probe_id: probeId,
        ts: new Date(nowMs).toISOString(),
        host_name: facts.hostName,
        os: facts.os,
        kernel_version: facts.kernelVersion,
        uptime:
          facts.uptimeSeconds === undefined ? undefined : `${Math.floor(facts.uptimeSeconds)}`,
        host_scope_version: version,
      }),
      sets: new Map([["local_networks", [...facts.localNetworks].sort()]]),
      metrics: this.#metrics(nowMs, facts),
    });
    return makeTopology([node], HOST);
  }

  #metrics(nowMs: number, { cpu, memory, load1 }: HostFacts): ReadonlyMap<string, Metric> {
    const at = instantOf(nowMs);
    const metrics = new Map<string, Metric>();
    const percent = cpuPercent(this.#before, cpu);
    this.#before = cpu ?? this.#before;
    if (percent !== undefined) metrics.set("host_cpu_usage_percent", measured(at, percent, 100));
    if (memory !== undefined) {
      const { usedBytes, totalBytes } = memory;
      metrics.set("host_mem_usage_bytes", measured(at, usedBytes, totalBytes));
    }
    if (load1 !== undefined) metrics.set("load1", measured(at, load1));
    return metrics;
  }
}

/** Of all cores together, from 0 to 100; undefined when no tick lies between the two. */
export function cpuPercent(
  before: CpuTimes | undefined,
  now: CpuTimes | undefined,
): number | undefined {
  if (before === undefined || now === undefined) return undefined;
  const total = now.totalTicks - before.totalTicks;
  if (total <= 0) return undefined;
  const busy = now.busyTicks - before.busyTicks;
  return Math.min(100, Math.max(0, (100 * busy) / total));
}
