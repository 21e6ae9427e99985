/** The codec's port filled naively: whole nodes, JSON. What publishes must not care. */
import type { ReportCodec } from "../../../src/probe/mod.ts";
import { type Report, TOPOLOGY_KEYS, type Topology } from "../../../src/topology/mod.ts";

const EMPTY: Report = {
  id: "",
  windowNs: 0,
  isShortcut: false,
  sampling: { count: 0, total: 0 },
  topologies: {},
  dns: new Map(),
  plugins: [],
};

/** How often each was called stands in `calls`. */
export function plainCodec() {
  const calls = { merge: 0, unmerge: 0, encode: 0 };
  const codec: ReportCodec = {
    merge(reports) {
      calls.merge += 1;
      const topologies: Partial<Record<string, Topology>> = {};
      for (const key of TOPOLOGY_KEYS) {
        const found = reports.flatMap((report) => report.topologies[key] ?? []);
        if (found.length === 0) continue;
        topologies[key] = { ...found[0], nodes: new Map(found.flatMap(({ nodes }) => [...nodes])) };
      }
      return { ...EMPTY, ...reports[0], topologies };
    },
    unmerge(report, base) {
      calls.unmerge += 1;
      const topologies = Object.entries(report.topologies).map(([key, topology]) => {
        const before = base.topologies[TOPOLOGY_KEYS.find((each) => each === key) ?? "Host"];
        const nodes = [...topology.nodes].filter(([id, node]) => before?.nodes.get(id) !== node);
        return [key, { ...topology, nodes: new Map(nodes) }];
      });
      return { ...report, topologies: Object.fromEntries(topologies) };
    },
    async encode(report) {
      calls.encode += 1;
      return new TextEncoder().encode(JSON.stringify(report, plain));
    },
  };
  return { codec, calls };
}

function plain(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  return value instanceof Map ? Object.fromEntries(value) : value;
}
