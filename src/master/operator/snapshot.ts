/** What the master knew at one instant: references to records, which never change. */
import type {
  AgentRecord,
  CompletedFramework,
  ExecutorRecord,
  FrameworkRecord,
  FrameworkView,
  InverseOfferRecord,
  MasterState,
  OfferRecord,
  RecoveredAgent,
  TaskRecord,
} from "../core/records.ts";
import type { Holding } from "./amounts.ts";

/** A framework as it was. */
export interface FrameworkSnapshot {
  readonly record: FrameworkRecord;
  readonly tasks: readonly TaskRecord[];
  readonly unreachableTasks: readonly TaskRecord[];
  readonly completedTasks: readonly TaskRecord[];
  readonly executors: readonly ExecutorRecord[];
  readonly offers: readonly OfferRecord[];
  readonly inverseOffers: readonly InverseOfferRecord[];
}

/** An agent as it was. */
export interface AgentSnapshot {
  readonly record: AgentRecord;
  readonly offers: readonly OfferRecord[];
}

/** The cluster as it was. */
export interface Snapshot {
  readonly agents: readonly AgentSnapshot[];
  readonly recoveredAgents: readonly RecoveredAgent[];
  readonly frameworks: readonly FrameworkSnapshot[];
  readonly completedFrameworks: readonly CompletedFramework[];
  readonly state: MasterState;
}

/**
 * Hold on to what is there now.
 *
 * Cost: one reference a task, executor, offer, agent and framework; some milliseconds for 100,000.
 */
export function takeSnapshot(state: MasterState): Snapshot {
  return {
    agents: Array.from(state.agents.values(), ({ record, offers }) => ({
      record,
      offers: [...offers],
    })),
    recoveredAgents: [...state.recoveredAgents.values()],
    frameworks: Array.from(state.frameworks.values(), frameworkSnapshot),
    completedFrameworks: [...state.completedFrameworks.values()],
    state,
  };
}

function frameworkSnapshot(framework: FrameworkView): FrameworkSnapshot {
  return {
    record: framework.record,
    tasks: [...framework.tasks.values()],
    unreachableTasks: [...framework.unreachableTasks.values()],
    completedTasks: [...framework.completedTasks],
    executors: Array.from(framework.executors.values(), (byId) => [...byId.values()]).flat(),
    offers: [...framework.offers],
    inverseOffers: [...framework.inverseOffers],
  };
}

/** What is held on each agent, by its id: made when it is first asked for. */
export function holdingsByAgent({ frameworks }: Snapshot): ReadonlyMap<string, readonly Holding[]> {
  const byAgent = new Map<string, Holding[]>();
  const add = (agentId: string, holding: Holding): void => {
    const held = byAgent.get(agentId);
    if (held === undefined) byAgent.set(agentId, [holding]);
    else held.push(holding);
  };
  for (const { tasks, executors } of frameworks) {
    for (const task of tasks) if (!task.released) add(task.agentId, task);
    for (const executor of executors) add(executor.agentId, executor);
  }
  return byAgent;
}

/** What a framework holds. */
export function* holdingsOf({ tasks, executors }: FrameworkSnapshot): Iterable<Holding> {
  for (const task of tasks) if (!task.released) yield task;
  yield* executors;
}
