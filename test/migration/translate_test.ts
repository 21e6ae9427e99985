import { Scope, type Translation, translate } from "fairlead/migration";
import { type Change, OPEN_ACL, SnapshotTree } from "fairlead/zookeeper";
import { expect, test } from "vitest";
import { expectedNodes } from "../../src/migration/translate.ts";
import { node } from "./support.ts";

const how: Translation = {
  scope: new Scope([{ from: "/a", to: "/b" }]),
  ephemerals: (path) => (path.includes("ghost") ? "ghost" : "drop"),
  acl: (acl) => acl,
  isOwn: (session) => session === 99n,
};

function run(changes: readonly Change[], more: Partial<Translation> = {}, sessionId = 1n) {
  const expected = new SnapshotTree();
  expected.load(node("/b"));
  expected.load(node("/b/ttl", { lifetime: { type: "ttl", ttlMs: 5 } }));
  const transaction = { zxid: 5n, sessionId, cxid: 0, timeMs: 0, changes };
  return translate(transaction, expected, { ...how, ...more });
}

const create = (path: string, more: Partial<Extract<Change, { type: "create" }>> = {}): Change => ({
  type: "create",
  path,
  data: null,
  acl: OPEN_ACL,
  lifetime: { type: "persistent" },
  parentCversion: 3,
  ...more,
});

test("a transaction stays whole, and moves; what is not in the scope stays behind", () => {
  const { operations, acls } = run([
    create("/a/x"),
    { type: "set", path: "/a/x", data: Uint8Array.of(1), version: 1 },
    { type: "set", path: "/other", data: null, version: 1 },
    { type: "set_acl", path: "/a", acl: OPEN_ACL, aversion: 2 },
    { type: "delete", path: "/a/x" },
  ]);
  expect(operations.map((each) => `${each.type} ${each.path}`)).toEqual([
    "create /b/x",
    "set /b/x",
    "delete /b/x",
  ]);
  expect(acls).toEqual([{ path: "/b", acl: OPEN_ACL }]);
});

test("an ephemeral is left behind and its parent's counter goes on, or it becomes a plain node", () => {
  const dropped = run([create("/a/e", { lifetime: { type: "ephemeral" } })]);
  expect(dropped.operations.map(({ type }) => type)).toEqual(["create", "delete"]);
  const ghost = run([create("/a/ghost", { lifetime: { type: "ephemeral" } })]);
  expect(ghost.operations).toMatchObject([{ path: "/b/ghost", lifetime: { type: "persistent" } }]);
  // The owner's end takes the plain node along; one that was dropped is not there.
  const tree = [{ type: "session_closed", paths: ["/a/e", "/a/ttl"] }] as const;
  expect(run(tree).operations).toEqual([{ type: "delete", path: "/b/ttl" }]);
  expect([...run(tree).expendable]).toEqual(["/b/ttl"]);
});

test("our own sessions change nothing, and data and ACLs are rewritten", () => {
  expect(run([create("/a/x")], {}, 99n).operations).toEqual([]);
  const acl = [{ permissions: 1, scheme: "world", id: "anyone" }];
  const data = () => Uint8Array.of(9);
  const { operations } = run([create("/a/x")], { acl: () => acl, data });
  expect(operations).toMatchObject([{ acl, data: Uint8Array.of(9) }]);
});

test("expectedNodes() is what a snapshot becomes", () => {
  const nodes = [
    node("/a"),
    node("/other"),
    node("/a/e", { lifetime: { type: "ephemeral" }, ephemeralOwner: 7n }),
    node("/a/ghost", { lifetime: { type: "ephemeral" }, ephemeralOwner: 7n }),
  ];
  expect(expectedNodes(nodes, how)).toMatchObject([
    { path: "/b" },
    { path: "/b/ghost", lifetime: { type: "persistent" }, ephemeralOwner: 0n },
  ]);
});
