/** Why a migration does not do what it was asked. */

import { FairleadError } from "../base/mod.ts";
import type { Comparison } from "./compare.ts";
import type { Phase } from "./journal.ts";

export function wrongPhase(act: string, phase: Phase, needed: Phase): FairleadError {
  return new FairleadError(
    "wrong_phase",
    `Cannot ${act}: the migration is in phase "${phase}", and this needs "${needed}"`,
    { details: { phase, needed } },
  );
}

export function soakNotOver(unmet: readonly string[]): FairleadError {
  return new FairleadError("soak_not_over", `Cannot finalize: ${unmet.join("; ")}`, {
    details: { unmet },
  });
}

export function tooLate(deadlineMs: number): FairleadError {
  return new FairleadError("timeout", `Cannot wait longer: the cutover took ${deadlineMs} ms`);
}

export function notQuiet(): FairleadError {
  return new FairleadError(
    "source_not_quiet",
    "Cannot seal the source: somebody still writes to it, past the fence",
  );
}

export function differs(comparison: Comparison): FairleadError {
  const [first] = comparison.differences;
  return new FairleadError(
    "trees_differ",
    `Cannot seal the source: ${comparison.differencesCount} nodes differ, the first one ${first?.path} (${first?.facets.join(", ")})`,
    { details: { comparison } },
  );
}

export function busy(act: string, other: string): FairleadError {
  return new FairleadError(
    "migration_busy",
    `Cannot ${act}: the migration is told to ${other} already`,
    { details: { act, other } },
  );
}

/** Why a cutover ends that a rollback calls off. */
export function calledOff(reason: string): FairleadError {
  return new FairleadError("aborted", `Cannot go on: a rollback was asked for: ${reason}`);
}
