import {
  type DiskInfo,
  type DiskSource,
  invalidResource,
  type Label,
  type Reservation,
  type Resource,
  type ResourceValue,
} from "./resource.ts";
import { ANY_ROLE } from "./role.ts";

/**
 * How reservations are written: as the stack `reservations`, or in the deprecated fields `role`
 * and `reservation`, for clients without the capability RESERVATION_REFINEMENT.
 */
export type ReservationForm = "reservations" | "role";

/**
 * Write one resource as Mesos' v1 JSON.
 *
 * @throws {FairleadError} `invalid_resource` when the form is "role" and a reservation is refined.
 */
export function writeResource(resource: Resource, form: ReservationForm): Record<string, unknown> {
  const { name, disk, allocationRole, providerId } = resource;
  return {
    name,
    ...writeValue(resource.value),
    ...(form === "role" ? writeRole(resource) : writeStack(resource.reservations)),
    ...(allocationRole === undefined ? {} : { allocation_info: { role: allocationRole } }),
    ...(disk === undefined ? {} : { disk: writeDisk(disk) }),
    ...(providerId === undefined ? {} : { provider_id: { value: providerId } }),
    ...(resource.revocable ? { revocable: {} } : {}),
    ...(resource.shared ? { shared: {} } : {}),
  };
}

function writeValue(value: ResourceValue): object {
  if (value.type === "SCALAR") return { type: "SCALAR", scalar: { value: value.millis / 1000 } };
  if (value.type === "RANGES") return { type: "RANGES", ranges: { range: value.ranges } };
  return { type: "SET", set: { item: value.items } };
}

function writeStack(reservations: readonly Reservation[]): object {
  if (reservations.length === 0) return {};
  return {
    reservations: reservations.map((layer) => ({
      type: layer.type,
      role: layer.role,
      ...writeOwner(layer),
    })),
  };
}

function writeRole({ name, reservations }: Resource): object {
  const [reservation] = reservations;
  if (reservation === undefined) return { role: ANY_ROLE };
  if (reservations.length > 1) {
    const fault = "a refined reservation has no deprecated form";
    throw invalidResource(`${name}.reservations`, fault, { reservations });
  }
  const { type, role } = reservation;
  return type === "STATIC" ? { role } : { role, reservation: writeOwner(reservation) };
}

function writeOwner({ principal, labels }: Reservation): object {
  return {
    ...(principal === undefined ? {} : { principal }),
    ...(labels === undefined ? {} : { labels: writeLabels(labels) }),
  };
}

function writeLabels(labels: readonly Label[]): object {
  return { labels };
}

function writeDisk({ persistence, volume, source }: DiskInfo): object {
  return {
    ...(persistence === undefined ? {} : { persistence }),
    ...(volume === undefined ? {} : { volume }),
    ...(source === undefined ? {} : { source: writeSource(source) }),
  };
}

function writeSource({ type, root, metadata, ...rest }: DiskSource): object {
  const place = type === "MOUNT" ? "mount" : "path";
  return {
    type,
    ...(root === undefined ? {} : { [place]: { root } }),
    ...rest,
    ...(metadata === undefined ? {} : { metadata: writeLabels(metadata) }),
  };
}
