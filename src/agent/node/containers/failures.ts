/** Why a container or a command in it could not be started: one sentence for people. */
import { FairleadError } from "../../../base/mod.ts";

/** A state that stands in the way of a start. */
export class Obstacle extends Error {}

/** @returns what `launch` throws; an abort's reason stays what it is. */
export function launchFailed(id: string, thrown: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  return new FairleadError("launch_failed", `Cannot start container ${id}: ${stateOf(thrown)}`, {
    cause: thrown,
    details: { container: id },
  });
}

/** @returns what `exec` throws. */
export function execFailed(id: string, thrown: unknown): FairleadError {
  return new FairleadError(
    "exec_failed",
    `Cannot run a command in container ${id}: ${stateOf(thrown)}`,
    {
      cause: thrown,
      details: { container: id },
    },
  );
}

function stateOf(thrown: unknown): string {
  const { message } = FairleadError.from(thrown);
  // "Cannot <act>: <state>" of the error below; the act is told anew.
  return thrown instanceof FairleadError ? message.replace(/^Cannot [^:]*: /, "") : message;
}
