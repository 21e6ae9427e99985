/** The cluster in one object: what stands on the console's first page. */
import type { ConsoleAgentRow, ConsoleSummary, TaskState } from "../../model/mod.ts";
import type { MasterState } from "../core/records.ts";
import type { MasterContext } from "../shell/context.ts";
import { countsOf } from "./rows.ts";

/** What a summary is made of: rows are summed up by whoever keeps them. */
export interface SummaryInput {
  readonly context: MasterContext;
  readonly state: MasterState;
  readonly masterId: string;
  readonly hostname: string;
  readonly agents: Iterable<ConsoleAgentRow>;
}

const KINDS = ["cpus", "mem", "disk", "gpus"] as const;

export function summaryOf({
  context,
  state,
  masterId,
  hostname,
  agents,
}: SummaryInput): ConsoleSummary {
  const counts = { active: 0, inactive: 0, unreachable: 0, draining: 0 };
  const total = { cpus: 0, mem: 0, disk: 0, gpus: 0 };
  const used = { ...total };
  const offered = { ...total };
  for (const agent of agents) {
    counts[groupOf(agent)] += 1;
    if (agent.state === "unreachable" || agent.state === "recovered") continue;
    for (const kind of KINDS) {
      total[kind] += agent.total[kind];
      used[kind] += agent.used[kind];
      offered[kind] += agent.offered[kind];
    }
  }
  const role = context.role();
  return {
    cluster: context.cluster,
    version: context.version,
    masterId,
    hostname,
    startedMs: context.startedMs,
    electedMs: role.status === "leading" ? role.electedMs : 0,
    nowMs: context.clock.nowMs(),
    agents: counts,
    frameworks: frameworkCounts(state),
    tasks: taskCounts(state, context),
    offers: state.offers.size,
    total: rounded(total),
    used: rounded(used),
    offered: rounded(offered),
  };
}

/** Sums of decimals, back to three places. */
function rounded<T extends Record<(typeof KINDS)[number], number>>(amounts: T): T {
  for (const kind of KINDS) amounts[kind] = Math.round(amounts[kind] * 1000) / 1000;
  return amounts;
}

function groupOf({ state }: ConsoleAgentRow): keyof ConsoleSummary["agents"] {
  if (state === "active") return "active";
  if (state === "draining" || state === "drained") return "draining";
  return state === "unreachable" || state === "recovered" ? "unreachable" : "inactive";
}

function frameworkCounts({ frameworks, completedFrameworks }: MasterState) {
  let active = 0;
  for (const { record } of frameworks.values()) {
    if (record.connection.status === "connected") active += 1;
  }
  const inactive = frameworks.size - active;
  return { active, inactive, completed: completedFrameworks.size };
}

/** How many are in each state now, and how many have ended in each since this master started. */
function taskCounts(state: MasterState, { metrics }: MasterContext): Record<string, number> {
  const counts = new Map<TaskState, number>();
  for (const { taskCounts } of state.frameworks.values()) {
    for (const [name, count] of taskCounts) counts.set(name, (counts.get(name) ?? 0) + count);
  }
  const now = countsOf(counts);
  for (const name of ENDED) {
    const ended = metrics.counter(`master/tasks_${name}`);
    if (ended > 0) now[name] = ended;
  }
  return now;
}

const ENDED = [
  "finished",
  "failed",
  "killed",
  "lost",
  "error",
  "dropped",
  "gone",
  "gone_by_operator",
];
