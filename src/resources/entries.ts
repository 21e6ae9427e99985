import { allocatedKey, identityKey } from "./identity.ts";
import { invalidResource, isIndivisible, type Resource } from "./resource.ts";
import {
  addValues,
  containsValue,
  intersectValues,
  isEmptyValue,
  subtractValues,
  valueMillis,
} from "./value.ts";

/**
 * One identity within a list of resources; lists are sorted by key, each key once.
 *
 * Copies count indivisible resources, shared volumes among them; for all others it is 1.
 */
export interface Entry {
  readonly key: string;
  readonly resource: Resource;
  readonly copies: number;
}

/** A sorted list of entries, each key once. */
export type Entries = readonly Entry[];

/** The entry of a normalised resource. */
export function entryOf(resource: Resource): Entry {
  return { key: identityKey(resource), resource, copies: 1 };
}

/** A plain amount (its key is its name), held for a role. */
export function allocateEntry({ resource, copies }: Entry, role: string): Entry {
  return {
    key: allocatedKey(resource.name, role),
    resource: {
      name: resource.name,
      value: resource.value,
      reservations: resource.reservations,
      revocable: false,
      shared: false,
      allocationRole: role,
    },
    copies,
  };
}

/** How overlapping ranges and sets of one identity meet: united, or refused. */
export type Overlap = "unite" | "refuse";

/**
 * Sort entries by key and merge those of one key.
 *
 * @throws {FairleadError} `invalid_resource` when value types differ, a sum is out of bounds, or
 * members overlap that must not.
 */
export function collectEntries(loose: Entry[], overlap: Overlap = "unite"): Entries {
  loose.sort(byKey);
  let last: Entry | undefined;
  const merged: Entry[] = [];
  for (const entry of loose) {
    if (isEmptyValue(entry.resource.value)) continue;
    if (last !== undefined && last.key === entry.key) {
      if (overlap === "refuse") refuseOverlap(last.resource, entry.resource);
      last = mergeEntry(last, entry);
      merged[merged.length - 1] = last;
    } else {
      last = entry;
      merged.push(entry);
    }
  }
  return merged;
}

function byKey(a: Entry, b: Entry): number {
  if (a.key === b.key) return 0;
  return a.key < b.key ? -1 : 1;
}

function refuseOverlap(a: Resource, b: Resource): void {
  if (a.value.type === "SCALAR" || intersectValues(a.value, b.value) === undefined) return;
  throw invalidResource(a.name, "the same members stand in two resources of one identity", {
    values: [a.value, b.value],
  });
}

function mergeEntry(a: Entry, b: Entry): Entry {
  const { key, resource } = a;
  if (isIndivisible(resource)) return { key, resource, copies: a.copies + b.copies };
  const value = addValues(resource.value, b.resource.value, resource.name);
  return { key, resource: { ...resource, value }, copies: 1 };
}

/** The sum of two lists. */
export function addEntries(a: Entries, b: Entries): Entries {
  const sum: Entry[] = [];
  let [left, right] = [0, 0];
  while (left < a.length && right < b.length) {
    const [mine, its] = [a[left]!, b[right]!];
    if (mine.key === its.key) {
      sum.push(mergeEntry(mine, its));
      left += 1;
      right += 1;
    } else if (mine.key < its.key) {
      sum.push(mine);
      left += 1;
    } else {
      sum.push(its);
      right += 1;
    }
  }
  while (left < a.length) sum.push(a[left++]!);
  while (right < b.length) sum.push(b[right++]!);
  return sum;
}

/** What is left of `a`; undefined when `b` is not in it. */
export function subtractEntries(a: Entries, b: Entries): Entries | undefined {
  const rest: Entry[] = [];
  let next = 0;
  for (const mine of a) {
    const its = b[next];
    if (its === undefined || its.key !== mine.key) {
      rest.push(mine);
      continue;
    }
    if (!containsEntry(mine, its)) return undefined;
    next += 1;
    const left = subtractEntry(mine, its);
    if (left !== undefined) rest.push(left);
  }
  return next === b.length ? rest : undefined;
}

/** Whether `b` is in `a`. */
export function containsEntries(a: Entries, b: Entries): boolean {
  let at = 0;
  for (const its of b) {
    while (at < a.length && a[at]!.key < its.key) at += 1;
    const mine = a[at];
    if (mine === undefined || mine.key !== its.key || !containsEntry(mine, its)) return false;
  }
  return true;
}

function containsEntry(a: Entry, b: Entry): boolean {
  return a.copies >= b.copies && containsValue(a.resource.value, b.resource.value);
}

function subtractEntry(a: Entry, b: Entry): Entry | undefined {
  const { key, resource } = a;
  if (isIndivisible(resource)) {
    const copies = a.copies - b.copies;
    return copies === 0 ? undefined : { key, resource, copies };
  }
  const value = subtractValues(resource.value, b.resource.value);
  return isEmptyValue(value) ? undefined : { key, resource: { ...resource, value }, copies: 1 };
}

/** What both lists have. */
export function intersectEntries(a: Entries, b: Entries): Entries {
  const common: Entry[] = [];
  let at = 0;
  for (const mine of a) {
    while (at < b.length && b[at]!.key < mine.key) at += 1;
    const its = b[at];
    if (its === undefined || its.key !== mine.key) continue;
    const value = intersectValues(mine.resource.value, its.resource.value);
    if (value === undefined) continue;
    const resource = { ...mine.resource, value };
    common.push({ key: mine.key, resource, copies: Math.min(mine.copies, its.copies) });
  }
  return common;
}

/** Whether two lists say the same. */
export function equalEntries(a: Entries, b: Entries): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index += 1) {
    const [mine, its] = [a[index]!, b[index]!];
    if (mine.key !== its.key || mine.copies !== its.copies) return false;
    const [x, y] = [mine.resource.value, its.resource.value];
    if (!containsValue(x, y) || !containsValue(y, x)) return false;
  }
  return true;
}

/** Amounts by kind, in the order of the list; a shared volume counts once, whatever its copies. */
export function* entryAmounts(entries: Entries): Iterable<readonly [string, number]> {
  for (const { resource, copies } of entries) {
    yield [resource.name, valueMillis(resource.value) * (resource.shared ? 1 : copies)];
  }
}
