/** The metrics of a view's nodes: which there are, and what fills a node. */
import type { MetricRow, NodeSummary } from "../../../topology/mod.ts";
import { fillOf } from "./formats.ts";

/** A kind of metric, by its label: what containers and hosts call CPU is one kind. */
export interface MetricKind {
  readonly label: string;
  readonly format: string;
  /** The largest value among the nodes. */
  readonly largest: number;
}

/** The kinds among some nodes, by priority and then by name. */
export function metricKinds(nodes: Iterable<NodeSummary>): readonly MetricKind[] {
  const kinds = new Map<string, { format: string; largest: number; priority: number }>();
  for (const node of nodes) {
    for (const { label, format = "", value, valueEmpty, priority = 99 } of node.metrics ?? []) {
      const kind = kinds.get(label);
      const known = valueEmpty === true ? 0 : value;
      if (kind === undefined) kinds.set(label, { format, largest: known, priority });
      else kind.largest = Math.max(kind.largest, known);
    }
  }
  return [...kinds]
    .sort(([a, { priority: p }], [b, { priority: q }]) => p - q || (a < b ? -1 : 1))
    .map(([label, { format, largest }]) => ({ label, format, largest }));
}

/** A node's metric of a kind. */
export function metricOf(node: NodeSummary, label: string): MetricRow | undefined {
  return node.metrics?.find((metric) => metric.label === label && metric.valueEmpty !== true);
}

/** How full a node is by a kind, from 0 to 1; absent without the metric. */
export function nodeFill(node: NodeSummary, kind: MetricKind): number | undefined {
  const metric = metricOf(node, kind.label);
  return metric === undefined ? undefined : fillOf(metric.value, metric.max, kind.largest);
}

/** The kind after (or before) the one that is pinned, round and round. */
export function stepMetric(
  kinds: readonly MetricKind[],
  pinned: string | undefined,
  step: 1 | -1,
): string | undefined {
  const at = kinds.findIndex(({ label }) => label === pinned);
  if (at < 0) return kinds.at(step === 1 ? 0 : -1)?.label;
  return kinds.at((at + step) % kinds.length)?.label;
}

/** Key of the set that names a container's networks. */
const NETWORKS_ID = "docker_container_networks";

/** The networks of a node. */
export function networksOf(node: NodeSummary): readonly string[] {
  const row = node.metadata?.find(({ id }) => id === NETWORKS_ID);
  return row === undefined ? [] : row.value.split(/,\s*/).filter((name) => name !== "");
}

/** All networks among some nodes, sorted. */
export function allNetworks(nodes: Iterable<NodeSummary>): readonly string[] {
  const names = new Set<string>();
  for (const node of nodes) for (const name of networksOf(node)) names.add(name);
  return [...names].sort();
}
