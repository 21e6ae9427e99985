import { makeNode } from "./build.ts";
import { ZERO_INSTANT } from "./instant.ts";
import { KEYS } from "./keys.ts";
import { nodeIdOf, partsOfEndpointId } from "./names.ts";
import type { DnsNames, Report, ReportNode, Topology, TopologyKey } from "./report.ts";
import { unionOf } from "./sets.ts";

/**
 * Give a report of old probes what today's say by themselves: deployments as parents of pods in
 * place of replica sets, namespaces, names by address. A report that has them stays as it is.
 */
export function upgradeReport(report: Report): Report {
  return withDns(withNamespaces(withDeployments(report)));
}

function withDeployments(report: Report): Report {
  const { Pod, ReplicaSet } = report.topologies;
  if (Pod === undefined || ReplicaSet === undefined || ReplicaSet.nodes.size === 0) return report;
  const nodes = new Map<string, ReportNode>();
  for (const [id, pod] of Pod.nodes) nodes.set(id, withDeployment(pod, ReplicaSet));
  return { ...report, topologies: { ...report.topologies, Pod: { ...Pod, nodes } } };
}

function withDeployment(pod: ReportNode, replicaSets: Topology): ReportNode {
  const ids = pod.parents.get("replica_set");
  if (ids === undefined) return pod;
  const parents = new Map(pod.parents);
  parents.delete("replica_set");
  for (const id of ids) {
    const found = replicaSets.nodes.get(id)?.parents.get("deployment") ?? [];
    if (found.length > 0) {
      parents.set("deployment", unionOf(parents.get("deployment") ?? [], found));
    }
  }
  return { ...pod, parents };
}

const NAMESPACED: readonly TopologyKey[] = [
  "Pod",
  "Service",
  "Deployment",
  "DaemonSet",
  "StatefulSet",
  "CronJob",
];

/** Where nobody reports namespaces, those that nodes name. */
export function withNamespaces(report: Report): Report {
  const { topologies } = report;
  if ((topologies.Namespace?.nodes.size ?? 0) > 0) return report;
  const names = new Set<string>();
  for (const node of NAMESPACED.flatMap((key) => [...(topologies[key]?.nodes.values() ?? [])])) {
    const name = node.latest.get(KEYS.kubernetesNamespace)?.value;
    const isDeleted = node.latest.get(KEYS.kubernetesState)?.value === "deleted";
    if (name !== undefined && !isDeleted) names.add(name);
  }
  if (names.size === 0) return report;
  const nodes = [...names].sort().map((name) => namespaceOf(name));
  const Namespace = {
    ...topologies.Namespace,
    nodes: new Map(nodes.map((node) => [node.id, node])),
  };
  return { ...report, topologies: { ...topologies, Namespace } };
}

function namespaceOf(name: string): ReportNode {
  return makeNode("Namespace", nodeIdOf("Namespace", name), {
    at: ZERO_INSTANT,
    latest: { [KEYS.kubernetesName]: name },
  });
}

/** Old probes kept names as sets of each endpoint. */
function withDns(report: Report): Report {
  if (report.dns.size > 0) return report;
  const dns = new Map<string, DnsNames>();
  for (const [id, { sets }] of report.topologies.Endpoint?.nodes ?? []) {
    const ip = partsOfEndpointId(id)?.ip;
    const forward = sets.get(KEYS.snoopedDnsNames) ?? [];
    const reverse = sets.get(KEYS.reverseDnsNames) ?? [];
    if (ip === undefined || forward.length + reverse.length === 0) continue;
    const other = dns.get(ip) ?? { forward: [], reverse: [] };
    dns.set(ip, {
      forward: unionOf(other.forward, forward),
      reverse: unionOf(other.reverse, reverse),
    });
  }
  return dns.size === 0 ? report : { ...report, dns };
}
