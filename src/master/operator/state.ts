/** GET_STATE and its parts, item by item, of one snapshot and for one pair of eyes. */

import type { JsonPart } from "./slices.ts";
import type { FrameworkSnapshot, Snapshot } from "./snapshot.ts";
import { holdingsByAgent } from "./snapshot.ts";
import { agentView, executorView, frameworkFacts, frameworkView, taskView } from "./views.ts";
import type { Visible } from "./visible.ts";

type Members = readonly (readonly [name: string, value: JsonPart])[];

/** `get_state`. */
export function stateParts(snapshot: Snapshot, visible: Visible): Members {
  return [
    ["get_tasks", { members: taskParts(snapshot, visible) }],
    ["get_executors", { members: executorParts(snapshot, visible) }],
    ["get_frameworks", { members: frameworkParts(snapshot, visible) }],
    ["get_agents", { members: agentParts(snapshot) }],
  ];
}

/** `get_tasks`. */
export function taskParts(snapshot: Snapshot, visible: Visible): Members {
  const list = (pick: (framework: FrameworkSnapshot) => FrameworkSnapshot["tasks"]): JsonPart => ({
    list: tasksOf(snapshot, visible, pick),
  });
  const completed = function* (): Iterable<unknown> {
    yield* tasksOf(snapshot, visible, ({ completedTasks }) => completedTasks);
    for (const { record, completedTasks } of snapshot.completedFrameworks) {
      if (!visible.framework(record)) continue;
      for (const task of completedTasks) if (visible.task(task, record)) yield taskView(task);
    }
  };
  return [
    ["pending_tasks", { value: [] }],
    ["tasks", list(({ tasks }) => tasks)],
    ["unreachable_tasks", list(({ unreachableTasks }) => unreachableTasks)],
    ["completed_tasks", { list: completed() }],
    ["orphan_tasks", { value: [] }],
  ];
}

function* tasksOf(
  { frameworks }: Snapshot,
  visible: Visible,
  pick: (framework: FrameworkSnapshot) => FrameworkSnapshot["tasks"],
): Iterable<unknown> {
  for (const framework of frameworks) {
    if (!visible.framework(framework.record)) continue;
    for (const task of pick(framework)) {
      if (visible.task(task, framework.record)) yield taskView(task);
    }
  }
}

/** `get_executors`. */
export function executorParts({ frameworks }: Snapshot, visible: Visible): Members {
  const executors = function* (): Iterable<unknown> {
    for (const { record, executors } of frameworks) {
      if (!visible.framework(record)) continue;
      for (const executor of executors) {
        if (visible.executor(executor, record)) yield executorView(executor);
      }
    }
  };
  return [
    ["executors", { list: executors() }],
    ["orphan_executors", { value: [] }],
  ];
}

/** `get_frameworks`. */
export function frameworkParts(snapshot: Snapshot, visible: Visible): Members {
  const { frameworks, completedFrameworks } = snapshot;
  const present = function* (): Iterable<unknown> {
    for (const framework of frameworks) {
      if (visible.framework(framework.record)) yield frameworkView(framework);
    }
  };
  const completed = function* (): Iterable<unknown> {
    for (const { record } of completedFrameworks) {
      if (visible.framework(record)) yield frameworkFacts(record);
    }
  };
  return [
    ["frameworks", { list: present() }],
    ["completed_frameworks", { list: completed() }],
    ["recovered_frameworks", { value: [] }],
  ];
}

/** `get_agents`. */
export function agentParts(snapshot: Snapshot): Members {
  const agents = function* (): Iterable<unknown> {
    const held = holdingsByAgent(snapshot);
    for (const { record, offers } of snapshot.agents) {
      yield agentView(record, { held: held.get(record.id) ?? [], offers });
    }
  };
  const recovered = function* (): Iterable<unknown> {
    for (const { info } of snapshot.recoveredAgents) yield info;
  };
  return [
    ["agents", { list: agents() }],
    ["recovered_agents", { list: recovered() }],
  ];
}
