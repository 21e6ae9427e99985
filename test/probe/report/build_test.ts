import { describe, expect, test } from "vitest";
import {
  instantOf,
  latestAt,
  makeNode,
  makeReport,
  makeTopology,
  measured,
  sortedSet,
} from "../../../src/probe/report/build.ts";
import {
  containerNodeId,
  endpointNodeId,
  hostNodeId,
  imageNodeId,
  processNodeId,
} from "../../../src/probe/report/node_ids.ts";

describe("the parts of a report", () => {
  test("latestAt() sorts keys and leaves out what is undefined", () => {
    expect([...latestAt(5n, { b: "2", a: "1", c: undefined })]).toEqual([
      ["a", { timestamp: 5n, value: "1" }],
      ["b", { timestamp: 5n, value: "2" }],
    ]);
  });

  test("instantOf() is nanoseconds", () => {
    expect(instantOf(1_700_000_000_123.4)).toBe(1_700_000_000_123_000_000n);
  });

  test("measured() never has a sample above its maximum", () => {
    expect(measured(1n, 5, 3)).toEqual({ samples: [{ date: 1n, value: 5 }], min: 5, max: 5 });
    expect(measured(1n, 5, 9).max).toBe(9);
  });

  test("sortedSet() sorts, each once", () => {
    expect(sortedSet(["b", "a", "b"])).toEqual(["a", "b"]);
  });

  test("makeReport() fills in what every report has", () => {
    const Host = makeTopology([makeNode("h;<host>", "host")], { shape: "circle" });
    const report = makeReport({ Host }, { ts: 7n });
    expect(report).toMatchObject({ ts: 7n, id: "", windowNs: 0, isShortcut: false, plugins: [] });
    expect(report.topologies.Host?.nodes.get("h;<host>")?.adjacency).toEqual([]);
  });

  test("ids of nodes are those of Scope", () => {
    expect([
      hostNodeId("h"),
      processNodeId("h", 5),
      containerNodeId("c"),
      imageNodeId("i"),
      endpointNodeId("", "::1", 80),
    ]).toEqual(["h;<host>", "h;5", "c;<container>", "i;<container_image>", ";::1;80"]);
  });
});
