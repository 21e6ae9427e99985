import { makeTopology, mergeTopologies } from "fairlead/topology";
import { describe, expect, test } from "vitest";

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
