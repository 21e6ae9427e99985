/** Says of processes in which container they run. */
import type { Report, ReportNode, Topology } from "../../topology/mod.ts";
import { containerNodeId, imageNodeId } from "../report/node_ids.ts";
import type { Tagger } from "../reporter.ts";
import { mapTopologies } from "./nodes.ts";

/** A container's first process, and what its children belong to. */
export interface ContainerRoot {
  readonly containerId: string;
  readonly imageId: string | undefined;
}

/** So many ancestors are looked at: a ring of parents, read while pids change hands, ends here. */
const DEPTH_MAX = 128;

/**
 * Adds `docker_container_id` and the parents `container` and `container_image` to the processes
 * below a container's first one.
 *
 * @param rootOf The container whose first process that is.
 */
export function containerTagger(rootOf: (pid: number) => ContainerRoot | undefined): Tagger {
  return {
    name: "container",
    tag: (report: Report): Report =>
      mapTopologies(report, ["Process"], (topology) => tagAll(topology, rootOf)),
  };
}

function tagAll(topology: Topology, rootOf: (pid: number) => ContainerRoot | undefined): Topology {
  const parents = new Map<number, number>();
  for (const node of topology.nodes.values()) parents.set(pidOf(node), numberOf(node, "ppid"));
  const nodes = new Map<string, ReportNode>();
  for (const [id, node] of topology.nodes) {
    const root = findRoot(pidOf(node), parents, rootOf);
    nodes.set(id, root === undefined ? node : tagged(node, root));
  }
  return { ...topology, nodes };
}

function findRoot(
  from: number,
  parents: ReadonlyMap<number, number>,
  rootOf: (pid: number) => ContainerRoot | undefined,
): ContainerRoot | undefined {
  let pid = from;
  for (let depth = 0; depth < DEPTH_MAX && pid > 0; depth += 1) {
    const root = rootOf(pid);
    if (root !== undefined) return root;
    pid = parents.get(pid) ?? 0;
  }
  return undefined;
}

function pidOf(node: ReportNode): number {
  return numberOf(node, "pid");
}

function numberOf(node: ReportNode, key: string): number {
  return Number(node.latest.get(key)?.value ?? 0);
}

function tagged(node: ReportNode, { containerId, imageId }: ContainerRoot): ReportNode {
  const timestamp = node.latest.get("pid")?.timestamp ?? 0n;
  const latest = new Map(node.latest).set("docker_container_id", { timestamp, value: containerId });
  const parents = new Map(node.parents).set("container", [containerNodeId(containerId)]);
  if (imageId !== undefined) parents.set("container_image", [imageNodeId(imageId)]);
  return { ...node, latest, parents };
}
