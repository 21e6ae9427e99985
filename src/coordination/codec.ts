/** Values as MessagePack: plain objects, lists, texts, numbers, bytes. */
import { Packr } from "msgpackr/pack";
import { FairleadError } from "../base/mod.ts";

let packr: Packr | undefined;

function codec(): Packr {
  packr ??= new Packr({ useRecords: false, mapsAsObjects: true, int64AsType: "number" });
  return packr;
}

/**
 * A plain value as bytes, for `create` and `set`; a key `__proto__` loses its last underscore.
 *
 * @example
 * ```ts
 * import { decodeValue, encodeValue } from "fairlead/coordination";
 *
 * const bytes = encodeValue({ weight: 2, role: "web" });
 * console.assert(JSON.stringify(decodeValue(bytes)) === '{"weight":2,"role":"web"}');
 * ```
 */
export function encodeValue(value: unknown): Uint8Array {
  return Uint8Array.from(codec().pack(value));
}

/**
 * The reverse of {@linkcode encodeValue}; what the bytes say is for the caller to check.
 *
 * @throws {FairleadError} `invalid_value` when they are not MessagePack.
 */
export function decodeValue(bytes: Uint8Array): unknown {
  try {
    const value: unknown = codec().unpack(bytes);
    return value;
  } catch (cause) {
    throw new FairleadError("invalid_value", "Cannot read the value: it is not MessagePack", {
      cause,
      details: { bytes: bytes.length },
    });
  }
}

/** A value as the bytes of its JSON: what others than fairlead read, such as a MasterInfo. */
export function encodeJson(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

/**
 * The reverse of {@linkcode encodeJson}; what it says is for the caller to check.
 *
 * @throws {FairleadError} `invalid_value` when the bytes are no JSON in UTF-8.
 */
export function decodeJson(bytes: Uint8Array): unknown {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return value;
  } catch (cause) {
    throw new FairleadError("invalid_value", "Cannot read the value: it is not JSON", {
      cause,
      details: { bytes: bytes.length },
    });
  }
}
