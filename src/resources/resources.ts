import { FairleadError } from "../base/mod.ts";
import {
  addEntries,
  allocateEntry,
  collectEntries,
  containsEntries,
  type Entries,
  type Entry,
  entryAmounts,
  entryOf,
  equalEntries,
  intersectEntries,
  type Overlap,
  subtractEntries,
} from "./entries.ts";
import { readResource } from "./json.ts";
import { type ReservationForm, writeResource } from "./json_write.ts";
import { checkResource, normaliseResource } from "./normalise.ts";
import { Quantities } from "./quantities.ts";
import { invalidResource, type Reservation, type Resource, reservationRole } from "./resource.ts";
import { ANY_ROLE, isRoleDescendant, validateRole } from "./role.ts";
import { formatResource, parseResources } from "./text.ts";

/**
 * What an agent has, an offer holds or a task uses: an immutable bag of resources.
 *
 * Resources of one identity ({@linkcode identityKey}) are merged and empty ones left out, so that
 * equal bags look equal. Indivisible ones are never merged but counted: adding the same shared
 * volume twice holds two copies, and each subtraction takes one.
 * Ranges and sets are united by `add`: a member that both sides have is there once.
 * Cost: every operation is linear in the identities held; `quantities` is computed once.
 */
export class Resources implements Iterable<Resource> {
  static readonly EMPTY: Resources = new Resources([]);

  readonly #entries: Entries;
  #quantities: Quantities | undefined;

  private constructor(entries: Entries) {
    this.#entries = entries;
  }

  /** @throws {FairleadError} `invalid_resource` or `invalid_role` when one of them cannot be. */
  static of(resources: Iterable<Resource>): Resources {
    return Resources.#gather(Array.from(resources, normaliseResource), "unite");
  }

  /**
   * Read text such as "cpus:2;mem:1024;ports:[31000-32000];zones:{a,b};cpus(eng/web):1".
   *
   * @param options.role The role of items that name none; they become STATIC. @default "*"
   * @throws {FairleadError} `invalid_resource` or `invalid_role`; the message names the item.
   */
  static parse(text: string, { role = ANY_ROLE }: { readonly role?: string } = {}): Resources {
    validateRole(role);
    return Resources.#gather(parseResources(text, role), "refuse");
  }

  /**
   * Read a list of resources in Mesos' v1 JSON, deprecated fields included.
   *
   * @throws {FairleadError} `invalid_resource` or `invalid_role`; the message names the field.
   */
  static fromJson(json: unknown): Resources {
    if (!Array.isArray(json)) throw invalidResource("resources", "it must be an array");
    const read = json.map((item: unknown, index) => readResource(item, `resources[${index}]`));
    return Resources.#gather(read, "refuse");
  }

  static #gather(resources: readonly Resource[], overlap: Overlap): Resources {
    return Resources.#from(collectEntries(resources.map(entryOf), overlap));
  }

  static #from(entries: Entries): Resources {
    return entries.length === 0 ? Resources.EMPTY : new Resources(entries);
  }

  /** How many resources iteration gives: each copy of an indivisible one counts. */
  get size(): number {
    let size = 0;
    for (const entry of this.#entries) size += entry.copies;
    return size;
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  /** Resources by identity, in an order that does not depend on how they came together. */
  *[Symbol.iterator](): IterableIterator<Resource> {
    for (const { resource, copies } of this.#entries) {
      for (let copy = 0; copy < copies; copy += 1) yield resource;
    }
  }

  /** How many copies of a resource there are: above 1 only for indivisible ones. */
  copiesOf(resource: Resource): number {
    const { key } = entryOf(normaliseResource(resource));
    return this.#entries.find((entry) => entry.key === key)?.copies ?? 0;
  }

  /** @throws {FairleadError} `invalid_resource` when value types differ or a sum is too large. */
  add(other: Resources): Resources {
    if (other.isEmpty) return this;
    if (this.isEmpty) return other;
    return new Resources(addEntries(this.#entries, other.#entries));
  }

  /** @throws {FairleadError} `resources_not_contained` when `other` is not all there. */
  subtract(other: Resources): Resources {
    const rest = this.trySubtract(other);
    if (rest !== undefined) return rest;
    const missing = this.#missing(other);
    throw new FairleadError(
      "resources_not_contained",
      `Cannot subtract ${other}: ${missing} is not in ${this.isEmpty ? "nothing" : this}`,
      { details: { held: this, asked: other, missing } },
    );
  }

  /** What is left without `other`; undefined when `other` is not all there. */
  trySubtract(other: Resources): Resources | undefined {
    if (other.isEmpty) return this;
    const rest = subtractEntries(this.#entries, other.#entries);
    return rest === undefined ? undefined : Resources.#from(rest);
  }

  #missing(other: Resources): Resources {
    return other.subtract(other.intersect(this));
  }

  /** Whether all of `other` is there; an indivisible resource only as a whole. */
  contains(other: Resources): boolean {
    return containsEntries(this.#entries, other.#entries);
  }

  /** What both have. */
  intersect(other: Resources): Resources {
    return Resources.#from(intersectEntries(this.#entries, other.#entries));
  }

  equals(other: Resources): boolean {
    return this === other || equalEntries(this.#entries, other.#entries);
  }

  /** The resources that the predicate accepts, with all their copies. */
  filter(predicate: (resource: Resource) => boolean): Resources {
    const kept = this.#entries.filter(({ resource }) => predicate(resource));
    return kept.length === this.#entries.length ? this : Resources.#from(kept);
  }

  /** What is reserved to exactly this role; without a role, whatever is reserved. */
  reservedTo(role?: string): Resources {
    if (role === undefined) return this.filter(({ reservations }) => reservations.length > 0);
    return this.filter((resource) => reservationRole(resource) === role);
  }

  unreserved(): Resources {
    return this.filter(({ reservations }) => reservations.length === 0);
  }

  /** What may be offered to a role: unreserved, or reserved to it or to a role above it. */
  allocatableTo(role: string): Resources {
    return this.filter((resource) => {
      const owner = reservationRole(resource);
      return owner === undefined || owner === role || isRoleDescendant(role, owner);
    });
  }

  revocable(): Resources {
    return this.filter(({ revocable }) => revocable);
  }

  nonRevocable(): Resources {
    return this.filter(({ revocable }) => !revocable);
  }

  shared(): Resources {
    return this.filter(({ shared }) => shared);
  }

  nonShared(): Resources {
    return this.filter(({ shared }) => !shared);
  }

  named(name: string): Resources {
    return this.filter((resource) => resource.name === name);
  }

  allocatedTo(role: string): Resources {
    return this.filter(({ allocationRole }) => allocationRole === role);
  }

  unallocated(): Resources {
    return this.filter(({ allocationRole }) => allocationRole === undefined);
  }

  /** The same resources, held for a role. @throws {FairleadError} `invalid_role`. */
  allocate(role: string): Resources {
    validateRole(role);
    if (this.#entries.every(({ key, resource }) => key === resource.name)) {
      // Plain amounts keep their order, and their new keys are known.
      return Resources.#from(this.#entries.map((entry) => allocateEntry(entry, role)));
    }
    return this.#map((resource) => ({ ...resource, allocationRole: role }));
  }

  /** The same resources, held for nobody. */
  unallocate(): Resources {
    if (this.#entries.every(({ resource }) => resource.allocationRole === undefined)) return this;
    return this.#map(({ allocationRole: _, ...resource }) => resource);
  }

  /**
   * Reserve all of it one layer deeper.
   *
   * @throws {FairleadError} `invalid_resource` or `invalid_role` when the layer does not fit on one
   * of them; see {@linkcode Resource.reservations}.
   */
  pushReservation(reservation: Reservation): Resources {
    return this.#map((resource) =>
      normaliseResource({ ...resource, reservations: [...resource.reservations, reservation] }),
    );
  }

  /**
   * Take the last layer of reservation away from all of it.
   *
   * @throws {FairleadError} `invalid_resource` when one of them is unreserved, or is a persistent
   * volume that would become so.
   */
  popReservation(): Resources {
    return this.#map((resource) => {
      const { name, reservations } = resource;
      if (reservations.length === 0) throw invalidResource(name, "it has no reservation to pop");
      const popped = { ...resource, reservations: reservations.slice(0, -1) };
      checkResource(popped);
      return popped;
    });
  }

  /** Amounts by kind: scalars, and members of ranges and sets; a shared volume counts once. */
  quantities(): Quantities {
    this.#quantities ??= Quantities.ofSorted(entryAmounts(this.#entries));
    return this.#quantities;
  }

  #map(change: (resource: Resource) => Resource): Resources {
    const changed = this.#entries.map(({ resource, copies }): Entry => {
      return { ...entryOf(change(resource)), copies };
    });
    return Resources.#from(collectEntries(changed));
  }

  /** Text that {@linkcode Resources.parse} reads back: "cpus:2; ports:[31000-32000]". */
  toString(): string {
    return Array.from(this, formatResource).join("; ");
  }

  /** What `JSON.stringify` writes: Mesos' v1 JSON. */
  toJSON(): unknown[] {
    return this.toJson();
  }

  /**
   * Mesos' v1 JSON, which {@linkcode Resources.fromJson} reads back.
   *
   * @param form "role" writes the deprecated fields. @default "reservations"
   * @throws {FairleadError} `invalid_resource` when the form cannot say a refined reservation.
   */
  toJson(form: ReservationForm = "reservations"): unknown[] {
    return Array.from(this, (resource) => writeResource(resource, form));
  }
}
