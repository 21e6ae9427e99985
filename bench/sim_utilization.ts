/** A GPU cluster that is full: how much of it is used, and how evenly roles share it. */
import { existsSync } from "node:fs";
import { SeededRandom } from "fairlead/base";
import type { AgentInfo, Offer } from "fairlead/model";
import { match, type PendingTask, task } from "fairlead/scheduler";
import {
  type SchedulerContext,
  type SchedulerProgram,
  type SimulatedScheduler,
  type SimulationView,
  simulate,
} from "fairlead/sim";
import { generateTrace } from "../examples/trace_replay/generate.ts";
import { type Node, type Pod, readTrace, type Trace } from "../examples/trace_replay/trace.ts";

/** Beside the repository, where benches are started from. */
const TRACES = "../shared/traces";
const NODES = `${TRACES}/openb_node_list_all_node.csv`;
const PODS = `${TRACES}/openb_pod_list_default.csv`;
const ROLES = 10;
/** Tasks of each role that wait at any time: it is backlogged. */
const BACKLOG = 48;
const MINUTE_MS = 60_000;

/** How a run is made. */
export interface Utilization {
  /** "openb" when the trace is there, else a generated one of so many machines. */
  readonly agents: "openb" | number;
  readonly minutes: number;
  /** Samples are taken from here on. */
  readonly fromMinute: number;
  /** How long a task runs on average. */
  readonly runMinutes: number;
  readonly policy: "fragmentation_aware" | "first_fit" | "best_fit";
}

/** Half of the roles weigh twice as much as the others. */
const weightOf = (role: number) => (role % 2 === 0 ? 1 : 2);

/** Keeps tasks waiting, drawn from the trace, and places them where they break up least. */
class Stream implements SchedulerProgram {
  readonly #context: SchedulerContext;
  readonly #next: () => Waiting;
  readonly #policy: Utilization["policy"];
  #waiting: Waiting[] = [];

  constructor(context: SchedulerContext, next: () => Waiting, policy: Utilization["policy"]) {
    this.#context = context;
    this.#next = next;
    this.#policy = policy;
  }

  onEvent(event: Parameters<SchedulerProgram["onEvent"]>[0]): void {
    if (event.type !== "OFFERS") return;
    while (this.#waiting.length < BACKLOG) this.#waiting.push(this.#next());
    const refused: Offer[] = [];
    const useful: Offer[] = [];
    for (const offer of event.offers) {
      const has = (kind: string) => amountOf(offer, kind);
      const fits = ({ needs }: Waiting) => KINDS.every((kind) => needs[kind] <= has(kind));
      (this.#waiting.some(fits) ? useful : refused).push(offer);
    }
    if (useful.length > 0) refused.push(...this.#match(useful));
    if (refused.length === 0) return;
    const offer_ids = refused.map(({ id }) => id);
    this.#context.call({ type: "DECLINE", decline: { offer_ids, filters: REFUSAL } });
  }

  /** What nothing was launched on. */
  #match(useful: readonly Offer[]): readonly Offer[] {
    const tasks = this.#waiting.map(({ task }) => task);
    const { launches, declined, waiting } = match(useful, tasks, { policy: this.#policy });
    const left = new Set(waiting.map((each) => each.task));
    this.#waiting = this.#waiting.filter(({ task }) => left.has(task));
    for (const { offers, operations } of launches) {
      const offer_ids = offers.map(({ id }) => id);
      const accept = { offer_ids, operations: [...operations], filters: REFUSAL };
      this.#context.call({ type: "ACCEPT", accept });
    }
    return declined;
  }
}

const KINDS = ["cpus", "mem", "gpus"] as const;
/** An agent that has more than was refused is offered all the same. */
const REFUSAL = { refuse_seconds: 120 };

/** A task that waits, and what it needs. */
interface Waiting {
  readonly task: PendingTask;
  readonly needs: Readonly<Record<(typeof KINDS)[number], number>>;
}

function amountOf(offer: Offer, kind: string): number {
  let amount = 0;
  for (const { name, scalar } of offer.resources ?? []) {
    if (name === kind) amount += scalar?.value ?? 0;
  }
  return amount;
}

/** Mesos cannot share a device: a pod that asks for a part of one gets the whole. */
const gpusOf = ({ gpuMillis }: Pod) => Math.ceil(gpuMillis / 1_000);

function agentOf({ id, cpusMillis, memMillis, gpus, gpuModel }: Node): AgentInfo {
  const scalar = (name: string, value: number) => {
    return { name, type: "SCALAR" as const, scalar: { value } };
  };
  return {
    hostname: id,
    resources: [
      scalar("cpus", cpusMillis / 1_000),
      scalar("mem", memMillis / 1_000),
      ...(gpus > 0 ? [scalar("gpus", gpus)] : []),
    ],
    ...(gpuModel !== "" && {
      attributes: [{ name: "gpu_model", type: "TEXT" as const, text: { value: gpuModel } }],
    }),
  };
}

function streamOf(trace: Trace, role: number, { runMinutes, policy }: Utilization) {
  const random = new SeededRandom(100 + role);
  let count = 0;
  const next = () => {
    const pod = trace.pods[random.int(trace.pods.length)];
    if (pod === undefined) throw new Error("Cannot draw a pod: the trace has none");
    const seconds = -Math.log(1 - random.next()) * runMinutes * 60;
    const needs = {
      cpus: pod.cpusMillis / 1_000,
      mem: pod.memMillis / 1_000,
      gpus: gpusOf(pod),
    };
    const waiting = task({
      name: pod.name,
      id: `${role}-${++count}`,
      command: `sleep ${seconds.toFixed(1)}`,
      cpus: needs.cpus,
      mem: needs.mem,
      ...(needs.gpus > 0 && { gpus: needs.gpus }),
      ...(pod.gpuModels.length > 0 && { gpuModels: pod.gpuModels }),
    });
    return { task: waiting, needs };
  };
  const scheduler: SimulatedScheduler = {
    framework: {
      name: `stream-${role}`,
      user: "root",
      roles: [`role-${role}`],
      capabilities: [{ type: "MULTI_ROLE" }, { type: "GPU_RESOURCES" }],
    },
    timings: { reconcileEveryMs: 0 },
    program: (context) => new Stream(context, next, policy),
  };
  return scheduler;
}

/** What one look at the full cluster found. */
interface Sample {
  readonly used: Readonly<Record<string, number>>;
  /** How far the shares by weight are apart, beside the greatest. */
  readonly spread: number;
}

function lookAt(view: SimulationView, totals: ReadonlyMap<string, number>): Sample | undefined {
  const shares = view.master?.shares().filter(({ role }) => role.startsWith("role-")) ?? [];
  if (shares.length === 0) return undefined;
  const used: Record<string, number> = {};
  for (const [kind, total] of totals) {
    const sum = shares.reduce((all, { allocated }) => all + allocated.get(kind), 0);
    used[kind] = sum / total;
  }
  const byWeight = shares.map(({ allocated, weight }) => {
    const dominant = Math.max(...[...totals].map(([kind, total]) => allocated.get(kind) / total));
    return dominant / weight;
  });
  return { used, spread: (Math.max(...byWeight) - Math.min(...byWeight)) / Math.max(...byWeight) };
}

/** Fill the cluster, keep it full, and look at it every minute. */
export function runUtilization(options: Utilization) {
  const { agents, minutes, fromMinute } = options;
  const hasTrace = existsSync(NODES) && existsSync(PODS);
  const isOpenb = agents === "openb" && hasTrace;
  const size = agents === "openb" ? 1_500 : agents;
  const trace = isOpenb ? readTrace(NODES, PODS) : generateTrace(size, new SeededRandom(1));
  const totals = new Map([
    ["cpus", trace.nodes.reduce((sum, node) => sum + node.cpusMillis, 0)],
    ["mem", trace.nodes.reduce((sum, node) => sum + node.memMillis, 0)],
    ["gpus", trace.nodes.reduce((sum, node) => sum + node.gpus * 1_000, 0)],
  ]);
  const samples: Sample[] = [];
  const startMs = performance.now();
  const result = simulate({
    seed: 1,
    agents: trace.nodes.map(agentOf),
    schedulers: Array.from({ length: ROLES }, (_, role) => streamOf(trace, role, options)),
    weights: Array.from({ length: ROLES }, (_, role) => {
      return { role: `role-${role}`, weight: weightOf(role) };
    }),
    isChecked: false,
    diskSyncMs: undefined,
    durationMs: minutes * MINUTE_MS,
    settleMs: 0,
    master: { allocationDelayMs: 500 },
    observer: {
      everyMs: MINUTE_MS,
      look: (view) => {
        if (view.elapsedMs < fromMinute * MINUTE_MS) return "go on";
        const sample = lookAt(view, totals);
        if (sample) samples.push(sample);
        return "go on";
      },
    },
  });
  const meanOf = (kind: string) =>
    samples.reduce((sum, { used }) => sum + (used[kind] ?? 0), 0) / samples.length;
  const kinds = [...totals.keys()].map((kind) => [kind, meanOf(kind)] as const);
  const [scarcest, mean] = kinds.reduce((most, each) => (each[1] > most[1] ? each : most));
  const spreads = samples.map(({ spread }) => spread).sort((one, other) => one - other);
  return {
    trace: isOpenb ? "openb" : "generated",
    machines: trace.nodes.length,
    scarcest,
    mean,
    least: Math.min(...samples.map(({ used }) => used[scarcest] ?? 0)),
    cpus: meanOf("cpus"),
    mem: meanOf("mem"),
    gpus: meanOf("gpus"),
    spreadP50: spreads[Math.floor(spreads.length / 2)] ?? 1,
    spreadMax: spreads.at(-1) ?? 1,
    launches: result.launches,
    seconds: (performance.now() - startMs) / 1_000,
    answer: samples.length,
  };
}
