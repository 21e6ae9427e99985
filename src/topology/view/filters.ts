import { KEYS } from "../report/keys.ts";
import { INCOMING_INTERNET, isInternet, OUTGOING_INTERNET, SERVICE_PREFIX } from "./endpoints.ts";
import { latestOf, PSEUDO, type RenderNode, type RenderNodes } from "./render_node.ts";

/** Whether a node stays. */
export type Filter = (node: RenderNode) => boolean;

/** Keep the nodes that the filter keeps, and the edges between them. */
export function keep({ nodes, filtered }: RenderNodes, filter: Filter): RenderNodes {
  const kept = new Map([...nodes].filter(([, node]) => filter(node)));
  for (const [id, node] of kept) {
    const adjacency = node.adjacency.filter((target) => kept.has(target));
    if (adjacency.length < node.adjacency.length) kept.set(id, { ...node, adjacency });
  }
  return { nodes: kept, filtered: filtered + nodes.size - kept.size };
}

/** The same, but that pseudo nodes stay. */
export function keepReal(nodes: RenderNodes, filter: Filter): RenderNodes {
  return keep(nodes, (node) => node.topology === PSEUDO || filter(node));
}

/**
 * Leave out pseudo nodes that no other node speaks to. Edges from the internet to the internet are
 * mistakes of connection tracking and go first.
 */
export function withoutLonelyPseudo({ nodes, filtered }: RenderNodes): RenderNodes {
  const kept = new Map(nodes);
  const internet = kept.get(INCOMING_INTERNET);
  if (internet !== undefined) {
    const adjacency = internet.adjacency.filter((id) => id !== OUTGOING_INTERNET);
    kept.set(INCOMING_INTERNET, { ...internet, adjacency });
  }
  const connected = connectedIn(kept);
  for (const [id, node] of nodes) {
    if (node.topology === PSEUDO && !connected.has(id)) kept.delete(id);
  }
  return { nodes: kept, filtered: filtered + nodes.size - kept.size };
}

/** Mark the nodes that have an edge to or from another one. */
export function markConnected({ nodes, filtered }: RenderNodes): RenderNodes {
  const connected = connectedIn(nodes);
  const marked = new Map<string, RenderNode>();
  for (const [id, node] of nodes) marked.set(id, { ...node, isConnected: connected.has(id) });
  return { nodes: marked, filtered };
}

function connectedIn(nodes: ReadonlyMap<string, RenderNode>): Set<string> {
  const connected = new Set<string>();
  for (const [id, { adjacency }] of nodes) {
    for (const target of adjacency) if (target !== id) connected.add(id).add(target);
  }
  return connected;
}

/** A filter that looks at a node's values alone: of the same values it says the same again. */
function ofValues(filter: Filter): Filter {
  const known = new WeakMap<RenderNode["latest"], boolean>();
  return (node) => {
    const before = known.get(node.latest);
    if (before !== undefined) return before;
    const isKept = filter(node);
    known.set(node.latest, isKept);
    return isKept;
  };
}

/** Containers that run, restart or are paused, and whatever has no such state. */
export const isRunning = ofValues((node) => {
  const state = latestOf(node, KEYS.containerState);
  return state === undefined || /^(running|restarting|paused)$/.test(state);
});

/** Whatever is not a container of the infrastructure itself. */
export const isApplication = ofValues((node) => {
  const image = (latestOf(node, KEYS.imageName) ?? "").split(":", 1)[0] ?? "";
  const label = (name: string) => latestOf(node, `${KEYS.containerLabelPrefix}${name}`);
  return !(
    SYSTEM_CONTAINERS.has(latestOf(node, KEYS.containerName) ?? "") ||
    SYSTEM_IMAGES.has(image) ||
    isPauseImage(image) ||
    label("io.kubernetes.docker.type") === "podsandbox" ||
    label("works.weave.role") === "system" ||
    latestOf(node, `${KEYS.imageLabelPrefix}works.weave.role`) === "system" ||
    label(POD_NAMESPACE_LABEL) === "kube-system" ||
    label("io.kubernetes.pod.name")?.startsWith("kube-system/")
  );
});

/** Containers that only hold a pod's network. */
export function isPauseContainer(node: RenderNode): boolean {
  return isPauseImage(latestOf(node, KEYS.imageName) ?? "");
}

function isPauseImage(image: string): boolean {
  return /google_containers\/pause|k8s\.gcr\.io\/pause|eks\/pause/.test(image);
}

/** Real nodes, the internet and services of clouds; not what no container or pod holds. */
export function isManaged({ id, topology }: RenderNode): boolean {
  return topology !== PSEUDO || isInternet(id) || id.startsWith(SERVICE_PREFIX);
}

const POD_NAMESPACE_LABEL = "io.kubernetes.pod.namespace";
/** The stack of containers that are in none. */
const NO_STACK = "No stack";

/** Nodes of a Kubernetes namespace or of a Swarm stack. */
export function isInNamespace(namespace: string): Filter {
  const keys = [
    KEYS.kubernetesNamespace,
    `${KEYS.containerLabelPrefix}${POD_NAMESPACE_LABEL}`,
    NO_STACK,
    `${KEYS.containerLabelPrefix}com.docker.stack.namespace`,
  ];
  return (node) => {
    const key = keys.find((each) => node.latest.has(each));
    const found = key === undefined ? "" : latestOf(node, key);
    return found === namespace || (namespace === NO_STACK && found === "");
  };
}

const SYSTEM_CONTAINERS = new Set([
  "weavescope",
  "weavedns",
  "weave",
  "weaveproxy",
  "weaveexec",
  "ecs-agent",
]);

const SYSTEM_IMAGES = new Set([
  "swarm",
  "weaveworks/scope",
  "weaveworks/weavedns",
  "weaveworks/weave",
  "weaveworks/weaveproxy",
  "weaveworks/weaveexec",
  "amazon/amazon-ecs-agent",
  "openshift/origin-pod",
  "docker.io/openshift/origin-pod",
]);
