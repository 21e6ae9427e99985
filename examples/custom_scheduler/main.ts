/**
 * A scheduler of one's own, in one process: three teams share six machines for ten minutes of
 * virtual time. `web` has twice the weight and a guarantee, `lab` a limit, `data` neither.
 *
 * `npm run -s example:custom_scheduler -- [--seed N] [--json] [--svg FILE]`
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { FairleadError } from "fairlead";
import { draw } from "./plot.ts";
import { print, type Team } from "./report.ts";
import { simulate } from "./scheduler.ts";

/** Demand is in jobs every ten seconds; all jobs of a team have one shape. */
const TEAMS: readonly Team[] = [
  { role: "web", weight: 2, quota: { guarantees: "cpus:24" }, job: "cpus:2;mem:4000", demand: 2.5 },
  { role: "data", weight: 1, quota: {}, job: "cpus:4;mem:16000", demand: 2 },
  { role: "lab", weight: 1, quota: { limits: "cpus:16" }, job: "cpus:1;mem:1000", demand: 3 },
];

const HELP = `Three teams share six machines for ten minutes of virtual time.

  --seed N      an integer from 0 to 4294967295. Default: 1
  --svg FILE    write a plot
  --json        all rows as one line of JSON
  --help`;

try {
  const flags = readFlags();
  if (flags.help) console.log(HELP);
  else await main(flags);
} catch (error) {
  if (!(error instanceof FairleadError)) throw error;
  console.error(`${error.message}\n--help lists the flags`);
  process.exitCode = 2;
}

async function main({ seed, json, svg }: ReturnType<typeof readFlags>): Promise<void> {
  if (svg !== undefined) orRefuse(`Cannot write --svg ${svg}`, () => writeFileSync(svg, ""));
  const rows = await simulate(TEAMS, seed);
  if (svg !== undefined) writeFileSync(svg, draw(TEAMS, rows));
  if (json) console.log(JSON.stringify({ seed, teams: TEAMS, rows }));
  else print(TEAMS, rows);
}

function readFlags() {
  const { values } = orRefuse("Cannot read the command line", () =>
    parseArgs({
      options: {
        seed: { type: "string", default: "1" },
        json: { type: "boolean", default: false },
        svg: { type: "string" },
        help: { type: "boolean", default: false },
      },
    }),
  );
  const seed = /^\d+$/.test(values.seed) ? Number(values.seed) : Number.NaN;
  if (!(seed <= 0xffff_ffff)) {
    throw new FairleadError(
      "invalid_argument",
      `Cannot use --seed ${values.seed}: it must be an integer from 0 to ${0xffff_ffff}`,
    );
  }
  return { ...values, seed };
}

/** Turn what Node throws into one sentence. */
function orRefuse<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const fault = cause instanceof Error ? cause.message : String(cause);
    throw new FairleadError("invalid_argument", `${what}: ${fault}`, { cause });
  }
}
