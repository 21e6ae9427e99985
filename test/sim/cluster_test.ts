import { connect, match, type PendingTask, type Scheduler, task } from "fairlead/scheduler";
import { type ClusterOptions, createCluster, type SimulatedCluster } from "fairlead/sim";
import { describe, expect, test } from "vitest";

interface Outcome {
  readonly finished: Set<string>;
  readonly heard: string[];
}

function connectTo(cluster: SimulatedCluster): Scheduler {
  return connect({
    master: cluster.masters,
    fetch: cluster.fetch,
    clock: cluster.clock,
    random: cluster.random("scheduler"),
    framework: { name: "batch", roles: ["batch"], failover_timeout: 86_400 },
  });
}

/** A program as a user writes it: a list of jobs, those that fail again. */
async function runJobs(scheduler: Scheduler, jobs: number, outcome: Outcome): Promise<void> {
  const pending = (name: string, attempt: number): PendingTask =>
    task({ name, id: `${name}.${attempt}`, command: "sleep 30", cpus: 1, mem: 256 });
  let waiting = Array.from({ length: jobs }, (_, index) => pending(`job-${index}`, 1));
  for await (const event of scheduler.events()) {
    if (event.type === "UPDATE") {
      const { task_id, state } = event.status;
      outcome.heard.push(`${task_id.value} ${state}`);
      const [name = "", attempt] = task_id.value.split(".");
      if (state === "TASK_FINISHED") outcome.finished.add(name);
      else if (/LOST|FAILED|DROPPED|GONE/.test(state)) {
        waiting.push(pending(name, Number(attempt) + 1));
      }
    }
    if (event.type !== "OFFERS") continue;
    const matched = match(event.offers, waiting);
    waiting = matched.waiting.map((each) => each.task);
    void scheduler.apply(matched, { refuseSeconds: 5 });
  }
}

async function runCluster(options: ClusterOptions) {
  const cluster = createCluster(options);
  const scheduler = connectTo(cluster);
  const outcome: Outcome = { finished: new Set(), heard: [] };
  const running = runJobs(scheduler, 60, outcome);
  await cluster.run(1_800_000);
  const result = await cluster.settle();
  const closing = scheduler.close();
  await cluster.run(10_000);
  await Promise.all([closing, running]);
  return { cluster, outcome, result };
}

describe("createCluster()", () => {
  test("runs a program of the SDK as it is", async () => {
    const { cluster, outcome, result } = await runCluster({ seed: 1, agents: 2 });
    expect(result.violations).toEqual([]);
    expect(outcome.finished.size).toBe(60);
    expect(cluster.tasks).toHaveLength(60);
    expect(cluster.tasks.every(({ isRunning, runs }) => !isRunning && runs === 1)).toBe(true);
  });

  test("gives the program the same run for the same seed, faults and all", async () => {
    const options: ClusterOptions = {
      seed: 7,
      masters: 3,
      agents: 3,
      faults: { crash: 20, cut: 20, partition: 10, power_off: 10 },
      durationMs: 1_800_000,
    };
    const first = await runCluster(options);
    const second = await runCluster(options);
    expect(first.result.violations).toEqual([]);
    expect(first.outcome.finished.size).toBe(60);
    expect(second.outcome.heard).toEqual(first.outcome.heard);
  });

  test("answers 404 for what no scheduler asks", async () => {
    const cluster = createCluster({ seed: 1 });
    expect((await cluster.fetch("http://master-0/state")).status).toBe(404);
  });
});
