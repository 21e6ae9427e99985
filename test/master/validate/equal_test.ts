import * as fc from "fast-check";
import { expect, test } from "vitest";
import { sameJson } from "../../../src/master/validate/equal.ts";

test("sameJson() says what deep equality says", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 3 }), fc.jsonValue({ maxDepth: 3 }), (a, b) => {
      expect(sameJson(a, JSON.parse(JSON.stringify(a)))).toBe(true);
      const canonical = (value: unknown) =>
        JSON.stringify(value, (_key, part: unknown) => {
          if (typeof part !== "object" || part === null || Array.isArray(part)) return part;
          return Object.fromEntries(Object.entries(part).sort(([x], [y]) => (x < y ? -1 : 1)));
        });
      expect(sameJson(a, b)).toBe(canonical(a) === canonical(b));
    }),
  );
});

test("sameJson() takes absent and undefined for the same, and lists for no objects", () => {
  expect(sameJson({ a: 1, b: undefined }, { a: 1 })).toBe(true);
  expect(sameJson([], {})).toBe(false);
  expect(sameJson([1, 2], [1])).toBe(false);
});
