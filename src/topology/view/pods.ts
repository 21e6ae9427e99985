import { KEYS } from "../report/keys.ts";
import { endpointNodeId } from "../report/names.ts";
import { latestOf, type RenderNode, type RenderNodes } from "./render_node.ts";

/** The address of a pod by which connections are known to be its own. */
export function podAddresses(pod: RenderNode): readonly string[] {
  const ip = latestOf(pod, KEYS.kubernetesIp) ?? "";
  const isInHostNetwork = pod.latest.has(KEYS.kubernetesInHostNetwork);
  return ip === "" || isInHostNetwork ? [] : [endpointNodeId("", ip, "")];
}

/** Pods are on the host of their containers. */
export function withHosts({ nodes, filtered }: RenderNodes): RenderNodes {
  const placed = new Map<string, RenderNode>();
  for (const [id, node] of nodes) placed.set(id, withHost(node));
  return { nodes: placed, filtered };
}

function withHost(node: RenderNode): RenderNode {
  if (node.topology !== "pod" || node.parents.has("host")) return node;
  for (const child of node.children.values()) {
    const hosts = child.parents.get("host");
    if (hosts !== undefined) return { ...node, parents: new Map(node.parents).set("host", hosts) };
  }
  return node;
}
