import {
  currentLeader,
  decodeJson,
  elect,
  encodeJson,
  type Leader,
  MemoryTree,
  watchLeader,
} from "fairlead/coordination";
import { describe, expect, test } from "vitest";
import { codeOf } from "./conformance.ts";
import { TIMEOUT_MS, turn, virtualWorld } from "./virtual.ts";

const data = (id: string) => encodeJson({ id });
const idOf = (leader: Leader | undefined) => leader && decodeJson(leader.data);

/** Whether a promise has settled by now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const settled = promise.then(
    () => true,
    () => true,
  );
  for (let turns = 0; turns < 5; turns += 1) await turn();
  return await Promise.race([settled, turn().then(() => false)]);
}

describe("elect()", () => {
  test("lays nodes out as Mesos does: json.info_ and ten digits, below the path", async () => {
    const tree = new MemoryTree();
    await using store = tree.connect();
    await store.create("/mesos/log_replicas", undefined, { parents: true });
    await using leadership = await elect(store, "/mesos", { data: data("m1") });
    expect(leadership.path).toBe("/mesos/json.info_0000000001");
    expect(await store.list("/mesos")).toEqual(["json.info_0000000001", "log_replicas"]);
    const node = await store.get(leadership.path);
    expect(decodeJson(node?.value ?? new Uint8Array(0))).toEqual({ id: "m1" });
    expect(node?.ephemeralOwner).toBeDefined();
  });

  test("the first leads, the others wait for their turn", async () => {
    const tree = new MemoryTree();
    const stores = [tree.connect(), tree.connect(), tree.connect()];
    const [one, two, three] = stores.map((store, index) =>
      elect(store, "/mesos", { data: data(String(index)) }),
    );
    const first = await one;
    expect(first?.held).toBe(true);
    expect(await isSettled(two!)).toBe(false);
    await first?.[Symbol.asyncDispose]();
    expect(first?.held).toBe(false);
    const second = await two;
    expect(second?.held).toBe(true);
    expect(await isSettled(three!)).toBe(false);
    await second?.[Symbol.asyncDispose]();
    expect((await three)?.held).toBe(true);
    for (const store of stores) await store.close();
  });

  test("one store may stand twice, with the same data", async () => {
    await using store = new MemoryTree().connect();
    const one = await elect(store, "/e", { data: data("same") });
    const two = elect(store, "/e", { data: data("same") });
    expect(await isSettled(two)).toBe(false);
    await one[Symbol.asyncDispose]();
    expect((await two).held).toBe(true);
  });

  test("candidates of other labels do not count", async () => {
    await using store = new MemoryTree().connect();
    await store.create("/e/info_", undefined, { parents: true, sequential: true });
    await store.create("/e/json.info_latest");
    await using leadership = await elect(store, "/e", { data: data("m1") });
    expect(leadership.held).toBe(true);
    await using other = await elect(store, "/e", { data: data("m1"), label: "x-" });
    expect(other.path).toBe("/e/x-0000000003");
  });

  test("an aborted call leaves nothing behind", async () => {
    const tree = new MemoryTree();
    await using store = tree.connect();
    await using first = await elect(store, "/e", { data: data("1") });
    const controller = new AbortController();
    const waiting = elect(store, "/e", { data: data("2"), signal: controller.signal });
    expect(await isSettled(waiting)).toBe(false);
    expect((await store.list("/e"))?.length).toBe(2);
    controller.abort(new Error("no longer"));
    await expect(waiting).rejects.toThrow("no longer");
    await turn();
    expect((await store.list("/e"))?.length).toBe(1);
    expect(first.held).toBe(true);
    await expect(
      elect(store, "/e", { data: data("3"), signal: controller.signal }),
    ).rejects.toThrow("no longer");
  });

  test("a call that is aborted before its node is made leaves none either", async () => {
    const { clock, tree, connect, finish } = virtualWorld();
    const store = connect();
    const controller = new AbortController();
    const waiting = elect(store, "/e", { data: data("2"), signal: controller.signal });
    controller.abort(new Error("no longer"));
    await expect(waiting).rejects.toThrow("no longer");
    await clock.advance(1_000);
    expect(tree.tree.list("/e")).toEqual([]);
    await finish(store.close());
  });

  test("a closed store ends what waits and what leads", async () => {
    const tree = new MemoryTree();
    const [one, two] = [tree.connect(), tree.connect()];
    const leadership = await elect(one, "/e", { data: data("1") });
    const waiting = codeOf(elect(two, "/e", { data: data("2") }));
    await turn();
    await two.close();
    expect(await waiting).toBe("store_closed");
    await one.close();
    expect(leadership.held).toBe(false);
    await turn();
    expect(leadership.lost.reason).toMatchObject({ code: "leadership_lost" });
    await leadership[Symbol.asyncDispose]();
  });

  test("wrong arguments are told, not retried", async () => {
    await using store = new MemoryTree().connect();
    expect(await codeOf(elect(store, "e", { data: data("1") }))).toBe("invalid_path");
    const large = new Uint8Array(store.limits.valueBytesMax + 1);
    expect(await codeOf(elect(store, "/e", { data: large }))).toBe("value_too_large");
  });
});

describe("a leadership", () => {
  test("is lost with its session, and the next one leads", async () => {
    const tree = new MemoryTree();
    const [one, two] = [tree.connect(), tree.connect()];
    const first = await elect(one, "/e", { data: data("1") });
    const waiting = elect(two, "/e", { data: data("2") });
    await turn();
    one.faults.expire();
    expect(first.held).toBe(false);
    const second = await waiting;
    expect(second.held).toBe(true);
    await turn();
    expect(first.lost.reason).toMatchObject({
      code: "leadership_lost",
      message: expect.stringContaining("the session has expired"),
    });
    // It may stand again, behind the other.
    const again = elect(one, "/e", { data: data("1") });
    expect(await isSettled(again)).toBe(false);
    await second[Symbol.asyncDispose]();
    expect((await again).held).toBe(true);
    await one.close();
    await two.close();
  });

  test("is lost when its node is deleted by hand", async () => {
    await using store = new MemoryTree().connect();
    const leadership = await elect(store, "/e", { data: data("1") });
    await store.delete(leadership.path);
    await turn();
    expect(leadership.held).toBe(false);
    expect(leadership.lost.reason).toMatchObject({
      message: expect.stringContaining("its node was deleted"),
    });
  });

  test("survives a connection that comes back in time", async () => {
    const { clock, connect, finish } = virtualWorld();
    const store = connect();
    const leadership = await finish(elect(store, "/e", { data: data("1") }));
    store.faults.cut();
    await clock.advance((TIMEOUT_MS * 5) / 6);
    expect(store.session.state.status).toBe("suspended");
    expect(leadership.held).toBe(true);
    store.faults.heal();
    await clock.advance(TIMEOUT_MS * 3);
    expect(leadership.held).toBe(true);
    await finish(store.close());
  });

  test("of a process that stood still is over before it looks", async () => {
    const { clock, connect, finish } = virtualWorld();
    const [one, two] = [connect(), connect()];
    const first = await finish(elect(one, "/e", { data: data("1") }));
    const waiting = elect(two, "/e", { data: data("2") });
    await clock.advance(100);
    one.faults.pause();
    const second = await finish(waiting);
    expect(second.held).toBe(true);
    expect(first.held).toBe(false);
    one.faults.resume();
    expect(first.held).toBe(false);
    await finish(one.sync());
    expect(first.lost.aborted).toBe(true);
    await finish(one.close());
    await finish(two.close());
  });

  test("fences writes: a leader of yesterday writes nothing", async () => {
    const tree = new MemoryTree();
    await using store = tree.connect();
    const first = await elect(store, "/e", { data: data("1") });
    await store.multi([first.fence, { type: "create", path: "/mine" }]);
    await store.delete(first.path);
    await using _second = await elect(store, "/e", { data: data("2") });
    const late = store.multi([first.fence, { type: "set", path: "/mine", value: data("late") }]);
    expect(await codeOf(late)).toBe("no_node");
  });

  test("is given up twice without harm, and only then is the node gone", async () => {
    await using store = new MemoryTree().connect();
    const leadership = await elect(store, "/e", { data: data("1") });
    const given = leadership[Symbol.asyncDispose]();
    expect(leadership.held).toBe(false);
    expect(leadership.lost.reason).toMatchObject({ code: "leadership_lost" });
    await given;
    await leadership[Symbol.asyncDispose]();
    expect(await store.list("/e")).toEqual([]);
  });

  test.each(["done", "not_done"] as const)(
    "comes of one node when the answers are lost (%s)",
    async (outcome) => {
      const tree = new MemoryTree();
      await using store = tree.connect();
      await store.create("/e");
      store.faults.failCalls(3, outcome);
      await using leadership = await elect(store, "/e", { data: data("1") });
      expect(leadership.held).toBe(true);
      expect(await store.list("/e")).toHaveLength(1);
      store.faults.failCalls(3, outcome);
      const two = elect(store, "/e", { data: data("1") });
      expect(await isSettled(two)).toBe(false);
      expect(await store.list("/e")).toHaveLength(2);
      await leadership[Symbol.asyncDispose]();
      expect((await two).held).toBe(true);
      expect(await store.list("/e")).toHaveLength(1);
    },
  );
});

test("elect() of many calls on one store gives each a node of its own, whatever is lost", async () => {
  const tree = new MemoryTree();
  await using store = tree.connect();
  await store.create("/e");
  store.faults.failCalls(7, "done");
  const calls = Array.from({ length: 5 }, () => elect(store, "/e", { data: data("same") }));
  for (let round = 0; round < 5; round += 1) {
    await isSettled(calls[round]!);
    expect(await store.list("/e")).toHaveLength(5 - round);
    const leadership = await Promise.race(calls.slice(round));
    expect(leadership.held).toBe(true);
    await leadership[Symbol.asyncDispose]();
  }
  expect(await store.list("/e")).toEqual([]);
});

describe("watchLeader()", () => {
  test("names each leader once, and undefined when there is none", async () => {
    const tree = new MemoryTree();
    const [one, two, three] = [tree.connect(), tree.connect(), tree.connect()];
    const leaders = watchLeader(three, "/mesos");
    const next = async () => idOf((await leaders.next()).value);
    expect(await next()).toBeUndefined();
    const first = await elect(one, "/mesos", { data: data("1") });
    expect(await next()).toEqual({ id: "1" });
    const second = elect(two, "/mesos", { data: data("2") });
    await turn();
    await first[Symbol.asyncDispose]();
    expect(await next()).toEqual({ id: "2" });
    await (await second)[Symbol.asyncDispose]();
    expect(await next()).toBeUndefined();
    const last = leaders.next();
    await three.close();
    expect((await last).done).toBe(true);
  });

  test("finds the leader again after its own session has expired", async () => {
    const { clock, connect, finish } = virtualWorld();
    const [one, watcher] = [connect(), connect()];
    const leaders = watchLeader(watcher, "/e");
    const first = await finish(elect(one, "/e", { data: data("1") }));
    expect(idOf((await finish(leaders.next())).value)).toEqual({ id: "1" });
    const next = leaders.next();
    watcher.faults.cut();
    await finish(one.sync());
    await finish(Promise.resolve(first[Symbol.asyncDispose]()));
    await finish(elect(one, "/e", { data: data("1b") }));
    await clock.advance(2 * TIMEOUT_MS);
    expect(watcher.session.state.status).toBe("connecting");
    watcher.faults.heal();
    expect(idOf((await finish(next)).value)).toEqual({ id: "1b" });
    await finish(one.close());
    await finish(watcher.close());
  });

  test("ends with the signal's reason", async () => {
    await using store = new MemoryTree().connect();
    const controller = new AbortController();
    const leaders = watchLeader(store, "/e", { signal: controller.signal });
    await leaders.next();
    const next = leaders.next();
    controller.abort(new Error("enough"));
    await expect(next).rejects.toThrow("enough");
  });
});

test("currentLeader() takes the lowest number, not the first name", async () => {
  await using store = new MemoryTree().connect();
  await store.create("/e/json.info_0000000010", data("10"), { parents: true });
  await store.create("/e/json.info_0000000009", data("9"));
  expect(idOf(await currentLeader(store, "/e"))).toEqual({ id: "9" });
  expect(await currentLeader(store, "/nothing")).toBeUndefined();
  expect((await currentLeader(store, "/e"))?.sequence).toBe(9);
});
