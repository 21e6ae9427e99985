import type { TopologyDescriptor, TopologyOption } from "fairlead/topology";
import { expect, test } from "vitest";
import {
  defaultTopology,
  findTopology,
  flatTopologies,
  optionQuery,
  toggleValue,
  topologyIdOf,
  valuesOf,
  visibleTopologies,
} from "../../../../src/ui/topology/data/topologies.ts";

const stats = (node_count: number) => {
  return { node_count, nonpseudo_node_count: node_count, edge_count: 0, filtered_nodes: 0 };
};

function topology(id: string, nodes: number, fields: Partial<TopologyDescriptor> = {}) {
  return {
    name: id,
    rank: 1,
    hide_if_empty: true,
    url: `/api/topology/${id}`,
    options: [],
    stats: stats(nodes),
    ...fields,
  };
}

const union: TopologyOption = {
  id: "namespace",
  defaultValue: "",
  selectType: "union",
  noneLabel: "All Namespaces",
  options: [
    { value: "a", label: "a" },
    { value: "b", label: "b" },
  ],
};
const stopped: TopologyOption = {
  id: "stopped",
  defaultValue: "running",
  options: [
    { value: "running", label: "Running" },
    { value: "both", label: "Both" },
  ],
};

test("visibleTopologies() hides what is empty and wants so, and goes by rank", () => {
  const list = [
    topology("hosts", 0, { rank: 4, hide_if_empty: false }),
    topology("pods", 0, { rank: 3 }),
    topology("processes", 5, {
      sub_topologies: [topology("processes-by-name", 2), topology("empty", 0)],
    }),
  ];
  const visible = visibleTopologies(list);
  expect(visible.map(topologyIdOf)).toEqual(["processes", "hosts"]);
  expect(flatTopologies(visible).map(topologyIdOf)).toEqual([
    "processes",
    "processes-by-name",
    "hosts",
  ]);
});

test("defaultTopology() is the best one that has nodes", () => {
  const list = [topology("containers", 3), topology("pods", 2), topology("services", 0)];
  expect(defaultTopology(list)).toBe("pods");
  expect(defaultTopology([topology("own", 3)])).toBe("own");
  expect(defaultTopology([topology("hosts", 0, { hide_if_empty: false })])).toBe("hosts");
  expect(defaultTopology([])).toBeUndefined();
});

test("optionQuery() names every option: what was chosen, or its default", () => {
  const descriptor = topology("containers", 1, { options: [stopped, union] });
  expect(optionQuery(descriptor, {})).toEqual({ stopped: "running" });
  const chosen = { containers: { namespace: ["a", "b"], stopped: ["both"] } };
  expect(optionQuery(descriptor, chosen)).toEqual({ namespace: "a,b", stopped: "both" });
  expect(optionQuery(undefined, chosen)).toEqual({});
});

test("toggleValue() chooses one, or any number of a union", () => {
  expect(toggleValue(stopped, ["running"], "both")).toEqual(["both"]);
  expect(toggleValue(union, ["a"], "b")).toEqual(["a", "b"]);
  expect(toggleValue(union, ["a", "b"], "a")).toEqual(["b"]);
  expect(toggleValue(union, ["a"], "")).toEqual([]);
  expect(valuesOf(union, { namespace: [] })).toEqual([]);
});

test("findTopology() finds sub-topologies too", () => {
  const list = [topology("a", 1, { sub_topologies: [topology("b", 1)] })];
  expect(findTopology(list, "b")?.name).toBe("b");
  expect(findTopology(list, "c")).toBeUndefined();
});
