/**
 * What an agent has and a task needs, as values: Mesos' resources with their whole algebra.
 * Scalars are integers of thousandths, ranges and sets are normalised, and everything that makes
 * two resources different (reservations, volumes, disks, revocable, shared) is part of their
 * identity. Every value is immutable, every operation gives equal answers for equal input.
 *
 * @example
 * ```ts
 * import { Resources } from "fairlead/resources";
 *
 * const agent = Resources.parse("cpus:24;mem:4096;ports:[31000-32000]");
 * const task = Resources.parse("cpus:0.5;mem:128;ports:[31000-31001]");
 * console.assert(agent.contains(task));
 * console.assert(agent.subtract(task).quantities().get("cpus") === 23_500);
 * ```
 *
 * @module
 */
export { identityKey } from "./identity.ts";
export type { ReservationForm } from "./json_write.ts";
export { type AmountsByKind, Quantities } from "./quantities.ts";
export {
  type DiskInfo,
  type DiskSource,
  isIndivisible,
  isPersistentVolume,
  type Label,
  type Persistence,
  RANGE_END_MAX,
  type Range,
  type Reservation,
  type ReservationType,
  type Resource,
  type ResourceValue,
  reservationRole,
  SCALAR_MILLIS_MAX,
} from "./resource.ts";
export { Resources } from "./resources.ts";
export { ANY_ROLE, isRoleDescendant, roleAncestors, validateRole } from "./role.ts";
export { shrink } from "./shrink.ts";
