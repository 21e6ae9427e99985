/** A datacenter's reports: read into columns, and rendered from them. */
import {
  COLUMNAR_VIEWS,
  type ColumnarViewId,
  decodeInflatedReport,
  encodeReport,
  mergeReports,
  ReportViews,
  syntheticDatacenter,
  TopologyColumns,
} from "fairlead/topology";
import type { Case, Contender, Params } from "./harness.ts";

const contentType = "application/msgpack";

/** Reports of all hosts at a tick, as probes of Scope send them, inflated. */
function reportsOf(params: Params, tick: number): Uint8Array[] {
  const hosts = Number(params.hosts);
  const center = syntheticDatacenter({
    hosts,
    containers: Number(params.containers),
    processes: Number(params.processes),
    connections: Number(params.connections),
    seed: 3,
  });
  return Array.from({ length: hosts }, (_, host) =>
    encodeReport(center.report(host, tick), { format: "msgpack-scope" }),
  );
}

function intoColumns(params: Params): Contender {
  const ticks = [reportsOf(params, 10), reportsOf(params, 11)];
  const columns = new TopologyColumns({ windowMs: 60_000 });
  let turn = 0;
  return {
    run() {
      turn += 1;
      for (const [host, bytes] of (ticks[turn % 2] ?? []).entries()) {
        columns.ingest(`probe-${host}`, bytes, turn);
      }
    },
    answer: () => columns.held.nodes,
    facts: () => ({
      rawBytes: (ticks[0] ?? []).reduce((sum, { length }) => sum + length, 0),
      stringBytes: columns.held.stringBytes,
    }),
  };
}

/** As one would first: decode into objects, merge them all. */
function intoObjects(params: Params): Contender {
  const reports = reportsOf(params, 10);
  let nodes = 0;
  return {
    run() {
      const decoded = reports.map((bytes) => decodeInflatedReport(bytes, { contentType }));
      mergeReports(decoded);
      nodes = 0;
      for (const { topologies } of decoded) {
        for (const topology of Object.values(topologies)) nodes += topology.nodes.size;
      }
    },
    answer: () => nodes,
  };
}

const SIZES = [
  { hosts: 1_000, containers: 10_000, processes: 11_000, connections: 40_000 },
  { hosts: 1_000, containers: 10_000, processes: 30_000, connections: 150_000 },
];
const QUICK = [{ hosts: 50, containers: 500, processes: 550, connections: 2_000 }];

/** `topology/ingest` */
export const ingestCase: Case = {
  name: "ingest",
  about: "one full report of every host; Scope's app: 425 ms to decode and 104 ms to merge",
  sweep: SIZES,
  quick: QUICK,
  growth: "connections",
  items: ({ hosts }) => Number(hosts),
  contenders: { columns: intoColumns, objects: intoObjects },
};

function loaded(params: Params) {
  const columns = new TopologyColumns({ windowMs: 60_000 });
  const reports = reportsOf(params, 10);
  for (const [host, bytes] of reports.entries()) columns.ingest(`probe-${host}`, bytes, 0);
  return { columns, reports };
}

const viewsOf = ({ view }: Params): readonly ColumnarViewId[] =>
  COLUMNAR_VIEWS.filter((id) => view === "all" || view === id);

/** After each change of one host all that is asked for is made anew. */
function fromColumns(params: Params): Contender {
  const { columns, reports } = loaded(params);
  let turn = 0;
  let nodes = 0;
  return {
    setup() {
      turn += 1;
      const host = turn % reports.length;
      columns.ingest(`probe-${host}`, reports[host] ?? new Uint8Array(), turn);
    },
    run() {
      nodes = viewsOf(params).reduce((sum, id) => sum + columns.view(id).ids.length, 0);
    },
    answer: () => nodes,
  };
}

/** By objects, from a merged report that is there. */
function fromObjects(params: Params): Contender {
  const report = loaded(params).columns.report();
  let nodes = 0;
  return {
    run() {
      const views = new ReportViews(report);
      nodes = viewsOf(params).reduce((sum, id) => sum + (views.nodes(id)?.size ?? 0), 0);
    },
    answer: () => nodes,
  };
}

/** `topology/render` */
export const renderCase: Case = {
  name: "render",
  about: "views after one changed report; Scope's app: containers 430 ms, all 736 ms",
  sweep: [
    { view: "containers", ...SIZES[0] },
    { view: "hosts", ...SIZES[0] },
    { view: "processes", ...SIZES[0] },
    { view: "all", ...SIZES[0] },
  ],
  quick: [{ view: "all", ...QUICK[0] }],
  growth: "hosts",
  contenders: { columns: fromColumns, objects: fromObjects },
};
