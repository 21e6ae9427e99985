/** What is read at the moment of asking: gauges under Mesos' names. */

import type { MasterState } from "../core/records.ts";
import type { ReadGauges } from "../metrics/metrics.ts";
import type { MasterContext } from "../shell/context.ts";
import type { Driver } from "../shell/driver.ts";

const KINDS = ["cpus", "mem", "disk", "gpus"] as const;
const STATES = ["staging", "starting", "running", "killing", "unreachable"] as const;

type Set = Parameters<ReadGauges>[0];

/** Gauges of a master: zeros while it does not lead. Cost: a look at every agent and offer. */
export function masterGauges(context: MasterContext): ReadGauges {
  return (set) => {
    const role = context.role();
    const nowMs = context.clock.nowMs();
    set("master/uptime_secs", (nowMs - context.startedMs) / 1000);
    set("master/elected", role.status === "leading" ? 1 : 0);
    if (role.status !== "leading") return;
    const { core, connections } = role.driver;
    connectionsOf(set, core.state, connections.links);
    tasksOf(set, core.state);
    resourcesOf(set, role.driver);
    rolesOf(set, role.driver);
  };
}

function connectionsOf(set: Set, state: MasterState, links: number): void {
  let connected = 0;
  let active = 0;
  for (const { record } of state.agents.values()) {
    if (record.connection.status !== "connected") continue;
    connected += 1;
    if (!record.standing.deactivated && record.standing.drain === undefined) active += 1;
  }
  set("master/slaves_connected", connected);
  set("master/slaves_disconnected", state.agents.size - connected);
  set("master/slaves_active", active);
  set("master/slaves_inactive", state.agents.size - active);
  set("master/slaves_unreachable", state.unreachableAgents.size);
  set("master/links", links);
  let subscribed = 0;
  for (const { record } of state.frameworks.values()) {
    if (record.connection.status === "connected") subscribed += 1;
  }
  set("master/frameworks_connected", subscribed);
  set("master/frameworks_active", subscribed);
  set("master/frameworks_disconnected", state.frameworks.size - subscribed);
  set("master/frameworks_inactive", state.frameworks.size - subscribed);
  set("master/outstanding_offers", state.offers.size);
}

function tasksOf(set: Set, { frameworks }: MasterState): void {
  const counts = new Map<string, number>();
  for (const { taskCounts } of frameworks.values()) {
    for (const [state, count] of taskCounts) {
      const name = state.slice("TASK_".length).toLowerCase();
      counts.set(name, (counts.get(name) ?? 0) + count);
    }
  }
  for (const state of STATES) set(`master/tasks_${state}`, counts.get(state) ?? 0);
}

/** Total, used and offered; used is what frameworks hold without what they are only offered. */
function resourcesOf(set: Set, { core }: Driver): void {
  const sums = { total: zeros(), held: zeros(), offered: zeros() };
  for (const { record } of core.state.agents.values()) {
    const quantities = record.resources.nonRevocable().quantities();
    for (const kind of KINDS) sums.total[kind] += quantities.get(kind);
  }
  for (const { resources } of core.state.offers.values()) {
    for (const kind of KINDS) sums.offered[kind] += resources.quantities().get(kind);
  }
  for (const { frameworks } of core.shares()) {
    for (const { allocated } of frameworks) {
      for (const kind of KINDS) sums.held[kind] += allocated.get(kind);
    }
  }
  for (const kind of KINDS) {
    const total = sums.total[kind];
    const used = Math.max(0, sums.held[kind] - sums.offered[kind]);
    set(`master/${kind}_total`, total / 1000);
    set(`master/${kind}_used`, used / 1000);
    set(`master/${kind}_percent`, total === 0 ? 0 : used / total);
    set(`allocator/mesos/resources/${kind}/total`, total / 1000);
    set(`allocator/mesos/resources/${kind}/offered_or_allocated`, sums.held[kind] / 1000);
  }
}

function zeros(): Record<(typeof KINDS)[number], number> {
  return { cpus: 0, mem: 0, disk: 0, gpus: 0 };
}

function rolesOf(set: Set, { core }: Driver): void {
  for (const { role, share, guarantees, limits, consumed } of core.shares()) {
    set(`allocator/mesos/roles/${role}/shares/dominant`, share);
    const quota = `allocator/mesos/quota/roles/${role}/resources`;
    for (const [kind, millis] of guarantees) set(`${quota}/${kind}/guarantee`, millis / 1000);
    for (const [kind, millis] of Object.entries(limits)) {
      set(`${quota}/${kind}/limit`, millis / 1000);
      set(`${quota}/${kind}/consumed`, consumed.get(kind) / 1000);
    }
  }
}
