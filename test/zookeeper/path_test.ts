import { checkPath, childOf, nameOf, parentOf, utf8Bytes } from "fairlead/zookeeper";
import { expect, test } from "vitest";

test.each([
  ["", "begin with a slash"],
  ["a", "begin with a slash"],
  ["/a/", "end with a slash"],
  ["/a//b", "empty part"],
  ["/a/../b", "no part may be"],
  ["/.", "no part may be"],
  ["/a\u0000", "not allowed"],
  ["/a\ud800", "not allowed"],
  ["/abcdefghijk", "the most is 10"],
])("checkPath(%j) names the rule", (path, rule) => {
  expect(() => checkPath(path, 10)).toThrow(
    expect.objectContaining({ code: "invalid_path", message: expect.stringContaining(rule) }),
  );
});

test("paths are taken apart and put together", () => {
  expect([parentOf("/a/b"), parentOf("/a"), parentOf("/")]).toEqual(["/a", "/", "/"]);
  expect([nameOf("/a/b"), childOf("/", "a"), childOf("/a", "b")]).toEqual(["b", "/a", "/a/b"]);
  expect([utf8Bytes("abc"), utf8Bytes("ü")]).toEqual([3, 2]);
});
