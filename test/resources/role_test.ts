import fc from "fast-check";
import { expect, test } from "vitest";
import { isRoleDescendant, roleAncestors, validateRole } from "../../src/resources/mod.ts";

test.each(["*", "eng", "eng/web", "a/b/c", "a-b", "a.b", "...", "ünï", "a*b", "a:b(c)"])(
  "validateRole() accepts %j",
  (role) => expect(validateRole(role)).toBeUndefined(),
);

test.each([
  ["", "must not be empty"],
  [".", 'may be "."'],
  ["..", 'may be ".."'],
  ["eng/..", 'may be ".."'],
  ["eng/./web", 'may be "."'],
  ["-eng", 'start with "-"'],
  ["eng/-web", 'start with "-"'],
  ["eng/*", 'may be "*"'],
  ["/eng", "start with a slash"],
  ["eng/", "end with a slash"],
  ["/", "start with a slash"],
  ["eng//web", "two slashes"],
  ["eng web", "white space"],
  ["eng\tweb", "white space"],
  ["eng\u0008", "control characters"],
  ["eng\u007f", "control characters"],
  ["eng\u0000", "control characters"],
])("validateRole() refuses %j", (role, fault) => {
  expect(() => validateRole(role)).toThrow(
    expect.objectContaining({ code: "invalid_role", details: { role } }),
  );
  expect(() => validateRole(role)).toThrow(fault);
});

test("isRoleDescendant() is true strictly below only", () => {
  expect(isRoleDescendant("a/b", "a")).toBe(true);
  expect(isRoleDescendant("a/b/c", "a")).toBe(true);
  expect(isRoleDescendant("a", "a")).toBe(false);
  expect(isRoleDescendant("ab", "a")).toBe(false);
  expect(isRoleDescendant("ab/c", "a")).toBe(false);
  expect(isRoleDescendant("a", "a/b")).toBe(false);
});

test("roleAncestors() lists the roles above, the top one first", () => {
  expect(roleAncestors("a")).toEqual([]);
  expect(roleAncestors("a/b/c")).toEqual(["a", "a/b"]);
});

test("roleAncestors() are the roles that isRoleDescendant() says are above", () => {
  const part = fc.constantFrom("a", "b", "ab");
  const role = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
  fc.assert(
    fc.property(role, role, (child, parent) => {
      expect(roleAncestors(child).includes(parent)).toBe(isRoleDescendant(child, parent));
    }),
  );
});
