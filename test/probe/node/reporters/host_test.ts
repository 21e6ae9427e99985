import { cpus, hostname } from "node:os";
import { describe, expect, test } from "vitest";
import { ProcFiles } from "../../../../src/probe/node/proc/files.ts";
import {
  bridgeNetworks,
  hostReporter,
  localNetworks,
  readCpuTimes,
} from "../../../../src/probe/node/reporters/host.ts";

const identity = { hostId: "h", hostName: hostname(), probeId: "1", version: "0.1.0" };
const { signal } = new AbortController();

describe("hostReporter()", () => {
  test("reports this machine", async () => {
    const reporter = hostReporter({ ...identity, files: new ProcFiles() });
    const { topologies } = await reporter.report({ tick: 1, nowMs: 1_000, signal });
    const node = topologies.Host?.nodes.get("h;<host>");
    expect(node?.latest.get("host_name")?.value).toBe(hostname());
    expect(Number(node?.latest.get("uptime")?.value)).toBeGreaterThan(0);
    expect(node?.metrics.get("host_mem_usage_bytes")?.max).toBeGreaterThan(1e8);
  });

  test("goes on where nothing can be read", async () => {
    const reporter = hostReporter({ ...identity, files: new ProcFiles("/nowhere") });
    const { topologies } = await reporter.report({ tick: 1, nowMs: 1_000, signal });
    expect(topologies.Host?.nodes.get("h;<host>")?.metrics.size).toBe(0);
  });
});

describe("what is read beside it", () => {
  test("readCpuTimes() counts cores", () => {
    expect(readCpuTimes(new ProcFiles())?.cores).toBe(cpus().length);
  });

  test("bridges are among the local networks, and loopback is not", () => {
    const networks = localNetworks();
    expect(networks.every((cidr) => /^[0-9a-f.:]+\/\d+$/.test(cidr))).toBe(true);
    expect(networks).not.toContain("127.0.0.1/8");
    for (const bridge of bridgeNetworks()) expect(networks).toContain(bridge);
  });
});
