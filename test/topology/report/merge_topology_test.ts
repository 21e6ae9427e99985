import {
  makeNode,
  makeReport,
  makeTopology,
  mergeReports,
  mergeTopologies,
} from "fairlead/topology";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { report } from "../support/arbitrary.ts";

const of = (rest: Parameters<typeof makeTopology>[1]) => makeTopology([], rest);

describe("mergeTopologies()", () => {
  test("takes words where either has them, both forms of the label together", () => {
    const merged = mergeTopologies(
      of({ shape: "square" }),
      of({ label: "process", labelPlural: "processes", tag: "camera" }),
    );
    expect(merged).toEqual(
      of({ shape: "square", label: "process", labelPlural: "processes", tag: "camera" }),
    );
  });

  test("lets the template of higher priority win", () => {
    const low = of({ metadataTemplates: new Map([["a", { id: "a", priority: 1, label: "Z" }]]) });
    const high = of({ metadataTemplates: new Map([["a", { id: "a", priority: 2, label: "A" }]]) });
    expect(mergeTopologies(low, high)).toEqual(high);
    expect(mergeTopologies(high, low)).toEqual(high);
  });

  test("keeps one of two controls that differ, whichever comes first", () => {
    const of = (human: string) =>
      makeTopology([], {
        controls: new Map([["stop", { id: "stop", human, icon: "", rank: 1 }]]),
      });
    const merged = mergeTopologies(of("Stop"), of("Halt"));
    expect(merged).toEqual(mergeTopologies(of("Halt"), of("Stop")));
    expect(merged.controls?.get("stop")?.human).toBe("Stop");
  });

  test("merges tables field by field", () => {
    const table = (label: string, fixedRows: ReadonlyMap<string, string>) =>
      of({
        tableTemplates: new Map([
          ["t", { id: "t", label, prefix: "p_", type: "property-list", columns: [], fixedRows }],
        ]),
      });
    const rows = new Map([["k", "K"]]);
    expect(mergeTopologies(table("B", new Map()), table("A", rows))).toEqual(table("B", rows));
  });
});

test("mergeReports() of many gives what merging their topologies one by one gives", () => {
  fc.assert(
    fc.property(fc.array(report, { minLength: 3, maxLength: 9 }), (reports) => {
      const merged = mergeReports(reports);
      for (const key of ["Host", "Container"] as const) {
        const all = reports.flatMap(({ topologies }) => topologies[key] ?? []);
        const [first, ...others] = all;
        const expected = first && others.reduce((a, b) => mergeTopologies(a, b), first);
        expect(merged.topologies[key]).toEqual(expected);
      }
    }),
    { numRuns: 200 },
  );
});

test("mergeReports() takes of many the newest value and every node, and changes none of them", () => {
  const node = (value: string, at: bigint) =>
    makeNode("Host", "a;<host>", { at, latest: { value } });
  const reports = [3n, 5n, 4n, 1n, 2n].map((at) =>
    makeReport({
      Host: makeTopology([node(`${at}`, at), makeNode("Host", `${at};<host>`, { at })]),
    }),
  );
  const { nodes } = mergeReports(reports).topologies.Host ?? { nodes: new Map() };
  expect(nodes.size).toBe(6);
  expect(nodes.get("a;<host>")?.latest.get("value")).toEqual({ timestamp: 5n, value: "5" });
  expect(reports.map(({ topologies }) => topologies.Host?.nodes.size)).toEqual([2, 2, 2, 2, 2]);
});
