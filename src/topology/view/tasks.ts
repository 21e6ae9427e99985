import { KEYS } from "../report/keys.ts";
import { nodeIdOf } from "../report/names.ts";
import { Join } from "./join.ts";
import { UNCONTAINED_PREFIX, UNMANAGED_PREFIX } from "./parents.ts";
import {
  hostIdOf,
  latestOf,
  PSEUDO,
  type RenderNode,
  type RenderNodes,
  uniteNodes,
} from "./render_node.ts";

/** Topologies of nodes that Scope does not know. */
export const MESOS_TASK = "mesos_task";
export const MESOS_FRAMEWORK = "mesos_framework";

/** What a task's node takes over from its containers and processes. */
const TASK_KEYS = [
  KEYS.mesosTaskId,
  KEYS.mesosTaskName,
  KEYS.mesosTaskState,
  KEYS.mesosFrameworkId,
  KEYS.mesosFrameworkName,
  KEYS.mesosExecutorId,
  KEYS.mesosAgentId,
  KEYS.mesosRole,
  KEYS.marathonAppId,
  KEYS.hostNodeId,
];

/** Processes and containers go to the Mesos task that they run for; others to their host's rest. */
export function nodesToTasks(processes: RenderNodes, containers: RenderNodes): RenderNodes {
  const tasks = [...processes.nodes.values(), ...containers.nodes.values()];
  if (!tasks.some((node) => node.latest.has(KEYS.mesosTaskId))) {
    return { nodes: new Map(), filtered: 0 };
  }
  const taskOf = (node: RenderNode) =>
    latestOf(node, KEYS.mesosTaskId) ?? latestOf(containerOf(node, containers), KEYS.mesosTaskId);
  const ofProcesses = mapTo(processes, taskOf);
  // What no container holds is in the view of processes, process by process.
  const held = [...containers.nodes].filter(([id]) => !id.startsWith(UNCONTAINED_PREFIX));
  const ofContainers = mapTo({ nodes: new Map(held), filtered: 0 }, taskOf);
  const { nodes, filtered } = uniteNodes([ofProcesses, ofContainers]);
  return { nodes: new Map([...nodes].map(([id, node]) => [id, withTaskKeys(node)])), filtered };
}

function containerOf(node: RenderNode, containers: RenderNodes): RenderNode {
  const id = latestOf(node, KEYS.containerId);
  return (id === undefined ? undefined : containers.nodes.get(nodeIdOf("Container", id))) ?? node;
}

function mapTo(nodes: RenderNodes, taskOf: (node: RenderNode) => string | undefined): RenderNodes {
  const join = new Join();
  for (const node of nodes.nodes.values()) {
    const task = taskOf(node);
    if (node.topology === PSEUDO) join.pass(node);
    else if (task !== undefined) join.addChild(node, taskNodeId(task), MESOS_TASK);
    else join.addChild(node, `${UNMANAGED_PREFIX}${hostIdOf(node)}`, PSEUDO);
  }
  return withEndpoints(join.result(nodes));
}

/** Endpoints stay below, so that connections can be told. */
function withEndpoints({ nodes, filtered }: RenderNodes): RenderNodes {
  const whole = new Map<string, RenderNode>();
  for (const [id, node] of nodes) {
    const children = new Map(node.children);
    for (const { children: below } of node.children.values()) {
      for (const [childId, child] of below) {
        if (child.topology === "endpoint") children.set(childId, child);
      }
    }
    whole.set(id, { ...node, children });
  }
  return { nodes: whole, filtered };
}

function withTaskKeys(node: RenderNode): RenderNode {
  if (node.topology !== MESOS_TASK) return node;
  const latest = new Map(node.latest);
  const hosts = new Set<string>();
  for (const child of node.children.values()) {
    for (const key of TASK_KEYS) {
      const entry = child.latest.get(key);
      const own = latest.get(key);
      if (entry === undefined) continue;
      if (own === undefined || own.timestamp < entry.timestamp) latest.set(key, entry);
    }
    for (const host of child.parents.get("host") ?? []) hosts.add(host);
  }
  const framework = latest.get(KEYS.mesosFrameworkId)?.value;
  const parents = new Map(node.parents);
  if (hosts.size > 0) parents.set("host", [...hosts].sort());
  if (framework !== undefined) parents.set(MESOS_FRAMEWORK, [frameworkNodeId(framework)]);
  return { ...node, latest, parents };
}

/** The id of a Mesos task's node. */
export function taskNodeId(task: string): string {
  return `${task};<${MESOS_TASK}>`;
}

function frameworkNodeId(framework: string): string {
  return `${framework};<${MESOS_FRAMEWORK}>`;
}

/** Tasks go to their frameworks. */
export function nodesToFrameworks(tasks: RenderNodes): RenderNodes {
  const join = new Join();
  for (const node of tasks.nodes.values()) {
    const framework = latestOf(node, KEYS.mesosFrameworkId);
    if (node.topology === PSEUDO) join.pass(node);
    else if (framework !== undefined) {
      join.addChildAndChildren(node, frameworkNodeId(framework), MESOS_FRAMEWORK);
    }
  }
  const { nodes, filtered } = join.result(tasks);
  return {
    nodes: new Map([...nodes].map(([id, node]) => [id, withFrameworkKeys(node)])),
    filtered,
  };
}

function withFrameworkKeys(node: RenderNode): RenderNode {
  if (node.topology !== MESOS_FRAMEWORK) return node;
  const latest = new Map(node.latest);
  for (const { latest: below } of node.children.values()) {
    for (const key of [KEYS.mesosFrameworkId, KEYS.mesosFrameworkName, KEYS.mesosRole]) {
      const entry = below.get(key);
      const own = latest.get(key);
      if (entry === undefined) continue;
      if (own === undefined || own.timestamp < entry.timestamp) latest.set(key, entry);
    }
  }
  return { ...node, latest };
}
