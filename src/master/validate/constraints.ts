/** Offer constraints: from the scheduler API to what the allocator takes. */
import type {
  AttributeConstraint,
  ConstraintSelector,
  OfferConstraints,
} from "../../allocator/mod.ts";
import { compilePattern } from "../../base/mod.ts";
import type { OfferConstraintsJson } from "../../model/mod.ts";
import { faultOf } from "./ids.ts";

/** Constraints by role, or what is wrong. */
export type ConstraintsVerdict =
  | { readonly ok: true; readonly constraints: Readonly<Record<string, OfferConstraints>> }
  | { readonly ok: false; readonly fault: string };

/** The allocator's own bounds. */
const GROUPS_MAX = 100;
const GROUP_SIZE_MAX = 100;

type RoleJson = NonNullable<OfferConstraintsJson["role_constraints"]>[string];
type ConstraintJson = NonNullable<
  NonNullable<RoleJson["groups"]>[number]["attribute_constraints"]
>[number];
type Read<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly fault: string };

/** Read constraints; they may be for roles of the framework only. */
export function readOfferConstraints(
  json: OfferConstraintsJson | undefined,
  roles: readonly string[],
): ConstraintsVerdict {
  const constraints: Record<string, OfferConstraints> = {};
  for (const [role, given] of Object.entries(json?.role_constraints ?? {})) {
    if (!roles.includes(role)) {
      const fault =
        `Offer constraints specify \`role_constraints\` for a role '${role}' not contained in ` +
        "the set of roles";
      return { ok: false, fault };
    }
    const read = readRole(role, given);
    if (!read.ok) return read;
    constraints[role] = read.value;
  }
  return { ok: true, constraints };
}

function readRole(role: string, { groups = [] }: RoleJson): Read<OfferConstraints> {
  if (groups.length === 0) {
    return wrong(
      "'OfferConstraints::role_constraints' has an empty 'RoleConstraints::groups' for role " +
        role,
    );
  }
  if (groups.length > GROUPS_MAX) {
    return wrong(`Role ${role} has more than ${GROUPS_MAX} groups of offer constraints`);
  }
  const read: AttributeConstraint[][] = [];
  for (const { attribute_constraints = [] } of groups) {
    const group = readGroup(role, attribute_constraints);
    if (!group.ok) return group;
    read.push(group.value);
  }
  return { ok: true, value: { groups: read } };
}

function readGroup(role: string, given: readonly ConstraintJson[]): Read<AttributeConstraint[]> {
  if (given.length === 0) {
    return wrong(
      `'OfferConstraints::RoleConstraints::groups' for role ${role} contains an empty ` +
        "RoleConstraints::Group",
    );
  }
  if (given.length > GROUP_SIZE_MAX) {
    return wrong(`A group of offer constraints for role ${role} has more than ${GROUP_SIZE_MAX}`);
  }
  const value: AttributeConstraint[] = [];
  for (const constraint of given) {
    const read = readConstraint(constraint);
    if (!read.ok) {
      return wrong(`A role ${role} has an invalid 'AttributeConstraint': ${read.fault}`);
    }
    value.push(read.value);
  }
  return { ok: true, value };
}

function readConstraint({ selector, predicate }: ConstraintJson): Read<AttributeConstraint> {
  const read = readSelector(selector);
  return read.ok ? readPredicate(predicate, read.value) : read;
}

function readSelector(selector: ConstraintJson["selector"]): Read<ConstraintSelector> {
  const { attribute_name, pseudoattribute_type } = selector;
  if ((attribute_name === undefined) === (pseudoattribute_type === undefined)) {
    return wrong(
      "Exactly one of 'AttributeConstraint::Selector::name' or " +
        "'AttributeConstraint::Selector::pseudoattribute_type' must be set",
    );
  }
  if (attribute_name === "") return wrong("The name of an attribute must not be empty");
  if (attribute_name !== undefined) return { ok: true, value: { attribute: attribute_name } };
  if (pseudoattribute_type === undefined || pseudoattribute_type === "UNKNOWN") {
    return wrong("Unknown pseudoattribute type");
  }
  return { ok: true, value: { pseudo: pseudoattribute_type } };
}

function readPredicate(
  predicate: ConstraintJson["predicate"],
  selector: ConstraintSelector,
): Read<AttributeConstraint> {
  const { exists, not_exists, text_equals, text_not_equals } = predicate;
  const { text_matches, text_not_matches } = predicate;
  const set = Object.values(predicate).filter((part) => part !== undefined).length;
  if (set !== 1) return wrong("Unknown predicate type");
  if (exists) return { ok: true, value: { selector, type: "exists" } };
  if (not_exists) return { ok: true, value: { selector, type: "not_exists" } };
  if (text_equals) {
    return { ok: true, value: { selector, type: "text_equals", value: text_equals.value } };
  }
  if (text_not_equals) {
    return { ok: true, value: { selector, type: "text_not_equals", value: text_not_equals.value } };
  }
  const pattern = (text_matches ?? text_not_matches)?.regex ?? "";
  const fault = faultOf(() => void compilePattern(pattern));
  if (fault !== undefined) return wrong(fault);
  const type = text_matches ? "text_matches" : "text_not_matches";
  return { ok: true, value: { selector, type, pattern } };
}

function wrong(fault: string): { readonly ok: false; readonly fault: string } {
  return { ok: false, fault };
}
