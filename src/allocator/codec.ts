/** Calls and state as bytes: MessagePack, with resources and quantities in their own notation. */
import { Packr } from "msgpackr/pack";
import { FairleadError } from "../base/mod.ts";
import { Quantities, Resources } from "../resources/mod.ts";

const SETTINGS = { useRecords: false, mapsAsObjects: false, int64AsType: "number" } as const;
let packr: Packr | undefined;

/** Plain values as bytes; maps, sets and columns of numbers become lists. */
export function encode(value: unknown): Uint8Array {
  packr ??= new Packr(SETTINGS);
  return Uint8Array.from(packr.pack(wrap(value)));
}

/**
 * The reverse of `encode`.
 *
 * @throws {FairleadError} `snapshot_mismatch` when the bytes are none of ours.
 */
export function decode(bytes: Uint8Array): unknown {
  packr ??= new Packr(SETTINGS);
  try {
    const value: unknown = packr.unpack(bytes);
    return unwrap(value);
  } catch (cause) {
    throw new FairleadError(
      "snapshot_mismatch",
      "Cannot read the bytes: they are not MessagePack",
      {
        cause,
      },
    );
  }
}

/** Keys of records are texts, so a number as a key can mean nothing else. */
const RESOURCES = 0;
const QUANTITIES = 1;

/** Records become maps: whatever their keys are called, they come back. */
function wrap(value: unknown): unknown {
  if (value instanceof Resources) return new Map([[RESOURCES, wrap(value.toJson())]]);
  if (value instanceof Quantities) return new Map([[QUANTITIES, value.toString()]]);
  if (value instanceof Uint8Array || typeof value !== "object" || value === null) return value;
  if (value instanceof Map || value instanceof Set || value instanceof Float64Array) {
    return Array.from<unknown>(value).map(wrap);
  }
  if (Array.isArray(value)) return value.map(wrap);
  const entries = Object.entries(value).filter(([, part]) => part !== undefined);
  return new Map(entries.map(([key, part]) => [key, wrap(part)]));
}

function unwrap(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unwrap);
  if (!(value instanceof Map)) return value;
  if (value.has(RESOURCES)) return Resources.fromJson(unwrap(value.get(RESOURCES)));
  if (value.has(QUANTITIES)) return Quantities.parse(String(value.get(QUANTITIES)));
  return Object.fromEntries(Array.from(value, ([key, part]) => [String(key), unwrap(part)]));
}
