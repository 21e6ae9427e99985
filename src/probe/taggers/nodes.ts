/** Changing some topologies of a report. */
import type { Report, Topology, TopologyKey } from "../../topology/mod.ts";

/** A report in which these topologies, where it has them, are changed; the others are the same. */
export function mapTopologies(
  report: Report,
  keys: readonly TopologyKey[],
  change: (topology: Topology) => Topology,
): Report {
  const topologies = { ...report.topologies };
  for (const key of keys) {
    const topology = topologies[key];
    if (topology !== undefined && topology.nodes.size > 0) topologies[key] = change(topology);
  }
  return { ...report, topologies };
}
