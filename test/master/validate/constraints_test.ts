import { describe, expect, test } from "vitest";
import { Allocator } from "../../../src/allocator/mod.ts";
import { readOfferConstraints } from "../../../src/master/validate/constraints.ts";
import type { OfferConstraintsJson } from "../../../src/model/mod.ts";

type Constraint = NonNullable<
  NonNullable<
    NonNullable<OfferConstraintsJson["role_constraints"]>[string]["groups"]
  >[number]["attribute_constraints"]
>[number];

const RACK = { attribute_name: "rack" };

function json(...constraints: Constraint[]): OfferConstraintsJson {
  return { role_constraints: { web: { groups: [{ attribute_constraints: constraints }] } } };
}

function faultOf(given: OfferConstraintsJson): string | undefined {
  const read = readOfferConstraints(given, ["web"]);
  return read.ok ? undefined : read.fault;
}

describe("readOfferConstraints()", () => {
  test("gives what the allocator takes", () => {
    const read = readOfferConstraints(
      json(
        { selector: RACK, predicate: { exists: {} } },
        { selector: RACK, predicate: { text_matches: { regex: "r\\d+" } } },
        { selector: RACK, predicate: { text_not_equals: { value: "r9" } } },
        { selector: { pseudoattribute_type: "ZONE" }, predicate: { not_exists: {} } },
      ),
      ["web"],
    );
    if (!read.ok) throw new Error(read.fault);
    const allocator = new Allocator({ seed: 1 });
    allocator.addAgent({ id: "a1", resources: "cpus:1;mem:64", attributes: { rack: "r1" } });
    allocator.addAgent({ id: "a2", resources: "cpus:1;mem:64", attributes: { rack: "r9" } });
    const offerConstraints = read.constraints;
    allocator.addFramework({ id: "f", roles: ["web"], offerConstraints });
    expect(Array.from(allocator.run(), ({ agentId }) => agentId)).toEqual(["a1"]);
  });

  test("takes none at all", () => {
    expect(readOfferConstraints(undefined, [])).toEqual({ ok: true, constraints: {} });
  });

  test.each<[OfferConstraintsJson, string]>([
    [
      { role_constraints: { db: {} } },
      "Offer constraints specify `role_constraints` for a role 'db' not contained in the set of " +
        "roles",
    ],
    [
      { role_constraints: { web: {} } },
      "'OfferConstraints::role_constraints' has an empty 'RoleConstraints::groups' for role web",
    ],
    [
      json(),
      "'OfferConstraints::RoleConstraints::groups' for role web contains an empty " +
        "RoleConstraints::Group",
    ],
    [
      json({ selector: {}, predicate: { exists: {} } }),
      "A role web has an invalid 'AttributeConstraint': Exactly one of " +
        "'AttributeConstraint::Selector::name' or " +
        "'AttributeConstraint::Selector::pseudoattribute_type' must be set",
    ],
    [
      json({ selector: { pseudoattribute_type: "UNKNOWN" }, predicate: { exists: {} } }),
      "A role web has an invalid 'AttributeConstraint': Unknown pseudoattribute type",
    ],
    [
      json({ selector: RACK, predicate: {} }),
      "A role web has an invalid 'AttributeConstraint': Unknown predicate type",
    ],
    [
      json({ selector: RACK, predicate: { exists: {}, not_exists: {} } }),
      "A role web has an invalid 'AttributeConstraint': Unknown predicate type",
    ],
  ])("refuses %j", (given, message) => {
    expect(faultOf(given)).toBe(message);
  });

  test("refuses a pattern that could run away", () => {
    const given = json({ selector: RACK, predicate: { text_matches: { regex: "(a+)+" } } });
    expect(faultOf(given)).toMatch(/invalid 'AttributeConstraint': Cannot use pattern \(a\+\)\+/);
  });

  test("refuses more groups than the allocator takes", () => {
    const group = { attribute_constraints: [{ selector: RACK, predicate: { exists: {} } }] };
    const groups = Array.from({ length: 101 }, () => group);
    expect(faultOf({ role_constraints: { web: { groups } } })).toMatch(/more than 100 groups/);
  });
});
