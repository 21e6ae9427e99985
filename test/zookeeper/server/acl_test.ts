import { type Acl, OPEN_ACL, PERMISSIONS } from "fairlead/zookeeper";
import { expect, test } from "vitest";
import { fixAcl, isAllowed, maskAcl, userOf } from "../../../src/zookeeper/server/acl.ts";

const { read, write, all } = PERMISSIONS;
const one = (permissions: number, scheme: string, id: string): Acl[] => [
  { permissions, scheme, id },
];
const at = (id: string) => [{ scheme: "ip", id }];

test("isAllowed() takes any of the permissions, of any entry", () => {
  expect(isAllowed(OPEN_ACL, all, [])).toBe(true);
  expect(isAllowed([], all, [])).toBe(true);
  expect(isAllowed(one(read, "world", "anyone"), write, [])).toBe(false);
  expect(isAllowed(one(read, "world", "anyone"), read | write, [])).toBe(true);
  expect(isAllowed(one(read, "world", "somebody"), read, [])).toBe(false);
  expect(isAllowed(one(read, "world", "x"), write, [{ scheme: "super", id: "" }])).toBe(true);
  const ada = [{ scheme: "digest", id: "ada:hash" }];
  expect(isAllowed(one(write, "digest", "ada:hash"), write, ada)).toBe(true);
  expect(isAllowed(one(write, "digest", "ada:other"), write, ada)).toBe(false);
  expect(isAllowed(one(write, "sasl", "ada:hash"), write, ada)).toBe(false);
});

test.each([
  ["10.1.2.3", "10.1.2.3", true],
  ["10.1.2.3", "10.1.2.4", false],
  ["10.1.2.0/24", "10.1.2.255", true],
  ["10.1.2.0/25", "10.1.2.128", false],
  ["10.1.2.0/25", "10.1.2.127", true],
  ["0.0.0.0/0", "1.2.3.4", true],
  ["0.0.0.0/0", "::1", false],
  ["::1", "0:0:0:0:0:0:0:1", true],
  ["2001:db8::/32", "2001:db8:1::5", true],
  ["2001:db8::/32", "2001:db9::", false],
  ["10.1.2.3/33", "10.1.2.3", false],
  ["10.1.2", "10.1.2", false],
  ["1::2::3", "1::2::3", false],
])("an entry by address: %s and %s", (expression, address, expected) => {
  expect(isAllowed(one(all, "ip", expression), read, at(address))).toBe(expected);
});

test("fixAcl() puts the identities that were proved in the place of auth", () => {
  const identities = [
    { scheme: "ip", id: "10.0.0.1" },
    { scheme: "super", id: "" },
    { scheme: "digest", id: "ada:1" },
    { scheme: "digest", id: "bob:2" },
  ];
  expect(fixAcl(one(read, "auth", "whatever"), identities)).toEqual([
    ...one(read, "digest", "ada:1"),
    ...one(read, "digest", "bob:2"),
  ]);
  expect(fixAcl(one(read, "auth", ""), at("10.0.0.1"))).toBeUndefined();
});

test("fixAcl() drops doubles, and takes no entry that cannot stand", () => {
  const open = one(read, "world", "anyone");
  expect(fixAcl([...open, ...open, ...one(write, "world", "anyone")], [])).toEqual([
    ...open,
    ...one(write, "world", "anyone"),
  ]);
  expect(fixAcl([], [])).toBeUndefined();
  expect(fixAcl([...open, ...one(all, "digest", "ada")], [])).toBeUndefined();
  expect(fixAcl(one(all, "sasl", "ada"), [])).toBeUndefined();
});

test("maskAcl() and userOf() show no hash", () => {
  expect(maskAcl(one(all, "digest", "ada:hash"))).toEqual(one(all, "digest", "ada:x"));
  expect(maskAcl(OPEN_ACL)).toEqual(OPEN_ACL);
  expect(userOf({ scheme: "digest", id: "ada:hash" })).toBe("ada");
  expect(userOf({ scheme: "ip", id: "::1" })).toBe("::1");
});
