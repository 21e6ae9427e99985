import { describe, expect, test } from "vitest";
import { compilePattern } from "../../src/base/mod.ts";

function refusal(source: string) {
  return expect(() => compilePattern(source), source);
}

describe("compilePattern()", () => {
  test.each([
    ["rack-[0-9]+", "rack-12", true],
    ["rack-[0-9]+", "rack-12b", false],
    ["rack-[0-9]+", "a rack-1", false],
    ["east|west", "west", true],
    ["east|west", "eastern", false],
    ["(?:a|b)c?", "bc", true],
    ["a.c", "a\nc", true],
    ["\\d{2,3}", "1234", false],
    ["\\p{Lu}.*", "Ärger", true],
    ["[^a)*+]", "x", true],
    ["a\\*", "a*", true],
    ["", "", true],
    ["", "a", false],
  ])("%j against %j: %s, as the whole text must match", (source, text, expected) => {
    expect(compilePattern(source).matches(text)).toBe(expected);
  });

  test("keeps its source", () => {
    expect(compilePattern("a+").source).toBe("a+");
  });

  test("matches a text of 256 characters, and none that is longer", () => {
    const pattern = compilePattern("a*");
    expect(pattern.matches("a".repeat(256))).toBe(true);
    expect(pattern.matches("a".repeat(257))).toBe(false);
  });

  test("counts characters, not patterns: equal calls give equal answers", () => {
    const pattern = compilePattern("a*b");
    for (let i = 0; i < 3; i++) expect(pattern.matches("aab")).toBe(true);
  });

  test.each(["(?=a)", "(?!a)", "(?<=a)", "(?<!a)", "(?<name>a)"])(
    "refuses the group %s: only (?: is allowed",
    (source) => refusal(source).toThrow("only (?: is allowed"),
  );

  test.each(["(a)\\1", "(a)\\9", "\\k<a>"])("refuses the back-reference in %s", (source) => {
    refusal(source).toThrow("back-references");
  });

  test.each(["(a+)+", "(a*)*", "(a{2,3})*", "(a?)+", "(a|b)*", "((a|b))+", "(?:x(a+)y){2}"])(
    "refuses the repeated group of %s",
    (source) => refusal(source).toThrow("repeated group"),
  );

  test.each(["(ab)+", "(?:ab){2,4}", "(a|b)?", "(a+)?", "[a+]*", "(\\+)*"])(
    "allows %s, which repeats nothing that varies",
    (source) => {
      expect(compilePattern(source).source).toBe(source);
    },
  );

  test.each([
    "a*b*c*",
    "a+b+c+",
    "a{2,}b*c*",
    "a{0,17}b*c*",
    "a*b*(c|d|e)",
    "(a|b)?(c|d)?".repeat(5),
  ])("refuses %s: it may match in too many ways", (source) =>
    refusal(source).toThrow("more than 2^16 ways"),
  );

  test.each([`${"a{0,16}".repeat(7)}b`, `${"(a|a)".repeat(26)}b`, `${"a?".repeat(40)}b`])(
    "refuses %s, which keeps an engine that backtracks busy for seconds",
    (source) => refusal(source).toThrow("more than 2^16 ways"),
  );

  test.each(["a*b*", "a*b*(c|d)", "rack-.*-(a|b)", "a{16}b{16}.*"])("allows %s", (source) => {
    expect(compilePattern(source).source).toBe(source);
  });

  test("allows two unbounded repetitions, and takes small counts for bounded", () => {
    expect(compilePattern("a*b*c{0,1}").matches("aabbc")).toBe(true);
  });

  test("refuses more than 256 characters, and shows only the first of them", () => {
    expect(compilePattern("a".repeat(256)).matches("a".repeat(256))).toBe(true);
    refusal("a".repeat(257)).toThrow("257 characters, the most is 256");
    refusal("a".repeat(257)).toThrow(`${"a".repeat(60)}…`);
  });

  test.each(["(", ")", "a)", "[a", "*", "a**", "a{2,1}", "\\", "\\p{Nope}", "(?:"])(
    "refuses the malformed %s with a code",
    (source) => {
      refusal(source).toThrow(
        expect.objectContaining({ code: "invalid_pattern", details: { pattern: source } }),
      );
    },
  );
});
