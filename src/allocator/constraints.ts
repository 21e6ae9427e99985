/** Offer constraints: read once, compiled, then asked for classes of agents. */
import { compilePattern, FairleadError, type Pattern } from "../base/mod.ts";
import type { AgentFacts } from "./exclusions.ts";
import type { AttributeConstraint, ConstraintSelector, OfferConstraints } from "./types.ts";

interface Compiled {
  readonly constraint: AttributeConstraint;
  readonly pattern: Pattern | undefined;
}

/** Compiled constraints of one client. */
export interface Constraints {
  readonly groups: readonly (readonly Compiled[])[];
  /** The attributes they look at. */
  readonly attributes: ReadonlySet<string>;
}

/** Groups of one client, and constraints of a group. */
const GROUPS_MAX = 100;
const GROUP_SIZE_MAX = 100;
const PSEUDO = ["HOSTNAME", "REGION", "ZONE"];

/**
 * Check and compile constraints; no groups at all hold nowhere.
 *
 * @throws {FairleadError} `invalid_argument`, or `invalid_pattern` for a pattern.
 */
export function readConstraints(given: OfferConstraints | undefined): Constraints | undefined {
  if (given === undefined) return undefined;
  const { groups } = given;
  if (!Array.isArray(groups) || groups.length > GROUPS_MAX) {
    throw invalid("groups", `it must be a list of at most ${GROUPS_MAX}`);
  }
  const attributes = new Set<string>();
  const compiled = groups.map((group, i) => {
    const field = `groups[${i}]`;
    if (!Array.isArray(group) || group.length === 0 || group.length > GROUP_SIZE_MAX) {
      throw invalid(field, `it must be a list of 1 to ${GROUP_SIZE_MAX} constraints`);
    }
    return group.map((constraint: AttributeConstraint, j: number) => {
      const read = compile(constraint, `${field}[${j}]`);
      const { selector } = constraint;
      if ("attribute" in selector) attributes.add(selector.attribute);
      return read;
    });
  });
  return { groups: compiled, attributes };
}

/** Whether some group holds for an agent. */
export function holds({ groups }: Constraints, facts: AgentFacts): boolean {
  return groups.some((group) => group.every((compiled) => holdsOne(compiled, facts)));
}

/** Whether some constraint looks at the hostname, which tells all agents apart. */
export function namesHostname({ groups }: Constraints): boolean {
  return groups.some((group) =>
    group.some(({ constraint: { selector } }) => {
      return "pseudo" in selector && selector.pseudo === "HOSTNAME";
    }),
  );
}

function holdsOne({ constraint, pattern }: Compiled, facts: AgentFacts): boolean {
  const text = select(constraint.selector, facts);
  switch (constraint.type) {
    case "exists":
      return text !== undefined;
    case "not_exists":
      return text === undefined;
    case "text_equals":
      return text === constraint.value;
    case "text_not_equals":
      return text !== constraint.value;
    case "text_matches":
      return text !== undefined && pattern!.matches(text);
    case "text_not_matches":
      return text === undefined || !pattern!.matches(text);
  }
}

function select(selector: ConstraintSelector, facts: AgentFacts): string | undefined {
  if ("attribute" in selector) return facts.attributes.get(selector.attribute);
  if (selector.pseudo === "HOSTNAME") return facts.hostname;
  return selector.pseudo === "REGION" ? facts.domain?.region : facts.domain?.zone;
}

function compile(constraint: AttributeConstraint, field: string): Compiled {
  checkSelector(constraint.selector, `${field}.selector`);
  switch (constraint.type) {
    case "exists":
    case "not_exists":
      return { constraint, pattern: undefined };
    case "text_equals":
    case "text_not_equals":
      if (typeof constraint.value === "string") return { constraint, pattern: undefined };
      throw invalid(`${field}.value`, "it must be text");
    case "text_matches":
    case "text_not_matches":
      if (typeof constraint.pattern !== "string") throw invalid(`${field}.pattern`, "not text");
      return { constraint, pattern: compilePattern(constraint.pattern) };
    default:
      throw invalid(`${field}.type`, "it must be exists, not_exists, or text_… of the four kinds");
  }
}

function checkSelector(selector: ConstraintSelector, field: string): void {
  if ("attribute" in selector && typeof selector.attribute === "string") {
    if (selector.attribute !== "") return;
  } else if ("pseudo" in selector && PSEUDO.includes(selector.pseudo)) return;
  throw invalid(field, `it must name an attribute, or one of ${PSEUDO.join(", ")}`);
}

function invalid(field: string, fault: string): FairleadError {
  return new FairleadError(
    "invalid_argument",
    `Cannot read offer constraints: ${field}: ${fault}`,
    {
      details: { field },
    },
  );
}
