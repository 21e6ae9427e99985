/** Resources of offers as JSON: written by hand, as every offer has some. */
import type { ResourceJson } from "../../model/mod.ts";
import { type Resource, Resources } from "../../resources/mod.ts";

/** Mesos' JSON of resources that are held for a role, which they do not say themselves. */
export function resourcesJson(resources: Resources, role: string): ResourceJson[] {
  const json: ResourceJson[] = [];
  const allocation_info = { role };
  for (const resource of resources) {
    const plain = plainJson(resource, allocation_info);
    if (plain) json.push(plain);
    else json.push(...(Resources.of([resource]).allocate(role).toJson() as ResourceJson[]));
  }
  return json;
}

function plainJson(
  { name, value, reservations, disk, revocable, shared, providerId }: Resource,
  allocation_info: { role: string },
): ResourceJson | undefined {
  if (reservations.length > 0 || disk || revocable || shared || providerId) return undefined;
  if (value.type === "SCALAR") {
    return { name, type: "SCALAR", scalar: { value: value.millis / 1000 }, allocation_info };
  }
  if (value.type === "RANGES") {
    return { name, type: "RANGES", ranges: { range: [...value.ranges] }, allocation_info };
  }
  return { name, type: "SET", set: { item: [...value.items] }, allocation_info };
}
