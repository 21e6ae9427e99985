import {
  type LatestEntry,
  type Report,
  type ReportNode,
  TOPOLOGY_KEYS,
  type Topology,
  type TopologyKey,
} from "./report.ts";
import { isSameSet } from "./sets.ts";

const NONE: ReadonlyMap<string, never> = new Map<string, never>();

/**
 * What a report says that another did not: a delta, which merged with that other says the same
 * again. A part of a node is left out whole or kept whole; values count as the same when only their
 * instants differ; metrics are always kept, as their samples are new.
 */
export function deltaOf(report: Report, base: Report): Report {
  const topologies: Partial<Record<TopologyKey, Topology>> = {};
  for (const key of TOPOLOGY_KEYS) {
    const topology = report.topologies[key];
    const before = base.topologies[key];
    if (topology === undefined) continue;
    const delta = before === undefined ? topology : topologyDelta(topology, before);
    if (delta.nodes.size > 0 || Object.keys(delta).length > 1) topologies[key] = delta;
  }
  return { ...report, windowNs: report.windowNs - base.windowNs, topologies };
}

/**
 * A report without the nodes that are only deltas: their full report is not part of it, or they went
 * between two full ones. To be done after merging and before rendering.
 */
export function withoutOrphans(report: Report): Report {
  const topologies: Partial<Record<TopologyKey, Topology>> = {};
  let isWhole = true;
  for (const key of TOPOLOGY_KEYS) {
    const topology = report.topologies[key];
    if (topology === undefined) continue;
    const nodes = new Map([...topology.nodes].filter(([, node]) => node.topology !== ""));
    const hasAll = nodes.size === topology.nodes.size;
    topologies[key] = hasAll ? topology : { ...topology, nodes };
    isWhole &&= hasAll;
  }
  return isWhole ? report : { ...report, topologies };
}

function topologyDelta(topology: Topology, before: Topology): Topology {
  const nodes = new Map<string, ReportNode>();
  for (const [id, node] of topology.nodes) {
    const old = before.nodes.get(id);
    const delta = old === undefined ? node : nodeDelta(node, old);
    if (delta !== undefined) nodes.set(id, delta);
  }
  const rest = Object.entries(topology).filter(([field]) => field !== "nodes");
  const old = new Map<string, unknown>(Object.entries(before));
  const changed = rest.filter(([field, value]) => !isSamePart(value, old.get(field)));
  return { ...Object.fromEntries(changed), nodes };
}

/** The part of a node that is new, or nothing where none is. */
function nodeDelta(node: ReportNode, old: ReportNode): ReportNode | undefined {
  if (node.topology !== old.topology) return node;
  const hasLatest = !isSameLatest(node.latest, old.latest);
  const hasSets = !isSameSets(node.sets, old.sets);
  const hasParents = !isSameSets(node.parents, old.parents);
  const hasEdges = !isSameSet(node.adjacency, old.adjacency);
  const isNew = hasLatest || hasSets || hasParents || hasEdges || node.metrics.size > 0;
  if (!isNew) return undefined;
  return {
    ...node,
    topology: "",
    latest: hasLatest ? node.latest : NONE,
    sets: hasSets ? node.sets : NONE,
    parents: hasParents ? node.parents : NONE,
    adjacency: hasEdges ? node.adjacency : [],
  };
}

function isSameLatest(
  a: ReadonlyMap<string, LatestEntry>,
  b: ReadonlyMap<string, LatestEntry>,
): boolean {
  if (a.size !== b.size) return false;
  for (const [key, { value }] of a) if (b.get(key)?.value !== value) return false;
  return true;
}

function isSameSets(
  a: ReadonlyMap<string, readonly string[]>,
  b: ReadonlyMap<string, readonly string[]>,
): boolean {
  if (a.size !== b.size) return false;
  for (const [key, set] of a) {
    const other = b.get(key);
    if (other === undefined || !isSameSet(set, other)) return false;
  }
  return true;
}

/** Words, controls and templates by what is in them. */
function isSamePart(a: unknown, b: unknown): boolean {
  return a === b || textOf(a) === textOf(b);
}

function textOf(part: unknown): string {
  return JSON.stringify(part, (_, value: unknown) =>
    value instanceof Map ? [...value].sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)) : value,
  );
}
