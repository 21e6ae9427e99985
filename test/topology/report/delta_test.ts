import {
  deltaOf,
  makeMetric,
  makeNode,
  makeReport,
  makeTopology,
  mergeReports,
  type NodeParts,
  TOPOLOGY_TERMS,
  withoutOrphans,
} from "fairlead/topology";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { report } from "../support/arbitrary.ts";

function hosts(parts: Readonly<Record<string, NodeParts>>) {
  const nodes = Object.entries(parts).map(([id, each]) => makeNode("Host", id, each));
  return makeReport({ Host: makeTopology(nodes, TOPOLOGY_TERMS.Host) }, { windowNs: 3 });
}

describe("deltaOf()", () => {
  test("of a report against itself is nothing but metrics", () => {
    const metrics = { load1: makeMetric([{ date: 1n, value: 1 }]) };
    const whole = hosts({
      a: { latest: { os: "linux" } },
      b: { latest: { os: "linux" }, metrics },
    });
    const delta = deltaOf(whole, whole);
    expect(delta.windowNs).toBe(0);
    expect(delta.topologies.Host?.shape).toBeUndefined();
    expect([...(delta.topologies.Host?.nodes.keys() ?? [])]).toEqual(["b"]);
    expect(delta.topologies.Host?.nodes.get("b")).toEqual({
      ...makeNode("Host", "b", { metrics }),
      topology: "",
    });
  });

  test("does not count a newer instant of the same value", () => {
    const old = hosts({ a: { at: 1n, latest: { os: "linux" } } });
    const now = hosts({ a: { at: 2n, latest: { os: "linux" } } });
    expect(deltaOf(now, old).topologies).toEqual({});
  });

  test("keeps a part whole where anything of it changed, and nodes that are new", () => {
    const old = hosts({ a: { latest: { os: "linux", up: "1" }, sets: { s: ["x"] } } });
    const now = hosts({ a: { latest: { os: "linux", up: "2" }, sets: { s: ["x"] } }, b: {} });
    const nodes = deltaOf(now, old).topologies.Host?.nodes;
    expect([...(nodes?.get("a")?.latest.keys() ?? [])]).toEqual(["os", "up"]);
    expect(nodes?.get("a")?.sets.size).toBe(0);
    expect(nodes?.get("b")?.topology).toBe("host");
  });

  test("merged with its base says what the report says, but for older instants", () => {
    fc.assert(
      fc.property(report, report, (base, more) => {
        const whole = mergeReports([base, more]);
        const merged = mergeReports([base, deltaOf(whole, base)]);
        expect(valuesOf(merged)).toEqual(valuesOf(whole));
        expect(merged.windowNs).toBe(whole.windowNs);
      }),
    );
  });
});

function valuesOf({ topologies }: ReturnType<typeof makeReport>) {
  return Object.entries(topologies).map(([key, { nodes, ...rest }]) => [
    key,
    rest,
    new Map(
      [...nodes].map(([id, node]) => [
        id,
        { ...node, latest: new Map([...node.latest].map(([name, { value }]) => [name, value])) },
      ]),
    ),
  ]);
}

describe("withoutOrphans()", () => {
  test("removes deltas whose full node is not there", () => {
    const old = hosts({ a: { latest: { up: "1" } }, b: { latest: { up: "1" } } });
    const now = hosts({ a: { latest: { up: "2" } }, b: { latest: { up: "2" } } });
    const delta = deltaOf(now, old);
    const merged = mergeReports([delta, hosts({ a: { latest: { up: "1" } } })]);
    expect([...(merged.topologies.Host?.nodes.keys() ?? [])].sort()).toEqual(["a", "b"]);
    expect([...(withoutOrphans(merged).topologies.Host?.nodes.keys() ?? [])]).toEqual(["a"]);
  });

  test("gives a whole report back as it is", () => {
    const whole = hosts({ a: {} });
    expect(withoutOrphans(whole)).toBe(whole);
  });
});
