import fc from "fast-check";
import { expect, test } from "vitest";
import { FairleadError } from "../../../src/base/mod.ts";
import { type Report, syntheticDatacenter } from "../../../src/topology/mod.ts";

const nodesOf = (report: Report, key: "Endpoint" | "Process" | "Container" | "Host" | "Pod") =>
  report.topologies[key]?.nodes ?? new Map();

test("report() spreads what was asked for over the hosts", () => {
  const center = syntheticDatacenter({ hosts: 7, containers: 50, connections: 200, processes: 80 });
  const reports = Array.from({ length: 7 }, (_, host) => center.report(host, 3));
  const count = (key: "Process" | "Container" | "Host") =>
    reports.reduce((sum, report) => sum + nodesOf(report, key).size, 0);
  expect(count("Host")).toBe(7);
  expect(count("Container")).toBe(50);
  expect(count("Process")).toBe(80);
  const connections = reports.flatMap((report) =>
    [...nodesOf(report, "Endpoint").values()].filter(
      (node) => node.adjacency.length > 0 && node.latest.has("pid"),
    ),
  );
  expect(connections.length).toBe(200);
});

test("report() gives equal reports for equal seeds and others for other seeds", () => {
  const options = { hosts: 3, containers: 20, kubernetes: true };
  const report = syntheticDatacenter({ ...options, seed: 5 }).report(1, 40);
  expect(syntheticDatacenter({ ...options, seed: 5 }).report(1, 40)).toEqual(report);
  expect(syntheticDatacenter({ ...options, seed: 6 }).report(1, 40)).not.toEqual(report);
});

test("report() moves load, renews connections and replaces containers over the ticks", () => {
  const center = syntheticDatacenter({ hosts: 2, containers: 20, lifeTicks: 50 });
  const [first, next, later] = [0, 1, 100].map((tick) => center.report(0, tick));
  const ids = (report: Report | undefined) => [...nodesOf(report!, "Container").keys()];
  expect(ids(later)).not.toEqual(ids(first));
  const cpu = (report: Report | undefined) =>
    [...nodesOf(report!, "Host").values()][0]?.metrics.get("host_cpu_usage_percent")?.samples;
  expect(cpu(next)).not.toEqual(cpu(first));
  expect([...nodesOf(later!, "Endpoint").keys()]).not.toEqual([
    ...nodesOf(first!, "Endpoint").keys(),
  ]);
});

test("report() names only endpoints that it or the target's host reports", () => {
  const sizes = fc.record({
    hosts: fc.integer({ min: 1, max: 9 }),
    containers: fc.integer({ min: 1, max: 90 }),
    services: fc.constant(1),
    seed: fc.nat(),
  });
  fc.assert(
    fc.property(sizes, fc.integer({ min: 0, max: 5_000 }), (options, tick) => {
      fc.pre(options.containers <= options.hosts * 240);
      const center = syntheticDatacenter(options);
      for (let host = 0; host < options.hosts; host += 1) {
        const endpoints = nodesOf(center.report(host, tick), "Endpoint");
        for (const node of endpoints.values()) {
          for (const target of node.adjacency) expect(endpoints.has(target)).toBe(true);
        }
      }
    }),
    { numRuns: 60 },
  );
});

test("report() puts each container into a pod when asked", () => {
  const center = syntheticDatacenter({ hosts: 2, containers: 12, kubernetes: true });
  const report = center.report(1, 0);
  const pods = nodesOf(report, "Pod");
  expect(pods.size).toBe(6);
  for (const container of nodesOf(report, "Container").values()) {
    expect(pods.has(container.parents.get("pod")?.[0] ?? "")).toBe(true);
  }
});

test("syntheticDatacenter() refuses what it cannot make and names the field", () => {
  const code = (make: () => unknown) => {
    try {
      make();
    } catch (error) {
      return error instanceof FairleadError ? [error.code, error.details.field] : error;
    }
    return "made";
  };
  expect(code(() => syntheticDatacenter({ hosts: 0 }))).toEqual(["invalid_option", "hosts"]);
  expect(code(() => syntheticDatacenter({ hosts: 1, containers: 241 }))).toEqual([
    "invalid_option",
    "containers",
  ]);
  expect(code(() => syntheticDatacenter({ hosts: 1 }).report(1, 0))).toEqual([
    "invalid_option",
    "hostIndex",
  ]);
});
