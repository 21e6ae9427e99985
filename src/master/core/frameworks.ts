/** Frameworks that go: away for a while, or for good; and what the registry keeps of them. */

import type { FrameworkInfo } from "../../model/mod.ts";
import { isTerminal, type TaskState } from "../../model/mod.ts";
import { readOfferConstraints } from "../validate/constraints.ts";
import { rolesOf } from "../validate/framework.ts";
import { FrameworkBook } from "./books.ts";
import type { Context } from "./context.ts";
import { capabilitiesOf, failoverTimeoutMsOf, specOf } from "./framework_spec.ts";
import { discardOffers, removeInverseOffer, removeOffer } from "./offers.ts";
import type { FrameworkRecord } from "./records.ts";
import { deleteNode, putList, putNode } from "./registry.ts";
import {
  forgetUnreachable,
  masterStatus,
  removeExecutor,
  removeTask,
  updateTask,
} from "./tasks.ts";

/** Write down what the next master has to know of a framework. */
export function persistFramework(core: Context, { record }: FrameworkBook): void {
  const { connection, constraints } = record;
  const node = {
    info: record.info,
    suppressedRoles: [...record.suppressedRoles],
    ...(constraints && { constraints }),
    registeredMs: record.registeredMs,
    ...(connection.status === "disconnected" && { disconnectedMs: connection.sinceMs }),
  };
  core.persist([putNode("frameworks", record.id, node)]);
}

/** A stream ended: the framework has its failover timeout to come back. */
export function disconnectStream(core: Context, connection: string): void {
  const framework = core.streams.get(connection);
  if (framework === undefined) return;
  core.streams.delete(connection);
  core.allocator.deactivateFramework(framework.id);
  discardOffers(core, framework);
  core.allocate();
  const { failoverTimeoutMs } = framework.record;
  const dueMs = core.nowMs + failoverTimeoutMs;
  framework.record = {
    ...framework.record,
    connection: { status: "disconnected", sinceMs: core.nowMs, dueMs },
  };
  core.frameworkChanged(framework.id);
  core.log("info", `Framework ${framework.id} disconnected`, { failoverTimeoutMs });
  if (failoverTimeoutMs === 0) {
    removeFramework(core, framework);
    return;
  }
  core.timers.set(dueMs, "failover", framework.id);
  persistFramework(core, framework);
  core.publish({ type: "framework_updated", framework: framework.record });
}

/** A failover timer rang: is the framework still away, and for long enough? */
export function failoverDue(core: Context, frameworkId: string): void {
  const framework = core.books.frameworks.get(frameworkId);
  if (framework === undefined) return;
  const { connection } = framework.record;
  if (connection.status === "connected" || connection.dueMs > core.nowMs) return;
  core.log("info", `Framework ${frameworkId} did not come back in time`);
  removeFramework(core, framework);
}

/** A framework that agents tell of, or the registry: away, until it subscribes or its time is over. */
export function recoverFramework(
  core: Context,
  {
    id,
    info,
    suppressed = [],
    constraints,
    registeredMs = core.nowMs,
    dueMs,
  }: {
    readonly id: string;
    readonly info: FrameworkInfo;
    readonly suppressed?: readonly string[];
    readonly constraints?: FrameworkRecord["constraints"];
    readonly registeredMs?: number;
    /** When it is removed; by default its failover timeout from now. */
    readonly dueMs?: number;
  },
): FrameworkBook {
  const failoverTimeoutMs = failoverTimeoutMsOf(info, core.options.failoverTimeoutMs);
  const untilMs = dueMs ?? core.nowMs + failoverTimeoutMs;
  const framework = new FrameworkBook(
    {
      id,
      info: { ...info, id: { value: id } },
      roles: [...new Set(rolesOf(info))],
      suppressedRoles: new Set(suppressed),
      capabilities: capabilitiesOf(info),
      constraints,
      failoverTimeoutMs,
      connection: { status: "recovered", dueMs: untilMs },
      registeredMs,
    },
    core.options.completedTasksMax,
  );
  core.books.frameworks.set(id, framework);
  const read = readOfferConstraints(constraints, framework.record.roles);
  const spec = specOf(info, { suppressed, constraints: read.ok ? read.constraints : {} });
  core.allocator.addFramework({ ...spec, id, active: false });
  core.timers.set(untilMs, "failover", id);
  core.frameworkChanged(id);
  core.publish({ type: "framework_added", framework: framework.record });
  return framework;
}

/**
 * End a framework: its stream, offers, tasks and executors. Agents shut down what runs of it.
 *
 * @param then Runs once the registry has it.
 */
export function removeFramework(core: Context, framework: FrameworkBook, then?: () => void): void {
  const { id, record } = framework;
  endStream(core, framework);
  core.allocator.removeFramework(id);
  for (const offer of [...framework.offers]) removeOffer(core, offer);
  for (const offer of [...framework.inverseOffers]) {
    removeInverseOffer(core, offer, { rescind: false });
  }
  for (const agentId of framework.presence.keys()) {
    const agent = core.books.agents.get(agentId);
    if (agent) core.send(agent, { type: "shutdown_framework", framework_id: id });
  }
  endTasks(core, framework);
  for (const operation of framework.operations.values()) {
    core.books.operations.delete(operation.uuid);
    core.books.agents.get(operation.agentId)?.operations.delete(operation);
  }
  core.books.frameworks.delete(id);
  framework.record = {
    ...record,
    connection: { status: "disconnected", sinceMs: core.nowMs, dueMs: core.nowMs },
    unregisteredMs: core.nowMs,
  };
  complete(core, framework);
  core.persist(
    [deleteNode("frameworks", id), putList("completed", [...core.books.completedIds])],
    then,
  );
  core.allocate();
  core.frameworkChanged(id);
  core.publish({ type: "framework_removed", framework: framework.record });
  core.log("info", `Removed framework ${id} (${record.info.name})`);
}

function endStream(core: Context, { record: { connection } }: FrameworkBook): void {
  if (connection.status !== "connected") return;
  core.streams.delete(connection.connection);
  core.effects.push({ type: "end_framework", connection: connection.connection });
}

/** Nobody hears of these: who ends a framework is not interested in its tasks any more. */
function endTasks(core: Context, framework: FrameworkBook): void {
  const what = {
    state: "TASK_KILLED" as TaskState,
    message: `Framework ${framework.id} removed`,
    reason: "REASON_FRAMEWORK_REMOVED" as const,
  };
  for (const task of [...framework.tasks.values()]) {
    // The allocator has given back everything of the framework already.
    const status = masterStatus(core, task, what);
    const over = isTerminal(task.state)
      ? task
      : updateTask(core, framework, { ...task, released: true }, { status });
    removeTask(core, framework, over);
  }
  for (const task of [...framework.unreachableTasks.values()]) {
    forgetUnreachable(framework, task.id);
    framework.completedTasks.push({ ...task, state: "TASK_KILLED" });
  }
  for (const executors of [...framework.executors.values()]) {
    for (const executor of [...executors.values()]) {
      removeExecutor(core, framework, executor, { released: true });
    }
  }
}

function complete(core: Context, framework: FrameworkBook): void {
  const { completedFrameworks, completedIds } = core.books;
  completedFrameworks.set(framework.id, framework);
  completedIds.add(framework.id);
  core.options.metrics.forget?.(framework.metrics);
  for (const ids of [completedFrameworks, completedIds]) {
    for (const id of ids.keys()) {
      if (ids.size <= core.options.completedFrameworksMax) break;
      ids.delete(id);
    }
  }
}
