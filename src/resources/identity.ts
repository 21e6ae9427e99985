import {
  type DiskInfo,
  isIndivisible,
  type Label,
  type Reservation,
  type Resource,
  type ResourceValue,
} from "./resource.ts";

/** Between the parts of a key; no name, role or JSON text holds it. */
const PART = "\u0000";

/**
 * What must be equal for two resources to be merged: everything but the amount.
 *
 * The key of an indivisible resource (see {@linkcode isIndivisible}) holds the amount as well: two
 * equal ones are two copies of one thing, never one thing of twice the size.
 * Cost: free for a plain unreserved resource (its name), else the length of what it says.
 */
export function identityKey(resource: Resource): string {
  if (isPlain(resource)) return resource.name;
  const { name, reservations, disk, allocationRole, providerId } = resource;
  let key = name + PART;
  if (resource.revocable) key += "r";
  if (resource.shared) key += "s";
  key += PART + (allocationRole ?? "");
  for (const reservation of reservations) key += PART + reservationKey(reservation);
  if (providerId !== undefined) key += `${PART}p${JSON.stringify(providerId)}`;
  if (disk !== undefined) key += diskKey(disk);
  if (isIndivisible(resource)) key += PART + canonicalJson(resource.value);
  return key;
}

/** The key of a plain amount that is held for a role. */
export function allocatedKey(name: string, role: string): string {
  return name + PART + PART + role;
}

/** Whether a resource is nothing but a name and an amount. */
function isPlain(resource: Resource): boolean {
  return (
    resource.reservations.length === 0 &&
    resource.disk === undefined &&
    !resource.revocable &&
    !resource.shared &&
    resource.allocationRole === undefined &&
    resource.providerId === undefined
  );
}

function reservationKey({ type, role, principal, labels }: Reservation): string {
  let key = `${type} ${role}`;
  if (principal !== undefined) key += ` ${JSON.stringify(principal)}`;
  if (labels !== undefined && labels.length > 0) key += canonicalJson(sortLabels(labels));
  return key;
}

function diskKey({ persistence, volume, source }: DiskInfo): string {
  let key = "";
  if (persistence !== undefined) key += `${PART}persistence${canonicalJson(persistence)}`;
  if (volume !== undefined) key += `${PART}volume${canonicalJson(volume)}`;
  if (source === undefined || source.type === "ROOT") return key;
  const { metadata, ...rest } = source;
  key += `${PART}source${canonicalJson(rest)}`;
  if (metadata !== undefined && metadata.length > 0) key += canonicalJson(sortLabels(metadata));
  return key;
}

/** Labels in the one order in which they are compared and kept: by key, then by value. */
export function sortLabels(labels: readonly Label[]): readonly Label[] {
  if (labels.length < 2) return labels;
  return [...labels].sort((a, b) => {
    const [left, right] = [canonicalJson(a), canonicalJson(b)];
    return left < right ? -1 : Number(left > right);
  });
}

/** JSON with the keys of every object sorted: equal data gives equal text. */
function canonicalJson(value: ResourceValue | object): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part !== "object" || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
