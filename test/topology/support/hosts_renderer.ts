/** Renders hosts and nothing else: what tests of the collector itself need. */
import type { NodeSummary, Renderer, Report } from "../../../src/topology/mod.ts";
import { formatInstant } from "../../../src/topology/mod.ts";

export const hostsRenderer: Renderer = {
  topologies: (report) => {
    const count = report.topologies.Host?.nodes.size ?? 0;
    const stats = { node_count: count, nonpseudo_node_count: count, edge_count: 0 };
    return [
      {
        name: "Hosts",
        rank: 4,
        hide_if_empty: false,
        url: "/api/topology/hosts",
        options: [],
        stats: { ...stats, filtered_nodes: 0 },
      },
    ];
  },
  nodes: (report, topologyId) => (topologyId === "hosts" ? hostsOf(report) : undefined),
  details: (report, { topologyId, nodeId }) => {
    const node = topologyId === "hosts" ? hostsOf(report).get(nodeId) : undefined;
    return node === undefined ? undefined : { ...node, controls: [], connections: [] };
  },
  probes: (report) =>
    [...(report.topologies.Host?.nodes.values() ?? [])].map(({ latest, id }) => ({
      id: latest.get("control_probe_id")?.value ?? "",
      hostname: latest.get("host_name")?.value ?? id,
      version: latest.get("host_scope_version")?.value ?? "",
      lastSeen: formatInstant(latest.get("host_name")?.timestamp ?? 0n),
    })),
};

function hostsOf(report: Report): ReadonlyMap<string, NodeSummary> {
  const nodes = [...(report.topologies.Host?.nodes.values() ?? [])].map(
    ({ id, latest, metrics, adjacency }): NodeSummary => ({
      id,
      label: latest.get("host_name")?.value ?? id,
      labelMinor: "",
      rank: id,
      metrics: [...metrics].map(([name, { samples, min, max }]) => ({
        id: name,
        label: name,
        value: samples.at(-1)?.value ?? 0,
        samples: null,
        min,
        max,
        url: "",
      })),
      adjacency,
    }),
  );
  return new Map(nodes.map((node) => [node.id, node]));
}
