import { dropNulls } from "fairlead/model";
import { describe, expect, test } from "vitest";

describe("dropNulls()", () => {
  test("takes nulls out of objects and lists, however deep", () => {
    expect(dropNulls({ a: null, b: [null, { c: null, d: [1, null] }], e: 0 })).toEqual({
      b: [{ d: [1] }],
      e: 0,
    });
    expect(dropNulls(null)).toBe(null);
    expect(dropNulls("text")).toBe("text");
  });

  test("takes no prototype in", () => {
    const kept = dropNulls(JSON.parse('{"__proto__":{"a":1},"b":2}'));
    expect(Object.getOwnPropertyNames(kept)).toEqual(["b"]);
    expect(Object.getPrototypeOf(kept)).toBe(Object.prototype);
  });

  test("refuses JSON that nests too deep", () => {
    let json: unknown = 1;
    for (let depth = 0; depth < 100; depth += 1) json = [json];
    expect(() => dropNulls(json)).toThrow(/deeper than 64/);
  });
});
