/** Objects of Kubernetes as nodes, with Scope's keys, and pods below what they belong to. */
import {
  KEYS,
  nodeIdOf,
  type Report,
  type ReportNode,
  TOPOLOGY_NAMES,
  TOPOLOGY_TERMS,
  type Topology,
  type TopologyKey,
} from "../../topology/mod.ts";
import type { KubeObject } from "../kubernetes/objects.ts";
import { instantOf, latestAt, makeNode, makeReport, makeTopology } from "../report/build.ts";
import { hostNodeId } from "../report/node_ids.ts";
import { KUBERNETES } from "../report/templates.ts";
import type { Tagger } from "../reporter.ts";
import { mapTopologies } from "../taggers/nodes.ts";

/** Who owns what; a ring of owners ends here. */
const OWNERS_MAX = 4;

/**
 * The report of these objects. A pod's parents are its services, by their selectors, and its
 * controllers, by who owns it and who owns that.
 *
 * @param objects By uid; of all kinds.
 */
export function kubernetesReport(
  nowMs: number,
  objects: ReadonlyMap<string, KubeObject>,
  only: Iterable<KubeObject> = objects.values(),
): Report {
  const services = servicesByNamespace(objects.values());
  const nodes = new Map<TopologyKey, ReportNode[]>();
  for (const object of only) {
    const parents = object.key === "Pod" ? podParents(object, objects, services) : new Map();
    const all = nodes.get(object.key) ?? [];
    all.push(nodeOf(nowMs, object, parents));
    nodes.set(object.key, all);
  }
  const topologies: Partial<Record<TopologyKey, Topology>> = {};
  for (const [key, all] of nodes) {
    topologies[key] = makeTopology(all, { ...TOPOLOGY_TERMS[key], ...KUBERNETES });
  }
  return makeReport(topologies, { ts: instantOf(nowMs) });
}

/** A pod as it is told of when it is gone. */
export function deletedPod(pod: KubeObject): KubeObject {
  return { ...pod, words: { ...pod.words, [KEYS.kubernetesState]: "deleted" } };
}

/** Adds the parent `pod` to containers. @param podOf A pod's uid by its container's id. */
export function podTagger(podOf: (containerId: string) => string | undefined): Tagger {
  return {
    name: "pod",
    tag: (report) =>
      mapTopologies(report, ["Container"], (topology) => {
        const nodes = new Map<string, ReportNode>();
        for (const [id, node] of topology.nodes) nodes.set(id, inPod(node, podOf));
        return { ...topology, nodes };
      }),
  };
}

/** The kubelet's own label, where the runtime tells labels. */
const POD_LABEL = `${KEYS.containerLabelPrefix}io.kubernetes.pod.uid`;

function inPod(node: ReportNode, podOf: (containerId: string) => string | undefined): ReportNode {
  const id = node.latest.get(KEYS.containerId)?.value ?? "";
  const uid = podOf(id) ?? node.latest.get(POD_LABEL)?.value;
  if (uid === undefined) return node;
  return { ...node, parents: new Map(node.parents).set("pod", [nodeIdOf("Pod", uid)]) };
}

type Parents = ReadonlyMap<string, readonly string[]>;

function nodeOf(nowMs: number, object: KubeObject, parents: Parents): ReportNode {
  const { key, uid, nodeName, labels } = object;
  const host = nodeName === "" ? undefined : hostNodeId(nodeName);
  const labelled = Object.entries(labels).map(([name, text]) => [
    KEYS.kubernetesLabelPrefix + name,
    text,
  ]);
  const latest = latestAt(instantOf(nowMs), {
    ...Object.fromEntries(labelled),
    ...object.words,
    [KEYS.kubernetesName]: object.name,
    [KEYS.kubernetesNamespace]: object.namespace === "" ? undefined : object.namespace,
    [KEYS.kubernetesCreated]: object.created === "" ? undefined : object.created,
    [KEYS.hostNodeId]: host,
  });
  const all = host === undefined ? parents : new Map([...parents, ["host", [host]] as const]);
  return makeNode(nodeIdOf(key, uid), TOPOLOGY_NAMES[key], { latest, parents: all });
}

function servicesByNamespace(objects: Iterable<KubeObject>): Map<string, KubeObject[]> {
  const services = new Map<string, KubeObject[]>();
  for (const object of objects) {
    if (object.key !== "Service" || Object.keys(object.selector).length === 0) continue;
    const all = services.get(object.namespace) ?? [];
    all.push(object);
    services.set(object.namespace, all);
  }
  return services;
}

function podParents(
  pod: KubeObject,
  objects: ReadonlyMap<string, KubeObject>,
  services: ReadonlyMap<string, readonly KubeObject[]>,
): Parents {
  const parents = new Map<string, readonly string[]>();
  const chosen = (services.get(pod.namespace) ?? []).filter(({ selector }) =>
    Object.entries(selector).every(([label, text]) => pod.labels[label] === text),
  );
  if (chosen.length > 0) {
    parents.set("service", chosen.map(({ uid }) => nodeIdOf("Service", uid)).sort());
  }
  let owner = objects.get(pod.owner);
  for (let depth = 0; depth < OWNERS_MAX && owner !== undefined; depth += 1) {
    parents.set(TOPOLOGY_NAMES[owner.key], [nodeIdOf(owner.key, owner.uid)]);
    owner = objects.get(owner.owner);
  }
  return parents;
}
