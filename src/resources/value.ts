import { unreachable } from "../base/mod.ts";
import {
  containsRanges,
  countRanges,
  firstOfRanges,
  intersectRanges,
  normaliseRanges,
  subtractRanges,
  uniteRanges,
} from "./ranges.ts";
import { invalidResource, type ResourceValue, SCALAR_MILLIS_MAX } from "./resource.ts";

/**
 * Check a value and bring it into its one normal form.
 *
 * @throws {FairleadError} `invalid_resource`; the message names the field and the allowed range.
 */
export function normaliseValue(value: ResourceValue, name: string): ResourceValue {
  switch (value.type) {
    case "SCALAR":
      checkMillis(value.millis, name);
      return value;
    case "RANGES":
      return { type: "RANGES", ranges: normaliseRanges(value.ranges, name) };
    case "SET":
      return { type: "SET", items: normaliseItems(value.items, name) };
    default:
      throw unknownType(name, value);
  }
}

function unknownType(name: string, value: never): Error {
  return invalidResource(name, "its value type must be SCALAR, RANGES or SET", { value });
}

/**
 * Turn a number of units into thousandths, rounding half away from zero.
 *
 * @throws {FairleadError} `invalid_resource` unless it is finite, not negative and in bounds.
 */
export function toMillis(units: number, name: string): number {
  const millis = Math.round(units * 1000) + 0; // never a negative zero
  if (units >= 0 && millis <= SCALAR_MILLIS_MAX) return millis;
  const fault = `a scalar must be a number from 0 to ${SCALAR_MILLIS_MAX / 1000}, not ${units}`;
  throw invalidResource(name, fault, { value: units });
}

function checkMillis(millis: number, name: string): void {
  if (Number.isInteger(millis) && millis >= 0 && millis <= SCALAR_MILLIS_MAX) return;
  const fault = `millis must be an integer from 0 to ${SCALAR_MILLIS_MAX}, not ${millis}`;
  throw invalidResource(name, fault, { millis });
}

function normaliseItems(items: readonly string[], name: string): readonly string[] {
  const sorted = [...items].sort();
  for (let index = 1; index < sorted.length; index += 1) {
    if (sorted[index] !== sorted[index - 1]) continue;
    const fault = `item ${JSON.stringify(sorted[index])} stands twice in a set`;
    throw invalidResource(name, fault, { items });
  }
  return sorted;
}

/** Whether there is nothing of it. */
export function isEmptyValue(value: ResourceValue): boolean {
  if (value.type === "SCALAR") return value.millis === 0;
  return value.type === "RANGES" ? value.ranges.length === 0 : value.items.length === 0;
}

/** How much it is, in thousandths; a range or set counts its members. */
export function valueMillis(value: ResourceValue): number {
  if (value.type === "SCALAR") return value.millis;
  return 1000 * (value.type === "RANGES" ? countRanges(value.ranges) : value.items.length);
}

/**
 * Both together: scalars are summed, ranges and sets united.
 *
 * @throws {FairleadError} `invalid_resource` when the types differ or the sum is out of bounds.
 */
export function addValues(a: ResourceValue, b: ResourceValue, name: string): ResourceValue {
  if (a.type === "SCALAR" && b.type === "SCALAR") {
    const millis = a.millis + b.millis;
    checkMillis(millis, name);
    return { type: "SCALAR", millis };
  }
  if (a.type === "RANGES" && b.type === "RANGES") {
    return { type: "RANGES", ranges: uniteRanges(a.ranges, b.ranges) };
  }
  if (a.type === "SET" && b.type === "SET") {
    return { type: "SET", items: [...new Set([...a.items, ...b.items])].sort() };
  }
  const fault = `it cannot be a ${a.type} and a ${b.type} at once; one name has one value type`;
  throw invalidResource(name, fault, { types: [a.type, b.type] });
}

/** `a` without `b`; ask {@linkcode containsValue} first. */
export function subtractValues(a: ResourceValue, b: ResourceValue): ResourceValue {
  if (a.type === "SCALAR" && b.type === "SCALAR") {
    return { type: "SCALAR", millis: a.millis - b.millis };
  }
  if (a.type === "RANGES" && b.type === "RANGES") {
    return { type: "RANGES", ranges: subtractRanges(a.ranges, b.ranges) };
  }
  if (a.type === "SET" && b.type === "SET") {
    const removed = new Set(b.items);
    return { type: "SET", items: a.items.filter((item) => !removed.has(item)) };
  }
  return a;
}

/** Whether all of `b` is in `a`; never for values of two types. */
export function containsValue(a: ResourceValue, b: ResourceValue): boolean {
  if (a.type === "SCALAR" && b.type === "SCALAR") return a.millis >= b.millis;
  if (a.type === "RANGES" && b.type === "RANGES") return containsRanges(a.ranges, b.ranges);
  if (a.type !== "SET" || b.type !== "SET" || b.items.length > a.items.length) return false;
  const held = new Set(a.items);
  return b.items.every((item) => held.has(item));
}

/** What both have; undefined for values of two types and when there is nothing. */
export function intersectValues(a: ResourceValue, b: ResourceValue): ResourceValue | undefined {
  let common: ResourceValue | undefined;
  if (a.type === "SCALAR" && b.type === "SCALAR") common = a.millis <= b.millis ? a : b;
  if (a.type === "RANGES" && b.type === "RANGES") {
    common = { type: "RANGES", ranges: intersectRanges(a.ranges, b.ranges) };
  }
  if (a.type === "SET" && b.type === "SET") {
    const other = new Set(b.items);
    common = { type: "SET", items: a.items.filter((item) => other.has(item)) };
  }
  return common === undefined || isEmptyValue(common) ? undefined : common;
}

/** The first members of a range or set, or a smaller scalar, that fit into `millisMax`. */
export function shrinkValue(value: ResourceValue, millisMax: number): ResourceValue {
  if (valueMillis(value) <= millisMax) return value;
  const millis = Math.max(0, Math.floor(millisMax));
  const members = Math.floor(millis / 1000);
  switch (value.type) {
    case "SCALAR":
      return { type: "SCALAR", millis };
    case "RANGES":
      return { type: "RANGES", ranges: firstOfRanges(value.ranges, members) };
    case "SET":
      return { type: "SET", items: value.items.slice(0, members) };
    default:
      return unreachable(value);
  }
}
