import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Shards } from "../../../src/topology/mod.ts";

const keys = Array.from({ length: 2_000 }, (_, index) => `host-${index}`);
const names = ["a:4040", "b:4040", "c:4040", "d:4040", "e:4040"];

describe("Shards", () => {
  test("spreads keys evenly", () => {
    const shards = new Shards(names);
    const counts = new Map(names.map((name) => [name, 0]));
    for (const key of keys) counts.set(shards.of(key), (counts.get(shards.of(key)) ?? 0) + 1);
    for (const count of counts.values()) {
      expect(count).toBeGreaterThan(keys.length / 5 / 1.3);
      expect(count).toBeLessThan((keys.length / 5) * 1.3);
    }
  });

  test("says the same whatever the order of names", () => {
    fc.assert(
      fc.property(fc.string(), fc.shuffledSubarray(names, { minLength: 5 }), (key, shuffled) => {
        expect(new Shards(shuffled).ranked(key)).toEqual(new Shards(names).ranked(key));
      }),
    );
  });

  test("moves only the keys of a name that goes, to the next in rank", () => {
    const before = new Shards(names);
    const after = new Shards(names.filter((name) => name !== "c:4040"));
    for (const key of keys) {
      const [first, second] = before.ranked(key);
      expect(after.of(key)).toBe(first === "c:4040" ? second : first);
    }
  });

  test("stays as it is between releases", () => {
    const shards = new Shards(names);
    expect(["host-1", "host-2", "", "ä"].map((key) => shards.of(key))).toMatchInlineSnapshot(`
      [
        "e:4040",
        "a:4040",
        "d:4040",
        "e:4040",
      ]
    `);
  });

  test.each([[[]], [["a", "a"]], [["a", ""]], [Array.from({ length: 1_025 }, (_, i) => `n${i}`)]])(
    "refuses %j",
    (wrong) => {
      expect(() => new Shards(wrong)).toThrow(/names = .*from 1 to 1024 different names/);
    },
  );
});
