import type { Random } from "../../src/base/mod.ts";
import { isIndivisible, type Resource, Resources, shrink } from "../../src/resources/mod.ts";
import type { Conversion } from "./model/api.ts";

/** Some part of these resources: of each one nothing, all, or a first piece. */
export function portion(resources: Resources, random: Random): Resources {
  const parts: Resource[] = [];
  for (const resource of resources) {
    const luck = random.next();
    if (luck < 0.3) continue;
    if (luck < 0.6 || isIndivisible(resource)) {
      parts.push(resource);
      continue;
    }
    const [[, millis] = ["", 0]] = Resources.of([resource]).quantities();
    const piece = shrink(resource, Math.floor(millis * random.next()));
    if (piece !== undefined) parts.push(piece);
  }
  return Resources.of(parts);
}

/**
 * Conversions that a framework or an operator may ask for, one after the other: RESERVE,
 * UNRESERVE, CREATE (shared or not), DESTROY. Now and then one that changes amounts.
 */
export function randomConversions(
  resources: Resources,
  role: string,
  random: Random,
): Conversion[] {
  const conversions: Conversion[] = [];
  let rest = resources;
  for (let step = random.int(3); step >= 0; step -= 1) {
    const conversion = randomConversion(rest, role, random);
    if (conversion === undefined || conversion.from.isEmpty) continue;
    conversions.push(conversion);
    rest = rest.subtract(conversion.from).add(conversion.to);
  }
  return conversions;
}

function randomConversion(
  resources: Resources,
  role: string,
  random: Random,
): Conversion | undefined {
  switch (random.int(6)) {
    case 0:
    case 1:
      return reserve(resources, role, random);
    case 2:
      return unreserve(resources, random);
    case 3:
      return createVolume(resources, random);
    case 4:
      return destroyVolume(resources);
    default:
      return random.int(4) > 0 ? undefined : { from: resources, to: Resources.parse("cpus:77") };
  }
}

function reserve(resources: Resources, role: string, random: Random): Conversion | undefined {
  if (role === "*") return undefined;
  const open = resources.filter(({ revocable, shared, reservations, disk }) => {
    if (revocable || shared || disk?.persistence !== undefined) return false;
    return reservations.every((layer) => role.startsWith(`${layer.role}/`));
  });
  const from = portion(open, random);
  return { from, to: from.pushReservation({ type: "DYNAMIC", role }) };
}

function unreserve(resources: Resources, random: Random): Conversion {
  const reserved = resources.filter(
    ({ reservations, disk, shared }) =>
      reservations.at(-1)?.type === "DYNAMIC" && !shared && disk?.persistence === undefined,
  );
  const from = portion(reserved, random);
  return { from, to: from.popReservation() };
}

function createVolume(resources: Resources, random: Random): Conversion | undefined {
  const plain = resources.filter(
    ({ name, reservations, disk, revocable }) =>
      name === "disk" && reservations.length > 0 && !revocable && disk?.persistence === undefined,
  );
  const [from] = portion(plain, random);
  if (from === undefined) return undefined;
  const disk = { ...from.disk, persistence: { id: `n${random.int(1000)}` } };
  const to = { ...from, disk, shared: random.int(2) === 0 };
  return { from: Resources.of([from]), to: Resources.of([to]) };
}

function destroyVolume(resources: Resources): Conversion | undefined {
  const [from] = resources.filter(({ disk }) => disk?.persistence !== undefined);
  if (from === undefined) return undefined;
  const { disk, ...bare } = { ...from, shared: false };
  const source = disk?.source;
  const to = source === undefined ? bare : { ...bare, disk: { source } };
  return { from: Resources.of([from]), to: Resources.of([to]) };
}

/** Resources after conversions; undefined when they are not all there. */
export function applied(
  resources: Resources,
  conversions: readonly Conversion[],
): Resources | undefined {
  let now: Resources | undefined = resources;
  for (const { from, to } of conversions) now = now?.trySubtract(from)?.add(to);
  return now;
}
