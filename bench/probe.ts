/** What a probe costs on this machine, measured from outside: another process reads its /proc. */

import type { Case, Suite } from "./harness.ts";

const cases: readonly Case[] = [
  {
    name: "cost",
    about: "percent of one core, spied each second, published every third; memory beside",
    measure: "process",
    unit: "% of a core",
    samples: 1,
    sweep: [
      { processes: 500, connections: 5_000, ports: 50, seconds: 60 },
      { processes: 500, connections: 5_000, ports: 1_000, seconds: 60 },
    ],
    quick: [{ processes: 50, connections: 100, ports: 50, seconds: 4 }],
    growth: "ports",
    check: (answer) => {
      if (answer !== "all were reported") throw new Error(`Cannot count this run: ${answer}`);
    },
    contenders: {
      fairlead: (params) => ({
        flags: [],
        timeoutMs: 600_000,
        code: `
          const { cost } = await import("./.fairlead/bench/probe_run.js");
          console.log(JSON.stringify(await cost(${JSON.stringify(params)})));
          process.exit(0);`,
      }),
    },
  },
];

/** `npm run bench -- probe` */
export const suite: Suite = { name: "probe", cases };
