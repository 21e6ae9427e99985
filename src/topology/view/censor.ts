import { KEYS } from "../report/keys.ts";
import {
  type Report,
  type ReportNode,
  TOPOLOGY_KEYS,
  type Topology,
  type TopologyKey,
} from "../report/report.ts";
import type { NodeSummary } from "./summary.ts";

/** What is not to be shown. */
export interface Censoring {
  readonly hideCommandLineArguments?: boolean;
  readonly hideEnvironmentVariables?: boolean;
}

/** A report without arguments of commands, or without variables of containers. */
export function censorReport(report: Report, censoring: Censoring): Report {
  if (!isCensoring(censoring)) return report;
  const topologies: Partial<Record<TopologyKey, Topology>> = {};
  for (const key of TOPOLOGY_KEYS) {
    const topology = report.topologies[key];
    if (topology === undefined) continue;
    const nodes = [...topology.nodes].map(
      ([id, node]) => [id, censorNode(node, censoring)] as const,
    );
    topologies[key] = { ...topology, nodes: new Map(nodes) };
  }
  return { ...report, topologies };
}

function isCensoring({ hideCommandLineArguments, hideEnvironmentVariables }: Censoring): boolean {
  return hideCommandLineArguments === true || hideEnvironmentVariables === true;
}

function censorNode(node: ReportNode, censoring: Censoring): ReportNode {
  const latest = new Map(node.latest);
  for (const [key, { timestamp, value }] of node.latest) {
    if (censoring.hideEnvironmentVariables === true && isVariable(key)) latest.delete(key);
    else if (censoring.hideCommandLineArguments === true && isCommand(key)) {
      latest.set(key, { timestamp, value: withoutArguments(value) });
    }
  }
  const children = node.children.map((child) => censorNode(child, censoring));
  return { ...node, latest, children };
}

/** A summary without arguments of commands, or without tables of variables. */
export function censorSummary<T extends NodeSummary>(summary: T, censoring: Censoring): T {
  const { metadata, tables } = summary;
  const hidesArguments = censoring.hideCommandLineArguments === true && metadata !== undefined;
  const hidesVariables = censoring.hideEnvironmentVariables === true && tables !== undefined;
  if (!hidesArguments && !hidesVariables) return summary;
  return {
    ...summary,
    ...(hidesArguments
      ? {
          metadata: metadata.map((row) =>
            isCommand(row.id) ? { ...row, value: withoutArguments(row.value) } : row,
          ),
        }
      : {}),
    ...(hidesVariables ? { tables: tables.filter(({ id }) => !isVariable(id)) } : {}),
  };
}

function isCommand(key: string): boolean {
  return key === KEYS.cmdline || key === KEYS.containerCommand;
}

function isVariable(key: string): boolean {
  return key.startsWith(KEYS.containerEnvPrefix);
}

function withoutArguments(command: string): string {
  return command.split(" ", 1)[0] ?? "";
}
