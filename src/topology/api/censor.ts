import { KEYS } from "../report/keys.ts";
import {
  type LatestEntry,
  type Report,
  type ReportNode,
  TOPOLOGY_KEYS,
  type Topology,
  type TopologyKey,
} from "../report/report.ts";

/** What is hidden. */
export interface Censoring {
  /** Of command lines only the program is shown. */
  readonly commandLines: boolean;
  /** Environment variables are not shown at all. */
  readonly environment: boolean;
}

const COMMANDS = new Set<string>([KEYS.cmdline, KEYS.containerCommand]);

/** A report without what nobody is to see. */
export function censorReport(report: Report, censoring: Censoring): Report {
  if (!censoring.commandLines && !censoring.environment) return report;
  const topologies: Partial<Record<TopologyKey, Topology>> = {};
  for (const key of TOPOLOGY_KEYS) {
    const topology = report.topologies[key];
    if (topology === undefined) continue;
    const nodes = new Map<string, ReportNode>();
    for (const [id, node] of topology.nodes) nodes.set(id, censorNode(node, censoring));
    topologies[key] = { ...topology, nodes };
  }
  return { ...report, topologies };
}

function censorNode(node: ReportNode, { commandLines, environment }: Censoring): ReportNode {
  const latest = new Map<string, LatestEntry>();
  for (const [key, entry] of node.latest) {
    if (environment && key.startsWith(KEYS.containerEnvPrefix)) continue;
    const isCommand = commandLines && COMMANDS.has(key);
    latest.set(key, isCommand ? { ...entry, value: programOf(entry.value) } : entry);
  }
  return { ...node, latest };
}

function programOf(command: string): string {
  return command.split(" ", 1)[0] ?? "";
}
