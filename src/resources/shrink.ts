import { isIndivisible, type Resource } from "./resource.ts";
import { isEmptyValue, shrinkValue, valueMillis } from "./value.ts";

/**
 * Cut a resource down to at most `millisMax` thousandths; undefined when nothing is left.
 *
 * Scalars are cut to the amount; ranges and sets keep their first members in order, 1000 each.
 * An indivisible resource (see {@linkcode isIndivisible}) is kept whole or not at all.
 */
export function shrink(resource: Resource, millisMax: number): Resource | undefined {
  if (valueMillis(resource.value) <= millisMax) return resource;
  if (isIndivisible(resource) || !(millisMax > 0)) return undefined;
  const value = shrinkValue(resource.value, millisMax);
  return isEmptyValue(value) ? undefined : { ...resource, value };
}
