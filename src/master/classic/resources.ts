/** Resources as the paths before the v1 API tell them: amounts by name, ranges and sets as text. */
import { type Resource, type Resources, reservationRole } from "../../resources/mod.ts";

/** `{"cpus":2,"mem":1024,"ports":"[31000-31009]",…}`; the four known kinds are always there. */
export type Plain = Readonly<Record<string, number | string>>;

export function plain(resources: Resources): Plain {
  const sums: Record<string, number> = { cpus: 0, disk: 0, gpus: 0, mem: 0 };
  const lists = new Map<string, string[]>();
  for (const { name, value, revocable } of resources) {
    const key = revocable ? `${name}_revocable` : name;
    if (value.type === "SCALAR") sums[key] = (sums[key] ?? 0) + value.millis;
    else if (value.type === "RANGES") {
      const ranges = value.ranges.map(({ begin, end }) => `${begin}-${end}`);
      lists.set(key, [...(lists.get(key) ?? []), ...ranges]);
    } else lists.set(key, [...(lists.get(key) ?? []), ...value.items]);
  }
  const amounts = Object.entries(sums).map(([name, millis]) => [name, millis / 1000] as const);
  const texts = Array.from(
    lists,
    ([name, items]) => [name, textOf(resources, name, items)] as const,
  );
  return Object.fromEntries([...amounts, ...texts]);
}

function textOf(resources: Resources, name: string, items: readonly string[]): string {
  const isSet = [...resources.named(name)].some(({ value }) => value.type === "SET");
  return isSet ? `{${items.join(", ")}}` : `[${items.join(", ")}]`;
}

/** What is reserved, by role. */
export function reservedByRole(resources: Resources): Map<string, Resources> {
  const roles = new Set(Array.from(resources, (each: Resource) => reservationRole(each)));
  const byRole = new Map<string, Resources>();
  for (const role of roles) if (role !== undefined) byRole.set(role, resources.reservedTo(role));
  return byRole;
}
