import { ensurePath, MemoryTree } from "fairlead/coordination";
import { expect, test } from "vitest";
import { codeOf } from "./conformance.ts";

test("ensurePath() makes what is missing and leaves what is there", async () => {
  await using store = new MemoryTree().connect();
  await store.create("/a", Uint8Array.of(1));
  await ensurePath(store, "/a/b/c");
  await ensurePath(store, "/");
  expect(await store.exists("/a/b/c")).toMatchObject({ valueBytes: 0, ephemeralOwner: undefined });
  expect(await store.exists("/a")).toMatchObject({ version: 0, valueBytes: 1 });
});

test("ensurePath() called by many at once makes each node once", async () => {
  const tree = new MemoryTree();
  const stores = [tree.connect(), tree.connect(), tree.connect()];
  await Promise.all(stores.map((store) => ensurePath(store, "/a/b/c")));
  expect(tree.tree.size).toBe(4);
  for (const store of stores) await store.close();
});

test("ensurePath() says when something above is ephemeral", async () => {
  await using store = new MemoryTree().connect();
  await store.create("/a", undefined, { ephemeral: true });
  expect(await codeOf(ensurePath(store, "/a/b/c"))).toBe("no_children_for_ephemerals");
});
