/** From a run that fails to the fewest faults with which it still does. */
import type { Fault } from "./faults.ts";
import type { SimulationOptions } from "./options.ts";
import { simulate } from "./simulation.ts";

/** Options of {@linkcode shrinkFaults}. */
export interface ShrinkOptions {
  /** At most so many runs. @default 200 */
  readonly runsMax?: number;
  /** Only this promise counts; undefined: any. */
  readonly invariant?: string;
}

/**
 * The fewest faults, as far as they are found, with which a simulation still breaks a promise:
 * halves, quarters and so on are left out as long as it fails without them. Undefined when it does
 * not fail at all.
 *
 * Cost: up to `runsMax` runs.
 */
export function shrinkFaults(
  options: SimulationOptions,
  { runsMax = 200, invariant }: ShrinkOptions = {},
): readonly Fault[] | undefined {
  const { onTrace: _, ...quiet } = options;
  const first = simulate(quiet);
  let runs = 1;
  const fails = (faults: readonly Fault[]) => {
    runs += 1;
    return isFailure(simulate({ ...quiet, faults }).violations, invariant);
  };
  if (!isFailure(first.violations, invariant)) return undefined;
  let faults = first.faults;
  let size = Math.ceil(faults.length / 2);
  while (size >= 1 && runs < runsMax) {
    const before = faults.length;
    for (let from = 0; from < faults.length && runs < runsMax; ) {
      const fewer = [...faults.slice(0, from), ...faults.slice(from + size)];
      if (fails(fewer)) faults = fewer;
      else from += size;
    }
    // Single faults are gone over again as long as that helps.
    if (size > 1) size = Math.ceil(size / 2);
    else if (faults.length === before) break;
  }
  return faults;
}

function isFailure(
  violations: readonly { readonly invariant: string }[],
  invariant: string | undefined,
): boolean {
  return violations.some((violation) => (invariant ?? violation.invariant) === violation.invariant);
}
