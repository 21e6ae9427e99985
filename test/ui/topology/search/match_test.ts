import { expect, test } from "vitest";
import {
  cellKey,
  finds,
  findsAll,
  matchNode,
  metadataKey,
  metricKey,
  parentKey,
  parseQueries,
  searchableFields,
} from "../../../../src/ui/topology/search/match.ts";
import { parseQuery } from "../../../../src/ui/topology/search/query.ts";
import { metric, node, row } from "../support/nodes.ts";

const web = node("web", {
  label: "web-frontend",
  labelMinor: "host-1",
  metadata: [row("Image name", "library/nginx"), row("State", "running")],
  parents: [{ id: "h1", label: "host-1", topologyId: "hosts" }],
  metrics: [metric("CPU", 7), metric("Memory", 20 * 1_024 ** 2)],
  tables: [
    {
      id: "labels",
      label: "Labels",
      type: "property-list",
      columns: null,
      rows: [{ id: "team", entries: { label: "com.team", value: "payments" } }],
    },
    {
      id: "peers",
      label: "Peers",
      type: "multicolumn-table",
      columns: [{ id: "peer", label: "Peer", dataType: "" }],
      rows: [{ id: "r1", entries: { peer: "peer-a" } }],
    },
  ],
});

const query = (text: string) => parseQuery(text)!;

test.each([
  ["frontend", "label", [[4, 8]]],
  ["NGINX", metadataKey("image name"), [[8, 5]]],
  ["image name: ngi", metadataKey("image name"), [[8, 3]]],
  ["hosts: host-1", parentKey("hosts", "h1"), [[0, 6]]],
  ["team: pay", cellKey("labels", "team", "value"), [[0, 3]]],
  ["peer: -a", cellKey("peers", "r1", "peer"), [[4, 2]]],
  ["cpu > 5", metricKey("cpu"), []],
  ["memory < 21mb", metricKey("memory"), []],
])("matchNode() says where %s is found", (text, key, ranges) => {
  expect(finds(query(text), web)).toBe(true);
  expect(matchNode(query(text), web).get(key)).toEqual(ranges);
});

test.each(["image name: redis", "state: nginx", "cpu > 8", "load > 0", "nothing"])(
  "finds() does not find %s",
  (text) => {
    expect(finds(query(text), web)).toBe(false);
    expect(matchNode(query(text), web).size).toBe(0);
  },
);

test("finds() leaves out metrics that have no value", () => {
  const idle = node("idle", { metrics: [metric("CPU", 0, { valueEmpty: true })] });
  expect(finds(query("cpu < 1"), idle)).toBe(false);
});

test("findsAll() wants every pinned search, and drops those that say nothing", () => {
  expect(findsAll(parseQueries(["nginx", "cpu > 5", " "]), web)).toBe(true);
  expect(findsAll(parseQueries(["nginx", "cpu > 50"]), web)).toBe(false);
  expect(findsAll([], web)).toBe(true);
});

test("searchableFields() lists fields and metrics, and hints at something real", () => {
  const { fields, metrics, hint } = searchableFields([node("cloud", { pseudo: true }), web]);
  expect(fields).toEqual(["com.team", "hosts", "image name", "peer", "state"]);
  expect(metrics).toEqual(["cpu", "memory"]);
  expect(hint).toBe("Search: web-frontend, com.team: …, cpu > 10");
  expect(searchableFields([]).hint).toBe("Search");
});
