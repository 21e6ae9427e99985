/** Which of the ACLs' actions an operation needs, and for which roles. */
import type { Operation, ResourceJson } from "../../model/mod.ts";
import type { Context } from "./context.ts";

/** Why a principal may not; undefined when it may. */
export function mayOperate(
  core: Context,
  principal: string | undefined,
  operation: Operation,
): string | undefined {
  const { action, resources } = needOf(operation);
  if (action === undefined) return undefined;
  for (const role of rolesOf(resources)) {
    if (core.options.authorize(principal, action, role)) continue;
    const what = action.replaceAll("_", " ");
    return `Principal '${principal ?? ""}' is not authorized to ${what} of role '${role}'`;
  }
  return undefined;
}

function needOf(operation: Operation): {
  readonly action: string | undefined;
  readonly resources: readonly ResourceJson[];
} {
  const { reserve, unreserve, create, destroy, grow_volume, shrink_volume } = operation;
  switch (operation.type) {
    case "RESERVE":
      return { action: "reserve_resources", resources: reserve?.resources ?? [] };
    case "UNRESERVE":
      return { action: "unreserve_resources", resources: unreserve?.resources ?? [] };
    case "CREATE":
      return { action: "create_volumes", resources: create?.volumes ?? [] };
    case "DESTROY":
      return { action: "destroy_volumes", resources: destroy?.volumes ?? [] };
    case "GROW_VOLUME":
      return { action: "resize_volume", resources: grow_volume ? [grow_volume.volume] : [] };
    case "SHRINK_VOLUME":
      return { action: "resize_volume", resources: shrink_volume ? [shrink_volume.volume] : [] };
    default:
      return { action: undefined, resources: [] };
  }
}

function rolesOf(resources: readonly ResourceJson[]): Set<string> {
  const roles = new Set<string>();
  for (const { reservations, role } of resources) {
    roles.add(reservations?.[reservations.length - 1]?.role ?? role ?? "*");
  }
  return roles;
}
