/** RESERVE pushes a reservation, UNRESERVE pops it. */
import type { Operation } from "../../model/mod.ts";
import { type Resource, Resources, reservationRole } from "../../resources/mod.ts";
import { faultOf } from "../validate/ids.ts";
import { faultOfRoles, readList } from "../validate/resources.ts";
import type { Fault, OperationContext } from "../validate/types.ts";
import { faultOfCapability, readOperationResources } from "./common.ts";
import { one } from "./conversions.ts";
import type { Read } from "./operation.ts";

type Reserve = NonNullable<Operation["reserve"]>;
type Unreserve = NonNullable<Operation["unreserve"]>;

/** Reserve: the resources of the operation are what there will be. */
export function readReserve({ source = [], resources }: Reserve, context: OperationContext): Read {
  const read = readOperationResources(resources, context);
  if (!read.ok) return read;
  const to = read.resources;
  const fault = faultOfReserved(to, context);
  if (fault !== undefined) return { ok: false, fault };
  if (source.length > 0) return readRereserve(source, read, context);
  let from = Resources.EMPTY;
  const popping = faultOf(() => {
    from = to.popReservation();
  });
  if (popping !== undefined) return { ok: false, fault: popping };
  return { ok: true, body: { reserve: { resources: read.json } }, conversions: [{ from, to }] };
}

/** A reservation that changes its holder: `source` is what there is now. */
function readRereserve(
  source: NonNullable<Reserve["source"]>,
  target: { readonly resources: Resources; readonly json: Reserve["resources"] },
  context: OperationContext,
): Read {
  if (context.framework !== undefined) {
    const fault = "Reservation updates are not yet implemented for the scheduler API.";
    return { ok: false, fault };
  }
  const read = readList(source, undefined);
  if (!read.ok) return { ok: false, fault: `Invalid source: ${read.fault}` };
  const fault =
    faultOfMixture("source", read.resources) ??
    faultOfMixture("resources", target.resources) ??
    faultOfChange(read.resources, target.resources);
  if (fault !== undefined) return { ok: false, fault };
  return {
    ok: true,
    body: { reserve: { source: read.json, resources: target.json } },
    conversions: [{ from: read.resources, to: target.resources }],
  };
}

function faultOfMixture(field: string, resources: Resources): Fault {
  if (resources.isEmpty) return `Invalid ${field}: Resource cannot be empty`;
  const stacks = new Set(Array.from(resources, ({ reservations }) => JSON.stringify(reservations)));
  if (stacks.size === 1) return undefined;
  return `Invalid ${field}: Mixed reservations are not supported: ${resources}`;
}

function faultOfChange(source: Resources, target: Resources): Fault {
  const [before, after] = [unreserved(source), unreserved(target)];
  if (before.equals(after)) return undefined;
  return (
    "Source and target resources should refer to identical resource quantities: " +
    `${before} vs. ${after}`
  );
}

/** The same resources without any reservation; a volume is told apart by its id all the same. */
function unreserved(resources: Resources): Resources {
  return Resources.of(
    Array.from(resources, ({ disk, ...resource }) => {
      const id = disk?.persistence?.id;
      const name = id === undefined ? resource.name : `${resource.name}#${id}`;
      const bare = { ...resource, name, shared: false, reservations: [] };
      return disk?.source === undefined ? bare : { ...bare, disk: { source: disk.source } };
    }),
  );
}

function faultOfReserved(resources: Resources, context: OperationContext): Fault {
  for (const resource of resources) {
    const fault =
      faultOfDynamic(resource) ??
      faultOfCapability(resource, context, {
        what: `Resource ${one(resource)}`,
        done: "reserved",
      }) ??
      faultOfPrincipal(resource, context) ??
      faultOfHolder(resource, context);
    if (fault !== undefined) return fault;
  }
  if (context.framework === undefined) return undefined;
  const roles = faultOfRoles(resources);
  return roles && `Invalid reservation resources: ${roles}`;
}

function faultOfDynamic(resource: Resource): Fault {
  if (resource.reservations.at(-1)?.type === "DYNAMIC") return undefined;
  return `Resource ${one(resource)} is not dynamically reserved`;
}

function faultOfPrincipal({ reservations }: Resource, { principal }: OperationContext): Fault {
  const named = reservations.at(-1)?.principal;
  if (principal === undefined || named === principal) return undefined;
  if (named === undefined) {
    return (
      `A reserve operation was attempted by principal '${principal}', but there is a reserved ` +
      "resource in the request with no principal set"
    );
  }
  return (
    `A reserve operation was attempted by authenticated principal '${principal}', which does not ` +
    `match a reserved resource in the request with principal '${named}'`
  );
}

/** A framework reserves for the role of its offer, and nobody else's. */
function faultOfHolder(resource: Resource, { framework }: OperationContext): Fault {
  if (framework === undefined) return undefined;
  const { allocationRole: held = "" } = resource;
  const role = reservationRole(resource) ?? "";
  if (held !== role) {
    return (
      `A reserve operation was attempted for a resource with role '${role}', but the resource ` +
      `was allocated to role '${held}'`
    );
  }
  if (framework.roles.has(role)) return undefined;
  return (
    `A reserve operation was attempted for a resource with role '${role}', but the framework can ` +
    "only reserve resources with its own roles"
  );
}

/** Unreserve: the resources of the operation are what there is. */
export function readUnreserve({ resources }: Unreserve, context: OperationContext): Read {
  const read = readOperationResources(resources, context);
  if (!read.ok) return read;
  const conversions: { from: Resources; to: Resources }[] = [];
  for (const resource of read.resources) {
    const fault = faultOfDynamic(resource) ?? faultOfVolume(resource);
    if (fault !== undefined) return { ok: false, fault };
    const from = one(resource);
    conversions.push({ from, to: from.popReservation() });
  }
  return { ok: true, body: { unreserve: { resources: read.json } }, conversions };
}

function faultOfVolume(resource: Resource): Fault {
  if (resource.disk?.persistence === undefined) return undefined;
  return (
    `A dynamically reserved persistent volume ${one(resource)} cannot be unreserved directly. ` +
    "Please destroy the persistent volume first then unreserve the resource"
  );
}
