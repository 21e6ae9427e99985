/** Operations with an id that are not over: RESERVE and the like, for which feedback was asked. */
import type { Id, OperationState, OperationStatus } from "../../model/mod.ts";
import { Recent } from "./recent.ts";

/** An operation as RECONCILE_OPERATIONS names it. */
export interface KnownOperation {
  readonly operation_id: Id;
  readonly agent_id?: Id;
}

/** States after which nothing more happens to an operation. */
const OVER: ReadonlySet<OperationState> = new Set([
  "OPERATION_FINISHED",
  "OPERATION_FAILED",
  "OPERATION_ERROR",
  "OPERATION_DROPPED",
  "OPERATION_GONE_BY_OPERATOR",
]);

/** Operations kept in mind; older ones are forgotten first. */
const OPERATIONS_MAX = 100_000;

export class OperationBook {
  readonly #known = new Recent<KnownOperation>(OPERATIONS_MAX);

  added(operationId: Id, agentId: Id | undefined): void {
    this.#known.set(operationId.value, {
      operation_id: operationId,
      ...(agentId === undefined ? {} : { agent_id: agentId }),
    });
  }

  heard({ operation_id, state }: OperationStatus): void {
    if (operation_id !== undefined && OVER.has(state)) this.#known.delete(operation_id.value);
  }

  forget(operationId: Id): void {
    this.#known.delete(operationId.value);
  }

  pending(): KnownOperation[] {
    return this.#known.values();
  }
}
