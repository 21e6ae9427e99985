import { describe, expect, test } from "vitest";
import {
  faultOfFrameworkInfo,
  faultOfFrameworkUpdate,
  faultOfSuppressedRoles,
  keepImmutable,
  rolesOf,
} from "../../../src/master/validate/framework.ts";
import type { FrameworkInfo } from "../../../src/model/mod.ts";

const MULTI = { capabilities: [{ type: "MULTI_ROLE" }] };

function info(more: Partial<FrameworkInfo> = {}): FrameworkInfo {
  return { user: "root", name: "f", ...more };
}

function minimum(quantities: Record<string, { value: number }>): Partial<FrameworkInfo> {
  return {
    offer_filters: { web: { min_allocatable_resources: { quantities: [{ quantities }] } } },
  };
}

describe("faultOfFrameworkInfo()", () => {
  test.each<[string, Partial<FrameworkInfo>]>([
    ["nothing but user and name", {}],
    ["an empty id, as some clients send it", { id: { value: "" } }],
    ["one role", { role: "eng/web" }],
    ["many roles", { ...MULTI, roles: ["a", "b/c"] }],
    ["many roles, none yet", { ...MULTI, roles: [] }],
    ["a capability of the future", { capabilities: [{ type: "TELEPATHY" }] }],
    ["a week", { failover_timeout: 604_800 }],
    ["a minimum", minimum({ cpus: { value: 0.5 } })],
    ["an empty list of minimums: anything", { offer_filters: { web: {} } }],
  ])("takes %s", (_what, more) => {
    expect(faultOfFrameworkInfo(info(more))).toBeUndefined();
  });

  test.each<[Partial<FrameworkInfo>, string]>([
    [
      { roles: ["a"] },
      "'FrameworkInfo.roles' must not be set when the framework is not MULTI_ROLE capable",
    ],
    [
      { ...MULTI, role: "a" },
      "'FrameworkInfo.role' must not be set when the framework is MULTI_ROLE capable",
    ],
    [{ ...MULTI, roles: ["a", "b", "a"] }, "'FrameworkInfo.roles' contains duplicate items: { a }"],
    [
      { ...MULTI, roles: ["a", "/b"] },
      "'FrameworkInfo.roles' contains invalid role: Role '/b' cannot start with a slash",
    ],
    [
      { role: "a b" },
      "'FrameworkInfo.role' is not a valid role: Role component 'a b' is invalid because it " +
        "contains backspace or whitespace",
    ],
    [
      { role: "" },
      "'FrameworkInfo.role' is not a valid role: Role names cannot be the empty string",
    ],
    [{ id: { value: "a/b" } }, "'a/b' contains invalid characters"],
    [{ failover_timeout: -1 }, "The framework failover_timeout (-1) is invalid"],
    [{ failover_timeout: Number.NaN }, "The framework failover_timeout (NaN) is invalid"],
    [{ failover_timeout: 1e10 }, "The framework failover_timeout (10000000000) is invalid"],
    [minimum({}), "Resource quantities must contain at least one quantity"],
    [
      minimum({ cpus: { value: -1 } }),
      "Invalid resource quantity for 'cpus': Negative values not supported",
    ],
    [
      minimum({ cpus: { value: Number.POSITIVE_INFINITY } }),
      "Invalid resource quantity for 'cpus': Infinite values not supported",
    ],
  ])("refuses %j", (more, message) => {
    expect(faultOfFrameworkInfo(info(more))).toBe(message);
  });
});

describe("rolesOf()", () => {
  test("is the list with MULTI_ROLE, else the one role", () => {
    expect(rolesOf(info({ ...MULTI, roles: ["a", "b"] }))).toEqual(["a", "b"]);
    expect(rolesOf(info({ role: "a" }))).toEqual(["a"]);
    expect(rolesOf(info())).toEqual(["*"]);
  });
});

describe("faultOfSuppressedRoles()", () => {
  test("names roles that are none of the framework's", () => {
    expect(faultOfSuppressedRoles(["a"], ["a"])).toBeUndefined();
    expect(faultOfSuppressedRoles(["a"], ["b", "c"])).toBe(
      "Suppressed roles { b, c } are not contained in the set of roles",
    );
  });
});

describe("faultOfFrameworkUpdate()", () => {
  test.each<[Partial<FrameworkInfo>, Partial<FrameworkInfo>, string | undefined]>([
    [{}, { name: "other", failover_timeout: 1, role: "x" }, undefined],
    [{}, { checkpoint: false }, undefined],
    [{ principal: "a" }, { principal: "b" }, "Changing framework's principal is not allowed."],
    [{ principal: "a" }, {}, "Changing framework's principal is not allowed."],
    [
      {},
      { user: "nobody" },
      "Updating 'FrameworkInfo.user' is unsupported; attempted to update from 'root' to 'nobody'",
    ],
    [
      {},
      { checkpoint: true },
      "Updating 'FrameworkInfo.checkpoint' is unsupported; attempted to update from 'false' to " +
        "'true'",
    ],
  ])("%j to %j", (before, after, message) => {
    expect(faultOfFrameworkUpdate(info(before), info(after))).toBe(message);
  });

  test("finds nothing in what keepImmutable() gives", () => {
    const before = info({ checkpoint: true });
    const kept = keepImmutable(before, info({ user: "nobody", name: "new" }));
    expect(kept).toEqual({ user: "root", name: "new", checkpoint: true });
    expect(faultOfFrameworkUpdate(before, kept)).toBeUndefined();
    expect(keepImmutable(info(), info({ checkpoint: true }))).toEqual(info());
  });
});
