import { KEYS } from "../report/keys.ts";
import { mergeMaps, mergeMetrics } from "../report/merge_node.ts";
import { Join } from "./join.ts";
import { hostIdOf, PSEUDO, type RenderNode, type RenderNodes, uniteNodes } from "./render_node.ts";

/** What ids of pseudo nodes begin with: processes that no container holds, containers of no pod. */
export const UNCONTAINED_PREFIX = "pseudo:uncontained:";
export const UNMANAGED_PREFIX = "pseudo:unmanaged:";

/** How nodes go to their parents. */
export interface ParentMapping {
  /** Names of the parents' topologies. */
  readonly parents: readonly string[];
  /** Nodes without a parent go to a pseudo node of their host; else they are left out. */
  readonly keepsOthers: boolean;
}

/** Each node goes to all its parents of the topologies. */
export function mapToParents(
  input: RenderNodes,
  { parents, keepsOthers }: ParentMapping,
): RenderNodes {
  const join = new Join();
  for (const node of input.nodes.values()) {
    if (keepsOthers && node.id.startsWith(UNCONTAINED_PREFIX)) {
      const host = node.id.slice(UNCONTAINED_PREFIX.length);
      join.addChildAndChildren(node, `${UNMANAGED_PREFIX}${host}`, PSEUDO);
    } else if (node.topology === PSEUDO) {
      join.pass(node);
    } else if (!addToParents(join, node, parents) && keepsOthers) {
      join.addChildAndChildren(node, `${UNMANAGED_PREFIX}${hostIdOf(node)}`, PSEUDO);
    }
  }
  return join.result(input);
}

function addToParents(join: Join, node: RenderNode, parents: readonly string[]): boolean {
  let isAdded = false;
  for (const topology of parents) {
    for (const id of node.parents.get(topology) ?? []) {
      join.addChildAndChildren(node, id, topology);
      isAdded = true;
    }
  }
  return isAdded;
}

/** Nodes with exactly one child of a topology that makes connections have its metrics. */
export function withMetricsOfOnly(topology: string, { nodes, filtered }: RenderNodes): RenderNodes {
  const whole = new Map<string, RenderNode>();
  for (const [id, node] of nodes) {
    const children = [...node.children.values()].filter(
      (child) => child.topology === topology && !child.latest.has(KEYS.doesNotMakeConnections),
    );
    const [only] = children;
    const isOnly = only !== undefined && children.length === 1;
    const metrics = isOnly ? mergeMaps(node.metrics, only.metrics, mergeMetrics) : node.metrics;
    whole.set(id, { ...node, metrics });
  }
  return { nodes: whole, filtered };
}

/** What {@linkcode renderParents} is made of. */
export interface ParentView extends ParentMapping {
  /** The topology of the children. */
  readonly child: string;
  /** The view below. */
  readonly below: RenderNodes;
  /** The parents as the report has them. */
  readonly reported: readonly RenderNodes[];
}

/** The usual view of parents: the reported ones, their children, and an only child's metrics. */
export function renderParents(view: ParentView): RenderNodes {
  const mapped = withMetricsOfOnly(view.child, mapToParents(view.below, view));
  return uniteNodes([...view.reported, mapped]);
}
