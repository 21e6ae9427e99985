import { parseConnectString, ZooKeeper } from "fairlead/zookeeper/node";
import { expect, test } from "vitest";

test("parseConnectString() reads hosts, ports, IPv6 and the chroot", () => {
  expect(parseConnectString("a:1, b,[::1]:3/apps/web")).toEqual({
    servers: [
      { host: "a", port: 1 },
      { host: "b", port: 2181 },
      { host: "::1", port: 3 },
    ],
    chroot: "/apps/web",
  });
  expect(parseConnectString("a/").chroot).toBe("/");
});

test.each(["", "/a", "a:0", "a:65536", "a:x", "a,,b", "::1", "a b"])(
  "parseConnectString(%j) is refused by name",
  (text) => {
    expect(() => parseConnectString(text)).toThrow(
      expect.objectContaining({ code: "invalid_connect_string" }),
    );
  },
);

test("a chroot that is no path is refused", () => {
  const code = "invalid_path";
  expect(() => parseConnectString("a/b//c")).toThrow(expect.objectContaining({ code }));
});

test("an option out of range is refused by its name", () => {
  for (const [field, value] of [
    ["sessionTimeoutMs", 1],
    ["requestsMax", 0.5],
    ["credentials", [{ scheme: "", auth: "x" }]],
    ["nonsense", 1],
  ] as const) {
    expect(() => ZooKeeper.open("a", { [field]: value })).toThrow(
      expect.objectContaining({ code: "invalid_option", message: expect.stringContaining(field) }),
    );
  }
});
