/** RESERVE, UNRESERVE, CREATE, DESTROY, GROW_VOLUME and SHRINK_VOLUME: may they, and what changes. */
import type { Operation } from "../../model/mod.ts";
import type { OperationContext, OperationVerdict, ResourceConversion } from "../validate/types.ts";
import { readReserve, readUnreserve } from "./reservations.ts";
import { readGrow, readShrink } from "./resize.ts";
import { readCreate, readDestroy } from "./volumes.ts";

/** The body of an operation, filled in, and what it does; or what is wrong. */
export type Read =
  | {
      readonly ok: true;
      readonly body: Partial<Operation>;
      readonly conversions: readonly ResourceConversion[];
    }
  | { readonly ok: false; readonly fault: string };

/**
 * May this operation be, whatever is offered? And what does it convert?
 *
 * Apply the conversions with `applyConversions` to what the offers still hold; that refuses what
 * they do not. A framework's operation is held for the role of its offers where it does not say.
 */
export function readOperation(operation: Operation, context: OperationContext): OperationVerdict {
  const read = readBody(operation, context);
  if (!read.ok) return { ok: false, state: "OPERATION_ERROR", message: read.fault };
  const { body, conversions } = read;
  return { ok: true, operation: { ...operation, ...body }, conversions };
}

function readBody(operation: Operation, context: OperationContext): Read {
  const { type, reserve, unreserve, create, destroy, grow_volume, shrink_volume } = operation;
  switch (type) {
    case "RESERVE":
      return reserve ? readReserve(reserve, context) : missing("reserve");
    case "UNRESERVE":
      return unreserve ? readUnreserve(unreserve, context) : missing("unreserve");
    case "CREATE":
      return create ? readCreate(create, context) : missing("create");
    case "DESTROY":
      return destroy ? readDestroy(destroy, context) : missing("destroy");
    case "GROW_VOLUME":
      return grow_volume ? readGrow(grow_volume, context) : missing("grow_volume");
    case "SHRINK_VOLUME":
      return shrink_volume ? readShrink(shrink_volume, context) : missing("shrink_volume");
    case "CREATE_DISK":
    case "DESTROY_DISK":
      return wrong(`Operation not supported: ${type} needs a CSI resource provider`);
    case "UNKNOWN":
      return wrong("Unknown operation");
    default:
      return wrong(`Operation not supported: ${type} is no operation on resources`);
  }
}

function missing(field: string): Read {
  return wrong(`Expecting '${field}' to be present`);
}

function wrong(fault: string): Read {
  return { ok: false, fault };
}
