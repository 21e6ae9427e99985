import { describe, expect, test } from "vitest";
import { encodeReport, type Report, ReportWindow } from "../../../src/topology/mod.ts";
import { hostReport } from "../support/collector.ts";

const upload = (report: Report, receivedMs: number, probeId = report.id) => ({
  probeId,
  receivedMs,
  contentType: "application/msgpack",
  bytes: encodeReport(report, { format: "msgpack" }),
});
const hosts = (window: ReportWindow) => [...(window.report().topologies.Host?.nodes.keys() ?? [])];

describe("ReportWindow", () => {
  test("merges what came within the window, and forgets what is older", () => {
    const window = new ReportWindow();
    window.add(upload(hostReport("a"), 0));
    window.add(upload(hostReport("b"), 10_000));
    expect(hosts(window)).toEqual(["a;<host>", "b;<host>"]);
    window.expire(15_000);
    expect(hosts(window)).toEqual(["b;<host>"]);
    window.expire(25_000);
    expect([hosts(window), window.size]).toEqual([[], 0]);
  });

  test("merges once a version, and has another version after each change", () => {
    const window = new ReportWindow();
    const versions = [window.version];
    window.add(upload(hostReport("a"), 0));
    versions.push(window.version);
    expect(window.report()).toBe(window.report());
    window.expire(1);
    expect(window.version).toBe(versions[1]);
    window.expire(15_000);
    versions.push(window.version);
    expect(new Set(versions).size).toBe(3);
  });

  test("adds a delta to the full report before it, and drops one that has none", () => {
    const window = new ReportWindow();
    const full = hostReport("a", 1, 1n);
    const node = full.topologies.Host?.nodes.get("a;<host>");
    if (node === undefined) throw new Error("the report has its host");
    const part = { ...node, topology: "", latest: new Map() };
    const delta = (id: string) => ({
      ...full,
      topologies: { Host: { nodes: new Map([[id, { ...part, id }]]) } },
    });
    window.add(upload(full, 0));
    window.add(upload(delta("a;<host>"), 1));
    window.add(upload(delta("orphan;<host>"), 2));
    expect(hosts(window)).toEqual(["a;<host>"]);
    expect(window.report().topologies.Host?.nodes.get("a;<host>")?.topology).toBe("host");
  });

  test("keeps its limits, names the one that is reached, and takes nothing then", () => {
    const full = (limit: string) =>
      expect.objectContaining({
        code: "collector_full",
        details: expect.objectContaining({ limit }),
      });
    const few = new ReportWindow({ probesMax: 1, reportsMax: 2, nodesMax: 10 });
    few.add(upload(hostReport("a"), 0));
    expect(() => few.add(upload(hostReport("b"), 0))).toThrowError(full("probesMax"));
    few.add(upload(hostReport("a"), 1));
    expect(() => few.add(upload(hostReport("a"), 2))).toThrowError(full("reportsMax"));
    const small = new ReportWindow({ nodesMax: 1 });
    small.add(upload(hostReport("a"), 0));
    expect(() => small.add(upload(hostReport("b"), 0))).toThrowError(full("nodesMax"));
    expect([few.size, small.size, hosts(small)]).toEqual([2, 1, ["a;<host>"]]);
  });

  test("says of each report when it came, of which host, and how many nodes it has", () => {
    const window = new ReportWindow();
    window.add(upload(hostReport("a"), 7));
    expect(window.held()).toEqual([
      { probeId: "a", receivedMs: 7, host: "a", counts: [["host", 1]] },
    ]);
  });
});
