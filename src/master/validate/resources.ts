/** From the resources of calls to typed ones, and the rules that hold for them. */
import type { ResourceJson } from "../../model/mod.ts";
import {
  identityKey,
  isPersistentVolume,
  type Resource,
  Resources,
  reservationRole,
  validateRole,
} from "../../resources/mod.ts";
import { faultOf, faultOfId } from "./ids.ts";
import type { Fault, ReadResources } from "./types.ts";

/** Read, or what is wrong. */
export type ResourcesVerdict =
  | ({ readonly ok: true } & ReadResources)
  | { readonly ok: false; readonly fault: string };

/** How many shapes are remembered before all are forgotten. */
const SHAPES_MAX = 1_024;

/**
 * Reads the resources of tasks and executors, and remembers the shapes that come again and again.
 *
 * What names no role that it is held for is held for the offer's role: clients leave it out.
 * The deprecated fields `role` and `reservation` are understood.
 * Cost: well below a microsecond for scalars of a known shape, a few with ports, tens else.
 */
export class ResourceReader {
  readonly #shapes = new Map<string, ResourcesVerdict>();

  /**
   * Read a list and check every resource for itself.
   *
   * @param role What the resources are held for; undefined: whatever they say.
   */
  read(list: readonly ResourceJson[], role: string | undefined): ResourcesVerdict {
    const ports = onlyRanges(list);
    if (ports === undefined) return this.#readShape(list, role) ?? readList(list, role);
    const scalars = this.#readShape(
      list.filter((resource) => resource !== ports),
      role,
    );
    const read = readList([ports], role);
    if (!scalars?.ok || !read.ok) return readList(list, role);
    return {
      ok: true,
      resources: scalars.resources.add(read.resources),
      json: [...scalars.json, ...read.json],
    };
  }

  /** Plain scalars; undefined when there is anything else. */
  #readShape(
    list: readonly ResourceJson[],
    role: string | undefined,
  ): ResourcesVerdict | undefined {
    const shape = shapeOf(list, role);
    if (shape === undefined) return undefined;
    const known = this.#shapes.get(shape);
    if (known !== undefined) return known;
    const read = readList(list, role);
    if (this.#shapes.size >= SHAPES_MAX) this.#shapes.clear();
    this.#shapes.set(shape, read);
    return read;
  }
}

/** The one resource of a list that is no scalar, when it is ranges: ports, as a rule. */
function onlyRanges(list: readonly ResourceJson[]): ResourceJson | undefined {
  let found: ResourceJson | undefined;
  for (const resource of list) {
    if (resource.type === "SCALAR") continue;
    if (found !== undefined || resource.type !== "RANGES") return undefined;
    found = resource;
  }
  return found !== undefined && list.every((each) => each === found || each.name !== found.name)
    ? found
    : undefined;
}

/** Text that is equal for equal lists of plain scalars; undefined for all other lists. */
function shapeOf(list: readonly ResourceJson[], role: string | undefined): string | undefined {
  let shape = role ?? "";
  for (const resource of list) {
    if (resource.type !== "SCALAR" || resource.scalar === undefined) return undefined;
    if (!isPlain(resource)) return undefined;
    const held = resource.allocation_info?.role;
    if (held !== undefined && held !== role) return undefined;
    shape += `\n${resource.name} ${resource.scalar.value}`;
  }
  return shape;
}

/** Whether a resource is nothing but a name and an amount, held for somebody or not. */
function isPlain(resource: ResourceJson): boolean {
  return (
    (resource.role === undefined || resource.role === "*") &&
    resource.reservation === undefined &&
    (resource.reservations === undefined || resource.reservations.length === 0) &&
    resource.disk === undefined &&
    resource.revocable === undefined &&
    resource.shared === undefined &&
    resource.provider_id === undefined
  );
}

/**
 * Read a list and check every resource for itself.
 *
 * @param role What resources are held for that do not say it.
 */
export function readList(
  list: readonly ResourceJson[],
  role: string | undefined,
): ResourcesVerdict {
  let read: ReadResources = { resources: Resources.EMPTY, json: [] };
  const fault = faultOf(() => {
    read = readPlain(list, role) ?? readAny(list, role);
  });
  if (fault !== undefined) return { ok: false, fault: `Invalid resources: ${fault}` };
  const { resources } = read;
  const wrong = faultOfGpus(resources) ?? faultOfDisks(resources) ?? faultOfReservations(resources);
  return wrong === undefined ? { ok: true, ...read } : { ok: false, fault: wrong };
}

function readAny(list: readonly ResourceJson[], role: string | undefined): ReadResources {
  const read = Resources.fromJson(list);
  if (role === undefined) return { resources: read, json: toJson(read) };
  const allocated = read.filter(({ allocationRole }) => allocationRole !== undefined);
  const resources = allocated.add(read.unallocated().allocate(role));
  return { resources, json: toJson(resources) };
}

type PlainValue = Exclude<Resource["value"], { readonly type: "SET" }>;

const NO_RESERVATIONS: Resource["reservations"] = [];

/**
 * What `Resources.fromJson` reads, for lists of plain scalars and ranges with each name once;
 * undefined for other lists. Several times as fast, and held against it by tests.
 *
 * @throws {FairleadError} `invalid_resource`, `invalid_role`.
 */
function readPlain(
  list: readonly ResourceJson[],
  role: string | undefined,
): ReadResources | undefined {
  const read: Resource[] = [];
  const written: ResourceJson[] = [];
  for (const json of list) {
    if (!isPlain(json) || read.some(({ name }) => name === json.name)) return undefined;
    const value = readValue(json);
    if (value === undefined) return undefined;
    const held = json.allocation_info?.role ?? role;
    read.push(plain(json.name, value, held));
    written.push(writePlain(json.name, value, held));
  }
  if (role !== undefined) validateRole(role);
  return { resources: Resources.of(read), json: written };
}

function plain(name: string, value: PlainValue, held: string | undefined): Resource {
  const resource = { name, value, reservations: NO_RESERVATIONS, revocable: false, shared: false };
  return held === undefined ? resource : { ...resource, allocationRole: held };
}

function writePlain(name: string, value: PlainValue, role: string | undefined): ResourceJson {
  const amount: ResourceJson =
    value.type === "SCALAR"
      ? { name, type: "SCALAR", scalar: { value: value.millis / 1000 } }
      : { name, type: "RANGES", ranges: { range: [...value.ranges] } };
  return role === undefined ? amount : { ...amount, allocation_info: { role } };
}

/** A value that is nothing special; nothing at all, or what has to be refused, is. */
function readValue(json: ResourceJson): PlainValue | undefined {
  if (json.type === "SCALAR" && json.scalar !== undefined) {
    const millis = Math.round(json.scalar.value * 1000);
    return Number.isSafeInteger(millis) && millis > 0 ? { type: "SCALAR", millis } : undefined;
  }
  if (json.type === "RANGES" && json.ranges?.range?.length === 1) {
    return { type: "RANGES", ranges: json.ranges.range };
  }
  return undefined;
}

/** Mesos' JSON of resources, in its type: what `toJson` writes is what the schema reads. */
export function toJson(resources: Resources): ResourceJson[] {
  return resources.toJson() as ResourceJson[];
}

function faultOfGpus(resources: Resources): Fault {
  if (resources.quantities().get("gpus") % 1000 === 0) return undefined;
  return "Invalid 'gpus' resource: The 'gpus' resource must be an unsigned integer";
}

function faultOfDisks(resources: Resources): Fault {
  for (const { disk } of resources) {
    if (disk === undefined) continue;
    const fault = faultOfDisk(disk);
    if (fault !== undefined) return `Invalid DiskInfo: ${fault}`;
  }
  return undefined;
}

function faultOfDisk({ persistence, volume }: NonNullable<Resource["disk"]>): Fault {
  if (persistence === undefined) {
    return volume === undefined ? undefined : "Non-persistent volume not supported";
  }
  if (volume === undefined) return "Expecting 'volume' to be set for persistent volume";
  if (volume.host_path !== undefined) {
    return "Expecting 'host_path' to be unset for persistent volume";
  }
  const fault = faultOfId(persistence.id);
  return fault && `Invalid persistence ID for persistent volume: ${fault}`;
}

function faultOfReservations(resources: Resources): Fault {
  for (const { name, revocable, reservations } of resources) {
    if (!revocable || reservations.at(-1)?.type !== "DYNAMIC") continue;
    return (
      `Invalid ReservationInfo: Dynamically reserved resource ${name} cannot be created from ` +
      "revocable resources"
    );
  }
  return undefined;
}

/** Two volumes of one id and role are one too many; copies of a shared one are not. */
export function faultOfPersistenceIds(resources: Resources): Fault {
  const seen = new Map<string, string>();
  for (const resource of resources) {
    if (!isPersistentVolume(resource)) continue;
    const id = resource.disk?.persistence?.id ?? "";
    const owner = `${reservationRole(resource)}\n${id}`;
    const key = identityKey(resource);
    const before = seen.get(owner);
    if (before !== undefined && !(resource.shared && before === key)) {
      return `Persistence ID '${id}' is not unique`;
    }
    seen.set(owner, key);
  }
  return undefined;
}

/** All of it must be held for one role. */
export function faultOfRoles(resources: Resources): Fault {
  let role: string | undefined;
  for (const { allocationRole } of resources) {
    if (allocationRole === undefined) return "The resources are not allocated to a role";
    role ??= allocationRole;
    if (allocationRole === role) continue;
    return (
      `The resources have multiple allocation roles ('${allocationRole}' and '${role}') but only ` +
      "one allocation role is allowed"
    );
  }
  return undefined;
}

/** One kind must be lent or owned, not both. */
export function faultOfMixing(resources: Resources): Fault {
  const revocable = resources.revocable();
  if (revocable.isEmpty) return undefined;
  const lent = new Set(Array.from(revocable, ({ name }) => name));
  for (const { name } of resources.nonRevocable()) {
    if (!lent.has(name)) continue;
    return `Cannot use both revocable and non-revocable '${name}' at the same time`;
  }
  return undefined;
}

/** Whether the same ports or items stand in two of the lists; shared volumes may. */
export function overlap(lists: readonly Resources[]): boolean {
  let sum = Resources.EMPTY;
  let amounts = sum.quantities();
  for (const list of lists) {
    const own = list.nonShared();
    sum = sum.add(own);
    amounts = amounts.add(own.quantities());
  }
  return !sum.quantities().equals(amounts);
}

/** Whether the offers cover what a launch takes: of a shared volume, one copy is enough. */
export function covers(available: Resources, wanted: Resources): boolean {
  if (available.contains(wanted)) return true;
  const shared = wanted.shared();
  if (shared.isEmpty || !available.contains(wanted.nonShared())) return false;
  return Array.from(shared).every((volume) => available.copiesOf(volume) > 0);
}
