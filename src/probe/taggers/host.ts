/** Says of everything on a host that it is on that host. */
import type { Instant, Report, ReportNode, Topology, TopologyKey } from "../../topology/mod.ts";
import { hostNodeId } from "../report/node_ids.ts";
import type { Tagger } from "../reporter.ts";
import { mapTopologies } from "./nodes.ts";

const TAGGED: readonly TopologyKey[] = ["Host", "Process", "Container", "ContainerImage"];

/** Adds `host_node_id` and the parent `host` to hosts, processes, containers and images. */
export function hostTagger(hostId: string): Tagger {
  const value = hostNodeId(hostId);
  const parent = [value];
  return {
    name: "host",
    tag(report: Report): Report {
      const timestamp: Instant = report.ts ?? 0n;
      const entry = { timestamp, value };
      const tag = (node: ReportNode): ReportNode => ({
        ...node,
        latest: new Map(node.latest).set("host_node_id", entry),
        parents: new Map(node.parents).set("host", parent),
      });
      return mapTopologies(report, TAGGED, (topology: Topology) => ({
        ...topology,
        nodes: new Map([...topology.nodes].map(([id, node]) => [id, tag(node)])),
      }));
    },
  };
}
