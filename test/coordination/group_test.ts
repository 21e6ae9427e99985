import { joinGroup, type Members, MemoryTree, members, watchMembers } from "fairlead/coordination";
import { expect, test } from "vitest";
import { codeOf } from "./conformance.ts";
import { TIMEOUT_MS, turn, virtualWorld } from "./virtual.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const names = (found: Members | undefined) =>
  [...(found?.values() ?? [])].map((each) => new TextDecoder().decode(each)).join();

test("members() are those who joined and have not left, the oldest first", async () => {
  const tree = new MemoryTree();
  await using store = tree.connect();
  expect(names(await members(store, "/g"))).toBe("");
  const one = await joinGroup(store, "/g", { data: bytes("one") });
  await using _two = await joinGroup(tree.connect(), "/g", { data: bytes("two") });
  expect(names(await members(store, "/g"))).toBe("one,two");
  await one[Symbol.asyncDispose]();
  await one[Symbol.asyncDispose]();
  expect(one.lost.aborted).toBe(true);
  expect(names(await members(store, "/g"))).toBe("two");
});

test("joinGroup() joins anew when its session has expired, or its node was deleted", async () => {
  const tree = new MemoryTree();
  await using store = tree.connect();
  await using watcher = tree.connect();
  await using member = await joinGroup(store, "/g", { data: bytes("one") });
  const first = member.path;
  store.faults.expire();
  await turn();
  expect(names(await members(watcher, "/g"))).toBe("one");
  expect(member.path).not.toBe(first);
  await watcher.delete(member.path);
  await turn();
  expect(names(await members(watcher, "/g"))).toBe("one");
  expect(member.lost.aborted).toBe(false);
});

test("a membership ends with its store", async () => {
  const store = new MemoryTree().connect();
  const member = await joinGroup(store, "/g", { data: bytes("one") });
  await store.close();
  await turn();
  expect(member.lost.reason).toMatchObject({ code: "store_closed" });
  await member[Symbol.asyncDispose]();
});

test("joinGroup() that is aborted leaves nobody behind", async () => {
  const { clock, tree, connect, finish } = virtualWorld();
  const store = connect();
  const controller = new AbortController();
  const joining = joinGroup(store, "/g", { data: bytes("one"), signal: controller.signal });
  await clock.advance(TIMEOUT_MS / 200);
  controller.abort(new Error("no longer"));
  await expect(joining).rejects.toThrow("no longer");
  await clock.advance(1_000);
  expect(tree.tree.list("/g")).toEqual([]);
  await finish(store.close());
  const signal = controller.signal;
  await expect(joinGroup(store, "/g", { data: bytes("one"), signal })).rejects.toThrow("no longer");
  expect(await codeOf(joinGroup(store, "/g", { data: bytes("one") }))).toBe("store_closed");
});

test("watchMembers() tells whenever somebody comes or goes", async () => {
  const tree = new MemoryTree();
  await using store = tree.connect();
  const watch = watchMembers(store, "/g");
  const next = async () => names((await watch.next()).value);
  expect(await next()).toBe("");
  const one = await joinGroup(store, "/g", { data: bytes("one") });
  expect(await next()).toBe("one");
  await using _two = await joinGroup(tree.connect(), "/g", { data: bytes("two") });
  expect(await next()).toBe("one,two");
  await one[Symbol.asyncDispose]();
  expect(await next()).toBe("two");
  const last = watch.next();
  await store.close();
  expect((await last).done).toBe(true);
});
