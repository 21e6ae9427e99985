/** The command line of `npm run bench`: read once, with an answer that helps when it is wrong. */

import { parseArgs } from "node:util";
import type { Params, Suite } from "./harness.ts";

/** A command line that cannot be carried out; the message says what could be. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** What was asked for. */
export interface Asked {
  readonly suite?: string;
  readonly case?: string;
  readonly quick: boolean;
  readonly json: boolean;
  readonly list: boolean;
  readonly help: boolean;
  /** Set in the sizes of the cases. */
  readonly params: Params;
}

/** How to call it. */
export const USAGE = `npm run -s bench -- <suite> [--quick] [--json] [--case NAME] [--list]

  --quick      small sizes and few samples: seconds in all
  --json       one line of JSON a result
  --case NAME  this case only
  --list       print suite/case names and stop
  --PARAMETER  set a parameter of the sizes: --minutes 5 --hosts 200 --heavy
  --help       print this and stop`;

const OPTIONS: ReadonlySet<string> = new Set(["quick", "json", "list", "help", "case"]);
const VALUE = /^(\d+(\.\d+)?|true|false)$/;

/** Read the arguments. @throws {UsageError} on unknown flags and more than one suite */
export function readArgs(args: readonly string[], suites: readonly string[]): Asked {
  const { params, rest } = splitParams(args);
  const { values, positionals } = parse(rest, suites);
  const [suite, extra] = positionals;
  if (extra !== undefined) {
    throw new UsageError(`Cannot run "${extra}" too: one suite at a time`);
  }
  if (suite === undefined && !values.list && !values.help) {
    throw new UsageError(`Cannot choose: name a suite, one of ${suites.join(", ")}`);
  }
  if (suite !== undefined && !suites.includes(suite)) {
    throw new UsageError(`Cannot find suite "${suite}": there are ${suites.join(", ")}`);
  }
  return {
    quick: values.quick,
    json: values.json,
    list: values.list,
    help: values.help,
    params,
    ...(suite === undefined ? {} : { suite }),
    ...(values.case === undefined ? {} : { case: values.case }),
  };
}

/** The cases that were asked for. @throws {UsageError} when there is none of that name */
export function chooseCases(suite: Suite, name: string | undefined): Suite["cases"] {
  if (name === undefined) return suite.cases;
  const cases = suite.cases.filter((each) => each.name === name);
  if (cases.length > 0) return cases;
  const names = suite.cases.map((each) => each.name).join(", ");
  throw new UsageError(`Cannot find case "${name}" in suite "${suite.name}": there are ${names}`);
}

/** Take `--name value` and `--name` (true) out of the arguments; the options below stay in them. */
function splitParams(args: readonly string[]): {
  readonly params: Params;
  readonly rest: readonly string[];
} {
  const params: Record<string, number | boolean> = {};
  const rest: string[] = [];
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] ?? "";
    const name = /^--([a-z]\w*)$/i.exec(arg)?.[1];
    if (name === undefined || OPTIONS.has(name)) {
      rest.push(arg);
      continue;
    }
    const next = args[at + 1] ?? "";
    const hasValue = VALUE.test(next);
    params[name] = hasValue ? read(next) : true;
    if (hasValue) at += 1;
  }
  return { params, rest };
}

function read(text: string): number | boolean {
  return text === "true" || text === "false" ? text === "true" : Number(text);
}

function parse(args: readonly string[], suites: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        quick: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        list: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
        case: { type: "string" },
      },
    });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`Cannot read the arguments: ${reason}. Suites: ${suites.join(", ")}`);
  }
}
