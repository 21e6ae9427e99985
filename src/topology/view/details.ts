import { KEYS } from "../report/keys.ts";
import { topologyKeyOf } from "../report/names.ts";
import type { Report } from "../report/report.ts";
import { compareText } from "../report/sets.ts";
import { incomingConnections, outgoingConnections } from "./connections.ts";
import { termsOf } from "./labels.ts";
import type { RenderNode } from "./render_node.ts";
import { withoutSamples } from "./rows.ts";
import { HOME_VIEWS, summarize } from "./summarize.ts";
import type { ChildGroup, Column, ControlInstance, DetailedNode, NodeSummary } from "./summary.ts";
import { MESOS_TASK } from "./tasks.ts";

/** All that is known of a node of a view; nothing where the node cannot be shown. */
export function detailsOf(
  report: Report,
  viewId: string,
  node: RenderNode,
  nodes: ReadonlyMap<string, RenderNode>,
): DetailedNode | undefined {
  const summary = summarize(report, node);
  if (summary === undefined) return undefined;
  const children = childrenOf(report, node);
  const of = { report, viewId, node, nodes };
  return {
    ...summary,
    controls: controlsOf(report, node),
    ...(children.length > 0 ? { children } : {}),
    connections: [incomingConnections(of), outgoingConnections(of)],
  };
}

/** The controls that can be used now, in the order in which the node names them. */
function controlsOf(report: Report, { id, topology }: RenderNode): readonly ControlInstance[] {
  const key = topologyKeyOf(topology);
  const { nodes, controls } = (key === undefined ? undefined : report.topologies[key]) ?? {};
  const latest = nodes?.get(id)?.latest;
  const probe = latest?.get(KEYS.controlProbeId)?.value;
  if (latest === undefined || probe === undefined) return [];
  return (latest.get(KEYS.activeControls)?.value ?? "").split(";").flatMap((name) => {
    const control = controls?.get(name);
    if (control === undefined) return [];
    const { human, icon, confirmation = "", rank, probeId = "" } = control;
    return {
      probeId: probeId === "" ? probe : probeId,
      nodeId: id,
      id: control.id,
      human,
      icon,
      ...(confirmation === "" ? {} : { confirmation }),
      rank,
    };
  });
}

function column(id: string, label: string, dataType = "number"): Column {
  return { id, label, defaultSort: false, dataType };
}

/** Groups of children in the order in which they are shown. */
const GROUPS: readonly (readonly [topology: string, label: string, columns: readonly Column[]])[] =
  [
    [
      "pod",
      "Pods",
      [
        column(KEYS.kubernetesState, "State", ""),
        column("container", "# Containers"),
        column(KEYS.kubernetesIp, "IP", "ip"),
      ],
    ],
    ["ecs_task", "Tasks", [column(KEYS.ecsCreatedAt, "Created At", "datetime")]],
    [
      MESOS_TASK,
      "Tasks",
      [column(KEYS.mesosTaskState, "State", ""), column(KEYS.marathonAppId, "App", "")],
    ],
    [
      "container",
      "Containers",
      [column("docker_cpu_total_usage", "CPU"), column("docker_memory_usage", "Memory")],
    ],
    [
      "process",
      "Processes",
      [
        column(KEYS.pid, "PID"),
        column("process_cpu_usage_percent", "CPU"),
        column("process_memory_usage_bytes", "Memory"),
      ],
    ],
    ["container_image", "Container images", []],
    ["persistent_volume", "Persistent Volumes", []],
    ["persistent_volume_claim", "Persistent Volume Claims", []],
    ["storage_class", "Storage Classes", []],
    ["volume_snapshot", "Volume Snapshots", []],
    ["volume_snapshot_data", "Volume Snapshot Data", []],
  ];

function childrenOf(report: Report, node: RenderNode): readonly ChildGroup[] {
  const summaries = new Map<string, NodeSummary[]>();
  for (const child of node.children.values()) {
    const summary = child.id === node.id ? undefined : summarize(report, child);
    if (summary === undefined) continue;
    const list = summaries.get(child.topology) ?? [];
    summaries.set(child.topology, list);
    list.push(withoutSamples(summary));
  }
  return groupsOf(report, [...summaries.keys()]).flatMap(([topology, label, columns]) => {
    const nodes = summaries.get(topology)?.sort((a, b) => compareText(a.id, b.id));
    const topologyId = HOME_VIEWS.get(topology);
    if (nodes === undefined || topologyId === undefined) return [];
    return { id: "", label, nodes, topologyId, columns };
  });
}

/** Topologies that have no group of their own come last, by name. */
function groupsOf(report: Report, topologies: readonly string[]): typeof GROUPS {
  const known = new Set(GROUPS.map(([topology]) => topology));
  const others = topologies.filter((topology) => !known.has(topology)).sort();
  return [
    ...GROUPS,
    ...others.map((topology) => {
      const key = topologyKeyOf(topology);
      const label = key === undefined ? topology : termsOf(report, key).labelPlural;
      return [topology, label ?? topology, []] as const;
    }),
  ];
}
