import { FairleadError } from "../base/mod.ts";

/** A key with an optional value, as frameworks hang them on reservations and disks. */
export interface Label {
  readonly key: string;
  readonly value?: string;
}

/** Reserved by the agent's own flags (STATIC), or at run time (DYNAMIC). */
export type ReservationType = "STATIC" | "DYNAMIC";

/** One layer of a reservation: to whom, by whom. */
export interface Reservation {
  readonly type: ReservationType;
  readonly role: string;
  readonly principal?: string;
  readonly labels?: readonly Label[];
}

/** What a disk resource is cut from. ROOT is the agent's work folder, and the same as no source. */
export interface DiskSource {
  readonly type: "ROOT" | "PATH" | "MOUNT" | "BLOCK" | "RAW";
  /** The folder of a PATH, or the mount point of a MOUNT. */
  readonly root?: string;
  readonly id?: string;
  readonly profile?: string;
  readonly vendor?: string;
  readonly metadata?: readonly Label[];
}

/** What makes a disk a persistent volume: its data outlives the task. */
export interface Persistence {
  /** Unique for the role on the agent. */
  readonly id: string;
  readonly principal?: string;
}

/** What a disk is besides an amount of megabytes. */
export interface DiskInfo {
  readonly persistence?: Persistence;
  /** How a task sees the volume, in Mesos' JSON; kept and compared, not interpreted. */
  readonly volume?: Readonly<Record<string, unknown>>;
  readonly source?: DiskSource;
}

/** The integers from `begin` to `end`, both included. */
export interface Range {
  readonly begin: number;
  readonly end: number;
}

/**
 * How much of a resource.
 *
 * Units: `millis` is an integer of thousandths (cpus: 1_500 is one and a half).
 * Normalised: ranges are sorted, apart by more than one; items are sorted, each one once.
 */
export type ResourceValue =
  | { readonly type: "SCALAR"; readonly millis: number }
  | { readonly type: "RANGES"; readonly ranges: readonly Range[] }
  | { readonly type: "SET"; readonly items: readonly string[] };

/** An amount of one kind of thing on one agent, and what may be done with it. */
export interface Resource {
  /** The kind: "cpus", "mem" (megabytes), "disk" (megabytes), "gpus", "ports", or any other. */
  readonly name: string;
  readonly value: ResourceValue;
  /**
   * A stack: each layer belongs to a role below that of the layer before; only the first may be
   * STATIC. The last one says to whom the resource is reserved; empty means unreserved.
   */
  readonly reservations: readonly Reservation[];
  readonly disk?: DiskInfo;
  /** Lent: it can be taken back while a task uses it. */
  readonly revocable: boolean;
  /** A persistent volume that several tasks may use at once. */
  readonly shared: boolean;
  /** The role that an offer or a task holds it for. */
  readonly allocationRole?: string;
  /** The resource provider that it came from; absent for the agent's own. */
  readonly providerId?: string;
}

/** The largest scalar, in thousandths: up to here decimal text and JSON give back every digit. */
export const SCALAR_MILLIS_MAX = 2_000_000_000_000_000;

/** The largest member of a range, so that a range's count is a scalar in bounds. */
export const RANGE_END_MAX = SCALAR_MILLIS_MAX / 1000 - 1;

/** The role that a resource is reserved to; undefined when it is unreserved. */
export function reservationRole(resource: Resource): string | undefined {
  const { reservations } = resource;
  return reservations.length === 0 ? undefined : reservations[reservations.length - 1]?.role;
}

/** Whether a resource is a persistent volume. */
export function isPersistentVolume(resource: Resource): boolean {
  return resource.disk?.persistence !== undefined;
}

/**
 * Whether a resource is used as a whole or not at all: a persistent volume, a MOUNT or BLOCK disk,
 * or a RAW disk that has an id. Two of these never merge into a larger one.
 */
export function isIndivisible(resource: Resource): boolean {
  const { disk } = resource;
  if (disk === undefined) return false;
  if (disk.persistence !== undefined) return true;
  const { source } = disk;
  if (source === undefined) return false;
  if (source.type === "MOUNT" || source.type === "BLOCK") return true;
  return source.type === "RAW" && source.id !== undefined;
}

/** The error of a resource that cannot be: `field` is wrong because of `fault`. */
export function invalidResource(
  field: string,
  fault: string,
  details: Readonly<Record<string, unknown>> = {},
): FairleadError {
  return new FairleadError("invalid_resource", `Cannot use ${field}: ${fault}`, {
    details: { field, ...details },
  });
}
