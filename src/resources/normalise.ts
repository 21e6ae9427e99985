import { sortLabels } from "./identity.ts";
import {
  type DiskInfo,
  invalidResource,
  type Reservation,
  type Resource,
  type ResourceValue,
} from "./resource.ts";
import { ANY_ROLE, isRoleDescendant, validateRole } from "./role.ts";
import { normaliseValue } from "./value.ts";

const NAME = /^[^\s\p{Cc}:;()[\]{},"]+$/u;
const VOLUME_ID = /^[^\s\p{Cc}/]+$/u;
const UNRESERVED: readonly Reservation[] = [];

/** A resource that is nothing but a name and an amount. */
export function plainResource(name: string, value: ResourceValue): Resource {
  return { name, value, reservations: UNRESERVED, revocable: false, shared: false };
}

/**
 * Check everything about a resource and bring it into its one normal form.
 *
 * @throws {FairleadError} `invalid_resource` or `invalid_role`.
 */
export function normaliseResource(resource: Resource): Resource {
  const { name, reservations, disk, allocationRole, providerId } = resource;
  checkName(name);
  const normal: { -readonly [Key in keyof Resource]: Resource[Key] } = {
    name,
    value: normaliseValue(resource.value, name),
    reservations: reservations.length === 0 ? UNRESERVED : reservations.map(normaliseReservation),
    revocable: resource.revocable,
    shared: resource.shared,
  };
  const normalDisk = disk === undefined ? undefined : normaliseDisk(disk);
  if (normalDisk !== undefined) normal.disk = normalDisk;
  if (allocationRole !== undefined) normal.allocationRole = allocationRole;
  if (providerId !== undefined) normal.providerId = providerId;
  checkResource(normal);
  return normal;
}

/**
 * Accept the name of a kind.
 *
 * @throws {FairleadError} `invalid_resource`.
 */
export function checkName(name: string): void {
  if (NAME.test(name)) return;
  throw invalidResource(
    `resource name ${JSON.stringify(name)}`,
    'it must have a character, and no white space or any of :;()[]{},"',
    { name },
  );
}

/**
 * Check what the parts of a resource must be to each other.
 *
 * @throws {FairleadError} `invalid_resource` or `invalid_role`.
 */
export function checkResource(resource: Resource): void {
  const { name, allocationRole, providerId } = resource;
  checkReservations(resource);
  if (resource.disk !== undefined) checkDisk(resource, resource.disk);
  if (resource.shared && resource.disk?.persistence === undefined) {
    throw invalidResource(`${name}.shared`, "only a persistent volume can be shared");
  }
  if (allocationRole !== undefined) validateRole(allocationRole);
  if (providerId === "") throw invalidResource(`${name}.providerId`, "it must not be empty");
}

function checkReservations({ name, reservations }: Resource): void {
  for (let depth = 0; depth < reservations.length; depth += 1) {
    const { type, role } = reservations[depth]!;
    const field = `${name}.reservations[${depth}]`;
    validateRole(role);
    if (role === ANY_ROLE) throw invalidResource(field, 'its role must not be "*"');
    if (type !== "STATIC" && type !== "DYNAMIC") {
      throw invalidResource(field, "its type must be STATIC or DYNAMIC", { type });
    }
    if (depth === 0) continue;
    if (type === "STATIC") throw invalidResource(field, "only the first one may be STATIC");
    const above = reservations[depth - 1]!.role;
    if (isRoleDescendant(role, above)) continue;
    throw invalidResource(field, `role "${role}" must lie below "${above}"`, { role, above });
  }
}

function checkDisk(resource: Resource, { persistence, source }: DiskInfo): void {
  const { name, value } = resource;
  if (name !== "disk" || value.type !== "SCALAR") {
    throw invalidResource(`${name}.disk`, "only a scalar named disk has disk information");
  }
  if (persistence === undefined) return;
  const { id } = persistence;
  const field = "disk.persistence";
  if (!VOLUME_ID.test(id) || id === "." || id === "..") {
    const fault = 'it must have a character, no white space or slash, and not be "." or ".."';
    throw invalidResource(`${field}.id ${JSON.stringify(id)}`, fault, { id });
  }
  if (resource.reservations.length === 0) {
    throw invalidResource(field, `volume "${id}" needs a reservation`, { id });
  }
  if (resource.revocable) {
    throw invalidResource(field, `volume "${id}" cannot be revocable`, { id });
  }
  if (source?.type === "BLOCK" || source?.type === "RAW") {
    throw invalidResource(field, `a ${source.type} disk cannot hold volume "${id}"`, { id });
  }
}

/** Sort labels and leave out what says nothing, so that equal reservations look equal. */
function normaliseReservation({ labels, ...rest }: Reservation): Reservation {
  return labels === undefined || labels.length === 0
    ? rest
    : { ...rest, labels: sortLabels(labels) };
}

function normaliseDisk({ persistence, volume, source }: DiskInfo): DiskInfo | undefined {
  const disk: { -readonly [Key in keyof DiskInfo]: DiskInfo[Key] } = {};
  if (persistence !== undefined) disk.persistence = persistence;
  if (volume !== undefined) disk.volume = volume;
  if (source !== undefined && source.type !== "ROOT") {
    const { metadata, ...rest } = source;
    const kept = metadata !== undefined && metadata.length > 0;
    disk.source = kept ? { ...rest, metadata: sortLabels(metadata) } : rest;
  }
  return Object.keys(disk).length === 0 ? undefined : disk;
}
