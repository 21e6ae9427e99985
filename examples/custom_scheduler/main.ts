/**
 * A scheduler of one's own, in one process: three teams share six machines for ten minutes of
 * virtual time. `web` has twice the weight and a guarantee, `lab` a limit, `data` neither.
 *
 * `npm run -s example:custom_scheduler -- [--seed N] [--json] [--svg FILE]`
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { draw } from "./plot.ts";
import { print, type Team } from "./report.ts";
import { simulate } from "./scheduler.ts";

/** Demand is in jobs every ten seconds; all jobs of a team have one shape. */
const TEAMS: readonly Team[] = [
  { role: "web", weight: 2, quota: { guarantees: "cpus:24" }, job: "cpus:2;mem:4000", demand: 2.5 },
  { role: "data", weight: 1, quota: {}, job: "cpus:4;mem:16000", demand: 2 },
  { role: "lab", weight: 1, quota: { limits: "cpus:16" }, job: "cpus:1;mem:1000", demand: 3 },
];

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    json: { type: "boolean", default: false },
    svg: { type: "string" },
  },
});
const seed = Number(values.seed);
const rows = await simulate(TEAMS, seed);
if (values.svg !== undefined) writeFileSync(values.svg, draw(TEAMS, rows));
if (values.json) console.log(JSON.stringify({ seed, teams: TEAMS, rows }));
else print(TEAMS, rows);
