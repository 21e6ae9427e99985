/**
 * `npm run -s bench -- <suite>`: run one file of bench/ and print what it measured.
 *
 * A suite is a file here whose name has no underscore and which exports `suite`; files with an
 * underscore are parts of suites or of the harness. They are compiled to `.fairlead/bench` first
 * (bench/tsup.config.ts), because tsx wraps every closure for its name's sake and so would slow
 * the contenders that use closures.
 */

import { readdirSync } from "node:fs";
import type { Result, Suite } from "./harness.ts";
import { type Asked, chooseCases, readArgs, USAGE, UsageError } from "./harness_args.ts";
import { runCase } from "./harness_case.ts";
import { withParams } from "./harness_params.ts";
import { table } from "./harness_report.ts";

const here = new URL("./", import.meta.url);

/** Run what the arguments ask for; the answer is the exit code. */
async function main(args: readonly string[]): Promise<number> {
  try {
    const asked = readArgs(args, suiteNames());
    if (asked.help) console.log(`${USAGE}\n\nSuites: ${suiteNames().join(", ")}`);
    else if (asked.list) await list(asked);
    else if (asked.suite !== undefined) await bench(asked.suite, asked);
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message}\n\n${USAGE}`);
    return 2;
  }
}

function suiteNames(): string[] {
  const isSuite = (name: string) => /^[a-z]+\.js$/.test(name) && name !== "main.js";
  return readdirSync(here)
    .filter(isSuite)
    .map((name) => name.slice(0, -3))
    .sort();
}

async function load(name: string): Promise<Suite> {
  const module: { readonly suite?: Suite } = await import(new URL(`${name}.js`, here).href);
  if (module.suite === undefined) throw new Error(`Cannot run bench/${name}.ts: no suite in it`);
  return module.suite;
}

async function list(asked: Asked): Promise<void> {
  const names = asked.suite === undefined ? suiteNames() : [asked.suite];
  for (const name of names) {
    const { cases } = await load(name);
    for (const each of cases) console.log(`${name}/${each.name}`);
  }
}

async function bench(name: string, asked: Asked): Promise<void> {
  const suite = await load(name);
  for (const each of withParams(chooseCases(suite, asked.case), asked.params)) {
    const results: Result[] = [];
    for await (const result of runCase(name, each, asked)) {
      results.push(result);
      if (asked.json) console.log(JSON.stringify(result));
    }
    if (!asked.json) console.log(table(name, each, results));
  }
}

process.exitCode = await main(process.argv.slice(2));
