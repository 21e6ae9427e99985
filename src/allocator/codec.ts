/** Calls and state as bytes: MessagePack, with resources and quantities in their own notation. */
import { Packr } from "msgpackr/pack";
import { FairleadError } from "../base/mod.ts";
import { Quantities, Resources } from "../resources/mod.ts";

let packr: Packr | undefined;

/** Plain values as bytes; maps, sets and columns of numbers become lists. */
export function encode(value: unknown): Uint8Array {
  packr ??= new Packr({ useRecords: false, int64AsType: "number" });
  return Uint8Array.from(packr.pack(wrap(value)));
}

/**
 * The reverse of `encode`.
 *
 * @throws {FairleadError} `snapshot_mismatch` when the bytes are none of ours.
 */
export function decode(bytes: Uint8Array): unknown {
  packr ??= new Packr({ useRecords: false, int64AsType: "number" });
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

const RESOURCES = "$resources";
const QUANTITIES = "$quantities";

function wrap(value: unknown): unknown {
  if (value instanceof Resources) return { [RESOURCES]: value.toJson() };
  if (value instanceof Quantities) return { [QUANTITIES]: value.toString() };
  if (value instanceof Uint8Array || typeof value !== "object" || value === null) return value;
  if (value instanceof Map || value instanceof Set || value instanceof Float64Array) {
    return Array.from<unknown>(value).map(wrap);
  }
  if (Array.isArray(value)) return value.map(wrap);
  const entries = Object.entries(value).filter(([, part]) => part !== undefined);
  return Object.fromEntries(entries.map(([key, part]) => [key, wrap(part)]));
}

function unwrap(value: unknown): unknown {
  if (value instanceof Uint8Array || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(unwrap);
  if (RESOURCES in value) return Resources.fromJson(value[RESOURCES]);
  if (QUANTITIES in value) return Quantities.parse(String(value[QUANTITIES]));
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, unwrap(part)]));
}
