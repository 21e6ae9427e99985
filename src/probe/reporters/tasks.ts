/** Tasks of fairlead's agents, and of Mesos': which process and container is whose. */
import { KEYS, type Report, type ReportNode, type Topology } from "../../topology/mod.ts";
import { instantOf, latestAt, makeNode, makeReport, makeTopology } from "../report/build.ts";
import { containerNodeId } from "../report/node_ids.ts";
import { CONTAINER, LABEL_PREFIX } from "../report/templates.ts";
import type { Tagger } from "../reporter.ts";
import { findRoot, numberIn, parentsOf } from "../taggers/ancestors.ts";
import type { ContainerRoot } from "../taggers/container.ts";
import { mapTopologies } from "../taggers/nodes.ts";

/** A task that runs on this host. */
export interface TaskFacts {
  readonly taskId: string;
  readonly taskName: string;
  /** As Mesos has it: `TASK_RUNNING`. */
  readonly state: string;
  readonly frameworkId: string;
  readonly frameworkName: string;
  readonly executorId: string;
  readonly agentId: string;
  readonly role: string;
  /** Of the agent's container. */
  readonly containerId: string;
  /** Its first process on this host; 0 where that is not known. */
  readonly pid: number;
  readonly startedMs: number | undefined;
  readonly labels: Readonly<Record<string, string>>;
}

/** What is known of tasks by others. */
export interface TaskReportOptions {
  /** Whether a runtime reports a container with that first process itself. */
  hasContainer(pid: number): boolean;
}

/** A container for each task that no runtime shows as one: those of plain processes. */
export function taskReport(
  nowMs: number,
  tasks: Iterable<TaskFacts>,
  { hasContainer }: TaskReportOptions,
): Report {
  const nodes: ReportNode[] = [];
  for (const task of tasks) {
    if (task.pid > 0 && !hasContainer(task.pid)) nodes.push(containerOf(nowMs, task));
  }
  return makeReport({ Container: makeTopology(nodes, CONTAINER) }, { ts: instantOf(nowMs) });
}

function containerOf(nowMs: number, task: TaskFacts): ReportNode {
  const upMs = Math.max(0, nowMs - (task.startedMs ?? nowMs));
  const labels = Object.entries(task.labels).map(([key, value]) => [LABEL_PREFIX + key, value]);
  return makeNode(containerNodeId(task.containerId), "container", {
    latest: latestAt(instantOf(nowMs), {
      ...Object.fromEntries(labels),
      [KEYS.containerId]: task.containerId,
      [KEYS.containerName]: task.taskName === "" ? task.taskId : task.taskName,
      [KEYS.containerState]: "running",
      [KEYS.containerStateHuman]: task.state,
      [KEYS.containerUptime]: String(Math.floor(upMs / 1_000)),
      // It has no network of its own: its addresses are the host's.
      [KEYS.containerInHostNetwork]: "true",
      ...wordsOf(task),
    }),
  });
}

/** The process by which the container tagger finds what belongs to a task. */
export function taskRoot({ containerId }: TaskFacts): ContainerRoot {
  return { containerId, imageId: undefined };
}

/**
 * Adds `mesos_task_id`, `mesos_framework_id` … to the processes of tasks and to the containers that
 * these are in; it comes after the container tagger.
 *
 * @param taskOf The task whose first process that is.
 */
export function taskTagger(taskOf: (pid: number) => TaskFacts | undefined): Tagger {
  return {
    name: "task",
    tag(report: Report): Report {
      const containers = new Map<string, TaskFacts>();
      const tagged = mapTopologies(report, ["Process"], (topology) =>
        tagProcesses(topology, taskOf, containers),
      );
      return mapTopologies(tagged, ["Container"], (topology) =>
        tagContainers(topology, containers),
      );
    },
  };
}

function tagProcesses(
  topology: Topology,
  taskOf: (pid: number) => TaskFacts | undefined,
  containers: Map<string, TaskFacts>,
): Topology {
  const parents = parentsOf(topology);
  const nodes = new Map<string, ReportNode>();
  for (const [id, node] of topology.nodes) {
    const task = findRoot(numberIn(node, KEYS.pid), parents, taskOf);
    nodes.set(id, task === undefined ? node : tagged(node, task));
    if (task === undefined) continue;
    for (const container of node.parents.get("container") ?? []) containers.set(container, task);
  }
  return { ...topology, nodes };
}

function tagContainers(topology: Topology, containers: ReadonlyMap<string, TaskFacts>): Topology {
  const nodes = new Map<string, ReportNode>();
  for (const [id, node] of topology.nodes) {
    const task = containers.get(id);
    nodes.set(id, task === undefined ? node : tagged(node, task));
  }
  return { ...topology, nodes };
}

function tagged(node: ReportNode, task: TaskFacts): ReportNode {
  const timestamp = node.latest.values().next().value?.timestamp ?? 0n;
  const latest = new Map(node.latest);
  for (const [key, value] of Object.entries(wordsOf(task))) {
    if (value !== undefined) latest.set(key, { timestamp, value });
  }
  return { ...node, latest };
}

function wordsOf(task: TaskFacts): Record<string, string | undefined> {
  const known = (text: string | undefined) => (text === "" ? undefined : text);
  return {
    [KEYS.mesosTaskId]: task.taskId,
    [KEYS.mesosTaskName]: known(task.taskName),
    [KEYS.mesosTaskState]: task.state,
    [KEYS.mesosFrameworkId]: task.frameworkId,
    [KEYS.mesosFrameworkName]: known(task.frameworkName),
    [KEYS.mesosExecutorId]: known(task.executorId),
    [KEYS.mesosAgentId]: known(task.agentId),
    [KEYS.mesosRole]: known(task.role),
    [KEYS.marathonAppId]: known(task.labels.MARATHON_APP_ID),
  };
}
