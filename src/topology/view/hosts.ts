import { Join } from "./join.ts";
import { PSEUDO, type RenderNodes } from "./render_node.ts";

/**
 * Nodes go to their hosts. Images stand for containers of many hosts, so their edges stay behind:
 * they would connect hosts that do not speak to each other.
 */
export function nodesToHosts(nodes: RenderNodes): RenderNodes {
  const join = new Join();
  for (const node of nodes.nodes.values()) {
    if (node.topology === PSEUDO) continue;
    for (const host of node.parents.get("host") ?? []) {
      if (node.topology === "container_image") join.addUnmappedChild(node, host, "host");
      else join.addChild(node, host, "host");
    }
  }
  return join.result(nodes);
}
