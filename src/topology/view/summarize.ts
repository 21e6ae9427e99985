import { KEYS } from "../report/keys.ts";
import { topologyKeyOf } from "../report/names.ts";
import type { Report } from "../report/report.ts";
import { basicSummary } from "./labels.ts";
import { bareNode, countOf, latestOf, type RenderNode, renderNodeOf } from "./render_node.ts";
import { rowsOf } from "./rows.ts";
import type { NodeSummary, ParentLink } from "./summary.ts";
import { TASK_TOPOLOGIES } from "./task_rows.ts";
import { MESOS_FRAMEWORK, MESOS_TASK, taskNodeId } from "./tasks.ts";

/** The view in which nodes of a topology are at home. */
export const HOME_VIEWS: ReadonlyMap<string, string> = new Map([
  ["process", "processes"],
  ["container", "containers"],
  ["container_image", "containers-by-image"],
  ["pod", "pods"],
  ["deployment", "kube-controllers"],
  ["daemon_set", "kube-controllers"],
  ["stateful_set", "kube-controllers"],
  ["cron_job", "kube-controllers"],
  ["job", "kube-controllers"],
  ["service", "services"],
  ["ecs_task", "ecs-tasks"],
  ["ecs_service", "ecs-services"],
  ["swarm_service", "swarm-services"],
  ["host", "hosts"],
  ["persistent_volume", "pods"],
  ["persistent_volume_claim", "pods"],
  ["storage_class", "pods"],
  ["volume_snapshot", "pods"],
  ["volume_snapshot_data", "pods"],
  [MESOS_TASK, "tasks"],
  [MESOS_FRAMEWORK, "frameworks"],
]);

/** Topologies of parents in the order in which they are shown. */
const PARENTS: readonly string[] = [
  "container",
  "container_image",
  "pod",
  "deployment",
  "daemon_set",
  "stateful_set",
  "cron_job",
  "service",
  "ecs_task",
  "ecs_service",
  "swarm_service",
  MESOS_TASK,
  MESOS_FRAMEWORK,
  "host",
];

/** Sum a node up, samples and all; nothing for nodes that are not shown. */
export function summarize(report: Report, node: RenderNode): NodeSummary | undefined {
  const basic = basicSummary(report, node);
  if (basic === undefined) return undefined;
  const parents = parentsOf(report, node);
  return {
    ...basic,
    ...rows(report, node),
    ...(parents.length > 0 ? { parents } : {}),
    ...(node.adjacency.length > 0 ? { adjacency: node.adjacency } : {}),
  };
}

/** A node that stands for several of its own kind has no rows. */
function rows(report: Report, node: RenderNode): ReturnType<typeof rowsOf> {
  const key = topologyKeyOf(node.topology);
  const topology = key === undefined ? TASK_TOPOLOGIES.get(node.topology) : report.topologies[key];
  const isGroup = countOf(node, node.topology) !== undefined;
  return topology === undefined || isGroup ? {} : rowsOf(node, topology);
}

function parentsOf(report: Report, node: RenderNode): readonly ParentLink[] {
  return PARENTS.flatMap((topology) =>
    parentIds(node, topology)
      .filter((id) => topology !== node.topology || id !== node.id)
      .flatMap((id) => parentLink(report, bareParent(node, id, topology)) ?? []),
  );
}

/** Probes say which task a node runs for by its values: the task itself is nowhere reported. */
function parentIds(node: RenderNode, topology: string): readonly string[] {
  const task = topology === MESOS_TASK ? latestOf(node, KEYS.mesosTaskId) : undefined;
  return task === undefined ? (node.parents.get(topology) ?? []) : [taskNodeId(task)];
}

/** What is known of a parent that nobody reported: of tasks and frameworks what their nodes say. */
function bareParent(node: RenderNode, id: string, topology: string): RenderNode {
  const parent = bareNode(id, topology);
  return topologyKeyOf(topology) === undefined ? { ...parent, latest: node.latest } : parent;
}

function parentLink(report: Report, bare: RenderNode): ParentLink | undefined {
  const { id, topology } = bare;
  const key = topologyKeyOf(topology);
  const reported = key === undefined ? undefined : report.topologies[key]?.nodes.get(id);
  const node = reported === undefined ? bare : renderNodeOf(reported);
  const label = basicSummary(report, node)?.label;
  const topologyId = HOME_VIEWS.get(topology);
  return label === undefined || topologyId === undefined ? undefined : { id, label, topologyId };
}
