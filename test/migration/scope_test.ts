import { isWithin, Scope } from "fairlead/migration";
import { expect, test } from "vitest";

test("map() moves what is within, and leaves the ensembles' own nodes and ours", () => {
  const scope = new Scope([{ from: "/a", to: "/x/y" }, { from: "/b" }], ["/a/tmp"]);
  expect(scope.map("/a")).toBe("/x/y");
  expect(scope.map("/a/c")).toBe("/x/y/c");
  expect(scope.map("/b/c")).toBe("/b/c");
  for (const path of [
    "/",
    "/ab",
    "/a/tmp",
    "/a/tmp/x",
    "/zookeeper/quota",
    "/fairlead-migration/x",
  ]) {
    expect(scope.map(path)).toBeUndefined();
  }
  expect(scope.parents()).toEqual(["/x"]);
  expect(scope.targets).toEqual(["/x/y", "/b"]);
  expect(scope.sources).toEqual(["/a", "/b"]);
});

test("the whole tree, and a tree into a folder", () => {
  const all = new Scope([{ from: "/" }]);
  expect([all.map("/"), all.map("/a"), all.map("/zookeeper/config")]).toEqual([
    "/",
    "/a",
    undefined,
  ]);
  const into = new Scope([{ from: "/", to: "/old" }]);
  expect([into.map("/"), into.map("/a/b")]).toEqual(["/old", "/old/a/b"]);
  const out = new Scope([{ from: "/old", to: "/" }]);
  expect([out.map("/old"), out.map("/old/a"), out.map("/old/fairlead-migration/x")]).toEqual([
    "/",
    "/a",
    undefined,
  ]);
});

test("inverse() is the way back", () => {
  const scope = new Scope([{ from: "/a", to: "/x/y" }, { from: "/b" }], ["/a/tmp"]);
  const back = scope.inverse();
  for (const path of ["/a", "/a/c", "/b/d"]) expect(back.map(scope.map(path) ?? "")).toBe(path);
  expect(back.map("/x/y/tmp/z")).toBeUndefined();
});

test.each([
  [[], "no subtree"],
  [[{ from: "/a" }, { from: "/a/b" }], "overlap"],
  [
    [
      { from: "/a", to: "/x" },
      { from: "/b", to: "/x/y" },
    ],
    "overlap",
  ],
  [[{ from: "/zookeeper" }], "does not move"],
  [[{ from: "/a", to: "/fairlead-migration/x" }], "does not move"],
])("%j is refused: %s", (mappings, why) => {
  expect(() => new Scope(mappings)).toThrow(
    expect.objectContaining({ code: "invalid_scope", message: expect.stringContaining(why) }),
  );
});

test("isWithin() knows names that begin alike", () => {
  expect([isWithin("/a/b", "/a"), isWithin("/ab", "/a"), isWithin("/a", "/")]).toEqual([
    true,
    false,
    true,
  ]);
});

test("what fairlead itself keeps in an ensemble moves like everything else", () => {
  // Where the documentation puts a master's store.
  expect(new Scope([{ from: "/" }]).map("/fairlead/mesos/info_0")).toBe("/fairlead/mesos/info_0");
  expect(new Scope([{ from: "/fairlead" }]).map("/fairlead/state")).toBe("/fairlead/state");
});
