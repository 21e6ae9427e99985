import { acquireLock, MemoryTree } from "fairlead/coordination";
import { expect, test } from "vitest";
import { turn } from "./virtual.ts";

test("acquireLock() lets one in at a time, in the order of asking", async () => {
  const tree = new MemoryTree();
  const order: number[] = [];
  let inside = 0;
  const work = async (index: number) => {
    await using store = tree.connect();
    await using lock = await acquireLock(store, "/locks/a");
    inside += 1;
    expect(inside).toBe(1);
    expect(lock.held).toBe(true);
    order.push(index);
    await turn();
    inside -= 1;
  };
  await Promise.all([work(1), work(2), work(3), work(4)]);
  expect(order).toEqual([1, 2, 3, 4]);
});

test("acquireLock() gives up at its deadline and leaves nothing behind", async () => {
  const tree = new MemoryTree();
  await using store = tree.connect();
  await using _held = await acquireLock(store, "/l", { data: Uint8Array.of(1) });
  const controller = new AbortController();
  const waiting = acquireLock(store, "/l", { signal: controller.signal });
  await turn();
  controller.abort(new DOMException("too late", "TimeoutError"));
  await expect(waiting).rejects.toThrow("too late");
  await turn();
  expect(await store.list("/l")).toEqual(["lock-0000000000"]);
  expect((await store.get("/l/lock-0000000000"))?.value).toEqual(Uint8Array.of(1));
});

test("a lock is lost with its session", async () => {
  await using store = new MemoryTree().connect();
  const lock = await acquireLock(store, "/l");
  store.faults.expire();
  expect(lock.held).toBe(false);
  await turn();
  expect(lock.lost.reason).toMatchObject({ code: "lock_lost", details: { path: lock.path } });
});
