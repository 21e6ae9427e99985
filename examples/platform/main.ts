/**
 * `npm start`: a cluster on this machine that really runs processes, and its console.
 *
 * `npm start -- --agents 5000 --simulate --hosts 1000 --containers 10000` shows a datacenter whose
 * machines are simulated.
 */
import { resolve } from "node:path";
import { command, flag, text, toggle, whole } from "../shared/flags.ts";
import { type LogFlags, logFlags, startLogs } from "../shared/logs.ts";
import { run } from "../shared/run.ts";
import { type Platform, startPlatform } from "./platform.ts";

interface Flags extends LogFlags {
  readonly port: number;
  readonly hostname: string;
  readonly data: string;
  readonly agents: number;
  readonly simulate: boolean;
  readonly demo: boolean;
  readonly monitor: boolean;
  readonly monitorPort: number;
  readonly hosts: number;
  readonly containers?: number;
}

const AGENTS_MAX = 50;
const SIMULATED_AGENTS_MAX = 50_000;

const program = command(
  "npm start --",
  "A cluster on this machine: master, agents that run processes, a demo, the console.",
);
for (const option of [
  flag("--port <n>", {
    help: "where the master listens; 0: any that is free",
    read: whole(0, 65_535),
    initial: 5_050,
  }),
  flag("--hostname <address>", {
    help: "an address of this machine",
    read: text,
    initial: "127.0.0.1",
  }),
  flag("--data <folder>", {
    help: "what is kept over restarts",
    read: text,
    initial: ".fairlead/platform",
  }),
  flag("--agents <n>", {
    help: `how many; at most ${AGENTS_MAX} that run processes`,
    read: whole(0, SIMULATED_AGENTS_MAX),
    initial: 3,
  }),
  toggle("--simulate", "agents and tasks are simulated, and nothing is kept", false),
  toggle("--demo", "run the demo framework", true),
  toggle("--monitor", "show processes, connections and containers", true),
  flag("--monitor-port <n>", {
    help: "where the monitor listens; 0: any that is free",
    read: whole(0, 65_535),
    initial: 4_040,
  }),
  flag("--hosts <n>", {
    help: "simulated ones that the monitor shows, with --simulate",
    read: whole(1, 20_000),
    initial: 100,
  }),
  flag("--containers <n>", {
    help: "on them; at most 240 each",
    read: whole(0, 1_000_000),
    shown: "10 each",
  }),
  ...logFlags("error"),
]) {
  program.addOption(option);
}

const flags = program.parse().opts<Flags>();
if (!flags.simulate && flags.agents > AGENTS_MAX) {
  program.error(`error: --agents above ${AGENTS_MAX} need --simulate`);
}
await startLogs(flags);
process.exitCode = await run(
  async () => {
    const platform = await startPlatform({
      dataDir: resolve(flags.data),
      hostname: flags.hostname,
      port: flags.port,
      agents: flags.agents,
      isSimulated: flags.simulate,
      hasDemo: flags.demo,
      monitorPort: flags.monitor ? flags.monitorPort : undefined,
      hosts: flags.hosts,
      containers: flags.containers ?? flags.hosts * 10,
    });
    greet(platform);
    return platform;
  },
  { onStopping: () => console.log("\nEnding tasks and stopping; Ctrl-C again stops at once.") },
);

function greet({ url, agents, monitor }: Platform): void {
  const shown = agents.slice(0, 5).map((agent) => `  agent     ${agent.url}  ${agent.hostname}`);
  const more = flags.agents - shown.length;
  if (more > 0)
    shown.push(`  and ${more} agents ${flags.simulate ? "that are simulated" : "more"}`);
  const last = flags.simulate
    ? `curl -s '${url}/api/v1' -H 'content-type: application/json' -d '{"type":"GET_METRICS","get_metrics":{}}'`
    : "kill $(pgrep -n -f examples/platform/service.mjs)   # the demo starts another one";
  console.log(`
fairlead runs a cluster on this machine.

  console   ${url}/console/
  master    ${url}${monitor === undefined ? "" : `\n  monitor   ${monitor}/monitor/`}
${shown.join("\n")}

Three things to try, in another terminal:

  curl -s ${url}/api/fairlead/summary
  npm run -s example:batch -- --master ${url} --jobs examples/custom_scheduler/jobs.json
  ${last}

Ctrl-C ends everything that was started here.
`);
}
