/** A whole cluster over sockets: one master process, its agents and frameworks in others. */
import type { Maker, ProcessContender, Suite } from "./harness.ts";

/** One case in a process that starts the others. */
function cluster(name: "offers" | "launch" | "failover"): Record<string, Maker<ProcessContender>> {
  return {
    fairlead: (params) => ({
      flags: [],
      code: `
        const { ${name} } = await import("./.fairlead/bench/cluster_run.js");
        console.log(JSON.stringify(await ${name}(${JSON.stringify(params)})));
        process.exit(0);`,
    }),
  };
}

/** Every answer must be the good one. */
function expectAnswer(wanted: string) {
  return (answer: string | number): void => {
    if (answer !== wanted) throw new Error(`Cannot count this run: ${answer}`);
  };
}

const quick = [{ agents: 200, frameworks: 10, seconds: 2 }];

/** `npm run bench -- cluster` */
export const suite: Suite = {
  name: "cluster",
  cases: [
    {
      name: "offers",
      about: "from an agent's end of a task to the offer at a framework; p99Ms beside it",
      measure: "process",
      unit: "ms",
      samples: 1,
      sweep: [{ agents: 5_000, frameworks: 200, seconds: 30 }],
      quick,
      growth: "agents",
      check: expectAnswer("every free agent was offered"),
      contenders: cluster("offers"),
    },
    {
      name: "launch",
      about: "tasks a second, from ACCEPT to an acknowledged TASK_RUNNING",
      measure: "process",
      unit: "tasks/s",
      samples: 1,
      sweep: [{ agents: 5_000, frameworks: 20, seconds: 60 }],
      quick,
      growth: "agents",
      check: expectAnswer("none lost, none twice"),
      contenders: cluster("launch"),
    },
    {
      name: "failover",
      about: "master killed and started again under load: until the first new task runs",
      measure: "process",
      unit: "s",
      samples: 1,
      sweep: [{ agents: 5_000, frameworks: 20, seconds: 10 }],
      quick,
      growth: "agents",
      check: expectAnswer("no task lost, none twice"),
      contenders: cluster("failover"),
    },
  ],
};
