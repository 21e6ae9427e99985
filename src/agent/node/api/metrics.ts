/** The agent's metrics, under Mesos' names and for Prometheus. */
import { cpus, freemem, loadavg, totalmem } from "node:os";
import type { TaskState } from "../../../model/mod.ts";
import type { AgentView } from "../../core/core.ts";
import { allExecutors, allTasks, amountsOf, usedResources } from "./views.ts";

const ACTIVE: readonly TaskState[] = [
  "TASK_STAGING",
  "TASK_STARTING",
  "TASK_RUNNING",
  "TASK_KILLING",
];
const ENDED: readonly TaskState[] = [
  "TASK_FINISHED",
  "TASK_FAILED",
  "TASK_KILLED",
  "TASK_LOST",
  "TASK_GONE",
  "TASK_ERROR",
  "TASK_DROPPED",
];
const COUNTERS = ["valid_status_updates", "container_launch_errors", "executors_terminated"];
const KINDS = ["cpus", "mem", "disk", "gpus"];

/** `/metrics/snapshot`: names as Mesos has them. */
export function snapshotOf(state: AgentView, uptimeSecs: number): Record<string, number> {
  const metrics: Record<string, number> = {
    "slave/uptime_secs": uptimeSecs,
    "slave/registered": state.connection.status === "registered" ? 1 : 0,
    "slave/frameworks_active": state.frameworks.size,
  };
  const tasks = new Map<string, number>();
  for (const { state: now } of allTasks(state)) tasks.set(now, (tasks.get(now) ?? 0) + 1);
  for (const each of ACTIVE) metrics[taskMetric(each)] = tasks.get(each) ?? 0;
  for (const each of ENDED) metrics[taskMetric(each)] = state.counts?.get(each) ?? 0;
  for (const each of COUNTERS) metrics[`slave/${each}`] = state.counts?.get(each) ?? 0;
  addExecutors(metrics, state);
  addResources(metrics, state);
  addSystem(metrics);
  return metrics;
}

function taskMetric(state: TaskState): string {
  return `slave/tasks_${state.slice("TASK_".length).toLowerCase()}`;
}

function addExecutors(metrics: Record<string, number>, state: AgentView): void {
  const counts = { registering: 0, running: 0, terminating: 0 };
  for (const { phase, ending, kind, subscribed } of allExecutors(state)) {
    if (phase === "ended") continue;
    if (ending !== undefined) counts.terminating += 1;
    else if (kind === "custom" && !subscribed) counts.registering += 1;
    else counts.running += 1;
  }
  for (const [name, count] of Object.entries(counts)) metrics[`slave/executors_${name}`] = count;
}

function addResources(metrics: Record<string, number>, state: AgentView): void {
  const total = amountsOf(state.info.resources ?? []);
  const used = amountsOf(usedResources(state));
  for (const kind of KINDS) {
    const all = total.get(kind) ?? 0;
    const taken = used.get(kind) ?? 0;
    metrics[`slave/${kind}_total`] = all;
    metrics[`slave/${kind}_used`] = taken;
    metrics[`slave/${kind}_percent`] = all === 0 ? 0 : taken / all;
  }
}

function addSystem(metrics: Record<string, number>): void {
  const [one = 0, five = 0, fifteen = 0] = loadavg();
  metrics["system/cpus_total"] = cpus().length;
  metrics["system/load_1min"] = one;
  metrics["system/load_5min"] = five;
  metrics["system/load_15min"] = fifteen;
  metrics["system/mem_total_bytes"] = totalmem();
  metrics["system/mem_free_bytes"] = freemem();
}

/** The same for Prometheus: "slave/cpus_total" is `fairlead_agent_cpus_total`. */
export function prometheusOf(snapshot: Readonly<Record<string, number>>): string {
  const counters = new Set([...ENDED.map(taskMetric), ...COUNTERS.map((name) => `slave/${name}`)]);
  const lines: string[] = [];
  for (const [name, value] of Object.entries(snapshot)) {
    const [group, rest = ""] = name.split("/");
    const base = `fairlead_${group === "slave" ? "agent" : group}_${rest}`;
    const counter = counters.has(name);
    const full = counter && !base.endsWith("_total") ? `${base}_total` : base;
    lines.push(`# TYPE ${full} ${counter ? "counter" : "gauge"}`, `${full} ${value}`);
  }
  return `${lines.join("\n")}\n`;
}

/** The media type of {@linkcode prometheusOf}. */
export const PROMETHEUS_TYPE = "text/plain; version=0.0.4; charset=utf-8";
