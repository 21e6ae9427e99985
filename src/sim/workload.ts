/** A scheduler to test clusters with: tasks come, are packed into offers, end, fail and are killed. */
import type { Offer, TaskInfo } from "../model/mod.ts";
import type { FrameworkEvent } from "../scheduler/mod.ts";
import type { SchedulerContext, SchedulerProgram, SimulatedScheduler } from "./scheduler_node.ts";

/** How a {@linkcode workload} works. */
export interface WorkloadOptions {
  readonly name: string;
  /** @default ["*"] */
  readonly roles?: readonly string[];
  /** A task comes that often, on average. @default 15000 */
  readonly arrivalMs?: number;
  /** At most so many tasks come. @default 10000 */
  readonly tasksMax?: number;
  /** How long a task runs, on average. @default 120000 */
  readonly runMs?: number;
  /** Of a hundred tasks so many are killed while they run. @default 10 */
  readonly killsPercent?: number;
  /** @default true */
  readonly isPartitionAware?: boolean;
  /** In seconds. @default a week */
  readonly failoverTimeoutS?: number;
}

interface Wanted {
  readonly id: string;
  readonly cpusMillis: number;
  readonly memMillis: number;
  readonly command: string;
  readonly isChecked: boolean;
}

const TASKS = "tasks";

/** A framework of a simulation whose tasks are drawn by its seed. */
export function workload(options: WorkloadOptions): SimulatedScheduler {
  const { name, roles = ["*"], isPartitionAware = true, failoverTimeoutS = 604_800 } = options;
  return {
    framework: {
      name,
      user: "root",
      roles: [...roles],
      failover_timeout: failoverTimeoutS,
      checkpoint: true,
      capabilities: [
        { type: "MULTI_ROLE" },
        { type: "RESERVATION_REFINEMENT" },
        ...(isPartitionAware ? [{ type: "PARTITION_AWARE" }] : []),
      ],
    },
    program: (context) => new Workload(context, options),
  };
}

class Workload implements SchedulerProgram {
  readonly #context: SchedulerContext;
  readonly #options: WorkloadOptions;
  #waiting: Wanted[] = [];
  #isStopped = false;
  #isSuppressed = false;

  constructor(context: SchedulerContext, options: WorkloadOptions) {
    this.#context = context;
    this.#options = options;
    this.#arriveLater();
  }

  stop(): void {
    this.#isStopped = true;
    this.#waiting = [];
  }

  onEvent(event: FrameworkEvent): void {
    if (event.type === "OFFERS") for (const offer of event.offers) this.#use(offer);
    else if (event.type === "SUBSCRIBED") this.#isSuppressed = false;
    else if (event.type === "UPDATE" && event.status.state === "TASK_RUNNING") {
      this.#maybeKill(event.status.task_id.value);
    }
  }

  #arriveLater(): void {
    const { arrivalMs = 15_000, tasksMax = 10_000 } = this.#options;
    const { random, disk } = this.#context;
    const ms = Math.ceil(-Math.log(1 - random.next()) * arrivalMs);
    this.#context.after(ms, () => {
      const count = Number(disk.get(TASKS) ?? 0);
      if (this.#isStopped || count >= tasksMax) return;
      // The number is kept before it is used: no two tasks have the same id.
      disk.set(TASKS, count + 1);
      this.#waiting.push(this.#draw(count + 1));
      if (this.#isSuppressed) {
        this.#isSuppressed = false;
        this.#context.call({ type: "REVIVE" });
      }
      this.#arriveLater();
    });
  }

  #draw(number: number): Wanted {
    const { random } = this.#context;
    const { runMs = 120_000, name } = this.#options;
    const seconds = (-Math.log(1 - random.next()) * runMs) / 1_000;
    const trap = random.int(10) === 0 ? "trap '' TERM; " : "";
    const exit = random.int(10) === 0 ? "; exit 1" : "";
    return {
      id: `${name}-${number}`,
      cpusMillis: 100 * (1 + random.int(20)),
      memMillis: 64_000 * (1 + random.int(16)),
      command: `${trap}sleep ${seconds.toFixed(3)}${exit}`,
      isChecked: random.int(8) === 0,
    };
  }

  #use(offer: Offer): void {
    let cpus = amountOf(offer, "cpus");
    let mem = amountOf(offer, "mem");
    const tasks: TaskInfo[] = [];
    this.#waiting = this.#waiting.filter((wanted) => {
      if (wanted.cpusMillis > cpus || wanted.memMillis > mem) return true;
      cpus -= wanted.cpusMillis;
      mem -= wanted.memMillis;
      tasks.push(taskOf(wanted, offer));
      return false;
    });
    const offer_ids = [offer.id];
    const filters = { refuse_seconds: 20 };
    if (tasks.length === 0) {
      this.#context.call({ type: "DECLINE", decline: { offer_ids, filters } });
      if (this.#waiting.length === 0 && !this.#isSuppressed) {
        this.#isSuppressed = true;
        this.#context.call({ type: "SUPPRESS" });
      }
      return;
    }
    const operations = [{ type: "LAUNCH" as const, launch: { task_infos: tasks } }];
    this.#context.call({ type: "ACCEPT", accept: { offer_ids, operations, filters } });
  }

  #maybeKill(taskId: string): void {
    const { random } = this.#context;
    const { killsPercent = 10 } = this.#options;
    if (random.int(100) >= killsPercent) return;
    this.#context.after(1 + random.int(30_000), () => {
      const agentId = this.#context.core.tasks.get(taskId)?.agentId;
      const agent_id = agentId === undefined ? {} : { agent_id: { value: agentId } };
      this.#context.call({ type: "KILL", kill: { task_id: { value: taskId }, ...agent_id } });
    });
  }
}

function taskOf(wanted: Wanted, offer: Offer): TaskInfo {
  const scalar = (name: string, millis: number) => {
    return { name, type: "SCALAR" as const, scalar: { value: millis / 1_000 } };
  };
  return {
    name: wanted.id,
    task_id: { value: wanted.id },
    agent_id: offer.agent_id,
    resources: [scalar("cpus", wanted.cpusMillis), scalar("mem", wanted.memMillis)],
    command: { value: wanted.command },
    ...(wanted.isChecked && {
      health_check: {
        type: "COMMAND",
        command: { value: "true" },
        interval_seconds: 30,
        grace_period_seconds: 10,
        consecutive_failures: 3,
      },
    }),
  };
}

function amountOf(offer: Offer, name: string): number {
  let millis = 0;
  for (const resource of offer.resources ?? []) {
    if (resource.name === name) millis += Math.round((resource.scalar?.value ?? 0) * 1_000);
  }
  return millis;
}
