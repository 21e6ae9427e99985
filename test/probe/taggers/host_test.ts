import { describe, expect, test } from "vitest";
import { hostTagger, makeNode, makeReport, makeTopology } from "../../../src/probe/mod.ts";

describe("hostTagger()", () => {
  const report = makeReport(
    {
      Process: makeTopology([makeNode("h;1", "process", { parents: new Map([["pod", ["p"]]]) })]),
      Endpoint: makeTopology([makeNode(";1.1.1.1;1", "endpoint")]),
      Pod: makeTopology([makeNode("p;<pod>", "pod")]),
    },
    { ts: 9n },
  );

  test("tags what stands on a host, keeps other parents, and leaves the rest alone", () => {
    const { topologies } = hostTagger("h").tag(report);
    const node = topologies.Process?.nodes.get("h;1");
    expect(node?.latest.get("host_node_id")).toEqual({ timestamp: 9n, value: "h;<host>" });
    expect([...(node?.parents ?? [])]).toEqual([
      ["pod", ["p"]],
      ["host", ["h;<host>"]],
    ]);
    expect(topologies.Endpoint).toBe(report.topologies.Endpoint);
    expect(topologies.Pod).toBe(report.topologies.Pod);
  });

  test("changes nothing the second time", () => {
    const once = hostTagger("h").tag(report);
    expect(hostTagger("h").tag(once)).toEqual(once);
  });
});
