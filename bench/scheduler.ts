/** The scheduler SDK without a network: matching offers, and the life of tasks in its core. */

import { SeededRandom } from "fairlead/base";
import type { Offer, ResourceJson, SchedulerEvent, TaskInfo } from "fairlead/model";
import { Resources } from "fairlead/resources";
import {
  match,
  type PendingTask,
  readFramework,
  SchedulerCore,
  type SchedulerEffect,
  task,
} from "fairlead/scheduler";
import type { Case, Contender, Params, Suite } from "./harness.ts";

const id = (value: string) => ({ value });

function offerOf(index: number): Offer {
  const allocation_info = { role: "web" };
  const scalar = (name: string, value: number): ResourceJson => ({
    name,
    type: "SCALAR",
    scalar: { value },
    allocation_info,
  });
  return {
    id: id(`7b3f2a86-5c1d-4c0e-9d55-0a1f6f1f3e11-O${index}`),
    framework_id: id("7b3f2a86-5c1d-4c0e-9d55-0a1f6f1f3e11-0007"),
    agent_id: id(`7b3f2a86-5c1d-4c0e-9d55-0a1f6f1f3e11-S${index}`),
    hostname: `host${index}.example`,
    allocation_info,
    attributes: [{ name: "rack", type: "TEXT", text: { value: `r${index % 40}` } }],
    resources: [
      scalar("cpus", 24),
      scalar("mem", 4_096),
      scalar("disk", 4_096),
      {
        name: "ports",
        type: "RANGES",
        ranges: { range: [{ begin: 31_000, end: 32_000 }] },
        allocation_info,
      },
    ],
  };
}

function pendingOf(count: number, what: string): PendingTask[] {
  const more = {
    plain: {},
    ports: { ports: 1 },
    constraints: { group: "web", constraints: ["rack:LIKE:r[1-3].*", "hostname:MAX_PER:8"] },
  }[what];
  return Array.from({ length: count }, (_, index) =>
    task({ name: "web", id: `web.${index}`, command: "true", cpus: 0.5, mem: 64, ...more }),
  );
}

/** What a framework does without a toolkit: task by task, the first offer that holds it. */
function naive(offers: readonly Offer[], pending: readonly PendingTask[]): number {
  const left = offers.map(({ resources }) => Resources.fromJson(resources).unallocate());
  const launched: TaskInfo[] = [];
  for (const { pieces } of pending) {
    for (const { template, part } of pieces) {
      const { cpus = 0, mem = 0 } = part.millis;
      const wanted = Resources.parse(`cpus:${cpus / 1_000};mem:${mem / 1_000}`);
      const at = left.findIndex((resources) => resources.contains(wanted));
      const offer = offers[at];
      if (offer === undefined) continue;
      left[at] = left[at]?.subtract(wanted) ?? Resources.EMPTY;
      const resources = wanted.allocate("web").toJson() as ResourceJson[];
      launched.push({ ...template, agent_id: offer.agent_id, resources });
    }
  }
  return launched.length;
}

/** The tasks fit, so that the answer is their number. */
function matcher(params: Params, isNaive: boolean): Contender | undefined {
  if (isNaive && (params.what !== "plain" || Number(params.tasks) > 5_000)) return undefined;
  const offers = Array.from({ length: Number(params.offers) }, (_, index) => offerOf(index));
  const pending = pendingOf(Number(params.tasks), String(params.what));
  let launched = 0;
  return {
    run: () => {
      if (isNaive) launched = naive(offers, pending);
      else {
        launched = 0;
        for (const { tasks } of match(offers, pending).launches) launched += tasks.length;
      }
    },
    answer: () => launched,
  };
}

/** Launches, hears TASK_RUNNING and TASK_FINISHED of each task, acknowledges both. */
class Driver {
  readonly #core: SchedulerCore;
  #nowMs = 1_000_000;
  acknowledged = 0;

  constructor(isBatching: boolean) {
    this.#core = new SchedulerCore({
      masters: ["http://m:5050/api/v1/scheduler"],
      framework: readFramework({ name: "bench" }, undefined),
      clock: { nowMs: () => this.#nowMs },
      random: new SeededRandom(1),
      callsMax: 1_000_000,
    });
    this.#do(this.#core.step({ type: "start" }));
    this.#do(this.#core.step({ type: "stream_answer", stream: 1, status: 200 }));
    const capabilities = isBatching ? [{ type: "CALL_BATCH" }] : [];
    const master_info = { id: "m", ip: 0, port: 5050, capabilities };
    const subscribed = { framework_id: id("f"), master_info };
    this.#hear({ type: "SUBSCRIBED", subscribed });
  }

  live(tasks: readonly TaskInfo[]): void {
    const launch = { task_infos: [...tasks] };
    this.#do(
      this.#core.step({
        type: "call",
        token: 1,
        call: { type: "ACCEPT", accept: { operations: [{ type: "LAUNCH", launch }] } },
      }),
    );
    this.#do(this.#core.step({ type: "flush" }));
    for (const state of ["TASK_RUNNING", "TASK_FINISHED"] as const) {
      for (const { task_id, agent_id } of tasks) {
        const uuid = `${task_id.value}.${state}`;
        this.#hear({ type: "UPDATE", update: { status: { task_id, agent_id, state, uuid } } });
      }
      this.#do(this.#core.step({ type: "flush" }));
    }
  }

  #hear(event: SchedulerEvent): void {
    this.#do(this.#core.step({ type: "stream_event", stream: 1, event }));
  }

  #do(first: readonly SchedulerEffect[]): void {
    const todo = [...first];
    for (let effect = todo.pop(); effect !== undefined; effect = todo.pop()) {
      if (effect.type === "emit") {
        todo.push(...this.#core.step({ type: "consumed", event: effect.event }));
      } else if (effect.type === "post") {
        for (const { type } of effect.calls) if (type === "ACKNOWLEDGE") this.acknowledged += 1;
        todo.push(...this.#core.step({ type: "post_answer", post: effect.post, status: 202 }));
      }
    }
  }
}

function liver({ tasks }: Params, isBatching: boolean): Contender {
  const driver = new Driver(isBatching);
  let round = 0;
  return {
    run: () => {
      round += 1;
      driver.acknowledged = 0;
      driver.live(
        Array.from({ length: Number(tasks) }, (_, index) => ({
          name: "t",
          task_id: id(`t${round}.${index}`),
          agent_id: id("a1"),
        })),
      );
    },
    answer: () => driver.acknowledged,
  };
}

const cases: readonly Case[] = [
  {
    name: "match",
    about: "offers and waiting tasks to launches; naive: first offer that holds the task",
    growth: "tasks",
    sweep: [
      { offers: 100, tasks: 1_000, what: "plain" },
      { offers: 100, tasks: 1_000, what: "ports" },
      { offers: 100, tasks: 500, what: "constraints" },
      { offers: 1_000, tasks: 5_000, what: "plain" },
      { offers: 5_000, tasks: 50_000, what: "plain" },
    ],
    items: ({ tasks }) => Number(tasks),
    check: (answer, { tasks }) => {
      if (answer !== tasks) throw new Error(`${answer} of ${tasks} tasks were launched`);
    },
    contenders: {
      match: (params) => matcher(params, false),
      naive: (params) => matcher(params, true),
    },
  },
  {
    name: "tasks",
    about: "launched, running, finished, both acknowledged: the core alone, by calls a request",
    sweep: [{ tasks: 1_000 }, { tasks: 20_000 }],
    items: ({ tasks }) => Number(tasks),
    check: (answer, { tasks }) => {
      if (answer !== 2 * Number(tasks)) throw new Error(`${answer} acknowledgements`);
    },
    contenders: {
      batch: (params) => liver(params, true),
      single: (params) => liver(params, false),
    },
  },
];

/** `npm run bench -- scheduler` */
export const suite: Suite = { name: "scheduler", cases };
