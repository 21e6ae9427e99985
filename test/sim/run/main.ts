/** `npm run -s sim -- --seeds 5000`: thousands of seeds on all cores; `-- --seed 17`: one, traced. */
import { availableParallelism } from "node:os";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { Command, InvalidArgumentError } from "commander";
import { type SimulationResult, shrinkFaults, simulate } from "fairlead/sim";
import { clusterOf } from "./cluster.ts";

interface Flags {
  readonly seed?: number;
  readonly seeds: number;
  readonly seedFrom: number;
  readonly hours: number;
  readonly workers: number;
  readonly shrink?: boolean;
  readonly trace?: boolean;
  readonly json?: boolean;
}

/** What a worker runs: every `step`th seed. */
interface Share {
  readonly from: number;
  readonly to: number;
  readonly step: number;
  readonly hours: number;
}

function numberOf(text: string): number {
  const number = Number(text);
  if (text === "" || !Number.isFinite(number) || number < 0) {
    throw new InvalidArgumentError("it must be a number.");
  }
  return number;
}

function readFlags(): Flags {
  const command = new Command("sim")
    .description("Simulate clusters: many seeds, or one again.")
    .option("--seed <n>", "run this seed, and show all that happens", numberOf)
    .option("--seeds <n>", "how many seeds", numberOf, 1_000)
    .option("--seed-from <n>", "the first seed", numberOf, 1)
    .option("--hours <n>", "simulated hours a seed", numberOf, 1)
    .option("--workers <n>", "threads", numberOf, availableParallelism())
    .option("--shrink", "with --seed: find the fewest faults with which it fails")
    .option("--no-trace", "with --seed: show the result only")
    .option("--json", "one line of JSON a seed");
  return command.parse().opts<Flags>();
}

function replay(seed: number, { hours, shrink, trace, json }: Flags): void {
  const options = clusterOf(seed, hours);
  if (shrink) {
    console.log(JSON.stringify(shrinkFaults(options) ?? "it does not fail", undefined, 2));
    return;
  }
  const isShown = trace !== false && json !== true;
  const result = simulate({
    ...options,
    ...(isShown && {
      onTrace: ({ atMs, node, message }) =>
        console.log(`${(atMs / 1_000).toFixed(3).padStart(10)}  ${node.padEnd(12)} ${message}`),
    }),
  });
  tell(result, json ?? false);
}

function tell({ seed, violations, ...rest }: SimulationResult, json: boolean): void {
  if (violations.length > 0) process.exitCode = 1;
  if (json) {
    console.log(JSON.stringify({ seed, violations, ...rest, faults: rest.faults.length }));
    return;
  }
  for (const { invariant, message, atMs } of violations.slice(0, 10)) {
    console.log(`seed ${seed} at ${atMs / 1_000} s: ${invariant}: ${message}`);
  }
  if (violations.length > 0) console.log(`again: npm run -s sim -- --seed ${seed}`);
}

async function runMany(flags: Flags): Promise<void> {
  const { seeds, seedFrom, hours, workers, json = false } = flags;
  const startMs = performance.now();
  const sum = { seeds: 0, failed: 0, launches: 0, events: 0, simulatedMs: 0 };
  const onResult = (result: SimulationResult) => {
    sum.seeds += 1;
    sum.failed += result.violations.length > 0 ? 1 : 0;
    sum.launches += result.launches;
    sum.events += result.events;
    sum.simulatedMs += result.simulatedMs;
    if (json || result.violations.length > 0) tell(result, json);
  };
  const shares = Array.from({ length: Math.max(1, workers) }, (_, index): Share => {
    return { from: seedFrom + index, to: seedFrom + seeds, step: Math.max(1, workers), hours };
  });
  await Promise.all(shares.map((share) => runShare(share, onResult)));
  const seconds = (performance.now() - startMs) / 1_000;
  const simulatedHours = sum.simulatedMs / 3_600_000;
  console.error(
    `${sum.seeds} seeds, ${sum.failed} failed: ${simulatedHours.toFixed(0)} simulated hours, ` +
      `${sum.launches} launches, ${sum.events} events in ${seconds.toFixed(1)} s`,
  );
}

function runShare(share: Share, onResult: (result: SimulationResult) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: share });
    worker.on("message", onResult);
    worker.on("error", reject);
    worker.on("exit", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`A worker ended with ${code}`));
    });
  });
}

function work({ from, to, step, hours }: Share): void {
  for (let seed = from; seed < to; seed += step) {
    parentPort?.postMessage(simulate(clusterOf(seed, hours)));
  }
}

if (isMainThread) {
  const flags = readFlags();
  if (flags.seed === undefined) await runMany(flags);
  else replay(flags.seed, flags);
} else {
  work(workerData);
}
