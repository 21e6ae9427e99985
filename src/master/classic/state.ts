/** `/state`, `/state-summary` and their parts, item by item. */

import type { JsonPart } from "../operator/slices.ts";
import { type FrameworkSnapshot, holdingsByAgent, type Snapshot } from "../operator/snapshot.ts";
import type { Visible } from "../operator/visible.ts";
import type { MasterContext } from "../shell/context.ts";
import type { Driver } from "../shell/driver.ts";
import { addressOf } from "../shell/role.ts";
import { framework, frameworkSummary, recoveredSlave, slave, task } from "./views.ts";

type Members = readonly (readonly [name: string, value: JsonPart])[];

/** What the answers are made of. */
export interface ClassicInput {
  readonly context: MasterContext;
  readonly driver: Driver;
  readonly snapshot: Snapshot;
  readonly visible: Visible;
}

export function stateMembers(input: ClassicInput): Members {
  const { snapshot, visible } = input;
  const shown = snapshot.frameworks.filter(({ record }) => visible.framework(record));
  return [
    ...masterMembers(input),
    ...slaveMembers(input),
    ["frameworks", { list: mapped(shown, (each) => framework(each, visible)) }],
    ["completed_frameworks", { list: completedFrameworks(input) }],
    ["orphan_tasks", { value: [] }],
    ["unregistered_frameworks", { value: [] }],
  ];
}

export function summaryMembers(input: ClassicInput): Members {
  const { context, driver, snapshot, visible } = input;
  const shown = snapshot.frameworks.filter(({ record }) => visible.framework(record));
  return [
    ["hostname", { value: driver.core.options.masterInfo.hostname ?? "" }],
    ["cluster", { value: context.cluster }],
    ["slaves", { list: slaves(input) }],
    ["frameworks", { list: mapped(shown, summaryOf) }],
  ];
}

function summaryOf(each: FrameworkSnapshot): object {
  return { ...frameworkSummary(each), ...countsOf(each) };
}

/** `TASK_RUNNING: 3, …` and the agents that a framework is on. */
function countsOf({ tasks, unreachableTasks, completedTasks }: FrameworkSnapshot): object {
  const counts: Record<string, number> = {};
  for (const list of [tasks, unreachableTasks, completedTasks]) {
    for (const { state } of list) counts[state] = (counts[state] ?? 0) + 1;
  }
  return { ...counts, slave_ids: [...new Set(tasks.map(({ agentId }) => agentId))] };
}

function masterMembers({ context, driver }: ClassicInput): Members {
  const { masterInfo } = driver.core.options;
  const { agents, unreachableAgents } = driver.core.state;
  const pid = masterInfo.pid ?? `master@${addressOf(masterInfo)}`;
  const active = [...agents.values()].filter(
    ({ record }) => record.connection.status === "connected",
  );
  const role = context.role();
  const facts: Record<string, unknown> = {
    version: context.version,
    start_time: context.startedMs / 1000,
    ...(role.status === "leading" ? { elected_time: role.electedMs / 1000 } : {}),
    id: masterInfo.id,
    pid,
    hostname: masterInfo.hostname ?? "",
    capabilities: (masterInfo.capabilities ?? []).map(({ type }) => type),
    activated_slaves: active.length,
    deactivated_slaves: agents.size - active.length,
    unreachable_slaves: unreachableAgents.size,
    ...(masterInfo.domain === undefined ? {} : { domain: masterInfo.domain }),
    leader: pid,
    leader_info: masterInfo,
    cluster: context.cluster,
    flags: context.flags,
  };
  return Object.entries(facts).map(([name, value]) => [name, { value }] as const);
}

/** `slaves` and `recovered_slaves`. */
export function slaveMembers(input: ClassicInput): Members {
  return [
    ["slaves", { list: slaves(input) }],
    ["recovered_slaves", { list: mapped(input.snapshot.recoveredAgents, recoveredSlave) }],
  ];
}

function* slaves({ snapshot }: ClassicInput): Iterable<object> {
  const held = holdingsByAgent(snapshot);
  for (const agent of snapshot.agents) yield slave(agent, held.get(agent.record.id) ?? []);
}

/** `frameworks` and `completed_frameworks`. */
export function frameworkMembers(input: ClassicInput): Members {
  const { snapshot, visible } = input;
  const shown = snapshot.frameworks.filter(({ record }) => visible.framework(record));
  return [
    ["frameworks", { list: mapped(shown, (each) => framework(each, visible)) }],
    ["completed_frameworks", { list: completedFrameworks(input) }],
    ["unregistered_frameworks", { value: [] }],
  ];
}

function* completedFrameworks({ snapshot, visible }: ClassicInput): Iterable<object> {
  for (const { record, completedTasks } of snapshot.completedFrameworks) {
    if (!visible.framework(record)) continue;
    const nothing = { unreachableTasks: [], executors: [], offers: [], inverseOffers: [] };
    yield framework(
      { record, tasks: [], completedTasks: [...completedTasks], ...nothing },
      visible,
    );
  }
}

/** `tasks`, newest first unless asked otherwise, a page of them. */
export function taskMembers(
  { snapshot, visible }: ClassicInput,
  page: { readonly offset: number; readonly limit: number; readonly ascending: boolean },
): Members {
  const all = snapshot.frameworks.flatMap(({ record, tasks, unreachableTasks, completedTasks }) =>
    visible.framework(record)
      ? [...tasks, ...unreachableTasks, ...completedTasks].filter((each) =>
          visible.task(each, record),
        )
      : [],
  );
  const sign = page.ascending ? 1 : -1;
  all.sort((a, b) => sign * (a.launchedMs - b.launchedMs));
  return [["tasks", { list: mapped(all.slice(page.offset, page.offset + page.limit), task) }]];
}

function* mapped<T>(items: Iterable<T>, make: (item: T) => object): Iterable<object> {
  for (const item of items) yield make(item);
}
