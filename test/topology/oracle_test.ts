/**
 * The answers of a real Scope app to one report, and ours. Lists whose order means nothing are
 * sorted, instants are compared as they are; `DIFFERENCES` are all the others, and
 * docs/coming_from_scope.md explains each.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import {
  decodeReport,
  encodeReport,
  listProbes,
  makeReport,
  makeTopology,
  mergeReports,
  ReportViews,
  TOPOLOGY_KEYS,
  TOPOLOGY_TERMS,
  upgradeReport,
  VIEW_IDS,
  viewQueryOf,
  withoutOrphans,
} from "fairlead/topology";
import { describe, expect, test } from "vitest";
import { vector, vectors } from "./support/vectors.ts";

const MSGPACK = { contentType: "application/msgpack", contentEncoding: "gzip" };

describe.skipIf(vectors === undefined)("the real app's answers", async () => {
  if (vectors === undefined) return;
  const report = upgradeReport(
    withoutOrphans(await decodeReport(vector("fixture.msgpack.gz"), MSGPACK)),
  );
  const views = new ReportViews(report);
  const answers = readdirSync(join(vectors, "answers"));

  test("are all there", () => {
    expect(answers).toHaveLength(71);
  });

  test.each(answers.filter((name) => name.startsWith("topology-")))("%s", (name) => {
    const { viewId, parameters } = questionOf(name);
    const nodes = Object.fromEntries(views.nodes(viewId, viewQueryOf(parameters)) ?? []);
    expect(normal({ nodes })).toEqual(normal(answerOf(name)));
  });

  test.each(answers.filter((name) => name.startsWith("node-") && name !== RACED))("%s", (name) => {
    const [viewId, nodeId] = nodeOf(name);
    const node = views.details(viewId, nodeId);
    expect(normal({ node })).toEqual(normal(answerOf(name)));
  });

  test(`${RACED}: the connections that the real app lost are those of its other side`, () => {
    const node = views.details(...nodeOf(RACED));
    const [incoming, outgoing] = node?.connections ?? [];
    const lost = { node: { ...node, connections: [incoming, { ...outgoing, connections: [] }] } };
    expect(normal(lost)).toEqual(normal(answerOf(RACED)));
    const otherSide = JSON.stringify(answerOf(RACED.replace("client", "server")));
    expect(outgoing?.connections).toHaveLength(1);
    for (const { metadata } of outgoing?.connections ?? []) {
      expect(otherSide).toContain(JSON.stringify(metadata));
    }
  });

  test("api-topology.json", () => {
    const ours = normal(views.list().map(withoutNamespaces));
    expect(ours).toEqual(normal(answerOf("api-topology.json")));
  });

  test("api-probes.json", () => {
    expect(normal(listProbes(report))).toEqual(normal(answerOf("api-probes.json")));
  });

  test("api-report.json", () => {
    // Difference: a topology without nodes has no words, and a namespace bears its topology.
    const words = TOPOLOGY_KEYS.map((key) => [key, makeTopology([], TOPOLOGY_TERMS[key])]);
    const whole = mergeReports([report, makeReport(Object.fromEntries(words))]);
    const written = new TextDecoder().decode(encodeReport(whole, { format: "json" }));
    const ours = JSON.parse(written.replace('"topology":"namespace",', ""));
    const theirs = Object.assign({}, answerOf("api-report.json"));
    const instants = /"kubernetes_name":\{"timestamp":"[^"]+","value":"ping"\}/g;
    const plain = (value: unknown) =>
      text(normal(Object.assign({}, value, { ID: "" }))).replaceAll(instants, "");
    expect(plain(ours)).toBe(plain(theirs));
  });
});

/**
 * Where a pseudo node both passes through and gets children, the real app keeps what came last, in
 * the order of a hash table. This answer was given when it had lost the children; the one of the
 * other side, of the same report, has them.
 */
const RACED = "node-kube-controllers-pseudo_3Aunmanaged_3Aclient.hostname.com.json";

describe.skipIf(vectors === undefined)("the large report of an old probe", () => {
  test("is rendered in every view", async () => {
    const options = { contentType: "application/json" };
    const report = upgradeReport(await decodeReport(vector("large_report.json"), options));
    const views = new ReportViews(report);
    const sizes = VIEW_IDS.map((id) => [id, views.nodes(id)?.size]);
    expect(Object.fromEntries(sizes)).toMatchObject(LARGE_SIZES);
    for (const viewId of VIEW_IDS) {
      for (const nodeId of views.nodes(viewId)?.keys() ?? []) {
        expect(views.details(viewId, nodeId)).toMatchObject({ id: nodeId });
      }
    }
  });
});

const LARGE_SIZES = {
  processes: 131,
  "processes-by-name": 41,
  containers: 22,
  "containers-by-hostname": 15,
  "containers-by-image": 15,
  pods: 0,
  hosts: 1,
  weave: 1,
  tasks: 0,
};

/** `topology-pods_namespace_ping.json`: a view, then names and values of options. */
function questionOf(name: string) {
  const [viewId = "", ...words] = name.replace(/^topology-|\.json$/g, "").split("_");
  const parameters = new URLSearchParams();
  for (let index = 0; index < words.length; index += 2) {
    parameters.set(words[index] ?? "", words[index + 1] ?? "");
  }
  return { viewId, parameters };
}

/** `node-pods-5d4c3b2a1_3B_3Cpod_3E.json`: a view and an id whose `%` are `_`. */
function nodeOf(name: string): readonly [string, string] {
  const rest = name.replace(/^node-|\.json$/g, "");
  const viewId = VIEW_IDS.filter((id) => rest.startsWith(`${id}-`)).sort(
    (a, b) => b.length - a.length,
  )[0];
  if (viewId === undefined) throw new Error(`no view in ${name}`);
  return [
    viewId,
    decodeURIComponent(rest.slice(viewId.length + 1).replace(/_([0-9A-F]{2})/g, "%$1")),
  ];
}

function answerOf(name: string): unknown {
  return JSON.parse(new TextDecoder().decode(vector(`answers/${name}`)));
}

/** Difference: namespaces made of what is in them can be chosen; the real app forgets them again. */
function withoutNamespaces(descriptor: unknown): unknown {
  return JSON.parse(text(descriptor), (key, value: unknown) =>
    key === "options" && Array.isArray(value)
      ? value.filter((each) => each.id !== "namespace")
      : value,
  );
}

/** The same value with lists in the order of their text, and without what says nothing. */
function normal(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(normal).sort((a, b) => (text(a) < text(b) ? -1 : 1));
  }
  if (!isObject(value)) return value;
  const entries = Object.entries(value).flatMap(([key, each]): [string, unknown][] => {
    // Difference: a view without options has an empty list of them, not null.
    if (each === undefined || (key === "options" && each === null)) return [];
    if (key === "options" && Array.isArray(each) && each.length === 0) return [];
    return [[key, normal(each)]];
  });
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function text(value: unknown): string {
  return JSON.stringify(value) ?? "";
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
