import { SnapshotTree, type Transaction } from "fairlead/zookeeper";
import { expect, test } from "vitest";

const at = (zxid: bigint, changes: Transaction["changes"]): Transaction => ({
  zxid,
  sessionId: 7n,
  cxid: 0,
  timeMs: 9,
  changes,
});
const acl = [{ permissions: 31, scheme: "world", id: "anyone" }];

test("transactions that the snapshot has already change nothing when they are done once more", () => {
  const tree = SnapshotTree.empty();
  const changes: Transaction["changes"] = [
    {
      type: "create",
      path: "/a",
      data: null,
      acl,
      lifetime: { type: "persistent" },
      parentCversion: 1,
    },
    { type: "set", path: "/a", data: Uint8Array.of(1), version: 1 },
    { type: "set_acl", path: "/a", acl: [], aversion: 1 },
  ];
  tree.apply(at(5n, changes));
  const once = tree.nodes().map((node) => ({ ...node }));
  tree.apply(at(5n, changes));
  expect(tree.nodes()).toEqual(once);
  expect(tree.get("/a")).toMatchObject({ version: 1, aversion: 1, czxid: 5n, ctimeMs: 9 });
  expect(tree.get("/")).toMatchObject({ cversion: 1, pzxid: 5n });
});

test("a session takes its ephemerals along", () => {
  const tree = SnapshotTree.empty();
  const lifetime = { type: "ephemeral" } as const;
  tree.apply(at(5n, [{ type: "session_created", timeoutMs: 10 }]));
  tree.apply(
    at(6n, [{ type: "create", path: "/e", data: null, acl, lifetime, parentCversion: 1 }]),
  );
  expect(tree.get("/e")?.ephemeralOwner).toBe(7n);
  expect(tree.sessions.get(7n)).toBe(10);
  tree.apply(at(7n, [{ type: "session_closed", paths: ["/e"] }]));
  expect(tree.get("/e")).toBeUndefined();
  expect(tree.sessions.size).toBe(0);
  // Deleted twice, set when it is gone: as the log of a server may have it.
  tree.apply(
    at(8n, [
      { type: "delete", path: "/e" },
      { type: "set", path: "/e", data: null, version: 3 },
    ]),
  );
  expect(tree.get("/e")).toBeUndefined();
});

test("parents come before their children", () => {
  const tree = SnapshotTree.empty();
  const make = (zxid: bigint, path: string) =>
    at(zxid, [
      {
        type: "create",
        path,
        data: null,
        acl,
        lifetime: { type: "persistent" },
        parentCversion: 1,
      },
    ]);
  for (const [index, path] of ["/a", "/a/b", "/a/b/c"].entries()) {
    tree.apply(make(BigInt(index + 1), path));
  }
  const paths = tree.nodes().map(({ path }) => path);
  expect(paths.indexOf("/a")).toBeLessThan(paths.indexOf("/a/b"));
  expect(tree.size).toBe(7);
});
