/** Says of processes in which container they run. */
import type { Report, ReportNode, Topology } from "../../topology/mod.ts";
import { containerNodeId, imageNodeId } from "../report/node_ids.ts";
import type { Tagger } from "../reporter.ts";
import { findRoot, numberIn, parentsOf } from "./ancestors.ts";
import { mapTopologies } from "./nodes.ts";

/** A container's first process, and what its children belong to. */
export interface ContainerRoot {
  readonly containerId: string;
  readonly imageId: string | undefined;
}

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
  const parents = parentsOf(topology);
  const nodes = new Map<string, ReportNode>();
  for (const [id, node] of topology.nodes) {
    const root = findRoot(numberIn(node, "pid"), parents, rootOf);
    nodes.set(id, root === undefined ? node : tagged(node, root));
  }
  return { ...topology, nodes };
}

function tagged(node: ReportNode, { containerId, imageId }: ContainerRoot): ReportNode {
  const timestamp = node.latest.get("pid")?.timestamp ?? 0n;
  const latest = new Map(node.latest).set("docker_container_id", { timestamp, value: containerId });
  const parents = new Map(node.parents).set("container", [containerNodeId(containerId)]);
  if (imageId !== undefined) parents.set("container_image", [imageNodeId(imageId)]);
  return { ...node, latest, parents };
}
