import { Arena } from "../../wasm/mod.ts";
import type { DiffColumns } from "./contract.ts";

/** The order in which the kernel is told where its columns stand. */
const ORDER = [
  "leftKey",
  "leftState",
  "leftCounts",
  "rightKey",
  "rightState",
  "rightCounts",
  "outLeft",
  "outRight",
  "outKind",
] as const;

/** Lay the columns of a comparison out, over a kernel's memory or a plain buffer. */
export function layOut(memory: WebAssembly.Memory | undefined, lefts: number, rights: number) {
  const outs = lefts + rights;
  return new Arena(memory)
    .u64("leftKey", lefts)
    .u64("leftState", lefts)
    .u64("leftCounts", lefts)
    .u64("rightKey", rights)
    .u64("rightState", rights)
    .u64("rightCounts", rights)
    .i32("outLeft", outs)
    .i32("outRight", outs)
    .u8("outKind", outs)
    .build({ zeroed: false });
}

/** Offsets in the order of the kernel's table. */
export function offsetsOf(offsets: Readonly<Record<keyof DiffColumns, number>>): number[] {
  return ORDER.map((name) => offsets[name]);
}
