import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FairleadError } from "../../../src/base/mod.ts";
import { acl } from "../../../src/master/acl/acl.ts";

const ANY = { type: "ANY" };
const NONE = { type: "NONE" };
const some = (...values: string[]) => ({ values });

function errorOf(json: unknown): { code: string; message: string } | undefined {
  try {
    acl(json);
    return undefined;
  } catch (thrown) {
    const { code, message } = FairleadError.from(thrown);
    return { code, message };
  }
}

describe("acl()", () => {
  test("allows everything that no rule is about, unless it is not permissive", () => {
    expect(acl({}).allows("ops", "run_tasks", "root")).toBe(true);
    expect(acl({ permissive: false }).allows("ops", "run_tasks", "root")).toBe(false);
    expect(acl({ permissive: false }).allows(undefined, "run_tasks")).toBe(false);
  });

  test("allows nobody what is no action", () => {
    expect(acl({}).allows("ops", "fly")).toBe(false);
  });

  test("lets the first rule decide that matches both who and what", () => {
    const { allows } = acl({
      run_tasks: [
        { principals: some("batch"), users: some("nobody", "daemon") },
        { principals: some("batch"), users: NONE },
        { principals: ANY, users: some("root") },
      ],
    });
    expect(allows("batch", "run_tasks", "nobody")).toBe(true);
    expect(allows("batch", "run_tasks", "root")).toBe(false);
    expect(allows("web", "run_tasks", "root")).toBe(true);
    expect(allows("web", "run_tasks", "nobody")).toBe(true);
  });

  test("closes an action to everybody but one", () => {
    const { allows } = acl({
      teardown_frameworks: [
        { principals: some("admin"), framework_principals: ANY },
        { principals: NONE, framework_principals: ANY },
      ],
    });
    expect(allows("admin", "teardown_frameworks", "f")).toBe(true);
    expect(allows("admin", "teardown_frameworks")).toBe(true);
    expect(allows("mallory", "teardown_frameworks", "f")).toBe(false);
    expect(allows(undefined, "teardown_frameworks", "f")).toBe(false);
  });

  test("takes nobody in particular for nobody who is named", () => {
    const { allows } = acl({
      permissive: false,
      get_endpoints: [{ principals: some("ops"), paths: some("/logs") }],
    });
    expect(allows("ops", "get_endpoints", "/logs")).toBe(true);
    expect(allows(undefined, "get_endpoints", "/logs")).toBe(false);
    expect(allows("ops", "get_endpoints")).toBe(false);
  });

  test("takes a role that ends in /% for all below it, and only roles", () => {
    const { allows } = acl({
      permissive: false,
      register_frameworks: [{ principals: ANY, roles: some("eng/%", "ops") }],
      run_tasks: [{ principals: ANY, users: some("eng/%") }],
    });
    const roles = ["eng/web", "eng/web/eu", "eng", "engine/x", "ops", "ops/a"];
    expect(roles.filter((role) => allows("p", "register_frameworks", role))).toEqual([
      "eng/web",
      "eng/web/eu",
      "ops",
    ]);
    expect(allows("p", "run_tasks", "eng/web")).toBe(false);
    expect(allows("p", "run_tasks", "eng/%")).toBe(true);
  });

  test("matches nothing with an empty list of names", () => {
    const { allows } = acl({
      permissive: true,
      run_tasks: [{ principals: { values: [] }, users: NONE }],
    });
    expect(allows("p", "run_tasks", "root")).toBe(true);
  });

  test.each<[unknown, string]>([
    [{ run_task: [] }, "Cannot read ACLs: run_task: no such action"],
    [
      { run_tasks: [{ principals: ANY }] },
      "Cannot read ACLs: run_tasks.0.users: Invalid input: expected object, received undefined",
    ],
    [
      { run_tasks: [{ principals: { type: "ALL" }, users: ANY }] },
      'Cannot read ACLs: run_tasks.0.principals.type: Invalid option: expected one of "SOME"|"ANY"|"NONE"',
    ],
    [
      { run_tasks: [{ principals: ANY, users: ANY, roles: ANY }] },
      'Cannot read ACLs: run_tasks.0: Unrecognized key: "roles"',
    ],
    [
      { permissive: "yes" },
      "Cannot read ACLs: permissive: Invalid input: expected boolean, received string",
    ],
    [[], "Cannot read ACLs: the whole: Invalid input: expected record, received array"],
  ])("refuses %j", (json, message) => {
    expect(errorOf(json)).toEqual({ code: "invalid_acl", message });
  });

  test("answers the same however often and in whichever order it is asked", () => {
    const name = fc.constantFrom("a", "b", "c", "a/b", "a/%");
    const entity = fc.oneof(
      fc.constant(ANY),
      fc.constant(NONE),
      fc.array(name, { maxLength: 3 }).map((values) => ({ values })),
    );
    const rules = fc.array(fc.record({ principals: entity, roles: entity }), { maxLength: 5 });
    const question = fc.record({
      who: fc.option(name, { nil: undefined }),
      what: fc.option(name, { nil: undefined }),
    });
    fc.assert(
      fc.property(rules, fc.boolean(), fc.array(question), (get_quotas, permissive, questions) => {
        const { allows } = acl({ permissive, get_quotas });
        for (const { who, what } of questions) {
          expect(allows(who, "get_quotas", what)).toBe(
            naive({ permissive, rules: get_quotas }, who, what),
          );
        }
      }),
    );
  });

  test("remembers a bounded number of principals", () => {
    const { allows } = acl({ run_tasks: [{ principals: some("p1"), users: NONE }] });
    for (let i = 0; i < 5_000; i += 1) expect(allows(`p${i}`, "run_tasks", "u")).toBe(i !== 1);
    expect(allows("p1", "run_tasks", "u")).toBe(false);
  });
});

interface NaiveEntity {
  readonly type?: string;
  readonly values?: readonly string[];
}

/** The tables of the manual, word by word. */
function naive(
  given: {
    readonly permissive: boolean;
    readonly rules: readonly { readonly principals: NaiveEntity; readonly roles: NaiveEntity }[];
  },
  who: string | undefined,
  what: string | undefined,
): boolean {
  const matches = (
    { type, values = [] }: NaiveEntity,
    name: string | undefined,
    roles: boolean,
  ) => {
    if (type === "ANY" || type === "NONE") return true;
    if (name === undefined) return false;
    return values.some((value) => {
      if (roles && value.endsWith("/%")) return name.startsWith(value.slice(0, -1));
      return value === name;
    });
  };
  for (const { principals, roles } of given.rules) {
    if (!matches(principals, who, false) || !matches(roles, what, true)) continue;
    return principals.type !== "NONE" && roles.type !== "NONE";
  }
  return given.permissive;
}
