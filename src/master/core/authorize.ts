/** Whether a principal may reserve, create and the like. */
import type { Operation } from "../../model/mod.ts";
import { Resources } from "../../resources/mod.ts";
import { type Question, questionsOf } from "../acl/subjects.ts";
import type { Context } from "./context.ts";

/** Why a principal may not; undefined when it may. The operation has been read. */
export function mayOperate(
  core: Context,
  principal: string | undefined,
  operation: Operation,
): string | undefined {
  const need = needOf(operation);
  if (need === undefined) return undefined;
  for (const { action, object } of questionsOf(need.action, Resources.fromJson(need.resources))) {
    if (core.options.authorize(principal, action, object)) continue;
    return `Principal '${principal ?? ""}' is not authorized to ${action.replaceAll("_", " ")}`;
  }
  return undefined;
}

function needOf({
  type,
  reserve,
  unreserve,
  create,
  destroy,
  grow_volume,
  shrink_volume,
}: Operation):
  | { readonly action: Question["action"]; readonly resources: readonly unknown[] }
  | undefined {
  switch (type) {
    case "RESERVE":
      return { action: "reserve_resources", resources: reserve?.resources ?? [] };
    case "UNRESERVE":
      return { action: "unreserve_resources", resources: unreserve?.resources ?? [] };
    case "CREATE":
      return { action: "create_volumes", resources: create?.volumes ?? [] };
    case "DESTROY":
      return { action: "destroy_volumes", resources: destroy?.volumes ?? [] };
    case "GROW_VOLUME":
      return { action: "resize_volumes", resources: grow_volume ? [grow_volume.volume] : [] };
    case "SHRINK_VOLUME":
      return { action: "resize_volumes", resources: shrink_volume ? [shrink_volume.volume] : [] };
    default:
      return undefined;
  }
}
