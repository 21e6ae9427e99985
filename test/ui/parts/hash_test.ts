import fc from "fast-check";
import { expect, test } from "vitest";
import { hash32, hash53 } from "../../../src/ui/parts/hash.ts";

test("hash32() and hash53() are integers of their size, equal for equal texts", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(hash32(text)).toBe(hash32(text) >>> 0);
      expect(Number.isSafeInteger(hash53(text))).toBe(true);
      expect(hash53(text)).toBe(hash53(`${text}`));
    }),
  );
});

test("hash53() tells a hundred thousand ids apart, and hash32() spreads them", () => {
  const ids = Array.from({ length: 100_000 }, (_, at) => `container-${at};<container>`);
  expect(new Set(ids.map(hash53)).size).toBe(ids.length);
  const buckets = new Uint32Array(16);
  for (const id of ids) buckets[hash32(id) >>> 28]! += 1;
  for (const held of buckets) expect(Math.abs(held - 6_250)).toBeLessThan(500);
});
