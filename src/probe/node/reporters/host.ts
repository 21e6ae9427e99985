/** Reads what a host says of itself. */
import { networkInterfaces, release, version } from "node:os";
import type { Report } from "../../../topology/mod.ts";
import {
  type CpuTimes,
  parseCpuTimes,
  parseLoad1,
  parseMemory,
  parseUptimeSeconds,
} from "../../proc/host_texts.ts";
import { instantOf, makeReport } from "../../report/build.ts";
import type { Reporter, SpyContext } from "../../reporter.ts";
import { HostReport } from "../../reporters/host.ts";
import type { ProcFiles } from "../proc/files.ts";

/** Options of {@linkcode hostReporter}. */
export interface HostReporterOptions {
  readonly hostId: string;
  readonly hostName: string;
  readonly probeId: string;
  readonly version: string;
  readonly files: ProcFiles;
}

/** Reports the host: name, kernel, uptime, networks, processor, memory, load. */
export function hostReporter(options: HostReporterOptions): Reporter {
  const { files, hostName } = options;
  const report = new HostReport(options);
  return {
    name: "host",
    async report({ nowMs }: SpyContext): Promise<Report> {
      const Host = report.take(nowMs, {
        hostName,
        os: process.platform,
        kernelVersion: `${release()} ${version()}`,
        uptimeSeconds: parseUptimeSeconds(files.small("uptime") ?? ""),
        cpu: readCpuTimes(files),
        memory: parseMemory(files.small("meminfo") ?? ""),
        load1: parseLoad1(files.small("loadavg") ?? ""),
        localNetworks: localNetworks(),
      });
      return makeReport({ Host }, { ts: instantOf(nowMs) });
    },
  };
}

/** The host's processor times; undefined where they cannot be read. */
export function readCpuTimes(files: ProcFiles): CpuTimes | undefined {
  return parseCpuTimes(files.whole("stat") ?? "");
}

/** The networks of all interfaces but loopback, in CIDR notation. */
export function localNetworks(): string[] {
  return addresses().map(({ cidr }) => cidr);
}

/** Bridges of container runtimes: their addresses mean something on this host only. */
export function bridgeNetworks(): string[] {
  return addresses()
    .filter(({ device }) => /^(docker|podman|cni-podman|br-|virbr|lxdbr)/.test(device))
    .map(({ cidr }) => cidr);
}

interface Address {
  readonly device: string;
  readonly cidr: string;
}

function addresses(): Address[] {
  return Object.entries(networkInterfaces()).flatMap(([device, found = []]) =>
    found.flatMap(({ cidr, internal }) => (internal || cidr === null ? [] : [{ device, cidr }])),
  );
}
