/** `npm start`, `npm run -s replay -- --help`: a trace through every policy, then through DRF. */
import { accessSync, constants, existsSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { FairleadError, SeededRandom } from "fairlead/base";
import { POLICIES } from "fairlead/placement";
import { replayDrf } from "./drf.ts";
import { type Flags, HELP, readFlags } from "./flags.ts";
import { generateTrace } from "./generate.ts";
import { drawHtml, drawSvg } from "./plot.ts";
import { inflate, replay } from "./replay.ts";
import {
  drfJson,
  drfTable,
  LEGEND,
  type PolicyOutcome,
  policyJson,
  policyTable,
} from "./report.ts";
import { readTrace, type Trace } from "./trace.ts";

/** The seed of the generated trace: everybody's first run shows the same. */
const TRACE_SEED = 2026;

try {
  const flags = readFlags(process.argv.slice(2));
  if (flags.help) console.log(HELP);
  else main(flags);
} catch (error) {
  if (!(error instanceof FairleadError)) throw error;
  console.error(`${error.message}\n--help lists the flags`);
  process.exitCode = 2;
}

function main(flags: Flags): void {
  const { nodes, pods, out } = flags;
  if (out !== undefined) requireWritable(out);
  const trace =
    nodes !== undefined && pods !== undefined
      ? readTrace(nodes, pods)
      : generateTrace(flags.machines, new SeededRandom(TRACE_SEED));
  if (!flags.json) console.log(describe(trace, flags));
  const outcomes = replayAll(trace, flags);
  const drf = replayDrf(trace.nodes, inflate(trace, flags.demand, 1), new SeededRandom(1));
  const text = [
    policyTable(outcomes),
    LEGEND,
    "The same pods dealt to four roles that share the cluster by DRF:",
    drfTable(drf),
  ].join("\n\n");
  if (flags.json) {
    for (const outcome of outcomes) console.log(policyJson(outcome));
    console.log(drfJson(drf));
  } else {
    console.log(`\n${text}`);
  }
  if (out === undefined) return;
  const page = `${describe(trace, flags)}\n\n${text}`;
  write(out, out.endsWith(".svg") ? drawSvg(outcomes) : drawHtml(outcomes, page));
  if (!flags.json) console.log(`\nplot: ${out}`);
}

/** @throws {FairleadError} `invalid_argument`: before the replay, not after it. */
function requireWritable(path: string): void {
  try {
    if (existsSync(path) && statSync(path).isDirectory()) throw new Error("it is a folder");
    accessSync(existsSync(path) ? path : dirname(path), constants.W_OK);
    if (!statSync(dirname(path)).isDirectory()) throw new Error(`${dirname(path)} is no folder`);
  } catch (cause) {
    throw cannotWrite(path, cause);
  }
}

function write(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (cause) {
    throw cannotWrite(path, cause);
  }
}

function cannotWrite(path: string, cause: unknown): FairleadError {
  const fault = cause instanceof Error ? cause.message : String(cause);
  return new FairleadError("invalid_argument", `Cannot write --out ${path}: ${fault}`, {
    cause,
    details: { flag: "--out", path },
  });
}

function describe(trace: Trace, { nodes, seeds, demand }: Flags): string {
  const gpus = trace.nodes.reduce((sum, node) => sum + node.gpus, 0);
  const source = nodes ?? "generated";
  return (
    `${trace.nodes.length} machines with ${gpus} GPUs, ${trace.pods.length} kinds of pods ` +
    `(${source}); demand ${demand * 100} %, ${seeds} ${seeds === 1 ? "seed" : "seeds"}`
  );
}

function replayAll(trace: Trace, { policy, seeds, demand }: Flags): PolicyOutcome[] {
  const policies = policy === undefined ? POLICIES : [policy];
  const outcomes = policies.map((name) => ({
    policy: name,
    seeds: [] as ReturnType<typeof replay>[],
  }));
  const steps = seeds * policies.length;
  let done = 0;
  for (let seed = 1; seed <= seeds; seed++) {
    const pods = inflate(trace, demand, seed);
    for (const outcome of outcomes) {
      outcome.seeds.push(replay(trace, pods, outcome.policy));
      showProgress(++done, steps);
    }
  }
  return outcomes;
}

/** A bar on standard error, where somebody watches. */
function showProgress(done: number, steps: number): void {
  if (!process.stderr.isTTY) return;
  const filled = Math.round((done / steps) * 30);
  const bar = "█".repeat(filled).padEnd(30, "░");
  process.stderr.write(done === steps ? "\r\u001b[K" : `\r${bar} ${done}/${steps}`);
}
