import { SeededRandom } from "fairlead/base";
import { enterBarrier, MemoryTree } from "fairlead/coordination";
import { expect, test } from "vitest";
import { codeOf } from "./conformance.ts";
import { turn, virtualWorld } from "./virtual.ts";

test("enterBarrier() lets nobody on before all have come, leave() before all have left", async () => {
  const tree = new MemoryTree();
  const random = new SeededRandom(5);
  const events: string[] = [];
  const pause = async () => {
    for (let turns = random.int(5); turns >= 0; turns -= 1) await turn();
  };
  const party = async () => {
    await using store = tree.connect();
    for (let round = 1; round <= 3; round += 1) {
      await pause();
      events.push(`come ${round}`);
      await using entry = await enterBarrier(store, "/b", { count: 4 });
      events.push(`begin ${round}`);
      await pause();
      events.push(`end ${round}`);
      await entry.leave();
      events.push(`go ${round}`);
    }
  };
  await Promise.all([party(), party(), party(), party()]);
  for (const round of [1, 2, 3]) {
    const firstBegin = events.indexOf(`begin ${round}`);
    const firstGo = events.indexOf(`go ${round}`);
    expect(events.lastIndexOf(`come ${round}`)).toBeLessThan(firstBegin);
    expect(events.lastIndexOf(`end ${round}`)).toBeLessThan(firstGo);
  }
  expect(tree.tree.list("/b")).toEqual([]);
});

test("a barrier that is not complete in time is left as it was", async () => {
  const tree = new MemoryTree();
  await using store = tree.connect();
  const controller = new AbortController();
  const entering = enterBarrier(store, "/b", { count: 2, signal: controller.signal });
  await turn();
  expect((await store.list("/b"))?.length).toBe(1);
  controller.abort(new Error("too late"));
  await expect(entering).rejects.toThrow("too late");
  await turn();
  expect(await store.list("/b")).toEqual([]);
});

test("a party that is gone has left, and its round does not block the next", async () => {
  const tree = new MemoryTree();
  const [one, two] = [tree.connect(), tree.connect()];
  const entries = await Promise.all([
    enterBarrier(one, "/b", { count: 2 }),
    enterBarrier(two, "/b", { count: 2 }),
  ]);
  expect(entries).toHaveLength(2);
  one.faults.crash();
  await entries[1]?.leave();
  const [three, four] = [tree.connect(), tree.connect()];
  const crashed = await Promise.all([
    enterBarrier(three, "/b", { count: 2 }),
    enterBarrier(four, "/b", { count: 2 }),
  ]);
  expect(crashed).toHaveLength(2);
  three.faults.crash();
  four.faults.crash();
  expect(tree.tree.list("/b")).toEqual(["ready"]);
  await using alone = await enterBarrier(two, "/b", { count: 1 });
  await alone.leave();
  expect(tree.tree.list("/b")).toEqual([]);
  await two.close();
});

test("a party learns that its session ended while it waited", async () => {
  await using store = new MemoryTree().connect();
  const entering = codeOf(enterBarrier(store, "/b", { count: 2 }));
  await turn();
  store.faults.expire();
  expect(await entering).toBe("session_expired");
});

test("a closed store ends the wait, and a wrong count is refused", async () => {
  const { connect, finish } = virtualWorld();
  const store = connect();
  const entering = codeOf(enterBarrier(store, "/b", { count: 2 }));
  await finish(store.sync());
  await finish(store.close());
  expect(await entering).toBe("store_closed");
  expect(await codeOf(enterBarrier(store, "/b", { count: 0 }))).toBe("invalid_option");
});
