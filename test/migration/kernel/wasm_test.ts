import fc from "fast-check";
import { expect, test } from "vitest";
import type { DiffKernel } from "../../../src/migration/kernel/contract.ts";
import { ReferenceKernel } from "../../../src/migration/kernel/reference.ts";
import { WasmKernel } from "../../../src/migration/kernel/wasm.ts";

interface Row {
  readonly key: bigint;
  readonly state: bigint;
  readonly counts: bigint;
}

function diff(kernel: DiffKernel, left: readonly Row[], right: readonly Row[], mask: bigint) {
  const columns = kernel.open(left.length, right.length);
  for (const [index, row] of left.entries()) {
    columns.leftKey[index] = row.key;
    columns.leftState[index] = row.state;
    columns.leftCounts[index] = row.counts;
  }
  for (const [index, row] of right.entries()) {
    columns.rightKey[index] = row.key;
    columns.rightState[index] = row.state;
    columns.rightCounts[index] = row.counts;
  }
  const count = kernel.merge(left.length, right.length, mask);
  return Array.from({ length: count }, (_, index) => [
    columns.outLeft[index],
    columns.outRight[index],
    columns.outKind[index],
  ]);
}

/** By a Map, as one would without a kernel. */
function naive(left: readonly Row[], right: readonly Row[], mask: bigint) {
  const rights = new Map(right.map((row, index) => [row.key, { row, index }]));
  const told: { key: bigint; out: number[] }[] = [];
  for (const [index, row] of left.entries()) {
    const other = rights.get(row.key);
    rights.delete(row.key);
    if (other === undefined) told.push({ key: row.key, out: [index, -1, 1] });
    else {
      const state = row.state === other.row.state ? 0 : 4;
      const counts = ((row.counts ^ other.row.counts) & mask) === 0n ? 0 : 8;
      if (state + counts > 0)
        told.push({ key: row.key, out: [index, other.index, state + counts] });
    }
  }
  for (const [key, { index }] of rights) told.push({ key, out: [-1, index, 2] });
  return told.sort((a, b) => (a.key < b.key ? -1 : 1)).map(({ out }) => out);
}

const u64 = fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.bigInt({ min: 0n, max: 20n }));
const rows = fc
  .uniqueArray(fc.record({ key: u64, state: u64, counts: u64 }), { selector: (row) => row.key })
  .map((list) => list.sort((a, b) => (a.key < b.key ? -1 : 1)));

const wasm = new WasmKernel();
const typed = new ReferenceKernel();

test("merge() finds what a Map finds, in WebAssembly and in TypeScript", () => {
  const masks = fc.constantFrom(0n, 0xffff_ffffn, 0xffff_ffff_0000_0000n, 2n ** 64n - 1n);
  fc.assert(
    fc.property(rows, rows, masks, fc.boolean(), (left, other, mask, isSimilar) => {
      const right = isSimilar
        ? left.map((row, index) => (index % 3 === 0 ? { ...row, counts: row.counts ^ 1n } : row))
        : other;
      const expected = naive(left, right, mask);
      expect(diff(wasm, left, right, mask)).toEqual(expected);
      expect(diff(typed, left, right, mask)).toEqual(expected);
    }),
    { numRuns: 300 },
  );
});

test("hash() is xxh64: vectors of its specification, and both kernels alike", () => {
  const hex = (kernel: DiffKernel, text: string) => {
    const bytes = new TextEncoder().encode(text);
    return kernel.hash(bytes, Uint32Array.of(bytes.length))[0]?.toString(16);
  };
  for (const kernel of [wasm, typed]) {
    expect(hex(kernel, "")).toBe("ef46db3751d8e999");
    expect(hex(kernel, "a")).toBe("d24ec4f1a98c6e5b");
    expect(hex(kernel, "abc")).toBe("44bc2cf5ad770999");
    expect(hex(kernel, "Nobody inspects the spammish repetition")).toBe("fbcea83c8a378bf1");
  }
  const strings = fc.array(fc.uint8Array({ maxLength: 90 }), { maxLength: 20 });
  fc.assert(
    fc.property(strings, (list) => {
      const bytes = new Uint8Array(Buffer.concat(list));
      const lengths = Uint32Array.from(list, (each) => each.length);
      expect(wasm.hash(bytes, lengths)).toEqual(typed.hash(bytes, lengths));
    }),
  );
});

test("hash() does more than fits at once in parts", () => {
  const bytes = new Uint8Array(40 * 2 ** 20).fill(7);
  const lengths = new Uint32Array(40).fill(2 ** 20);
  const hashes = wasm.hash(bytes, lengths);
  expect(new Set(hashes).size).toBe(1);
  const [single] = wasm.hash(bytes.subarray(0, 2 ** 20), lengths.subarray(0, 1));
  expect(hashes[39]).toBe(single);
  const one = wasm.hash(bytes, Uint32Array.of(bytes.length));
  expect(one[0]).not.toBe(single);
});
