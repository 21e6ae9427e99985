/** Parameters of a case's sizes, set from the command line: `--minutes 5 --hosts 200 --heavy`. */
import type { Case, Params } from "./harness.ts";
import { UsageError } from "./harness_args.ts";

/**
 * The cases with their sizes changed; sizes that become equal are one.
 *
 * @throws {UsageError} when a parameter is none of any case, or of another kind.
 */
export function withParams(cases: readonly Case[], params: Params): readonly Case[] {
  if (Object.keys(params).length === 0) return cases;
  const names = new Set(cases.flatMap((each) => Object.keys(each.sweep[0] ?? {})));
  for (const [name, value] of Object.entries(params)) {
    if (!names.has(name)) {
      throw new UsageError(`Cannot set "${name}": parameters are ${[...names].join(", ")}`);
    }
    const held = cases.flatMap(({ sweep }) => sweep).map((size) => size[name]);
    if (held.every((each) => typeof each !== typeof value)) {
      throw new UsageError(`Cannot set "${name}" to ${value}: it is ${held.join(", ")}`);
    }
  }
  return cases.map((each) => ({
    ...each,
    sweep: changed(each.sweep, params),
    ...(each.quick === undefined ? {} : { quick: changed(each.quick, params) }),
  }));
}

function changed(sizes: readonly Params[], params: Params): readonly Params[] {
  const byText = new Map<string, Params>();
  for (const size of sizes) {
    const own = Object.entries(params).filter(([name]) => Object.hasOwn(size, name));
    const next = { ...size, ...Object.fromEntries(own) };
    byText.set(JSON.stringify(next), next);
  }
  return [...byText.values()];
}
