/** Marathon's placement constraints: what they say, and reading them. */
import { compilePattern, FairleadError, type Pattern } from "../base/mod.ts";

/**
 * A condition on the agent's `hostname` or on one of its attributes.
 *
 * - `UNIQUE`: no two instances of the group on one value.
 * - `CLUSTER`: all on the given value; without one, on the value of the instance placed first.
 * - `GROUP_BY`: even spread over the values; with a number, over at most that many of them.
 * - `MAX_PER`: at most so many instances on a value.
 * - `LIKE`, `UNLIKE`: the whole value matches the pattern, or does not.
 * - `IS`: equality.
 *
 * An agent without the attribute satisfies `UNLIKE` only.
 */
export type Constraint =
  | { readonly field: string; readonly operator: "UNIQUE" }
  | { readonly field: string; readonly operator: "CLUSTER"; readonly value?: string | number }
  | { readonly field: string; readonly operator: "GROUP_BY"; readonly value?: number }
  | { readonly field: string; readonly operator: "MAX_PER"; readonly value: number }
  | { readonly field: string; readonly operator: "LIKE" | "UNLIKE"; readonly value: string }
  | { readonly field: string; readonly operator: "IS"; readonly value: string | number };

/** A constraint that was read: patterns compiled, values in the form in which they are compared. */
export type ReadConstraint =
  | {
      readonly field: string;
      readonly text: string;
      readonly kind: "equals";
      readonly value: string;
    }
  | {
      readonly field: string;
      readonly text: string;
      readonly kind: "matches";
      readonly pattern: Pattern;
      readonly isWanted: boolean;
    }
  | CountingConstraint;

/** A constraint whose answer depends on where the instances of the group are. */
export interface CountingConstraint {
  readonly field: string;
  readonly text: string;
  readonly kind: "max_per" | "cluster" | "group_by";
  /** Instances on a value (`max_per`) or values in use (`group_by`; 0 is all). */
  readonly limit: number;
}

/** Counts in constraints go up to this. */
const COUNT_MAX = 1_000_000;
/** Constraints that one task may have. */
export const CONSTRAINTS_MAX = 32;

/**
 * Check a constraint and bring it into the form in which agents are tested.
 *
 * @param where How the errors name it: `tasks[3].constraints[0]`.
 * @throws {FairleadError} `invalid_input` for an unknown operator, a missing or wrong value;
 * `invalid_pattern` for a pattern that `compilePattern` refuses.
 */
export function readConstraint(constraint: Constraint, where = "constraint"): ReadConstraint {
  const { field, operator } = constraint;
  if (typeof field !== "string" || field === "") {
    throw invalid(`${where}.field`, field, "a name: hostname or an attribute");
  }
  const text = formatConstraint(constraint);
  switch (operator) {
    case "UNIQUE":
      return { field, text, kind: "max_per", limit: 1 };
    case "MAX_PER":
      return { field, text, kind: "max_per", limit: count(constraint.value, where) };
    case "GROUP_BY":
      return {
        field,
        text,
        kind: "group_by",
        limit: constraint.value === undefined ? 0 : count(constraint.value, where),
      };
    case "CLUSTER":
      if (constraint.value === undefined) return { field, text, kind: "cluster", limit: 1 };
      return { field, text, kind: "equals", value: comparable(constraint.value, `${where}.value`) };
    case "IS":
      return { field, text, kind: "equals", value: comparable(constraint.value, `${where}.value`) };
    case "LIKE":
    case "UNLIKE":
      if (typeof constraint.value !== "string") {
        throw invalid(`${where}.value`, constraint.value, "a regular expression");
      }
      return {
        field,
        text,
        kind: "matches",
        pattern: compilePattern(constraint.value),
        isWanted: operator === "LIKE",
      };
    default:
      throw invalid(
        `${where}.operator`,
        operator,
        "one of UNIQUE, CLUSTER, GROUP_BY, MAX_PER, LIKE, UNLIKE, IS",
      );
  }
}

/**
 * Read Marathon's text form: `rack:LIKE:r[12]`, `hostname:UNIQUE`, `zone:GROUP_BY:3`.
 *
 * @throws {FairleadError} `invalid_input`, as {@linkcode readConstraint}.
 */
export function parseConstraint(text: string): Constraint {
  const [field = "", operator = "", ...rest] = text.split(":");
  const value = rest.length === 0 ? undefined : rest.join(":");
  const isCount = operator === "MAX_PER" || operator === "GROUP_BY";
  const constraint = {
    field,
    operator,
    ...(value === undefined ? {} : { value: isCount ? Number(value) : value }),
  } as Constraint;
  readConstraint(constraint, `constraint "${text}"`);
  return constraint;
}

/** Write a constraint in Marathon's text form. */
export function formatConstraint(constraint: Constraint): string {
  const { field, operator } = constraint;
  const value = "value" in constraint ? constraint.value : undefined;
  return value === undefined ? `${field}:${operator}` : `${field}:${operator}:${value}`;
}

/** Bring an attribute's value into the form in which it is compared: numbers to three decimals. */
export function comparable(value: string | number, where = "value"): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" && Number.isFinite(value))
    return String(Math.round(value * 1_000) / 1_000);
  throw invalid(where, value, "a text or a finite number");
}

function count(value: number | undefined, where: string): number {
  if (Number.isInteger(value) && value! >= 1 && value! <= COUNT_MAX) return value!;
  throw invalid(`${where}.value`, value, `an integer from 1 to ${COUNT_MAX}`);
}

/** The error of a field that cannot be used, naming what could. */
export function invalid(field: string, value: unknown, allowed: string): FairleadError {
  const shown = typeof value === "string" ? `"${value}"` : String(value);
  return new FairleadError(
    "invalid_input",
    `Cannot use ${field} = ${shown}: it must be ${allowed}`,
    {
      details: { field, value, allowed },
    },
  );
}
