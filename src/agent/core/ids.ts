import type { Random } from "../../base/mod.ts";

const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/** Where an identifier of 16 bytes has its dashes. */
const DASHES: ReadonlySet<number> = new Set([4, 6, 8, 10]);

/** Sixteen random bytes as base64: what names a status update. */
export function statusUuid(random: Random): string {
  const bytes = uuidBytes(random);
  let text = "";
  for (let at = 0; at < 15; at += 3) text += quad(bytes, at);
  const last = bytes[15] ?? 0;
  return `${text}${BASE64[last >> 2]}${BASE64[(last & 3) << 4]}==`;
}

/** Sixteen random bytes as identifiers are written, 8-4-4-4-12: what names a container. */
export function uuidText(random: Random): string {
  let text = "";
  uuidBytes(random).forEach((byte, index) => {
    if (DASHES.has(index)) text += "-";
    text += byte.toString(16).padStart(2, "0");
  });
  return text;
}

/** Of version 4. */
function uuidBytes(random: Random): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < 16; at += 4) view.setUint32(at, random.u32());
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes;
}

function quad(bytes: Uint8Array, at: number): string {
  const word = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
  return (
    `${BASE64[(word >> 18) & 63]}${BASE64[(word >> 12) & 63]}` +
    `${BASE64[(word >> 6) & 63]}${BASE64[word & 63]}`
  );
}
