import type { Random } from "../../base/mod.ts";

const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/** Every group of twelve bits as its two letters: ids are made by the million in simulations. */
const PAIRS: readonly string[] = Array.from(
  { length: 4_096 },
  (_, bits) => `${BASE64[bits >> 6]}${BASE64[bits & 63]}`,
);
const BYTES: readonly string[] = Array.from({ length: 256 }, (_, bits) =>
  bits.toString(16).padStart(2, "0"),
);
/** The bits that say "version 4" and "variant 1" in the second and third of four words. */
const VERSION_KEPT = 0xffff_0fff;
const VERSION = 0x4000;
const VARIANT_KEPT = 0x3fff_ffff;
const VARIANT = 0x8000_0000;

/** Sixteen random bytes as base64: what names a status update. */
export function statusUuid(random: Random): string {
  const a = random.u32();
  const b = (random.u32() & VERSION_KEPT) | VERSION;
  const c = (random.u32() & VARIANT_KEPT) | VARIANT;
  const d = random.u32();
  return (
    pair(a >>> 20) +
    pair(a >>> 8) +
    pair(((a & 0xff) << 4) | (b >>> 28)) +
    pair(b >>> 16) +
    pair(b >>> 4) +
    pair(((b & 0xf) << 8) | (c >>> 24)) +
    pair(c >>> 12) +
    pair(c) +
    pair(d >>> 20) +
    pair(d >>> 8) +
    pair((d & 0xff) << 4) +
    "=="
  );
}

function pair(bits: number): string {
  return PAIRS[bits & 0xfff] ?? "";
}

/** Sixteen random bytes as identifiers are written, 8-4-4-4-12: what names a container. */
export function uuidText(random: Random): string {
  const a = hex(random.u32());
  const b = hex((random.u32() & VERSION_KEPT) | VERSION);
  const c = hex((random.u32() & VARIANT_KEPT) | VARIANT);
  const d = hex(random.u32());
  return `${a}-${b.slice(0, 4)}-${b.slice(4)}-${c.slice(0, 4)}-${c.slice(4)}${d}`;
}

function hex(word: number): string {
  return byte(word >>> 24) + byte(word >>> 16) + byte(word >>> 8) + byte(word);
}

function byte(bits: number): string {
  return BYTES[bits & 0xff] ?? "";
}
