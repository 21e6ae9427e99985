/** What the operations have in common. */
import type { ResourceJson } from "../../model/mod.ts";
import { type Resource, type Resources, reservationRole } from "../../resources/mod.ts";
import { readList } from "../validate/resources.ts";
import type { Fault, OperationContext, ReadResources } from "../validate/types.ts";

type ListRead =
  | ({ readonly ok: true } & ReadResources)
  | { readonly ok: false; readonly fault: string };

/** Read the resources of an operation: some, and all from one provider. */
export function readOperationResources(
  list: readonly ResourceJson[] | undefined,
  context: OperationContext,
): ListRead {
  if (list === undefined || list.length === 0) {
    return { ok: false, fault: "Operation contains no resources" };
  }
  const read = readList(list, context.framework?.role);
  if (!read.ok) return { ok: false, fault: `Invalid resources: ${read.fault}` };
  const fault = faultOfProviders(read.resources) ?? faultOfAllocation(read.resources, context);
  return fault === undefined ? read : { ok: false, fault };
}

function faultOfProviders(resources: Resources): Fault {
  const ids = new Set(Array.from(resources, ({ providerId }) => providerId));
  if (ids.size <= 1) return undefined;
  const fault = ids.has(undefined)
    ? "Some resources have a resource provider and some do not"
    : `The resources have multiple resource providers: ${[...ids].join(", ")}`;
  return `Invalid resources: ${fault}`;
}

/** What operators change is held for nobody. */
function faultOfAllocation(resources: Resources, { framework }: OperationContext): Fault {
  if (framework !== undefined || resources.unallocated().size === resources.size) return undefined;
  return (
    "The operation was attempted with an allocated resource, but the operator API only takes " +
    "unallocated resources"
  );
}

/** An agent must be able to keep what is reserved: every one of ours is. */
export function faultOfCapability(
  resource: Resource,
  { agent }: OperationContext,
  { what, done }: { readonly what: string; readonly done: string },
): Fault {
  const { capabilities } = agent;
  if (capabilities === undefined) return undefined;
  const role = reservationRole(resource);
  if (role?.includes("/") && !capabilities.has("HIERARCHICAL_ROLE")) {
    return (
      `${what} with reservation for hierarchical role '${role}' cannot be ${done} on an agent ` +
      "without HIERARCHICAL_ROLE capability"
    );
  }
  if (resource.reservations.length > 1 && !capabilities.has("RESERVATION_REFINEMENT")) {
    return (
      `${what} with reservation refinement cannot be ${done} on an agent without ` +
      "RESERVATION_REFINEMENT capability"
    );
  }
  return undefined;
}
