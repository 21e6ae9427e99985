/** The columns of the table view: what the nodes of a topology have in common. */
import type { NodeSummary } from "../../../topology/mod.ts";
import { metadataText, sortKey } from "./formats.ts";
import { type MetricKind, metricKinds, metricOf } from "./metrics.ts";

/** What a column shows. */
export type ColumnSource =
  | { readonly kind: "label" }
  | { readonly kind: "parent"; readonly topologyId: string }
  | { readonly kind: "metadata"; readonly fieldId: string; readonly dataType: string }
  | { readonly kind: "metric"; readonly metric: MetricKind };

/** A column of the table view. */
export interface NodeColumn {
  readonly id: string;
  readonly label: string;
  readonly source: ColumnSource;
}

/** Ids, ports and commands fill a table without saying much. */
const HIDDEN = /(_id|_ids|_ports?|_command|_ips_with_scopes|_created|^ppid|^cmdline|image_name)$/;
const PARENT_NAMES: Readonly<Record<string, string>> = {
  hosts: "Host",
  containers: "Container",
  "containers-by-image": "Image",
  pods: "Pod",
  services: "Service",
  "kube-controllers": "Controller",
};
const COLUMNS_MAX = { parents: 3, metadata: 6, metrics: 5 };
/** How many nodes are looked at. */
const NODES_MAX = 1_000;

/** The columns that fit some nodes. */
export function columnsOf(nodes: Iterable<NodeSummary>): readonly NodeColumn[] {
  const sample: NodeSummary[] = [];
  for (const node of nodes) {
    if (sample.length === NODES_MAX) break;
    if (node.pseudo !== true) sample.push(node);
  }
  return [
    { id: "label", label: "Name", source: { kind: "label" } },
    ...parentColumns(sample),
    ...metadataColumns(sample),
    ...metricKinds(sample)
      .slice(0, COLUMNS_MAX.metrics)
      .map((metric): NodeColumn => {
        return {
          id: `metric/${metric.label}`,
          label: metric.label,
          source: { kind: "metric", metric },
        };
      }),
  ];
}

function parentColumns(nodes: readonly NodeSummary[]): NodeColumn[] {
  const counts = new Map<string, number>();
  for (const { parents = [] } of nodes) {
    for (const topologyId of new Set(parents.map((each) => each.topologyId))) {
      counts.set(topologyId, (counts.get(topologyId) ?? 0) + 1);
    }
  }
  return [...counts]
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .slice(0, COLUMNS_MAX.parents)
    .map(([topologyId]) => {
      const label = PARENT_NAMES[topologyId] ?? topologyId;
      return { id: `parent/${topologyId}`, label, source: { kind: "parent", topologyId } };
    });
}

function metadataColumns(nodes: readonly NodeSummary[]): NodeColumn[] {
  const found = new Map<string, { label: string; dataType: string; priority: number }>();
  for (const { metadata = [] } of nodes) {
    for (const { id, label, dataType = "", priority = 99 } of metadata) {
      if (!HIDDEN.test(id) && !found.has(id)) found.set(id, { label, dataType, priority });
    }
  }
  return [...found]
    .sort(([a, { priority: p }], [b, { priority: q }]) => p - q || (a < b ? -1 : 1))
    .slice(0, COLUMNS_MAX.metadata)
    .map(([fieldId, { label, dataType }]) => {
      return { id: fieldId, label, source: { kind: "metadata", fieldId, dataType } };
    });
}

/** What a cell says. */
export function cellText(node: NodeSummary, { source }: NodeColumn): string {
  if (source.kind === "label") return node.label;
  if (source.kind === "parent") {
    const parents = node.parents?.filter((each) => each.topologyId === source.topologyId) ?? [];
    return parents.map(({ label }) => label).join(", ");
  }
  if (source.kind === "metric") return String(metricOf(node, source.metric.label)?.value ?? "");
  const row = node.metadata?.find(({ id }) => id === source.fieldId);
  return row === undefined ? "" : metadataText(row);
}

/** What a cell sorts by; what is missing comes first. */
export function cellKey(node: NodeSummary, column: NodeColumn): string | number {
  const { source } = column;
  if (source.kind === "metric") {
    return metricOf(node, source.metric.label)?.value ?? Number.NEGATIVE_INFINITY;
  }
  if (source.kind !== "metadata") return cellText(node, column).toLowerCase();
  const row = node.metadata?.find(({ id }) => id === source.fieldId);
  return sortKey(row?.value ?? "", source.dataType);
}
