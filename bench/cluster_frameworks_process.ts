/**
 * Many frameworks in one process, on the SDK over HTTP.
 *
 * `node cluster_frameworks_process.js '{"url":…,"count":…,"mode":"fill"|"launch"}'`:
 * `fill` starts one task that takes all of each offer, `launch` `perOffer` small ones.
 */
import { createInterface } from "node:readline";
import type { Offer, TaskInfo } from "fairlead/model";
import { connect, type Scheduler } from "fairlead/scheduler";
import { keepAliveFetch } from "fairlead/scheduler/node";

interface Settings {
  readonly url: string;
  readonly count: number;
  readonly mode: "fill" | "launch";
  readonly perOffer: number;
}

const settings: Settings = JSON.parse(process.argv[2] ?? "{}");
const fetch = keepAliveFetch({ connectionsMax: settings.count * 2 + 16 });
const counts = { subscribed: 0, asked: 0, running: 0, twice: 0, ended: 0, disconnected: 0 };
/** When an offer of each agent came, ms since 1970, in order. */
const offered: [agentId: string, atMs: number][] = [];
const known = new Set<string>();
/** When RUNNING was heard first of a task that was asked for after `mark`. */
let marked: { readonly from: number; runningMs: number | undefined } | undefined;
let isOpen = true;
let serial = 0;

function nowMs(): number {
  return performance.timeOrigin + performance.now();
}

async function run(scheduler: Scheduler): Promise<void> {
  for await (const event of scheduler.events()) {
    switch (event.type) {
      case "SUBSCRIBED":
        counts.subscribed += 1;
        if (counts.subscribed === settings.count) answer({ type: "subscribed" });
        break;
      case "DISCONNECTED":
        counts.disconnected += 1;
        break;
      case "OFFERS": {
        const atMs = nowMs();
        for (const offer of event.offers) {
          offered.push([offer.agent_id.value, atMs]);
          take(scheduler, offer);
        }
        break;
      }
      case "UPDATE": {
        const { state, task_id } = event.status;
        if (state === "TASK_RUNNING") {
          if (known.has(task_id.value)) counts.twice += 1;
          else counts.running += 1;
          known.add(task_id.value);
          if (marked && marked.runningMs === undefined && serialOf(task_id.value) > marked.from) {
            marked.runningMs = nowMs();
          }
        } else if (state !== "TASK_STAGING" && state !== "TASK_STARTING") counts.ended += 1;
      }
    }
  }
}

function serialOf(taskId: string): number {
  return Number(taskId.slice(taskId.lastIndexOf("-") + 1));
}

function take(scheduler: Scheduler, offer: Offer): void {
  if (!isOpen) {
    void scheduler.decline(offer, { refuseSeconds: 3_600 });
    return;
  }
  const tasks = settings.mode === "fill" ? [taskOf(offer, amountsOf(offer))] : small(offer);
  if (tasks.length === 0) {
    void scheduler.decline(offer, { refuseSeconds: 3_600 });
    return;
  }
  counts.asked += tasks.length;
  void scheduler.launch(offer, tasks, { refuseSeconds: 0 });
}

const CPUS = 0.1;
const MEM = 32;

function small(offer: Offer): TaskInfo[] {
  const { cpus, mem } = amountsOf(offer);
  const fit = Math.floor(Math.min(cpus / CPUS, mem / MEM) + 1e-6);
  const count = Math.min(fit, settings.perOffer);
  return Array.from({ length: count }, () => taskOf(offer, { cpus: CPUS, mem: MEM }));
}

function amountsOf({ resources = [] }: Offer): { cpus: number; mem: number } {
  const amounts = { cpus: 0, mem: 0 };
  for (const { name, scalar } of resources) {
    if (name === "cpus" || name === "mem") amounts[name] += scalar?.value ?? 0;
  }
  return amounts;
}

function taskOf({ agent_id }: Offer, { cpus, mem }: { cpus: number; mem: number }): TaskInfo {
  serial += 1;
  return {
    name: "load",
    task_id: { value: `load-${serial}` },
    agent_id,
    resources: [
      { name: "cpus", type: "SCALAR", scalar: { value: cpus } },
      { name: "mem", type: "SCALAR", scalar: { value: mem } },
    ],
    command: { value: "sleep 1000" },
  };
}

function answer(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

const schedulers = Array.from({ length: settings.count }, (_, index) =>
  connect({
    master: settings.url,
    fetch,
    framework: { name: `load-${index}`, roles: ["load"] },
  }),
);
for (const scheduler of schedulers) {
  run(scheduler).catch((error) => answer({ type: "failed", message: String(error) }));
}

createInterface({ input: process.stdin }).on("line", (line) => {
  const command: { type: string } = JSON.parse(line);
  if (command.type === "counts") {
    answer({ type: "counts", ...counts, ...(marked && { runningMs: marked.runningMs ?? 0 }) });
  }
  if (command.type === "offered") answer({ type: "offered", offered });
  if (command.type === "forget") offered.length = 0;
  if (command.type === "mark") marked = { from: serial, runningMs: undefined };
  if (command.type === "close") isOpen = false;
});
process.stdin.on("end", () => process.exit(0));
