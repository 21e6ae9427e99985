/** Whether a principal may reserve, create and the like. */
import type { Operation } from "../../model/mod.ts";
import { questionsOf } from "../acl/subjects.ts";
import type { Context } from "./context.ts";

/** Why a principal may not; undefined when it may. The operation has been read. */
export function mayOperate(
  core: Context,
  principal: string | undefined,
  operation: Operation,
): string | undefined {
  for (const { action, object } of questionsOf(operation)) {
    if (core.options.authorize(principal, action, object)) continue;
    return `Principal '${principal ?? ""}' is not authorized to ${action.replaceAll("_", " ")}`;
  }
  return undefined;
}
