/**
 * The sampler for whole calls: contenders take turns in rotating order within one process, so that
 * a slow minute of the machine meets them all.
 *
 * A sample is min(wall time, CPU time of the process): time in which the machine ran somebody else
 * does not count. Below `CPU_FLOOR_MS`, and for runs that return a promise, it is wall time.
 */

import type { Contender, Effort, Samples } from "./harness.ts";

/** `process.cpuUsage()` counts whole microseconds; shorter samples would be mostly rounding. */
const CPU_FLOOR_MS = 0.2;
/** Runs without a `setup` are repeated until a sample lasts this long. */
const SAMPLE_MS = 0.5;
const RUNS_PER_SAMPLE_MAX = 20_000;

interface Limits {
  readonly warmupMs: number;
  readonly budgetMs: number;
  readonly samplesMin: number;
  readonly samplesMax: number;
}

interface Lane {
  readonly name: string;
  readonly contender: Contender;
  readonly values: number[];
  runsPerSample: number;
  spentMs: number;
}

/** Time every contender; the answers were compared before. */
export async function measureRuns(
  contenders: ReadonlyMap<string, Contender>,
  effort: Effort,
  budgetMs = 1_500,
): Promise<Map<string, Samples>> {
  const limits: Limits = effort.quick
    ? { warmupMs: 20, budgetMs: Math.min(budgetMs, 60), samplesMin: 3, samplesMax: 20 }
    : { warmupMs: 300, budgetMs, samplesMin: 7, samplesMax: 400 };
  const lanes: Lane[] = [];
  for (const [name, contender] of contenders) lanes.push(await warm(name, contender, limits));
  for (let round = 0; lanes.some((lane) => !isDone(lane, limits)); round++) {
    for (let turn = 0; turn < lanes.length; turn++) {
      const lane = lanes[(turn + round) % lanes.length];
      if (lane !== undefined && !isDone(lane, limits)) await takeSample(lane);
    }
  }
  return new Map(
    lanes.map(({ name, contender, values, runsPerSample }) => [
      name,
      { values, runsPerSample, facts: contender.facts?.() ?? {} },
    ]),
  );
}

function isDone(lane: Lane, limits: Limits): boolean {
  if (lane.values.length >= limits.samplesMax) return true;
  return lane.spentMs >= limits.budgetMs && lane.values.length >= limits.samplesMin;
}

/** Let the engine compile the code, and learn how many runs make a sample. */
async function warm(name: string, contender: Contender, limits: Limits): Promise<Lane> {
  const lane: Lane = { name, contender, values: [], runsPerSample: 1, spentMs: 0 };
  do await takeSample(lane);
  while (lane.spentMs < limits.warmupMs && lane.values.length < 1_000);
  const runMs = Math.min(...lane.values);
  lane.values.length = 0;
  lane.spentMs = 0;
  if (contender.setup === undefined && runMs < SAMPLE_MS) {
    const runs = Math.ceil(SAMPLE_MS / Math.max(runMs, SAMPLE_MS / RUNS_PER_SAMPLE_MAX));
    lane.runsPerSample = runs;
  }
  return lane;
}

async function takeSample(lane: Lane): Promise<void> {
  const { contender, runsPerSample } = lane;
  const begunMs = performance.now();
  const ready = contender.setup?.();
  if (ready !== undefined) await ready;
  let waited = false;
  const cpuBefore = process.cpuUsage();
  const startMs = performance.now();
  for (let run = 0; run < runsPerSample; run++) {
    const pending = contender.run();
    if (pending instanceof Promise) {
      waited = true;
      await pending;
    }
  }
  const endMs = performance.now();
  const cpu = process.cpuUsage(cpuBefore);
  const wallMs = endMs - startMs;
  const cpuMs = (cpu.user + cpu.system) / 1_000;
  const ownMs = waited || wallMs < CPU_FLOOR_MS ? wallMs : Math.min(wallMs, cpuMs);
  lane.values.push(ownMs / runsPerSample);
  lane.spentMs += endMs - begunMs;
}
