/**
 * The search syntax: `foo`, `field: value`, `cpu > 4%`, `memory < 10mb`; values are regular
 * expressions in any case.
 */
import { compilePattern } from "../../../base/mod.ts";

/** A stretch of a text, in UTF-16 code units: start, then length. */
export type TextRange = readonly [number, number];

/** Finds something in texts, whatever the case. */
export interface TextMatcher {
  /** Whether the text has it. */
  test(text: string): boolean;
  /** Where the text has it, in order; at most {@linkcode RANGES_MAX}. */
  ranges(text: string): readonly TextRange[];
}

/** How a metric is compared. */
export type Comparison = "<" | ">" | "=";

/** What somebody looks for. */
export type SearchQuery =
  | { readonly kind: "text"; readonly value: TextMatcher }
  | { readonly kind: "field"; readonly field: TextMatcher; readonly value: TextMatcher }
  | {
      readonly kind: "metric";
      readonly metric: TextMatcher;
      readonly comparison: Comparison;
      readonly amount: number;
    };

/** How many finds in one text are told. */
export const RANGES_MAX = 32;
/** A longer query is cut. */
export const QUERY_CHARS_MAX = 256;
/** Patterns look at the first characters of a text only: their time is bounded so. */
const PATTERN_TEXT_MAX = 512;

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  "%": 1,
  k: 1_024,
  m: 1_024 ** 2,
  g: 1_024 ** 3,
  t: 1_024 ** 4,
};

/**
 * Read a query; `undefined` when it looks for nothing.
 *
 * A pattern that is no regular expression, or one that could run away, is taken word for word.
 */
export function parseQuery(text: string): SearchQuery | undefined {
  const query = text.slice(0, QUERY_CHARS_MAX).trim();
  if (query === "") return undefined;
  return parseMetric(query) ?? parseField(query) ?? { kind: "text", value: matcherOf(query) };
}

function parseMetric(query: string): SearchQuery | undefined {
  const found = /^([^<>=:]+)([<>=])([^<>=]+)$/.exec(query);
  if (found === null) return undefined;
  const [, name = "", sign = "", value = ""] = found;
  const comparison = COMPARISONS.find((each) => each === sign);
  const amount = parseAmount(value);
  if (comparison === undefined || amount === undefined || name.trim() === "") return undefined;
  return { kind: "metric", metric: matcherOf(slug(name)), comparison, amount };
}

const COMPARISONS: readonly Comparison[] = ["<", ">", "="];

function parseField(query: string): SearchQuery | undefined {
  const at = query.indexOf(":");
  const field = query.slice(0, at).trim();
  const value = query.slice(at + 1).trim();
  if (at < 0 || field === "" || value === "") return undefined;
  return { kind: "field", field: matcherOf(slug(field)), value: matcherOf(value) };
}

/** `4%`, `10mb`, `1.5 GiB` → a number; units are steps of 1,024. */
export function parseAmount(text: string): number | undefined {
  const found = /^(-?\d+(?:\.\d+)?)\s*(?:(%)|([kmgt]?)i?b?)$/i.exec(text.trim());
  if (found === null) return undefined;
  const [, digits = "", percent = "", unit = ""] = found;
  const factor = UNITS[percent || unit.toLowerCase()];
  return factor === undefined ? undefined : Number(digits) * factor;
}

/** A label as one types it: `Image name` → `imagename`. */
export function slug(text: string): string {
  return text.toLowerCase().replaceAll(/[\s_-]+/g, "");
}

/** A matcher of a pattern, or of the very words when they are no pattern that is safe to run. */
export function matcherOf(source: string): TextMatcher {
  if (!/[\\^$.*+?()[\]{}|]/.test(source)) return literal(source);
  const pattern = compiled(source);
  return pattern === undefined ? literal(source) : regular(pattern);
}

function compiled(source: string): RegExp | undefined {
  try {
    compilePattern(source);
    return new RegExp(source, "giu");
  } catch {
    // No pattern, or one that could run away.
    return undefined;
  }
}

function literal(words: string): TextMatcher {
  const wanted = words.toLowerCase();
  const pattern = new RegExp(words.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"), "gi");
  return {
    test: (text) => text.toLowerCase().includes(wanted),
    ranges: (text) => rangesIn(text, pattern),
  };
}

function regular(pattern: RegExp): TextMatcher {
  return {
    test(text) {
      pattern.lastIndex = 0;
      return pattern.test(text.slice(0, PATTERN_TEXT_MAX));
    },
    ranges: (text) => rangesIn(text.slice(0, PATTERN_TEXT_MAX), pattern),
  };
}

function rangesIn(text: string, pattern: RegExp): readonly TextRange[] {
  const ranges: TextRange[] = [];
  pattern.lastIndex = 0;
  for (const found of text.matchAll(pattern)) {
    if (found[0] !== "") ranges.push([found.index, found[0].length]);
    if (ranges.length === RANGES_MAX) break;
  }
  return ranges;
}

/** Whether a measured value is what the query asks for; equal means to within a thousandth. */
export function compares(value: number, comparison: Comparison, amount: number): boolean {
  if (comparison === "<") return value < amount;
  if (comparison === ">") return value > amount;
  return Math.abs(value - amount) <= Math.abs(amount) / 1_000;
}
