/** Resources in one shape become the same amounts in another. */
import { type Resource, Resources } from "../../resources/mod.ts";
import type { ResourceConversion } from "../validate/types.ts";

/** What resources are after conversions, or why they cannot be converted. */
export type Converted =
  | { readonly ok: true; readonly resources: Resources }
  | { readonly ok: false; readonly message: string };

/** Apply conversions one after the other: all of them or none. */
export function applyConversions(
  resources: Resources,
  conversions: readonly ResourceConversion[],
): Converted {
  let result = resources;
  for (const { from, to, gone } of conversions) {
    const rest = result.trySubtract(from);
    if (rest === undefined) {
      return { ok: false, message: `${result} does not contain ${from}` };
    }
    if (gone !== undefined && rest.contains(gone)) {
      return {
        ok: false,
        message: `Persistent volume ${gone} cannot be removed due to additional shared copies`,
      };
    }
    result = rest.add(to);
  }
  return { ok: true, resources: result };
}

/** The same conversion, held for nobody: what happens to the agent's total. */
export function unallocated({ from, to, gone }: ResourceConversion): ResourceConversion {
  const plain = { from: from.unallocate(), to: to.unallocate() };
  return gone === undefined ? plain : { ...plain, gone: gone.unallocate() };
}

/** A bag of one. */
export function one(resource: Resource): Resources {
  return Resources.of([resource]);
}

/** The disk that a volume is made of: its source stays, what makes it a volume goes. */
export function withoutVolume({ disk, ...resource }: Resource): Resource {
  const source = disk?.source;
  const bare = { ...resource, shared: false };
  return source === undefined ? bare : { ...bare, disk: { source } };
}
