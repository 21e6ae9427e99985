import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { faultOf, faultOfId, faultOfRole } from "../../../src/master/validate/ids.ts";
import { validateRole } from "../../../src/resources/mod.ts";

describe("faultOfId()", () => {
  test.each(["a", "a.b", "...", "task with spaces", "ü".repeat(127), "x".repeat(255)])(
    "takes %s",
    (id) => {
      expect(faultOfId(id)).toBeUndefined();
    },
  );

  test.each([
    ["", "ID must not be empty"],
    [".", "'.' is disallowed"],
    ["..", "'..' is disallowed"],
    ["a/b", "'a/b' contains invalid characters"],
    ["a\\b", "'a\\b' contains invalid characters"],
    ["a\nb", "'a\nb' contains invalid characters"],
    ["a\u007fb", "'a\u007fb' contains invalid characters"],
    ["ü".repeat(128), "ID must not be greater than 255 characters"],
    ["x".repeat(256), "ID must not be greater than 255 characters"],
  ])("refuses %j", (id, message) => {
    expect(faultOfId(id)).toBe(message);
  });
});

describe("faultOfRole()", () => {
  test.each([
    ["", "Role names cannot be the empty string"],
    ["/a", "Role '/a' cannot start with a slash"],
    ["a/", "Role 'a/' cannot end with a slash"],
    ["a//b", "Role 'a//b' cannot contain two adjacent slashes"],
    ["a/./b", "Role 'a/./b' cannot include '.' as a component"],
    ["..", "Role '..' cannot include '..' as a component"],
    ["a/*", "Role 'a/*' cannot include '*' as a component"],
    ["-a", "Role component '-a' is invalid because it starts with a dash"],
    ["a b", "Role component 'a b' is invalid because it contains backspace or whitespace"],
  ])("refuses %j", (role, message) => {
    expect(faultOfRole(role)).toBe(message);
  });

  test("refuses exactly what validateRole() refuses", () => {
    const role = fc.string({
      unit: fc.constantFrom("a", "/", ".", "-", "*", " ", "\t"),
      maxLength: 6,
    });
    fc.assert(
      fc.property(role, (name) => {
        const refused = faultOf(() => validateRole(name)) !== undefined;
        expect(faultOfRole(name) !== undefined).toBe(refused);
        expect(faultOfRole(name) ?? "").not.toMatch(/^Cannot use role/);
      }),
      { numRuns: 1_000 },
    );
  });
});
