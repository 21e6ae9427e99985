/** The parts of a report, made with what is common to all of them filled in. */
import type {
  Instant,
  LatestEntry,
  Metric,
  PluginSpec,
  Report,
  ReportNode,
  Topology,
  TopologyKey,
} from "../../topology/mod.ts";

const NS_PER_MS = 1_000_000n;
const NONE: ReadonlyMap<string, never> = new Map<string, never>();
const NOTHING: readonly never[] = [];

/** An instant of a clock's milliseconds. */
export function instantOf(nowMs: number): Instant {
  return BigInt(Math.round(nowMs)) * NS_PER_MS;
}

/** Values as they were at an instant; those that are undefined are left out. Keys are sorted. */
export function latestAt(
  timestamp: Instant,
  values: Readonly<Record<string, string | undefined>>,
): ReadonlyMap<string, LatestEntry> {
  const latest = new Map<string, LatestEntry>();
  for (const key of Object.keys(values).sort()) {
    const value = values[key];
    if (value !== undefined) latest.set(key, { timestamp, value });
  }
  return latest;
}

/** A metric with one sample. */
export function measured(date: Instant, value: number, max = value): Metric {
  return { samples: [{ date, value }], min: value, max: Math.max(value, max) };
}

/** Texts sorted, each once. */
export function sortedSet(texts: Iterable<string>): readonly string[] {
  return [...new Set(texts)].sort();
}

/** What a node has besides its id and topology. */
export type NodeParts = Partial<Omit<ReportNode, "id" | "topology">>;

/** A node; what `parts` leaves out is empty. */
export function makeNode(id: string, topology: string, parts: NodeParts = {}): ReportNode {
  return {
    id,
    topology,
    latest: parts.latest ?? NONE,
    sets: parts.sets ?? NONE,
    adjacency: parts.adjacency ?? NOTHING,
    metrics: parts.metrics ?? NONE,
    parents: parts.parents ?? NONE,
    children: parts.children ?? NOTHING,
  };
}

/** Nodes by their ids, with the topology's own words around them. */
export function makeTopology(
  nodes: Iterable<ReportNode>,
  about: Partial<Omit<Topology, "nodes">> = {},
): Topology {
  return { ...about, nodes: new Map([...nodes].map((node) => [node.id, node])) };
}

/** What a report has besides its topologies. */
export interface ReportParts {
  readonly ts?: Instant;
  readonly windowNs?: number;
  readonly isShortcut?: boolean;
  readonly plugins?: readonly PluginSpec[];
}

/** A report of these topologies; its id is given to it when it is published. */
export function makeReport(
  topologies: Partial<Record<TopologyKey, Topology>>,
  parts: ReportParts = {},
): Report {
  return {
    ...(parts.ts === undefined ? {} : { ts: parts.ts }),
    id: "",
    windowNs: parts.windowNs ?? 0,
    isShortcut: parts.isShortcut ?? false,
    sampling: { count: 0, total: 0 },
    topologies,
    dns: NONE,
    plugins: parts.plugins ?? NOTHING,
  };
}
