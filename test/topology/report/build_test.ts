import {
  emptyReport,
  makeMetric,
  makeNode,
  makeReport,
  makeTopology,
  TOPOLOGY_TERMS,
} from "fairlead/topology";
import { describe, expect, test } from "vitest";

describe("makeNode()", () => {
  test("stamps values with the given instant and leaves out what is not known", () => {
    const node = makeNode("Process", "h;1", {
      at: 5n,
      latest: { pid: 1, name: "init", cmdline: undefined },
      activeControls: ["a", "b"],
    });
    expect(node.topology).toBe("process");
    expect([...node.latest]).toEqual([
      ["pid", { timestamp: 5n, value: "1" }],
      ["name", { timestamp: 5n, value: "init" }],
      ["active_controls", { timestamp: 5n, value: "a;b" }],
    ]);
  });

  test("sorts sets and keeps each text once", () => {
    const node = makeNode("Endpoint", "a", { adjacency: ["c", "b", "c"], sets: { s: ["z", "y"] } });
    expect(node.adjacency).toEqual(["b", "c"]);
    expect(node.sets.get("s")).toEqual(["y", "z"]);
  });
});

describe("makeMetric()", () => {
  const samples = [
    { date: 1n, value: 3 },
    { date: 2n, value: -1 },
  ];

  test("finds the least and the greatest", () => {
    expect(makeMetric(samples)).toEqual({ samples, min: -1, max: 3 });
  });

  test("takes a capacity as the greatest", () => {
    expect(makeMetric(samples, { max: 100 }).max).toBe(100);
    expect(makeMetric([])).toEqual({ samples: [], min: 0, max: 0 });
  });
});

test("makeTopology() keeps the last node of an id, and the topology's words", () => {
  const topology = makeTopology(
    [makeNode("Host", "a"), makeNode("Host", "a", { adjacency: ["b"] })],
    TOPOLOGY_TERMS.Host,
  );
  expect(topology.nodes.get("a")?.adjacency).toEqual(["b"]);
  expect(topology).toMatchObject({ shape: "circle", label: "host", labelPlural: "hosts" });
});

test("makeReport() takes a head, emptyReport() has no topology", () => {
  const Host = makeTopology([]);
  expect(makeReport({ Host }, { windowNs: 7 })).toEqual({
    ...emptyReport(),
    windowNs: 7,
    topologies: { Host },
  });
});
