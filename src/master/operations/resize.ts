/** GROW_VOLUME and SHRINK_VOLUME: disk moves into a volume and out of it. */
import type { Operation } from "../../model/mod.ts";
import type { Resource, Resources } from "../../resources/mod.ts";
import { readList } from "../validate/resources.ts";
import type { Fault, OperationContext } from "../validate/types.ts";
import { one, withoutVolume } from "./conversions.ts";
import type { Read } from "./operation.ts";
import { faultOfVolumes } from "./volumes.ts";

type Grow = NonNullable<Operation["grow_volume"]>;
type Shrink = NonNullable<Operation["shrink_volume"]>;

/** One resource, read; or what is wrong with the field. */
type OneRead =
  | { readonly ok: true; readonly resource: Resource; readonly json: Grow["volume"] }
  | { readonly ok: false; readonly fault: string };

function readOne(json: Grow["volume"], field: string, { framework }: OperationContext): OneRead {
  const read = readList([json], framework?.role);
  if (!read.ok)
    return { ok: false, fault: `Invalid resource in the '${field}' field: ${read.fault}` };
  const [resource] = read.resources;
  const [written] = read.json;
  if (resource === undefined || written === undefined) {
    return { ok: false, fault: `The size of '${field}' field must be greater than zero` };
  }
  return { ok: true, resource, json: written };
}

/** Grow: the addition becomes part of the volume. */
export function readGrow({ volume, addition }: Grow, context: OperationContext): Read {
  const held = readOne(volume, "GrowVolume.volume", context);
  if (!held.ok) return held;
  const added = readOne(addition, "GrowVolume.addition", context);
  if (!added.ok) return added;
  const fault =
    faultOfResize(held.resource, context, { field: "GrowVolume.volume", act: "Growing" }) ??
    faultOfAddition(held.resource, added.resource);
  if (fault !== undefined) return { ok: false, fault };
  const from = one(held.resource).add(one(added.resource));
  const to = one(resized(held.resource, millisOf(added.resource)));
  const body = { grow_volume: { volume: held.json, addition: added.json } };
  return { ok: true, body, conversions: [{ from, to }] };
}

/** Shrink: a part of the volume becomes disk again. */
export function readShrink({ volume, subtract }: Shrink, context: OperationContext): Read {
  const held = readOne(volume, "ShrinkVolume.volume", context);
  if (!held.ok) return held;
  const millis = Math.round(subtract.value * 1000);
  const fault =
    faultOfSubtraction(held.resource, millis) ??
    faultOfMount(held.resource) ??
    faultOfResize(held.resource, context, { field: "ShrinkVolume.volume", act: "Shrinking" });
  if (fault !== undefined) return { ok: false, fault };
  const freed = { ...withoutVolume(held.resource), value: { type: "SCALAR", millis } as const };
  const to: Resources = one(resized(held.resource, -millis)).add(one(freed));
  const body = { shrink_volume: { volume: held.json, subtract } };
  return { ok: true, body, conversions: [{ from: one(held.resource), to }] };
}

function millisOf({ value }: Resource): number {
  return value.type === "SCALAR" ? value.millis : 0;
}

function resized(volume: Resource, millis: number): Resource {
  return { ...volume, value: { type: "SCALAR", millis: millisOf(volume) + millis } };
}

function faultOfResize(
  volume: Resource,
  { agent }: OperationContext,
  { field, act }: { readonly field: string; readonly act: "Growing" | "Shrinking" },
): Fault {
  if (volume.providerId !== undefined) {
    return `${act} a volume from a resource provider is not supported`;
  }
  const kind = faultOfVolumes(one(volume));
  if (kind !== undefined) return `Invalid persistent volume in the '${field}' field: ${kind}`;
  if (volume.shared) return `${act} a shared persistent volume is not supported`;
  if (agent.capabilities === undefined || agent.capabilities.has("RESIZE_VOLUME")) return undefined;
  const done = act === "Growing" ? "grown" : "shrunk";
  return `Volume ${one(volume)} cannot be ${done} on an agent without RESIZE_VOLUME capability`;
}

/** What is added must be of the disk that the volume is made of, and must merge with it. */
function faultOfAddition(volume: Resource, addition: Resource): Fault {
  const merged =
    addition.name === volume.name && one(withoutVolume(volume)).add(one(addition)).size === 1;
  if (merged) return undefined;
  return "Incompatible resources in the 'GrowVolume.volume' and 'GrowVolume.addition' fields";
}

function faultOfSubtraction(volume: Resource, millis: number): Fault {
  if (!(millis > 0)) return "Value of 'ShrinkVolume.subtract' must be greater than zero";
  if (millis < millisOf(volume)) return undefined;
  return "Value of 'ShrinkVolume.subtract' must be smaller than the size of 'ShrinkVolume.volume'";
}

function faultOfMount({ disk }: Resource): Fault {
  if (disk?.source?.type !== "MOUNT") return undefined;
  return "Shrinking a volume on a MOUNT disk is not supported";
}
