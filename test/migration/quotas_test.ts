import { expect, test } from "vitest";
import { quotaOperations, quotasOf } from "../../src/migration/quotas.ts";
import { Scope } from "../../src/migration/scope.ts";
import { node } from "./support.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const limits = (path: string, text: string) =>
  node(`/zookeeper/quota${path}/zookeeper_limits`, { data: bytes(text) });

test("quotasOf() takes those of nodes that move", () => {
  const nodes = [
    limits("/a/b", "count=5,bytes=-1"),
    limits("/z", "count=1,bytes=1"),
    node("/a/b/zookeeper_limits"),
    node("/zookeeper/quota/a/b/zookeeper_stats"),
  ];
  expect(quotasOf(nodes, new Scope([{ from: "/a" }])).map(({ path }) => path)).toEqual(["/a/b"]);
});

test("quotaOperations() makes places, the limit, and last what the server counts", () => {
  const made = quotaOperations(
    [limits("/a/b", "count=5,bytes=-1")],
    [node("/zookeeper/quota")],
    new Scope([{ from: "/a", to: "/n" }]),
  );
  expect(made.map((each) => ("path" in each ? [each.type, each.path] : []))).toEqual([
    ["create", "/zookeeper/quota/n"],
    ["create", "/zookeeper/quota/n/b"],
    ["create", "/zookeeper/quota/n/b/zookeeper_limits"],
    ["create", "/zookeeper/quota/n/b/zookeeper_stats"],
  ]);
});

test("quotaOperations() sets a limit that is another one, and lets an equal one be", () => {
  const place = "/zookeeper/quota/a";
  const there = [node(place), node(`${place}/zookeeper_stats`)];
  const scope = new Scope([{ from: "/a" }]);
  const source = [limits("/a", "count=5,bytes=-1")];
  expect(quotaOperations(source, [...there, ...source], scope)).toEqual([]);
  const other = [...there, limits("/a", "count=6,bytes=-1")];
  expect(quotaOperations(source, other, scope)).toEqual([
    { type: "set", path: `${place}/zookeeper_limits`, data: bytes("count=5,bytes=-1") },
  ]);
});
