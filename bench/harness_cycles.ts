/**
 * The sampler for very short calls: benchmark.js calibrates how many calls make a measurable loop.
 *
 * Each contender gets several short runs of benchmark.js, the contenders in rotating order, and
 * their samples are pooled. These are wall times.
 */

import Benchmark from "benchmark";
import type { Contender, Effort, Samples } from "./harness.ts";

/** Where results go, so that the engine cannot leave the work out. */
export let sink: unknown;

/** Time every contender; the answers were compared before. */
export function measureCycles(
  contenders: ReadonlyMap<string, Contender>,
  effort: Effort,
): Map<string, Samples> {
  const names = [...contenders.keys()];
  const pools = new Map<string, number[]>(names.map((name) => [name, []]));
  const rounds = effort.quick ? 2 : 6;
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(turn + round) % names.length];
      const contender = contenders.get(name ?? "");
      if (name === undefined || contender === undefined) continue;
      pools.get(name)?.push(...shortRun(name, contender, effort));
    }
  }
  return new Map(
    names.map((name) => [
      name,
      {
        values: pools.get(name) ?? [],
        runsPerSample: 1,
        facts: contenders.get(name)?.facts?.() ?? {},
      },
    ]),
  );
}

/** Milliseconds a call, one a sample. */
function shortRun(name: string, contender: Contender, effort: Effort): number[] {
  if (contender.setup !== undefined) {
    throw new Error(`Cannot time "${name}" in cycles: its setup would run once, not before a call`);
  }
  const bench = new Benchmark(
    name,
    () => {
      sink = contender.run();
    },
    {
      async: false,
      minSamples: 5,
      minTime: effort.quick ? 0.002 : 0.01,
      maxTime: effort.quick ? 0.02 : 0.25,
    },
  );
  bench.run();
  if (bench.error !== undefined) throw bench.error;
  return bench.stats.sample.map((seconds) => seconds * 1_000);
}
