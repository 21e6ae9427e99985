/** Many tasks on many agents, run to their ends as fast as they are simulated. */
import type { Offer, TaskInfo } from "fairlead/model";
import {
  type SchedulerContext,
  type SchedulerProgram,
  type SimulatedScheduler,
  simulate,
} from "fairlead/sim";

/** How many of everything. */
export interface Throughput {
  readonly agents: number;
  readonly tasks: number;
  readonly frameworks: number;
}

const CPUS_PER_AGENT = 8;
const CPUS_PER_TASK = 0.8;
const RUN_S = 20;

/** Launches as many tasks as fit into each offer, until all of its own were launched. */
class Flood implements SchedulerProgram {
  readonly #context: SchedulerContext;
  readonly #name: string;
  readonly #tasks: number;
  readonly #onOver: () => void;
  #launched = 0;

  constructor(context: SchedulerContext, name: string, tasks: number, onOver: () => void) {
    this.#context = context;
    this.#name = name;
    this.#tasks = tasks;
    this.#onOver = onOver;
  }

  onEvent(event: Parameters<SchedulerProgram["onEvent"]>[0]): void {
    if (event.type === "OFFERS") for (const offer of event.offers) this.#use(offer);
    else if (event.type === "UPDATE" && event.status.state !== "TASK_RUNNING") this.#onOver();
  }

  #use(offer: Offer): void {
    const cpus = offer.resources?.find(({ name }) => name === "cpus")?.scalar?.value ?? 0;
    const fitting = Math.floor(cpus / CPUS_PER_TASK + 1e-6);
    const count = Math.min(fitting, this.#tasks - this.#launched);
    const offer_ids = [offer.id];
    if (count === 0) {
      this.#context.call({
        type: "DECLINE",
        decline: { offer_ids, filters: { refuse_seconds: 3_600 } },
      });
      if (this.#launched === this.#tasks) this.#context.call({ type: "SUPPRESS" });
      return;
    }
    const task_infos = Array.from({ length: count }, (_, index) =>
      this.#task(this.#launched + index, offer),
    );
    this.#launched += count;
    const operations = [{ type: "LAUNCH" as const, launch: { task_infos } }];
    this.#context.call({
      type: "ACCEPT",
      accept: { offer_ids, operations, filters: { refuse_seconds: 0 } },
    });
  }

  #task(number: number, { agent_id }: Offer): TaskInfo {
    const id = `${this.#name}-${number}`;
    return {
      name: id,
      task_id: { value: id },
      agent_id,
      resources: [{ name: "cpus", type: "SCALAR", scalar: { value: CPUS_PER_TASK } }],
      command: { value: `sleep ${RUN_S}` },
    };
  }
}

/** Run them all to their ends; throws when one is missing. */
export function runThroughput({ agents, tasks, frameworks }: Throughput) {
  let over = 0;
  const schedulers = Array.from({ length: frameworks }, (_, index): SimulatedScheduler => {
    const share =
      Math.floor((tasks * (index + 1)) / frameworks) - Math.floor((tasks * index) / frameworks);
    const name = `flood-${index}`;
    return {
      framework: {
        name,
        user: "root",
        roles: [`role-${index}`],
        capabilities: [{ type: "MULTI_ROLE" }],
      },
      timings: { reconcileEveryMs: 0 },
      program: (context) => new Flood(context, name, share, () => (over += 1)),
    };
  });
  const startMs = performance.now();
  const result = simulate({
    seed: 1,
    agents: Array.from({ length: agents }, (_, index) => ({
      hostname: `agent-${index}`,
      resources: [{ name: "cpus", type: "SCALAR" as const, scalar: { value: CPUS_PER_AGENT } }],
    })),
    schedulers,
    isChecked: false,
    diskSyncMs: undefined,
    delay: { minMs: 1, meanMs: 0 },
    durationMs: 24 * 3_600_000,
    settleMs: 0,
    master: { allocationDelayMs: 200 },
    observer: { everyMs: 1_000, look: () => (over === tasks ? "stop" : "go on") },
  });
  const seconds = (performance.now() - startMs) / 1_000;
  if (result.launches !== tasks || over !== tasks) {
    throw new Error(`Cannot time ${tasks} tasks: ${result.launches} began, ${over} ended`);
  }
  return {
    seconds,
    launchesPerSecond: tasks / seconds,
    eventsPerSecond: result.events / seconds,
    simulatedSeconds: result.simulatedMs / 1_000,
    memoryBytes: process.memoryUsage().rss,
    answer: tasks,
  };
}
