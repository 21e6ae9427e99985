/** A cluster and its troubles, drawn by a seed: what the seeds of CI and `npm run sim` run. */
import { type Random, SeededRandom } from "fairlead/base";
import {
  type ProcessPlan,
  type SimulationOptions,
  USUAL_FAULTS,
  usualProcess,
  workload,
} from "fairlead/sim";

/** @param hours Simulated hours in which tasks come and things go wrong. */
export function clusterOf(seed: number, hours = 1): SimulationOptions {
  const random = new SeededRandom(seed);
  const pick = <T>(...choices: readonly [T, ...T[]]): T =>
    choices[random.int(choices.length)] ?? choices[0];
  const isSkewed = random.int(2) === 0;
  const severity = pick(0, 0.5, 1, 1, 2, 4);
  const hasQuota = random.int(4) === 0;
  const schedulers = Array.from({ length: 1 + random.int(3) }, (_, index) =>
    workload({
      name: `framework-${index}`,
      roles: [`role-${index % 2}`],
      arrivalMs: pick(10_000, 30_000, 60_000),
      runMs: pick(10_000, 120_000, 900_000),
      isPartitionAware: random.int(3) > 0,
      failoverTimeoutS: pick(60, 604_800, 604_800, 604_800),
    }),
  );
  return {
    seed,
    masters: pick(1, 3, 3),
    agents: 2 + random.int(4),
    schedulers,
    faults: Object.fromEntries(
      Object.entries(USUAL_FAULTS).map(([type, rate]) => [type, rate * severity]),
    ),
    durationMs: hours * 3_600_000,
    delay: { minMs: 1, meanMs: pick(1, 5, 50) },
    process: (launch, chance) => troubled(usualProcess(launch), chance),
    ...(isSkewed && {
      skew: (_, chance) => ({
        offsetMs: chance.int(120_000) - 60_000,
        driftPpm: chance.int(400) - 200,
      }),
    }),
    ...(hasQuota && {
      quotas: [{ role: "role-0", limits: { cpus: { value: 4 }, mem: { value: 8_192 } } }],
    }),
  };
}

/** Some do not start, some are killed for their memory, some are unwell for a while. */
function troubled(plan: ProcessPlan, random: Random): ProcessPlan {
  if (isUnlucky(random, 50)) return { ...plan, failure: "no such image" };
  if (isUnlucky(random, 40)) {
    const reason = "REASON_CONTAINER_LIMITATION_MEMORY" as const;
    const termination = { waitStatus: 9, reason, message: "Memory limit exceeded" };
    return { ...plan, runMs: 1 + random.int(60_000), termination };
  }
  if (!isUnlucky(random, 3)) return plan;
  const wellMs = random.int(120_000);
  const unwellMs = random.int(240_000);
  return {
    ...plan,
    startMs: random.int(5_000),
    check: (runningMs: number) => {
      const isUnwell = runningMs > wellMs && runningMs < wellMs + unwellMs;
      return { type: "COMMAND" as const, exitCode: isUnwell ? 1 : 0 };
    },
  };
}

/** Once in so many times. */
function isUnlucky(random: Random, times: number): boolean {
  return random.int(times) === 0;
}
