import { KEYS } from "../report/keys.ts";
import { endpointNodeId, nodeIdOf } from "../report/names.ts";
import { Join } from "./join.ts";
import { isLoopback } from "./networks.ts";
import { UNCONTAINED_PREFIX } from "./parents.ts";
import {
  bareNode,
  latestOf,
  mergeRenderNodes,
  PSEUDO,
  type RenderNode,
  type RenderNodes,
} from "./render_node.ts";

/** Processes go to their containers, others to a pseudo node of their host. */
export function processesToContainers(processes: RenderNodes): RenderNodes {
  const join = new Join();
  for (const node of processes.nodes.values()) {
    if (node.topology === PSEUDO) {
      join.pass(node);
      continue;
    }
    const container = latestOf(node, KEYS.containerId);
    const host = node.id.includes(";") ? node.id.slice(0, node.id.indexOf(";")) : "";
    if (container === undefined) {
      join.addChildAndChildren(node, `${UNCONTAINED_PREFIX}${host}`, PSEUDO);
    } else {
      join.addChildAndChildren(node, nodeIdOf("Container", container), "container");
    }
  }
  return withoutCounts(join.result(processes));
}

/** How many processes a container has is not counted: other views count what is mapped to them. */
function withoutCounts({ nodes, filtered }: RenderNodes): RenderNodes {
  const plain = new Map<string, RenderNode>();
  for (const [id, node] of nodes) plain.set(id, { ...node, counts: new Map() });
  return { nodes: plain, filtered };
}

const PORT_MAPPING = /(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}):(\d+)->(\d+)\/tcp/;

/**
 * The addresses of a container by which connections are known to be its own, and the ports of the
 * host that lead to it. One in the host's network has none of its own.
 */
export function addressesOfContainer({ latest, sets }: RenderNode): readonly string[] {
  if (latest.has(KEYS.doesNotMakeConnections) || latest.has(KEYS.containerInHostNetwork)) return [];
  const own = (sets.get(KEYS.containerIpsWithScopes) ?? []).flatMap((scoped) => {
    const at = scoped.indexOf(";");
    const ip = scoped.slice(at + 1);
    return at < 0 || isLoopback(ip) ? [] : [endpointNodeId(scoped.slice(0, at), ip, "")];
  });
  const published = (sets.get(KEYS.containerPorts) ?? []).flatMap((mapping) => {
    const [, ip, port] = PORT_MAPPING.exec(mapping) ?? [];
    return ip === undefined || port === undefined ? [] : [endpointNodeId("", ip, port)];
  });
  return [...own, ...published];
}

const IMAGE_KEYS = [
  KEYS.imageName,
  KEYS.imageTag,
  KEYS.imageSize,
  KEYS.imageVirtualSize,
  `${KEYS.imageLabelPrefix}works.weave.role`,
];

/** Containers know their image's name, and have the image of that name as their parent. */
export function withImageNames(
  containers: RenderNodes,
  images: ReadonlyMap<string, RenderNode>,
): RenderNodes {
  const named = new Map<string, RenderNode>();
  for (const [id, node] of containers.nodes) {
    const reported = latestOf(node, KEYS.imageId);
    const image =
      reported === undefined ? undefined : images.get(nodeIdOf("ContainerImage", reported));
    named.set(id, image === undefined ? node : withImageName(node, image));
  }
  return { nodes: named, filtered: containers.filtered };
}

function withImageName(node: RenderNode, image: RenderNode): RenderNode {
  const imageId = imageNodeId(image);
  if (imageId === undefined) return node;
  const latest = new Map(node.latest);
  for (const key of IMAGE_KEYS) {
    const [own, entry] = [latest.get(key), image.latest.get(key)];
    if (entry === undefined) continue;
    if (own === undefined || own.timestamp < entry.timestamp) latest.set(key, entry);
  }
  return { ...node, latest, parents: new Map(node.parents).set("container_image", [imageId]) };
}

/** An image's name without its registry's host and its tag. */
export function imageWithoutTag(image: string): string {
  const parts = image.split("/");
  const name = parts.length > 2 ? parts.slice(1).join("/") : image;
  return name.split(":", 1)[0] ?? "";
}

function imageNodeId(image: RenderNode): string | undefined {
  const name = latestOf(image, KEYS.imageName);
  return name === undefined ? undefined : nodeIdOf("ContainerImage", imageWithoutTag(name));
}

/** Containers go to their images, and images of one name become one. */
export function containersToImages(
  containers: RenderNodes,
  images: Iterable<RenderNode>,
): RenderNodes {
  const join = new Join(images);
  for (const node of containers.nodes.values()) {
    const image = latestOf(node, KEYS.imageId);
    if (node.topology === PSEUDO) join.pass(node);
    else if (image !== undefined) {
      join.addChildAndChildren(node, nodeIdOf("ContainerImage", image), "container_image");
    }
  }
  return renamed(join.result(containers), (node) =>
    node.topology === PSEUDO ? node.id : imageNodeId(node),
  );
}

/** Give nodes other ids; those that then have the same become one, those without go. */
function renamed(
  { nodes }: RenderNodes,
  idOf: (node: RenderNode) => string | undefined,
): RenderNodes {
  const ids = new Map<string, string>();
  for (const [id, node] of nodes) {
    const other = idOf(node);
    if (other !== undefined) ids.set(id, other);
  }
  const merged = new Map<string, RenderNode>();
  for (const [from, id] of ids) {
    const node = nodes.get(from) ?? bareNode(from, "");
    const adjacency = node.adjacency.flatMap((target) => ids.get(target) ?? []);
    const moved = { ...node, id, adjacency: [...new Set(adjacency)].sort() };
    const other = merged.get(id);
    merged.set(id, other === undefined ? moved : mergeRenderNodes(other, moved));
  }
  return { nodes: merged, filtered: 0 };
}

/** Nodes go to one that stands for all of the same value of a key; those without go. */
export function groupBy(nodes: RenderNodes, key: string, topology: string): RenderNodes {
  const join = new Join();
  for (const node of nodes.nodes.values()) {
    const value = latestOf(node, key);
    if (node.topology === PSEUDO) join.pass(node);
    else if (value !== undefined) join.addChildAndChildren(node, value, topology);
  }
  return join.result(nodes);
}

/** Whether a node has a container below it. */
export function hasContainers({ children }: RenderNode): boolean {
  return [...children.values()].some(({ topology }) => topology === "container");
}
