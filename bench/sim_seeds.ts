/** Seeds of whole clusters with faults, as the tests run them: how many hours pass in a second. */
import { simulate } from "fairlead/sim";
import { clusterOf } from "../test/sim/run/cluster.ts";

/** Run the seeds 1 to `seeds`, `hours` each. */
export function runSeeds({ seeds, hours }: { readonly seeds: number; readonly hours: number }) {
  const fromMs = performance.now();
  const broken: number[] = [];
  let launches = 0;
  for (let seed = 1; seed <= seeds; seed += 1) {
    const result = simulate(clusterOf(seed, hours));
    launches += result.launches;
    if (result.violations.length > 0) broken.push(seed);
  }
  const seconds = (performance.now() - fromMs) / 1_000;
  return {
    hoursPerSecond: (seeds * hours) / seconds,
    answer: broken.length === 0 ? "no promise broken" : `broken by seeds ${broken.join(" ")}`,
    launches,
  };
}
