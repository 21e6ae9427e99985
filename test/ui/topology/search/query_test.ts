import fc from "fast-check";
import { expect, test } from "vitest";
import {
  compares,
  matcherOf,
  parseAmount,
  parseQuery,
  QUERY_CHARS_MAX,
  RANGES_MAX,
  slug,
} from "../../../../src/ui/topology/search/query.ts";

test("parseQuery() reads words, fields and comparisons", () => {
  expect(parseQuery("  ")).toBeUndefined();
  expect(parseQuery("nginx")).toMatchObject({ kind: "text" });
  const field = parseQuery("Image name: ngi");
  expect(field).toMatchObject({ kind: "field" });
  if (field?.kind !== "field") throw new Error("no field");
  expect(field.field.test(slug("Image Name"))).toBe(true);
  expect(field.value.test("library/NGINX")).toBe(true);
  expect(parseQuery("cpu > 4%")).toMatchObject({ kind: "metric", comparison: ">", amount: 4 });
  expect(parseQuery("memory < 10mb")).toMatchObject({ comparison: "<", amount: 10 * 1_024 ** 2 });
  expect(parseQuery("load = 0.5")).toMatchObject({ comparison: "=", amount: 0.5 });
});

test("parseQuery() takes what is no comparison and no field for words", () => {
  for (const text of ["cpu > much", ": value", "field:", "> 4", "a<b<c"]) {
    expect(parseQuery(text)?.kind).toBe("text");
  }
});

test.each([
  ["4%", 4],
  ["10", 10],
  ["1k", 1_024],
  ["1.5 MB", 1.5 * 1_024 ** 2],
  ["2GiB", 2 * 1_024 ** 3],
  ["1t", 1_024 ** 4],
  ["-3", -3],
  ["10x", undefined],
  ["", undefined],
])("parseAmount() reads %s", (text, amount) => {
  expect(parseAmount(text)).toBe(amount);
});

test("matcherOf() takes a regular expression in any case", () => {
  const matcher = matcherOf("foo|ba.");
  expect(matcher.test("a FOO")).toBe(true);
  expect(matcher.ranges("foo bar")).toEqual([
    [0, 3],
    [4, 3],
  ]);
});

test.each(["foo(", "[a", "(a+)+$", "a{2", "(?=x)"])(
  "matcherOf() takes %s word for word: it is no pattern, or one that could run away",
  (source) => {
    expect(matcherOf(source).test(`x ${source} y`)).toBe(true);
    expect(matcherOf(source).test("aaaa")).toBe(false);
  },
);

test("matcherOf() tells a bounded number of finds", () => {
  const text = "ab".repeat(200);
  expect(matcherOf("a").ranges(text).length).toBe(RANGES_MAX);
  expect(matcherOf("a|b").ranges(text).length).toBe(RANGES_MAX);
  expect(matcherOf("x*").ranges(text)).toEqual([]);
});

test("parseQuery() reads anything without throwing, and finds nothing outside of a text", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 400 }), fc.string({ maxLength: 80 }), (query, text) => {
      const read = parseQuery(query);
      if (read === undefined) expect(query.slice(0, QUERY_CHARS_MAX).trim()).toBe("");
      const ranges = read?.kind === "text" ? read.value.ranges(text) : [];
      for (const [start, length] of ranges) expect(start + length).toBeLessThanOrEqual(text.length);
    }),
  );
});

test("compares() knows equal to within a thousandth", () => {
  expect(compares(5, ">", 4)).toBe(true);
  expect(compares(5, "<", 4)).toBe(false);
  expect(compares(1_000.5, "=", 1_000)).toBe(true);
  expect(compares(1_002, "=", 1_000)).toBe(false);
});
