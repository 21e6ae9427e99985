import { FairleadError } from "../../../src/base/mod.ts";
import {
  identityKey,
  isIndivisible,
  type Resource,
  Resources,
  reservationRole,
} from "../../../src/resources/mod.ts";
import { type Amounts, amountsOf } from "./amounts.ts";
import type { Agent, OfferRecord } from "./state.ts";

/** What is free of one slice; it is offered as a whole. */
export interface FreeSlice {
  /** The role that it is reserved to. */
  readonly owner: string | undefined;
  readonly refined: boolean;
  readonly revocable: boolean;
  readonly shared: boolean;
  /** An unreserved MOUNT disk: it counts as headroom, and quota decides on it. */
  readonly indivisible: boolean;
  readonly resources: Resources;
  readonly amounts: Amounts;
}

/** Whether a resource is of the main row: section 1. */
export function isMainRow(resource: Resource): boolean {
  const { reservations, revocable, shared } = resource;
  return reservations.length === 0 && !revocable && !shared && !isIndivisible(resource);
}

/** Unreserved, not revocable, all or nothing. */
function isLoneDisk(resource: Resource): boolean {
  const { reservations, revocable, shared } = resource;
  return reservations.length === 0 && !revocable && !shared && isIndivisible(resource);
}

/** Names the slice that a resource belongs to; copies of an indivisible one share a name. */
function sliceName(resource: Resource): string {
  if (resource.shared) return `shared ${identityKey(resource)}`;
  if (isLoneDisk(resource)) return `lone ${identityKey(resource)}`;
  const refined = resource.reservations.length > 1;
  return `group ${reservationRole(resource) ?? ""} ${refined} ${resource.revocable}`;
}

/**
 * The slices of a total, in the order in which they came into being: those of `before` that are
 * still there, then the new ones.
 */
export function sliceKeys(total: Resources, before: readonly string[]): string[] {
  const copies = new Map<string, number>();
  const present = new Set<string>();
  for (const resource of total) {
    if (isMainRow(resource)) continue;
    const name = sliceName(resource);
    const copy = copies.get(name) ?? 0;
    copies.set(name, copy + 1);
    present.add(isLoneDisk(resource) ? `${name} #${copy}` : name);
  }
  const kept = before.filter((key) => present.has(key));
  const known = new Set(before);
  return [...kept, ...[...present].filter((key) => !known.has(key))];
}

/** The non-shared resources of an agent that tasks or offers hold. */
function heldOn(agent: Agent): Resources {
  let held = Resources.EMPTY;
  for (const used of agent.used.values()) held = held.add(used);
  for (const offer of agent.offers) held = held.add(offer.resources);
  return held.nonShared();
}

/** What nobody holds: the total without what of it is held; shared volumes are always free. */
export function freeOf(agent: Agent): Resources {
  return agent.total.subtract(agent.total.intersect(heldOn(agent)));
}

/** Whether every shared volume among the resources has no holder, this offer left aside. */
export function volumesIdle(agent: Agent, resources: Resources, aside?: OfferRecord): boolean {
  const holdings = [...agent.used.values()];
  for (const offer of agent.offers) if (offer !== aside) holdings.push(offer.resources);
  const volumes = resources.shared();
  return holdings.every((held) => held.intersect(volumes).isEmpty);
}

/** Everything free but the scalars of the main row: section 7. */
export function identityContent(free: Resources): Resources {
  return free.filter((resource) => !isMainRow(resource) || resource.value.type !== "SCALAR");
}

/** The free slices of an agent, in slice order. */
export function freeSlices(agent: Agent, free: Resources): FreeSlice[] {
  const byKey = new Map<string, Resource[]>();
  const copiesFree = new Map<string, number>();
  for (const resource of free) {
    if (isMainRow(resource)) continue;
    const name = sliceName(resource);
    if (!isLoneDisk(resource)) {
      byKey.set(name, [...(byKey.get(name) ?? []), resource]);
      continue;
    }
    const copies = copiesFree.get(name) ?? 0;
    copiesFree.set(name, copies + 1);
    byKey.set(`${name} #${agent.total.copiesOf(resource) - 1 - copies}`, [resource]);
  }
  return agent.slices.flatMap((key) => {
    const resources = byKey.get(key);
    return resources === undefined ? [] : [sliceOf(resources)];
  });
}

function sliceOf(list: readonly Resource[]): FreeSlice {
  const [first] = list as readonly [Resource, ...Resource[]];
  const resources = Resources.of(list);
  return {
    owner: reservationRole(first),
    refined: first.reservations.length > 1,
    revocable: first.revocable,
    shared: first.shared,
    indivisible: isLoneDisk(first),
    resources,
    amounts: amountsOf(resources),
  };
}

/**
 * Refuse a total that has one disk, volume, port or item twice.
 *
 * @throws {FairleadError} `invalid_resource`.
 */
export function checkDistinct(total: Resources): void {
  const seen = new Set<string>();
  for (const resource of total) {
    for (const member of membersOf(resource)) {
      if (seen.has(member)) {
        throw new FairleadError("invalid_resource", `Cannot have ${member} twice on one agent`);
      }
      seen.add(member);
    }
  }
}

/** What a resource is made of, one by one, where it can be counted. */
function membersOf(resource: Resource): string[] {
  const { name, value } = resource;
  if (value.type === "SET") return value.items.map((item) => `${name} ${item}`);
  if (value.type === "SCALAR") return isIndivisible(resource) ? [identityKey(resource)] : [];
  return value.ranges.flatMap(({ begin, end }) =>
    Array.from({ length: end - begin + 1 }, (_, i) => `${name} ${begin + i}`),
  );
}
