/** Grouping by any label: a parent, a line of metadata, a label of a container. */
import type { NodeSummary } from "../../../topology/mod.ts";

/** Something that nodes can be grouped by. */
export interface Grouping {
  /** `parents/hosts`, `metadata/kubernetes_namespace`, `labels/docker_label_com.team`. */
  readonly id: string;
  readonly label: string;
  /** How many groups it makes. */
  readonly groups: number;
}

/** Values that nearly every node has for itself group nothing. */
const SHARE_MAX = 0.5;
const GROUPS_MAX = 2_000;
const GROUPINGS_MAX = 40;

const PARENT_LABELS: Readonly<Record<string, string>> = {
  hosts: "Host",
  containers: "Container",
  "containers-by-image": "Image",
  "containers-by-hostname": "DNS name",
  pods: "Pod",
  services: "Service",
  "kube-controllers": "Controller",
  "ecs-tasks": "Task",
  "ecs-services": "Service",
  "swarm-services": "Service",
};

/** What some nodes can be grouped by, those with the fewest groups first. */
export function groupingsOf(nodes: Iterable<NodeSummary>): readonly Grouping[] {
  const found = new Map<string, { label: string; values: Set<string>; nodes: number }>();
  let count = 0;
  for (const node of nodes) {
    if (node.pseudo === true) continue;
    count += 1;
    for (const [id, label, value] of keysOf(node)) {
      let entry = found.get(id);
      if (entry === undefined) {
        entry = { label, values: new Set(), nodes: 0 };
        found.set(id, entry);
      }
      entry.nodes += 1;
      if (entry.values.size <= GROUPS_MAX) entry.values.add(value);
    }
  }
  const most = Math.max(2, count * SHARE_MAX);
  return [...found]
    .filter(([, { values }]) => values.size >= 2 && values.size <= Math.min(GROUPS_MAX, most))
    .map(([id, { label, values }]) => ({ id, label, groups: values.size }))
    .sort((a, b) => a.groups - b.groups || (a.id < b.id ? -1 : 1))
    .slice(0, GROUPINGS_MAX);
}

/** The group of a node; "" when it has none. */
export function groupOf(node: NodeSummary, groupBy: string): string {
  for (const [id, , value] of keysOf(node)) if (id === groupBy) return value;
  return "";
}

function* keysOf(node: NodeSummary): Generator<readonly [string, string, string]> {
  for (const { topologyId, label } of node.parents ?? []) {
    yield [`parents/${topologyId}`, PARENT_LABELS[topologyId] ?? topologyId, label];
  }
  for (const { id, label, value, dataType = "" } of node.metadata ?? []) {
    if (dataType === "" && value !== "") yield [`metadata/${id}`, label, value];
  }
  for (const table of node.tables ?? []) {
    if (table.type !== "property-list") continue;
    for (const { id, entries } of table.rows) {
      const { label = id, value = "" } = entries;
      if (value !== "") yield [`labels/${id}`, label, value];
    }
  }
}
