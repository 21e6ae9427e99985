import { KEYS } from "../report/keys.ts";
import { UNMANAGED_PREFIX } from "./parents.ts";
import { bareNode, latestOf, PSEUDO, type RenderNode, type RenderNodes } from "./render_node.ts";

/** Peers of Weave Net; those that no probe sees are pseudo nodes. */
export function weavePeers({ nodes }: RenderNodes): RenderNodes {
  const ids = new Map<string, string>();
  for (const [id, node] of nodes) {
    if (!id.startsWith("#") || id.startsWith("#docker_peer_")) continue;
    const name = latestOf(node, KEYS.weavePeerNickName) ?? "";
    ids.set(id, node.latest.has(KEYS.hostNodeId) ? id : `${UNMANAGED_PREFIX}${name}`);
  }
  const peers = new Map<string, RenderNode>();
  for (const [from, id] of ids) {
    const node = nodes.get(from) ?? bareNode(from, "overlay");
    const edges = node.adjacency.flatMap((target) => ids.get(target) ?? []);
    const other = peers.get(id);
    const adjacency = [...new Set([...(other?.adjacency ?? []), ...edges])].sort();
    peers.set(id, from === id ? { ...node, adjacency } : unseen(id, node, adjacency, other));
  }
  return { nodes: peers, filtered: 0 };
}

function unseen(
  id: string,
  peer: RenderNode,
  adjacency: readonly string[],
  other: RenderNode = bareNode(id, PSEUDO),
): RenderNode {
  return { ...other, adjacency, children: new Map(other.children).set(peer.id, peer) };
}
