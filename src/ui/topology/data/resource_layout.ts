/** The resource view: hosts, their containers and their processes as boxes as wide as they weigh. */
import type { NodeSummary } from "../../../topology/mod.ts";
import { metricOf } from "./metrics.ts";

/** A box. Across, the hosts together are 1 wide. */
export interface ResourceBox {
  readonly id: string;
  readonly topologyId: string;
  readonly label: string;
  /** What colours it. */
  readonly rank: string;
  /** 0 for hosts, 1 for containers, 2 for processes. */
  readonly layer: number;
  readonly x: number;
  readonly width: number;
  readonly value: number;
  /** A host's capacity. */
  readonly capacity: number | undefined;
  /** `percent`, `filesize` … */
  readonly format: string;
}

/** The layers, from the bottom. */
export const RESOURCE_LAYERS = ["hosts", "containers", "processes"] as const;
/** The metrics that have a resource view. */
export const RESOURCE_METRICS = ["CPU", "Memory"] as const;

/** Nodes of each layer. */
export type ResourceNodes = Readonly<
  Record<(typeof RESOURCE_LAYERS)[number], readonly NodeSummary[]>
>;

interface Space {
  x: number;
  readonly end: number;
  /** Width of a unit of the metric. */
  readonly unit: number;
}

/**
 * Lay the boxes out.
 *
 * A host is as wide as its capacity; what runs on it stands side by side above it, the largest
 * first. Where the parts claim more than the whole has, they are narrowed to fit.
 *
 * Cost: O(n · log n).
 */
export function resourceLayout(nodes: ResourceNodes, metric: string): readonly ResourceBox[] {
  const hosts = weighed(nodes.hosts, metric).map((each) => {
    const capacity = each.metric.max > 0 && each.metric.max < 1e18 ? each.metric.max : each.value;
    return { ...each, capacity };
  });
  const total = hosts.reduce((sum, { capacity }) => sum + capacity, 0);
  const boxes: ResourceBox[] = [];
  if (total <= 0) return boxes;
  const containers = byParent(weighed(nodes.containers, metric), "hosts");
  const processes = weighed(nodes.processes, metric);
  const inContainers = byParent(processes, "containers");
  let x = 0;
  for (const { node, capacity, value, metric: row } of hosts) {
    const width = capacity / total;
    boxes.push({ ...boxOf(node, "hosts", 0), x, width, value, capacity, format: row.format ?? "" });
    const inside = containers.get(node.id) ?? [];
    const space = spaceOf(inside, { x, width, unit: 1 / total });
    for (const container of inside) {
      const box = place(container, space, "containers");
      boxes.push(box);
      const within = inContainers.get(container.node.id) ?? [];
      const inner = spaceOf(within, { x: box.x, width: box.width, unit: space.unit });
      for (const each of within) boxes.push(place(each, inner, "processes"));
    }
    x += width;
  }
  return boxes;
}

interface Weighed {
  readonly node: NodeSummary;
  readonly value: number;
  readonly metric: NonNullable<ReturnType<typeof metricOf>>;
}

/** Nodes that have the metric, the largest first. */
function weighed(nodes: readonly NodeSummary[], label: string): Weighed[] {
  const found: Weighed[] = [];
  for (const node of nodes) {
    const metric = metricOf(node, label);
    if (node.pseudo !== true && metric !== undefined && metric.value >= 0) {
      found.push({ node, value: metric.value, metric });
    }
  }
  return found.sort((a, b) => b.value - a.value || (a.node.id < b.node.id ? -1 : 1));
}

function byParent(nodes: readonly Weighed[], topologyId: string): Map<string, Weighed[]> {
  const groups = new Map<string, Weighed[]>();
  for (const each of nodes) {
    const parent = each.node.parents?.find((one) => one.topologyId === topologyId);
    if (parent === undefined) continue;
    const group = groups.get(parent.id);
    if (group === undefined) groups.set(parent.id, [each]);
    else group.push(each);
  }
  return groups;
}

function spaceOf(
  nodes: readonly Weighed[],
  { x, width, unit }: { readonly x: number; readonly width: number; readonly unit: number },
): Space {
  const claimed = nodes.reduce((sum, { value }) => sum + value, 0) * unit;
  const factor = claimed > width ? width / claimed : 1;
  return { x, end: x + width, unit: unit * factor };
}

function place(
  { node, value, metric }: Weighed,
  space: Space,
  topologyId: "containers" | "processes",
): ResourceBox {
  const { x } = space;
  const width = Math.max(0, Math.min(value * space.unit, space.end - x));
  space.x += width;
  const layer = topologyId === "containers" ? 1 : 2;
  const format = metric.format ?? "";
  return { ...boxOf(node, topologyId, layer), x, width, value, capacity: undefined, format };
}

function boxOf(node: NodeSummary, topologyId: string, layer: number) {
  return { id: node.id, topologyId, label: node.label, rank: node.rank, layer };
}
