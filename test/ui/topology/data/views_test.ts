import { expect, test } from "vitest";
import { ChangeJournal } from "../../../../src/ui/topology/data/changes.ts";
import { groupingsOf, groupOf } from "../../../../src/ui/topology/data/grouping.ts";
import {
  allNetworks,
  metricKinds,
  metricOf,
  nodeFill,
  stepMetric,
} from "../../../../src/ui/topology/data/metrics.ts";
import { EdgeRates } from "../../../../src/ui/topology/data/rates.ts";
import { metric, node, row } from "../support/nodes.ts";

const fleet = Array.from({ length: 12 }, (_, at) =>
  node(`c${at}`, {
    parents: [{ id: `h${at % 3}`, label: `host-${at % 3}`, topologyId: "hosts" }],
    metadata: [
      row("State", at % 2 === 0 ? "running" : "paused"),
      row("Id", `id-${at}`),
      row("Pid", String(at % 2), "number"),
    ],
    tables: [
      {
        id: "labels",
        label: "Labels",
        type: "property-list",
        columns: null,
        rows: [{ id: "team", entries: { label: "com.team", value: `team-${at % 4}` } }],
      },
    ],
  }),
);

test("groupingsOf() offers parents, lines and labels that group, the coarsest first", () => {
  const groupings = groupingsOf([...fleet, node("cloud", { pseudo: true })]);
  expect(groupings.map(({ id, groups }) => [id, groups])).toEqual([
    ["metadata/state", 2],
    ["parents/hosts", 3],
    ["labels/team", 4],
  ]);
  expect(groupings.map(({ label }) => label)).toEqual(["State", "Host", "com.team"]);
  expect(groupOf(fleet[4]!, "parents/hosts")).toBe("host-1");
  expect(groupOf(fleet[5]!, "labels/team")).toBe("team-1");
  expect(groupOf(fleet[5]!, "metadata/none")).toBe("");
});

test("ChangeJournal tells what came, went and changed, newest first", () => {
  const journal = new ChangeJournal();
  const before = node("a", { metadata: [row("State", "running")], adjacency: ["b", "c"] });
  const after = node("a", { metadata: [row("State", "exited")], adjacency: ["c", "d", "e"] });
  journal.note(1_000, undefined, before);
  journal.note(2_000, before, after);
  journal.note(3_000, after, undefined);
  expect(journal.since(3_000).map(({ kind }) => kind)).toEqual(["vanished", "changed", "appeared"]);
  expect(journal.since(3_000)[1]?.facts).toEqual([
    "State: running → exited",
    "2 new connections",
    "1 closed connection",
  ]);
});

test("ChangeJournal says nothing of uptimes, counts and metrics, and forgets after a minute", () => {
  const journal = new ChangeJournal({ changesMax: 2 });
  const at = (uptime: string, cpu: number) =>
    node("a", { metadata: [row("Uptime", uptime, "duration")], metrics: [metric("CPU", cpu)] });
  journal.note(1_000, at("1", 3), at("2", 4));
  expect(journal.since(1_000)).toEqual([]);
  for (const id of ["x", "y", "z"]) journal.note(2_000, undefined, node(id));
  expect(journal.since(2_000).map(({ id }) => id)).toEqual(["z", "y"]);
  expect(journal.since(62_001)).toEqual([]);
});

test("EdgeRates counts what was opened in the window, scaled to a minute", () => {
  const rates = new EdgeRates();
  rates.observe(0, new Map([["a>b", 5]]));
  rates.observe(
    30_000,
    new Map([
      ["a>b", 11],
      ["a>c", 1],
    ]),
  );
  expect(rates.rateOf("a>b", 30_000)).toEqual({ count: 11, openedPerMinute: 12 });
  expect(rates.rateOf("a>c", 30_000)).toEqual({ count: 1, openedPerMinute: 2 });
  rates.observe(60_000, new Map([["a>b", 4]]));
  expect(rates.rateOf("a>b", 60_000)).toEqual({ count: 4, openedPerMinute: 6 });
  expect(rates.rateOf("a>c", 60_000)).toBeUndefined();
  expect(rates.rateOf("a>b", 91_000)?.openedPerMinute).toBe(0);
  rates.clear();
  expect(rates.rateOf("a>b", 91_000)).toBeUndefined();
});

test("metricKinds() joins what has one label, and stepMetric() goes round", () => {
  const nodes = [
    node("a", { metrics: [metric("Load", 0.4, { max: 0.4 }), metric("CPU", 5, { priority: 1 })] }),
    node("b", { metrics: [metric("Load", 1.6, { max: 1.6 })] }),
  ];
  const kinds = metricKinds(nodes);
  expect(kinds.map(({ label, largest }) => [label, largest])).toEqual([
    ["CPU", 5],
    ["Load", 1.6],
  ]);
  expect(nodeFill(nodes[0]!, kinds[1]!)).toBe(0.25);
  expect(nodeFill(nodes[1]!, kinds[0]!)).toBeUndefined();
  expect(metricOf(nodes[0]!, "CPU")?.value).toBe(5);
  expect(stepMetric(kinds, undefined, 1)).toBe("CPU");
  expect(stepMetric(kinds, "Load", 1)).toBe("CPU");
  expect(stepMetric(kinds, "CPU", -1)).toBe("Load");
  expect(stepMetric([], "CPU", 1)).toBeUndefined();
});

test("allNetworks() reads the networks of containers", () => {
  const line = { id: "docker_container_networks", label: "Networks", value: "web, back" };
  expect(allNetworks([node("a", { metadata: [line] }), node("b")])).toEqual(["back", "web"]);
});
