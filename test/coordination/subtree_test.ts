import { deleteTree, MemoryTree, readTree } from "fairlead/coordination";
import { expect, test } from "vitest";
import { codeOf } from "./conformance.ts";

test("readTree() gives parents before children, and nothing of a node that is not there", async () => {
  await using store = new MemoryTree().connect();
  for (const path of ["/a/b/c", "/a/d", "/ab"]) {
    await store.create(path, new TextEncoder().encode(path), { parents: true });
  }
  const nodes = await readTree(store, "/a", { readsMax: 1 });
  expect([...nodes.keys()]).toEqual(["/a", "/a/b", "/a/d", "/a/b/c"]);
  expect(new TextDecoder().decode(nodes.get("/a/b/c")?.value)).toBe("/a/b/c");
  expect((await readTree(store, "/")).size).toBe(6);
  expect((await readTree(store, "/nothing")).size).toBe(0);
  expect(await codeOf(readTree(store, "/", { readsMax: 0 }))).toBe("invalid_option");
});

test("deleteTree() deletes thousands of nodes, and is done when there are none", async () => {
  const tree = new MemoryTree();
  await using store = tree.connect();
  await store.create("/a");
  for (let index = 0; index < 1_200; index += 1) {
    await store.create(`/a/${index}/x`, undefined, { parents: true });
  }
  store.faults.failCalls(5, "done");
  await deleteTree(store, "/a");
  await deleteTree(store, "/a");
  expect(tree.tree.size).toBe(1);
});

test("deleteTree() deletes what others put there meanwhile", async () => {
  const tree = new MemoryTree();
  await using store = tree.connect();
  await using other = tree.connect();
  await store.create("/a/b", undefined, { parents: true });
  const deleting = deleteTree(store, "/a");
  await other.create("/a/late");
  await deleting;
  expect(await store.exists("/a")).toBeUndefined();
});
