/** The command line of `npm run bench`: read once, with an answer that helps when it is wrong. */

import { parseArgs } from "node:util";
import type { Suite } from "./harness.ts";

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
}

/** How to call it. */
export const USAGE = `npm run -s bench -- <suite> [--quick] [--json] [--case NAME] [--list]

  --quick      small sizes and few samples: seconds in all
  --json       one line of JSON a result
  --case NAME  this case only
  --list       print suite/case names and stop
  --help       print this and stop`;

/** Read the arguments. @throws {UsageError} on unknown flags and more than one suite */
export function readArgs(args: readonly string[], suites: readonly string[]): Asked {
  const { values, positionals } = parse(args, suites);
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
