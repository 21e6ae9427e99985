/** Plain reports to columns, and back. */
import { instantOf, partsOfInstant } from "../report/instant.ts";
import {
  type LatestEntry,
  type Metric,
  type Report,
  type ReportNode,
  TOPOLOGY_KEYS,
  type Topology,
  type TopologyKey,
} from "../report/report.ts";
import { type Part, PartBuilder, type SetColumns } from "./part.ts";
import type { StringTable } from "./strings.ts";

/** A plain report as columns. */
export function partOf(report: Report, strings: StringTable): Part {
  return putReport(report, strings, new PartBuilder());
}

/** The same with a builder that is there. */
export function putReport(report: Report, strings: StringTable, builder: PartBuilder): Part {
  const heads = TOPOLOGY_KEYS.map((key, kind) => {
    const topology = report.topologies[key];
    if (topology === undefined) return undefined;
    const { nodes, ...head } = topology;
    for (const node of nodes.values()) putNode(node, kind, strings, builder);
    return head;
  });
  const { id, ts, windowNs, isShortcut, sampling, dns, plugins } = report;
  return builder.take({ id, ts, windowNs, isShortcut, sampling, dns, plugins, heads });
}

function putNode(node: ReportNode, kind: number, strings: StringTable, builder: PartBuilder): void {
  builder.node(kind, strings.intern(node.id), strings.intern(node.topology));
  for (const [key, { value, timestamp }] of node.latest) {
    const { seconds, nanos } = partsOfInstant(timestamp);
    builder.latest(strings.intern(key), strings.intern(value), seconds, nanos);
  }
  for (const name of ["sets", "parents"] as const) {
    for (const [key, values] of node[name]) {
      builder[name].key(strings.intern(key));
      for (const value of values) builder[name].value(strings.intern(value));
    }
  }
  for (const id of node.adjacency) builder.adjacent(strings.intern(id));
  for (const [id, { samples, min, max }] of node.metrics) {
    builder.metric(strings.intern(id), min, max);
    for (const { date, value } of samples) {
      const { seconds, nanos } = partsOfInstant(date);
      builder.sample(seconds, nanos, value);
    }
  }
}

/** Columns as a plain report. */
export function reportOf(part: Part, strings: StringTable): Report {
  const topologies: Partial<Record<TopologyKey, Topology>> = {};
  const nodes = TOPOLOGY_KEYS.map(() => new Map<string, ReportNode>());
  for (let at = 0; at < part.count; at += 1) {
    const node = nodeOf(part, at, strings);
    nodes[part.kind[at]!]?.set(node.id, node);
  }
  for (const [kind, key] of TOPOLOGY_KEYS.entries()) {
    const of = nodes[kind] ?? new Map();
    const head = part.heads[kind];
    if (of.size > 0 || head !== undefined) topologies[key] = { ...head, nodes: of };
  }
  const { id, ts, windowNs, isShortcut, sampling, dns, plugins } = part;
  const rest = { id, windowNs, isShortcut, sampling, dns, plugins, topologies };
  return ts === undefined ? rest : { ...rest, ts };
}

/** One node of a part. */
export function nodeOf(part: Part, at: number, strings: StringTable): ReportNode {
  const text = (handle: number | undefined) => strings.text(handle ?? 0);
  const { latest, adjacency } = part;
  const values = new Map<string, LatestEntry>();
  for (let entry = latest.first[at]!; entry < latest.first[at + 1]!; entry += 1) {
    values.set(text(latest.key[entry]), {
      timestamp: instantOf(latest.seconds[entry]!, latest.nanos[entry]!),
      value: text(latest.value[entry]),
    });
  }
  const ids = adjacency.id.subarray(adjacency.first[at], adjacency.first[at + 1]);
  return {
    id: text(part.nodeId[at]),
    topology: text(part.topology[at]),
    latest: values,
    sets: setsOf(part.sets, at, strings),
    adjacency: Array.from(ids, text).sort(),
    metrics: metricsOf(part, at, strings),
    parents: setsOf(part.parents, at, strings),
    children: [],
  };
}

function setsOf(columns: SetColumns, node: number, strings: StringTable) {
  const sets = new Map<string, readonly string[]>();
  for (let key = columns.first[node]!; key < columns.first[node + 1]!; key += 1) {
    const values = columns.value.subarray(columns.list[key], columns.list[key + 1]);
    sets.set(
      strings.text(columns.key[key]!),
      Array.from(values, (each) => strings.text(each)).sort(),
    );
  }
  return sets;
}

function metricsOf({ metrics }: Part, node: number, strings: StringTable) {
  const found = new Map<string, Metric>();
  for (let at = metrics.first[node]!; at < metrics.first[node + 1]!; at += 1) {
    const samples = [];
    for (let sample = metrics.sample[at]!; sample < metrics.sample[at + 1]!; sample += 1) {
      const date = instantOf(metrics.seconds[sample]!, metrics.nanos[sample]!);
      samples.push({ date, value: metrics.value[sample]! });
    }
    found.set(strings.text(metrics.id[at]!), {
      samples,
      min: metrics.min[at]!,
      max: metrics.max[at]!,
    });
  }
  return found;
}
