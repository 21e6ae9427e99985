import { describe, expect, test } from "vitest";
import { cpuPercent, HostReport } from "../../../src/probe/reporters/host.ts";

const facts = {
  hostName: "h.example",
  os: "linux",
  kernelVersion: "6.1",
  uptimeSeconds: 12.9,
  cpu: { busyTicks: 50, totalTicks: 100, cores: 2 },
  memory: { usedBytes: 1, totalBytes: 4 },
  load1: 0.5,
  localNetworks: ["10.0.0.0/8", "1.0.0.0/8"],
};

describe("HostReport", () => {
  const identity = { hostId: "h", probeId: "abc", version: "1.0" };

  test("reports what the host says, as Scope's keys have it", () => {
    const node = new HostReport(identity).take(1_000, facts).nodes.get("h;<host>");
    expect(
      Object.fromEntries([...(node?.latest ?? [])].map(([k, { value }]) => [k, value])),
    ).toEqual({
      control_probe_id: "abc",
      ts: "1970-01-01T00:00:01.000Z",
      host_name: "h.example",
      os: "linux",
      kernel_version: "6.1",
      uptime: "12",
      host_scope_version: "1.0",
    });
    expect(node?.sets.get("local_networks")).toEqual(["1.0.0.0/8", "10.0.0.0/8"]);
    expect([...(node?.metrics.keys() ?? [])]).toEqual(["host_mem_usage_bytes", "load1"]);
  });

  test("measures the processor between two looks", () => {
    const report = new HostReport(identity);
    report.take(1_000, facts);
    const cpu = { busyTicks: 75, totalTicks: 200, cores: 2 };
    const metrics = report.take(2_000, { ...facts, cpu }).nodes.get("h;<host>")?.metrics;
    expect(metrics?.get("host_cpu_usage_percent")).toMatchObject({ min: 25, max: 100 });
  });

  test("leaves out what could not be read", () => {
    const missing = {
      uptimeSeconds: undefined,
      cpu: undefined,
      memory: undefined,
      load1: undefined,
    };
    const node = new HostReport(identity).take(0, { ...facts, ...missing }).nodes.get("h;<host>");
    expect(node?.metrics.size).toBe(0);
    expect(node?.latest.has("uptime")).toBe(false);
  });
});

describe("cpuPercent()", () => {
  test("stays within 0 and 100, and needs time between", () => {
    const at = (busyTicks: number, totalTicks: number) => ({ busyTicks, totalTicks, cores: 1 });
    expect(cpuPercent(at(0, 0), at(0, 0))).toBeUndefined();
    expect(cpuPercent(at(5, 10), at(4, 20))).toBe(0);
    expect(cpuPercent(at(0, 10), at(50, 20))).toBe(100);
    expect(cpuPercent(undefined, at(1, 2))).toBeUndefined();
  });
});
