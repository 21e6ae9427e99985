/** Says on the host's own node which reporters fail, so that a person sees it where they look. */
import type { Report } from "../../topology/mod.ts";
import { instantOf, makeNode, makeTopology } from "./build.ts";
import { hostNodeId } from "./node_ids.ts";
import { FAILING_REPORTERS, HOST } from "./templates.ts";

/** The report with the failures on its host; as it is when there are none. */
export function markFailing(
  report: Report,
  hostId: string,
  failures: ReadonlyMap<string, string>,
  nowMs: number,
): Report {
  if (failures.size === 0) return report;
  const value = [...failures].map(([name, message]) => `${name}: ${message}`).join("; ");
  const id = hostNodeId(hostId);
  const before = report.topologies.Host ?? makeTopology([], HOST);
  const node = before.nodes.get(id) ?? makeNode(id, "host");
  const latest = new Map(node.latest).set(FAILING_REPORTERS, {
    timestamp: instantOf(nowMs),
    value,
  });
  const nodes = new Map(before.nodes).set(id, { ...node, latest });
  return { ...report, topologies: { ...report.topologies, Host: { ...before, nodes } } };
}
