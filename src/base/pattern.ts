import { FairleadError } from "./error.ts";

/** A compiled pattern whose matching time is bounded, whatever the text. */
export interface Pattern {
  readonly source: string;
  /** Whether the whole text matches; a text longer than 256 characters does not. */
  matches(text: string): boolean;
}

/** Longest pattern and longest text, in characters. */
const LENGTH_MAX = 256;
/** A larger count in `{…}` is taken for unbounded. */
const REPEAT_MAX = 16;
/** Choices multiply: an engine that backtracks tries at most 2 to this many ways. */
const CHOICE_BITS_MAX = 16;
/** Two unbounded repetitions divide 256 characters in 256² / 2 ways. */
const UNBOUNDED_BITS = 7.5;

/**
 * Compile a regular expression that is safe to take from strangers.
 *
 * The platform's own engine backtracks, so what could make it run away is refused: look-around,
 * back-references, a repeated group that holds a repetition or an alternative, patterns of more than
 * 256 characters, and repetitions, optional parts and alternatives that multiply to more than 2^16
 * ways of matching (two `.*` and a choice of two are within that). What is left matches a text of
 * 256 characters in some milliseconds at the very worst.
 *
 * @throws {FairleadError} `invalid_pattern`; the message names the rule that is broken.
 */
export function compilePattern(source: string): Pattern {
  checkSource(source);
  let expression: RegExp;
  try {
    expression = new RegExp(`^(?:${source})$`, "su");
  } catch (cause) {
    throw refuse(source, cause instanceof Error ? cause.message : String(cause), cause);
  }
  return {
    source,
    matches: (text) => text.length <= LENGTH_MAX && expression.test(text),
  };
}

function refuse(source: string, fault: string, cause?: unknown): FairleadError {
  const shown = source.length > 60 ? `${source.slice(0, 60)}…` : source;
  return new FairleadError("invalid_pattern", `Cannot use pattern ${shown}: ${fault}`, {
    cause,
    details: { pattern: source },
  });
}

/** What the part of a pattern between a group's parentheses holds. */
interface Group {
  repeats: boolean;
  alternatives: boolean;
  /** How many alternatives it has itself. */
  ways: number;
}

function checkSource(source: string): void {
  if (source.length > LENGTH_MAX) {
    throw refuse(source, `it has ${source.length} characters, the most is ${LENGTH_MAX}`);
  }
  const open: Group[] = [];
  let current: Group = { repeats: false, alternatives: false, ways: 1 };
  let closed: Group | undefined;
  let bits = 0;
  for (let at = 0; at < source.length; ) {
    const token = tokenAt(source, at);
    at += token.length;
    const repeat = repeatOf(token);
    if (repeat !== undefined) {
      if (closed && repeat !== "once" && (closed.repeats || closed.alternatives)) {
        throw refuse(source, "a repeated group must hold no repetition and no alternative");
      }
      current.repeats = true;
      bits += choiceBits(token, repeat);
      checkBits(source, bits);
      continue;
    }
    closed = undefined;
    if (token.startsWith("(")) {
      open.push(current);
      current = { repeats: false, alternatives: false, ways: 1 };
    } else if (token === ")") {
      closed = current;
      const outer = open.pop();
      if (outer === undefined) throw refuse(source, "a parenthesis is closed but not opened");
      current = {
        repeats: outer.repeats || closed.repeats,
        alternatives: outer.alternatives || closed.alternatives,
        ways: outer.ways,
      };
    } else if (token === "|") {
      current.alternatives = true;
      bits += Math.log2((current.ways + 1) / current.ways);
      current.ways += 1;
      checkBits(source, bits);
    }
  }
}

/** How many ways a repetition can go, as a power of two. */
function choiceBits(token: string, repeat: "once" | "bounded" | "unbounded"): number {
  if (repeat === "unbounded") return UNBOUNDED_BITS;
  const [, least = 0, most = 1] = /^\{(\d+),(\d+)\}/.exec(token) ?? [];
  return token.startsWith("{") && !token.includes(",")
    ? 0
    : Math.log2(Number(most) - Number(least) + 1);
}

function checkBits(source: string, bits: number): void {
  if (bits <= CHOICE_BITS_MAX) return;
  throw refuse(source, "its optional parts and alternatives multiply to more than 2^16 ways");
}

/** One step of the pattern: an escape, a class, a quantifier, the start of a group, a character. */
function tokenAt(source: string, at: number): string {
  const rest = source.slice(at);
  if (/^\\[1-9k]/.test(rest)) throw refuse(source, "back-references are not allowed");
  if (/^\(\?(?!:)/.test(rest)) throw refuse(source, "of groups with (? only (?: is allowed");
  const found = /^(?:\\.|\[(?:\\.|[^\]\\])*\]|\{[0-9,]*\}\??|[*+?]\??|\(\?:|[\s\S])/u.exec(rest);
  return found![0];
}

function repeatOf(token: string): "once" | "bounded" | "unbounded" | undefined {
  if (token === "?" || token === "??") return "once";
  if (/^[*+]/.test(token)) return "unbounded";
  const counts = /^\{(\d*)(,?)(\d*)\}/.exec(token);
  if (counts === null) return undefined;
  const most = counts[2] === "" ? Number(counts[1]) : Number(counts[3] || Infinity);
  return most > REPEAT_MAX ? "unbounded" : "bounded";
}
