import type { Random } from "../base/mod.ts";

/** A version 4 uuid. */
export function uuid(random: Random): string {
  const words = Array.from({ length: 4 }, () => random.u32().toString(16).padStart(8, "0"));
  const hex = words.join("");
  const variant = "89ab"[random.int(4)] ?? "8";
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}
