import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  COLUMNAR_VIEWS,
  ColumnStore,
  encodeReport,
  type NodeSummary,
  PlainStore,
  type Report,
  type ReportStore,
  syntheticDatacenter,
  type TopologyDescriptor,
} from "../../../src/topology/mod.ts";
import { hostReport } from "../support/collector.ts";
import { vector, vectors } from "../support/vectors.ts";

const MSGPACK = "application/msgpack";
const upload = (probeId: string, report: Report, receivedMs = 0) => ({
  probeId,
  receivedMs,
  contentType: MSGPACK,
  bytes: encodeReport(report, { format: "msgpack" }),
});

const QUERIES = [
  {},
  { options: { system: "application", stopped: "running", pseudo: "hide" } },
  { options: { system: "all", stopped: "both", pseudo: "show", unconnected: "show" } },
  { options: { unconnected: "hide", pseudo: "show" }, hideCommandLineArguments: true },
] as const;
/** Groups have no rows of their own in columns. */
const GROUPS = ["containers-by-image", "processes-by-name", "containers-by-hostname"];
function comparable(id: string, nodes: ReadonlyMap<string, NodeSummary> | undefined) {
  const isGroup = GROUPS.includes(id);
  return [...(nodes?.values() ?? [])]
    .map((node) => {
      const { metadata, metrics, tables, parents, ...rest } = node;
      return isGroup ? rest : { ...rest, metadata, metrics, tables, parents };
    })
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

function expectSame(found: ReportStore, expected: ReportStore): void {
  for (const query of QUERIES) {
    for (const id of COLUMNAR_VIEWS) {
      const nodes = comparable(id, found.nodes(id, query));
      expect({ id, query, nodes }).toEqual({
        ...{ id, query },
        nodes: comparable(id, expected.nodes(id, query)),
      });
    }
    expect(statsOf(found.topologies(query))).toEqual(statsOf(expected.topologies(query)));
  }
  expect(new Set(found.probes())).toEqual(new Set(expected.probes()));
}

function statsOf(all: readonly TopologyDescriptor[]): unknown {
  return all.map(({ url, options, stats, sub_topologies: below }) => {
    const { filtered_nodes: _, ...counts } = stats;
    return { url, options, counts, below: statsOf(below ?? []) };
  });
}

describe("ColumnStore", () => {
  test.skipIf(vectors === undefined)("gives what PlainStore gives of the fixture", () => {
    const bytes = new Uint8Array(gunzipSync(vector("fixture.msgpack.gz")));
    const stores = [new ColumnStore(), new PlainStore()] as const;
    for (const store of stores) {
      store.add({ probeId: "p", receivedMs: 0, contentType: MSGPACK, bytes });
    }
    expectSame(...stores);
    for (const id of COLUMNAR_VIEWS) {
      for (const node of stores[1].nodes(id, {})?.keys() ?? []) {
        expect(stores[0].details(id, node, {})).toEqual(stores[1].details(id, node, {}));
      }
    }
  });

  test("gives what PlainStore gives of hosts that report in any order", () => {
    const sizes = fc.record({
      hosts: fc.integer({ min: 1, max: 4 }),
      containers: fc.integer({ min: 1, max: 16 }),
      kubernetes: fc.boolean(),
      seed: fc.nat(),
    });
    fc.assert(
      fc.property(sizes, fc.array(fc.nat(3), { minLength: 1, maxLength: 6 }), (options, order) => {
        const center = syntheticDatacenter(options);
        const found = new ColumnStore();
        const expected = new Map<string, Report>();
        for (const [tick, at] of order.entries()) {
          const host = at % options.hosts;
          const report = center.report(host, tick);
          found.add(upload(`p${host}`, report, tick));
          expected.set(`p${host}`, report);
        }
        const plain = new PlainStore();
        for (const [probe, report] of expected) plain.add(upload(probe, report));
        expectSame(found, plain);
        // What was kept of the state before does not show in the next one.
        const again = center.report(0, 9);
        found.add(upload("p0", again, 9));
        expected.set("p0", again);
        const next = new PlainStore();
        for (const [probe, report] of expected) next.add(upload(probe, report));
        expectSame(found, next);
      }),
      { numRuns: 30 },
    );
  });

  test("keeps the summary of a node whose probe did not report again", () => {
    const center = syntheticDatacenter({ hosts: 3, containers: 12 });
    const store = new ColumnStore();
    for (const host of [0, 1, 2]) store.add(upload(`p${host}`, center.report(host, 0)));
    const before = store.nodes("hosts", {});
    store.add(upload("p0", center.report(0, 0), 1));
    const after = store.nodes("hosts", {});
    const same = [...(after ?? [])].filter(([id, node]) => before?.get(id) === node);
    expect(same.length).toBeGreaterThanOrEqual(2);
    expect(same.length).toBeLessThan(after?.size ?? 0);
  });

  test("takes JSON, tells what it holds, forgets, and is full at its limit", () => {
    const store = new ColumnStore({ windowMs: 1_000, probesMax: 1 });
    expect(store.nodes("hosts", {})?.size).toBe(0);
    expect(store.nodes("nothing", {})).toBeUndefined();
    const json = {
      probeId: "p",
      receivedMs: 5,
      contentType: "application/json",
      bytes: encodeReport(hostReport("a"), { format: "json" }),
    };
    expect(store.add(json)).toEqual({ isShortcut: false, nodes: 1 });
    expect([...(store.nodes("hosts", {})?.keys() ?? [])]).toEqual(["a;<host>"]);
    expect(store.details("hosts", "a;<host>", {})?.label).toBe("a");
    expect(store.details("hosts", "b;<host>", {})).toBeUndefined();
    const plain = new PlainStore();
    plain.add(json);
    expect(store.held()).toEqual(plain.held());
    expect(store.probes()).toEqual(plain.probes());
    expect(() => store.add({ ...json, probeId: "q" })).toThrow(
      expect.objectContaining({ code: "collector_full" }),
    );
    const { version } = store;
    store.expire(900);
    expect([store.size, store.version]).toEqual([1, version]);
    store.expire(1_005);
    expect(store.size).toBe(0);
    expect(store.version).toBeGreaterThan(version);
    expect(store.nodes("hosts", {})?.size).toBe(0);
  });
});
