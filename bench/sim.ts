/** Whole clusters on virtual time: how fast they are simulated, how full and how fair they are. */
import type { Case, Params, ProcessContender, Suite } from "./harness.ts";
import { runSeeds } from "./sim_seeds.ts";
import { runThroughput } from "./sim_throughput.ts";
import { runUtilization } from "./sim_utilization.ts";

export { runSeeds, runThroughput, runUtilization };

/** A call of one of these functions as a process of its own; `value` is one of what it returns. */
function contender(call: string, value: string): ProcessContender {
  const code = `
    const { runSeeds, runThroughput, runUtilization } = await import("./.fairlead/bench/sim.js");
    const { ${value}: value, ...facts } = ${call};
    console.log(JSON.stringify({ value, ...facts }));`;
  return { code, flags: ["--max-old-space-size=8000"], timeoutMs: 3_600_000 };
}

const cases: readonly Case[] = [
  {
    name: "seeds",
    about: "hours of clusters with faults, a second of real time; every invariant is checked",
    measure: "process",
    unit: "hours/s",
    samples: 1,
    sweep: [{ seeds: 300, hours: 1 }],
    quick: [{ seeds: 5, hours: 1 }],
    check: (answer) => {
      if (answer !== "no promise broken") throw new Error(`Cannot count this run: ${answer}`);
    },
    contenders: {
      fairlead: (params) => contender(`runSeeds(${JSON.stringify(params)})`, "hoursPerSecond"),
    },
  },
  {
    name: "throughput",
    about: "tasks launched and run to their ends, a second of real time",
    measure: "process",
    unit: "launches/s",
    samples: 1,
    sweep: [
      { agents: 1_000, tasks: 20_000 },
      { agents: 50_000, tasks: 1_000_000 },
    ],
    quick: [{ agents: 200, tasks: 4_000 }],
    contenders: {
      fairlead: ({ agents, tasks }) =>
        contender(
          `runThroughput(${JSON.stringify({ agents, tasks, frameworks: 20 })})`,
          "launchesPerSecond",
        ),
    },
  },
  {
    name: "utilization",
    about: "the scarcest resource's allocated part, once ten backlogged roles fill the cluster",
    measure: "process",
    unit: "part",
    samples: 1,
    sweep: [{ agents: "openb", minutes: 50 }],
    quick: [{ agents: 100, minutes: 60 }],
    contenders: Object.fromEntries(
      (["fragmentation_aware", "first_fit"] as const).map((policy) => [
        policy,
        ({ agents, minutes }: Params) =>
          contender(
            `runUtilization(${JSON.stringify({
              agents,
              minutes,
              policy,
              fromMinute: Number(minutes) / 2,
              runMinutes: 20,
            })})`,
            "mean",
          ),
      ]),
    ),
  },
];

export const suite: Suite = { name: "sim", cases };
