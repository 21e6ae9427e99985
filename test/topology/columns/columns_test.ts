import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FairleadError } from "../../../src/base/mod.ts";
import {
  COLUMNAR_VIEWS,
  decodeInflatedReport,
  deltaOf,
  encodeReport,
  mergeReports,
  type NodeSummary,
  type Report,
  ReportViews,
  summariesOf,
  syntheticDatacenter,
  TopologyColumns,
  upgradeReport,
  withoutOrphans,
} from "../../../src/topology/mod.ts";
import { vector, vectors } from "../support/vectors.ts";

/** What columns and objects must agree on. */
function core(nodes: ReadonlyMap<string, NodeSummary> | undefined) {
  return [...(nodes ?? [])]
    .map(([id, node]) => {
      const { label, labelMinor, rank, shape, stack, pseudo, adjacency } = node;
      return { id, label, labelMinor, rank, shape, stack, pseudo, adjacency };
    })
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

function expectSameViews(columns: TopologyColumns, report: Report): void {
  const views = new ReportViews(report);
  for (const id of COLUMNAR_VIEWS) {
    const found = core(summariesOf(columns.view(id))).filter(({ id: node }) => !isStorage(node));
    const expected = core(views.nodes(id)).filter(({ id: node }) => !isStorage(node));
    expect({ view: id, nodes: found }).toEqual({ view: id, nodes: expected });
  }
}

/** Volumes stand beside pods, not in columns. */
const isStorage = (id: string) => /<(persistent_volume|storage_class|volume_snapshot)/.test(id);

const bytesOf = (report: Report) => encodeReport(report, { format: "msgpack-scope" });

describe.each(["wasm", "typed"] as const)("TopologyColumns with the %s kernel", (kernel) => {
  test.skipIf(vectors === undefined)("gives the views of the fixture and of a real report", () => {
    const msgpack = new Uint8Array(gunzipSync(vector("fixture.msgpack.gz")));
    const columns = new TopologyColumns({ kernel });
    columns.ingest("fixture", msgpack, 0);
    const contentType = "application/msgpack";
    expectSameViews(columns, upgradeReport(decodeInflatedReport(msgpack, { contentType })));
    const large = upgradeReport(
      decodeInflatedReport(vector("large_report.json"), { contentType: "application/json" }),
    );
    const other = new TopologyColumns({ kernel });
    other.ingestReport("large", large, 0);
    expectSameViews(other, large);
  });

  test("gives the views of the renderer of objects, whatever was reported before", () => {
    const sizes = fc.record({
      hosts: fc.integer({ min: 1, max: 5 }),
      containers: fc.integer({ min: 1, max: 25 }),
      services: fc.integer({ min: 1, max: 1 }),
      kubernetes: fc.boolean(),
      seed: fc.nat(),
      lifeTicks: fc.constantFrom(3, 50),
    });
    const ticks = fc.array(fc.tuple(fc.nat(4), fc.nat(60)), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(sizes, ticks, (options, sent) => {
        const center = syntheticDatacenter(options);
        const columns = new TopologyColumns({ kernel });
        const newest = new Map<number, Report>();
        for (const [at, [host, tick]] of sent.entries()) {
          const bytes = bytesOf(center.report(host % options.hosts, tick));
          const report = decodeInflatedReport(bytes, { contentType: "application/msgpack" });
          columns.ingest(`probe-${host % options.hosts}`, bytes, at);
          newest.delete(host % options.hosts);
          newest.set(host % options.hosts, report);
          if (at % 3 === 2) columns.view("containers");
        }
        const merged = mergeReports([...newest.values()]);
        expect(columns.report()).toEqual(merged);
        expectSameViews(columns, merged);
      }),
      { numRuns: 25 },
    );
  });
});

test("ingest() lays a delta over the probe's last full report", () => {
  const center = syntheticDatacenter({ hosts: 2, containers: 12, lifeTicks: 40 });
  const columns = new TopologyColumns();
  const full = center.report(0, 10);
  expect(columns.ingest("p", bytesOf(full), 0)).toMatchObject({ isDelta: false });
  for (const tick of [11, 12, 30]) {
    const delta = deltaOf(center.report(0, tick), full);
    expect(columns.ingest("p", bytesOf(delta), tick)).toMatchObject({ isDelta: true });
    const merged = mergeReports([full, delta]);
    expect(columns.report().topologies).toEqual(withoutOrphans(merged).topologies);
  }
  expect(columns.ingest("p", bytesOf(center.report(0, 31)), 31)).toMatchObject({ isDelta: false });
  expect(columns.report().topologies).toEqual(center.report(0, 31).topologies);
});

test("ingest() shows nothing of a delta whose full report never came", () => {
  const center = syntheticDatacenter({ hosts: 1, containers: 4 });
  const columns = new TopologyColumns();
  const delta = deltaOf(center.report(0, 2), center.report(0, 1));
  columns.ingest("p", bytesOf(delta), 0);
  expect(columns.view("containers").ids).toEqual([]);
  expectSameViews(columns, withoutOrphans(delta));
});

test("view() names metrics and counts the pairs of endpoints of an edge", () => {
  const center = syntheticDatacenter({ hosts: 1, containers: 2, services: 2, connections: 6 });
  const columns = new TopologyColumns();
  const report = center.report(0, 5);
  columns.ingest("p", bytesOf(report), 0);
  const view = columns.view("containers");
  const real = view.ids.slice(0, view.pseudoFrom);
  expect(view.metricIds[0]).toBe("docker_cpu_total_usage");
  for (const [at, id] of real.entries()) {
    const node = report.topologies.Container?.nodes.get(id);
    const expected = node?.metrics.get("docker_cpu_total_usage")?.samples.at(-1)?.value;
    expect(view.metrics[at * view.metricIds.length]).toBe(expected);
  }
  const inside = view.edgeCount.reduce((sum, count) => sum + count, 0);
  const pairs = [...(report.topologies.Endpoint?.nodes.values() ?? [])].reduce(
    (sum, { adjacency }) => sum + adjacency.length,
    0,
  );
  expect(inside).toBe(pairs);
  expect(columns.view("containers")).toBe(view);
});

test("expire() forgets probes that fell silent and frees their rows", () => {
  const center = syntheticDatacenter({ hosts: 2, containers: 6 });
  const columns = new TopologyColumns({ windowMs: 1_000 });
  columns.ingest("a", bytesOf(center.report(0, 0)), 0);
  columns.ingest("b", bytesOf(center.report(1, 0)), 900);
  expect(columns.expire(999)).toBe(0);
  expect(columns.expire(1_000)).toBe(1);
  expect(columns.view("hosts").ids.slice(0, 1)).toEqual(["host-00001;<host>"]);
  expect(columns.view("containers").pseudoFrom).toBe(3);
  expect(columns.expire(5_000)).toBe(1);
  expect(columns.view("containers").ids).toEqual([]);
  expect(columns.held.nodes).toBe(0);
});

test("ingest() frees the strings of values that passed by, and loses none that is used", () => {
  const center = syntheticDatacenter({ hosts: 4, containers: 40, lifeTicks: 10 });
  const columns = new TopologyColumns({ sweepMin: 1_000 });
  for (let tick = 0; tick < 60; tick += 1) {
    for (let host = 0; host < 4; host += 1) {
      columns.ingest(`p${host}`, bytesOf(center.report(host, tick)), tick);
    }
    if (tick % 7 === 0) columns.view("hosts");
    expect(columns.held.strings).toBeLessThan(3_000);
  }
  const merged = mergeReports([0, 1, 2, 3].map((host) => center.report(host, 59)));
  expect(columns.report().topologies).toEqual(merged.topologies);
  expectSameViews(columns, merged);
});

test("ingest() refuses more probes than allowed, and damaged reports, and keeps what it had", () => {
  const center = syntheticDatacenter({ hosts: 2, containers: 6 });
  const columns = new TopologyColumns({ probesMax: 1 });
  const bytes = bytesOf(center.report(0, 0));
  columns.ingest("a", bytes, 0);
  const codeOf = (act: () => unknown) => {
    try {
      act();
    } catch (error) {
      if (error instanceof FairleadError) return error.code;
    }
    return "taken";
  };
  expect(codeOf(() => columns.ingest("b", bytes, 0))).toBe("probes_exhausted");
  expect(codeOf(() => columns.ingest("a", bytes.subarray(0, 900), 0))).toBe("invalid_report");
  expect(codeOf(() => new TopologyColumns({ windowMs: 0 }))).toBe("invalid_option");
  expect(columns.report()).toEqual(center.report(0, 0));
});
