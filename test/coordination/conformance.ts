/**
 * What every driver of the Store port must do: `storeConformance("memory", open)`.
 *
 * Drivers of our own and of users run it alike; it asks for nothing but the port.
 */

import { ensurePath, type Store, type StoreChange } from "fairlead/coordination";
import { expect, test } from "vitest";

/** One tree that several stores share, each with a session of its own. */
export interface StoreWorld extends AsyncDisposable {
  connect(): Promise<Store>;
}

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (value: Uint8Array | undefined) => value && new TextDecoder().decode(value);

/** The code of the error that an act throws. */
export async function codeOf(act: Promise<unknown>): Promise<string> {
  const error: unknown = await act.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (typeof error === "object" && error !== null && "code" in error) return String(error.code);
  return `no code: ${String(error)}`;
}

/** Reads a watch one change at a time. */
export function reader(changes: AsyncGenerator<StoreChange, undefined>) {
  return {
    /** The next change in short: `created /a`, `resync armed`. */
    async next(): Promise<string> {
      const { value } = await changes.next();
      if (value === undefined) return "end";
      return value.type === "resync" ? `resync ${value.cause}` : `${value.type} ${value.path}`;
    },
    async take(count: number): Promise<string[]> {
      const taken: string[] = [];
      while (taken.length < count) taken.push(await this.next());
      return taken;
    },
  };
}

/** Register the tests of a driver. */
export function storeConformance(name: string, open: () => Promise<StoreWorld>): void {
  const it = (fact: string, run: (world: StoreWorld, store: Store) => Promise<void>) =>
    test(`${name}: ${fact}`, async () => {
      await using world = await open();
      await using store = await world.connect();
      await run(world, store);
    });

  it("create() makes a node, get() gives its value and stat", async (_, store) => {
    expect(await store.create("/a", bytes("one"))).toBe("/a");
    const node = await store.get("/a");
    expect(text(node?.value)).toBe("one");
    expect(node).toMatchObject({
      version: 0,
      childrenVersion: 0,
      childrenCount: 0,
      valueBytes: 3,
      ephemeralOwner: undefined,
    });
    expect(node?.createdZxid).toBe(node?.modifiedZxid);
    expect(node?.createdMs).toBe(node?.modifiedMs);
  });

  it("a value is empty when none is given, and is the caller's own copy", async (_, store) => {
    await store.create("/a");
    expect((await store.get("/a"))?.value).toEqual(new Uint8Array(0));
    const mine = bytes("one");
    await store.set("/a", mine);
    mine[0] = 0;
    const read = await store.get("/a");
    expect(text(read?.value)).toBe("one");
    read?.value.fill(0);
    expect(text((await store.get("/a"))?.value)).toBe("one");
  });

  it("what is missing is undefined when it is read", async (_, store) => {
    expect(await store.get("/nothing")).toBeUndefined();
    expect(await store.exists("/nothing")).toBeUndefined();
    expect(await store.list("/nothing")).toBeUndefined();
  });

  it("the root is there, has children and may have a value", async (_, store) => {
    expect(await store.exists("/")).toMatchObject({ ephemeralOwner: undefined });
    await store.create("/a");
    expect(await store.list("/")).toContain("a");
    await store.set("/", bytes("root"));
    expect(text((await store.get("/"))?.value)).toBe("root");
  });

  it("create() refuses what is there, and what has no parent", async (_, store) => {
    await store.create("/a");
    expect(await codeOf(store.create("/a"))).toBe("node_exists");
    expect(await codeOf(store.create("/b/c"))).toBe("no_node");
  });

  it("create() makes parents when it is told to", async (_, store) => {
    expect(await store.create("/a/b/c", bytes("deep"), { parents: true })).toBe("/a/b/c");
    expect(await store.exists("/a/b")).toMatchObject({ valueBytes: 0, childrenCount: 1 });
    expect(await store.create("/q/", undefined, { parents: true, sequential: true })).toBe(
      "/q/0000000000",
    );
    await ensurePath(store, "/a/b/d/e");
    await ensurePath(store, "/a/b/d/e");
    expect(await store.list("/a/b")).toEqual(["c", "d"]);
  });

  it("sequential names count the children that a parent has had", async (_, store) => {
    await store.create("/q");
    const next = () => store.create("/q/n-", undefined, { sequential: true });
    expect(await next()).toBe("/q/n-0000000000");
    await store.create("/q/other");
    expect(await next()).toBe("/q/n-0000000002");
    await store.delete("/q/n-0000000002");
    expect(await next()).toBe("/q/n-0000000003");
    expect(await store.create("/q/", undefined, { sequential: true })).toBe("/q/0000000004");
    await store.create("/other");
    expect(await store.create("/other/", undefined, { sequential: true })).toBe(
      "/other/0000000000",
    );
  });

  it("set() counts versions, and acts on the one that is named", async (_, store) => {
    await store.create("/a", bytes("0"));
    expect((await store.set("/a", bytes("1"))).version).toBe(1);
    expect((await store.set("/a", bytes("2"), { version: 1 })).version).toBe(2);
    expect(await codeOf(store.set("/a", bytes("3"), { version: 1 }))).toBe("bad_version");
    expect(await codeOf(store.set("/a", bytes("3"), { version: 0 }))).toBe("bad_version");
    expect(await codeOf(store.set("/b", bytes("3")))).toBe("no_node");
    const node = await store.get("/a");
    expect(text(node?.value)).toBe("2");
    expect(node?.modifiedZxid).toBeGreaterThan(node?.createdZxid ?? 0n);
  });

  it("version 0 is a version like any other", async (_, store) => {
    await store.create("/a");
    await store.set("/a", bytes("1"));
    expect(await codeOf(store.delete("/a", { version: 0 }))).toBe("bad_version");
    const check = { type: "check", path: "/a", version: 0 } as const;
    expect(await codeOf(store.multi([check]))).toBe("bad_version");
    const set = { type: "set", path: "/a", value: bytes("2"), version: 0 } as const;
    expect(await codeOf(store.multi([set]))).toBe("bad_version");
  });

  it("delete() needs the version, no children, and a node", async (_, store) => {
    await store.create("/a/b", undefined, { parents: true });
    expect(await codeOf(store.delete("/a"))).toBe("not_empty");
    expect(await codeOf(store.delete("/a/b", { version: 7 }))).toBe("bad_version");
    await store.delete("/a/b", { version: 0 });
    await store.delete("/a");
    expect(await codeOf(store.delete("/a"))).toBe("no_node");
    expect(await store.exists("/a")).toBeUndefined();
  });

  it("a node that is made again starts anew", async (_, store) => {
    await store.create("/a");
    await store.set("/a", bytes("1"));
    await store.create("/a/", undefined, { sequential: true });
    await store.delete("/a/0000000000");
    await store.delete("/a");
    await store.create("/a");
    expect(await store.exists("/a")).toMatchObject({ version: 0, childrenVersion: 0 });
    expect(await store.create("/a/", undefined, { sequential: true })).toBe("/a/0000000000");
  });

  it("list() gives names in order; childrenVersion counts coming and going", async (_, store) => {
    await store.create("/a");
    for (const child of ["c", "b", "a"]) await store.create(`/a/${child}`);
    await store.delete("/a/b");
    await store.create("/a/a/below");
    expect(await store.list("/a")).toEqual(["a", "c"]);
    expect(await store.list("/a/c")).toEqual([]);
    expect(await store.exists("/a")).toMatchObject({ childrenCount: 2, childrenVersion: 4 });
  });

  it("multi() does everything or nothing", async (_, store) => {
    await store.create("/a", bytes("old"));
    const results = await store.multi([
      { type: "check", path: "/a", version: 0 },
      { type: "create", path: "/a/b", value: bytes("new") },
      { type: "create", path: "/a/b/n-", sequential: true },
      { type: "set", path: "/a/b", value: bytes("newer"), version: 0 },
      { type: "delete", path: "/a/b/n-0000000000" },
    ]);
    expect(results.map(({ type }) => type)).toEqual(["check", "create", "create", "set", "delete"]);
    expect(results[2]).toEqual({ type: "create", path: "/a/b/n-0000000000" });
    expect(results[3]).toMatchObject({ stat: { version: 1, childrenCount: 1 } });

    const failed = store.multi([
      { type: "set", path: "/a", value: bytes("x") },
      { type: "create", path: "/a/c", ephemeral: true },
      { type: "create", path: "/a/d-", sequential: true },
      { type: "delete", path: "/a/b" },
      { type: "check", path: "/a", version: 7 },
    ]);
    await expect(failed).rejects.toMatchObject({ code: "bad_version", details: { index: 4 } });
    expect(await store.list("/a")).toEqual(["b"]);
    expect(text((await store.get("/a"))?.value)).toBe("old");
    expect(await store.exists("/a")).toMatchObject({ version: 0, childrenVersion: 1 });
    expect(await store.create("/a/", undefined, { sequential: true })).toBe("/a/0000000001");
  });

  it("one multi is one transaction", async (_, store) => {
    await store.multi([
      { type: "create", path: "/a" },
      { type: "create", path: "/b" },
    ]);
    const [a, b] = [await store.exists("/a"), await store.exists("/b")];
    expect(a?.createdZxid).toBe(b?.createdZxid);
    expect(await store.multi([])).toEqual([]);
  });

  it("multi() checks that a node is there when no version is named", async (_, store) => {
    await store.create("/a");
    await store.set("/a", bytes("1"));
    expect(await store.multi([{ type: "check", path: "/a" }])).toEqual([{ type: "check" }]);
    expect(await codeOf(store.multi([{ type: "check", path: "/b" }]))).toBe("no_node");
  });

  it("ephemerals go with their session, and have no children", async (world, store) => {
    const other = await world.connect();
    await other.create("/here", undefined, { ephemeral: true });
    await other.create("/n-", undefined, { ephemeral: true, sequential: true });
    const { state } = other.session;
    const owner = state.status === "connected" ? state.id : undefined;
    await store.sync();
    expect(await store.exists("/here")).toMatchObject({ ephemeralOwner: owner });
    expect(await codeOf(other.create("/here/below"))).toBe("no_children_for_ephemerals");
    expect(await codeOf(store.create("/here/below"))).toBe("no_children_for_ephemerals");
    const watch = reader(store.watch("/here"));
    expect(await watch.next()).toBe("resync armed");
    await other.close();
    expect(await watch.next()).toBe("deleted /here");
    expect((await store.list("/"))?.filter((name) => name !== "zookeeper")).toEqual([]);
  });

  it("stores see what others wrote once they have synced", async (world, store) => {
    await using other = await world.connect();
    await other.create("/a", bytes("theirs"));
    await store.sync();
    expect(text((await store.get("/a"))?.value)).toBe("theirs");
  });

  it("calls of one store happen in order", async (_, store) => {
    await store.create("/a");
    const versions = await Promise.all(
      Array.from({ length: 50 }, (_, index) => store.set("/a", bytes(String(index)))),
    );
    expect(versions.map(({ version }) => version)).toEqual(
      Array.from({ length: 50 }, (_, index) => index + 1),
    );
    const [, , read] = await Promise.all([
      store.create("/b", bytes("1")),
      store.set("/b", bytes("2")),
      store.get("/b"),
    ]);
    expect(text(read?.value)).toBe("2");
  });

  it("watch() tells what happens to a node, whoever does it", async (world, store) => {
    await using other = await world.connect();
    const watch = reader(store.watch("/a"));
    expect(await watch.next()).toBe("resync armed");
    await other.create("/a");
    await other.create("/a/child");
    await store.set("/a", bytes("1"));
    await other.delete("/a/child");
    await other.delete("/a");
    await store.create("/a");
    expect(await watch.take(4)).toEqual(["created /a", "changed /a", "deleted /a", "created /a"]);
  });

  it("watch({ children }) tells that children came or went", async (_, store) => {
    await store.create("/a");
    const watch = reader(store.watch("/a", { children: true }));
    expect(await watch.next()).toBe("resync armed");
    await store.create("/a/b");
    await store.set("/a/b", bytes("not told"));
    await store.create("/a/b/c");
    await store.delete("/a/b/c");
    await store.set("/a", bytes("told"));
    await store.delete("/a/b");
    expect(await watch.take(3)).toEqual(["children /a", "changed /a", "children /a"]);
  });

  it("watch({ recursive }) tells of everything below", async (_, store) => {
    await store.create("/ab");
    const watch = reader(store.watch("/a", { recursive: true, children: true }));
    expect(await watch.next()).toBe("resync armed");
    await store.create("/a/b/c", undefined, { parents: true });
    await store.create("/ab/not", undefined);
    await store.set("/a/b/c", bytes("1"));
    await store.delete("/a/b/c");
    expect(await watch.take(5)).toEqual([
      "created /a",
      "created /a/b",
      "created /a/b/c",
      "changed /a/b/c",
      "deleted /a/b/c",
    ]);
    const all = reader(store.watch("/", { recursive: true }));
    expect(await all.next()).toBe("resync armed");
    await store.set("/a/b", bytes("1"));
    expect(await all.next()).toBe("changed /a/b");
  });

  it("watch() tells of a multi in order, and of none that failed", async (_, store) => {
    const watch = reader(store.watch("/", { recursive: true }));
    expect(await watch.next()).toBe("resync armed");
    const failing = store.multi([
      { type: "create", path: "/x" },
      { type: "check", path: "/y" },
    ]);
    expect(await codeOf(failing)).toBe("no_node");
    await store.multi([
      { type: "create", path: "/a" },
      { type: "set", path: "/a", value: bytes("1") },
      { type: "create", path: "/b" },
    ]);
    expect(await watch.take(3)).toEqual(["created /a", "changed /a", "created /b"]);
  });

  it("a watch that is not read in time says resync instead", async (_, store) => {
    await store.create("/a");
    const watch = reader(store.watch("/a", { bufferMax: 4 }));
    expect(await watch.next()).toBe("resync armed");
    for (let index = 0; index < 20; index += 1) await store.set("/a", bytes(String(index)));
    await store.sync();
    const told: string[] = [];
    while (told.at(-1) !== "resync overflow") told.push(await watch.next());
    expect(told.length).toBeLessThan(10);
    await store.delete("/a");
    expect(await watch.next()).toBe("deleted /a");
  });

  it("an aborted watch throws the reason, a left one ends", async (_, store) => {
    const controller = new AbortController();
    const watch = store.watch("/a", { signal: controller.signal });
    await watch.next();
    const pending = watch.next();
    controller.abort(new Error("enough"));
    await expect(pending).rejects.toThrow("enough");
    const aborted = store.watch("/a", { signal: controller.signal });
    await expect(aborted.next()).rejects.toThrow("enough");
    for await (const change of store.watch("/a")) {
      expect(change).toEqual({ type: "resync", cause: "armed" });
      break;
    }
  });

  it("an aborted call rejects with the reason", async (_, store) => {
    const signal = AbortSignal.abort(new Error("no longer"));
    await expect(store.get("/a", { signal })).rejects.toThrow("no longer");
    await expect(store.create("/a", undefined, { signal })).rejects.toThrow("no longer");
    await expect(store.multi([], { signal })).rejects.toThrow("no longer");
    expect(await store.exists("/a")).toBeUndefined();
  });

  it("one signal serves many calls, and ends those that wait", async (_, store) => {
    const controller = new AbortController();
    const { signal } = controller;
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners += 1;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners -= 1;
      remove(...args);
    };
    const calls = Array.from({ length: 100 }, (_, index) =>
      store.create(`/n${index}`, undefined, { signal }),
    );
    expect(listeners).toBeLessThanOrEqual(1);
    await Promise.all(calls);
    expect(listeners).toBe(0);
    const late = Array.from({ length: 100 }, () => codeOf(store.set("/n0", bytes(""), { signal })));
    controller.abort(new Error("enough"));
    // A driver that answers at once has none that wait.
    const ends = ["no code: Error: enough", "no code: undefined"];
    for (const code of await Promise.all(late)) expect(ends).toContain(code);
  });

  it("close() ends the session, its watches and its calls", async (world, store) => {
    const closing = await world.connect();
    const states: string[] = [];
    const reading = (async () => {
      for await (const { status } of closing.session.changes()) states.push(status);
    })();
    const watch = reader(closing.watch("/a"));
    await watch.next();
    const pending = watch.next();
    await closing.close();
    await closing.close();
    await reading;
    expect(await pending).toBe("end");
    expect(states.at(-1)).toBe("closed");
    expect(closing.session.state).toEqual({ status: "closed" });
    expect(await codeOf(closing.get("/a"))).toBe("store_closed");
    expect(await codeOf(closing.create("/a"))).toBe("store_closed");
    expect(await codeOf(closing.sync())).toBe("store_closed");
    for await (const change of closing.watch("/a")) expect(change).toBe("nothing");
    expect(await store.exists("/a")).toBeUndefined();
  });

  it("the session has an id, and lives", async (world, store) => {
    await store.sync();
    await using other = await world.connect();
    await other.sync();
    const [mine, theirs] = [store.session.state, other.session.state];
    if (mine.status !== "connected" || theirs.status !== "connected") {
      throw new Error(`not connected: ${mine.status}, ${theirs.status}`);
    }
    expect(mine.id).not.toBe(theirs.id);
    expect(store.session.isAlive(mine.id)).toBe(true);
    expect(store.session.isAlive(theirs.id)).toBe(false);
  });

  for (const [fault, path] of BAD_PATHS) {
    it(`refuses a path: ${fault}`, async (_, store) => {
      expect(await codeOf(store.get(path))).toBe("invalid_path");
      expect(await codeOf(store.create(path))).toBe("invalid_path");
      expect(await codeOf(store.watch(path).next())).toBe("invalid_path");
    });
  }

  it("refuses to make or delete what is not ours", async (_, store) => {
    expect(await codeOf(store.delete("/"))).toBe("invalid_path");
    expect(await codeOf(store.create("/"))).toBe("invalid_path");
    expect(await codeOf(store.create("/zookeeper/x"))).toBe("invalid_path");
  });

  it("takes paths of any script, as long as it says", async (_, store) => {
    const long = `/${"x".repeat(store.limits.pathBytesMax - 1)}`;
    await store.create(long);
    await store.create("/größe", bytes("1"));
    await store.create("/größe/漢字 with spaces");
    expect(await store.list("/größe")).toEqual(["漢字 with spaces"]);
    expect(await store.exists(long)).toBeDefined();
    expect(await codeOf(store.create(`${long}x`))).toBe("invalid_path");
  });

  it("takes values as large as it says", async (_, store) => {
    const { valueBytesMax, multiBytesMax } = store.limits;
    const large = new Uint8Array(valueBytesMax).fill(7);
    await store.create("/large", large);
    const read = (await store.get("/large"))?.value;
    expect(read?.length).toBe(valueBytesMax);
    expect(read?.every((byte) => byte === 7)).toBe(true);
    const larger = new Uint8Array(valueBytesMax + 1);
    expect(await codeOf(store.create("/larger", larger))).toBe("value_too_large");
    expect(await codeOf(store.set("/large", larger))).toBe("value_too_large");
    const half = new Uint8Array(Math.ceil(multiBytesMax / 2));
    const two = [
      { type: "create", path: "/one", value: half },
      { type: "create", path: "/two", value: half },
    ] as const;
    expect(await codeOf(store.multi(two))).toBe("multi_too_large");
    expect(await store.exists("/one")).toBeUndefined();
  });

  it("refuses what is no version and no value", async (_, store) => {
    await store.create("/a");
    for (const version of [-1, 1.5, 2 ** 31, Number.NaN]) {
      expect(await codeOf(store.set("/a", bytes(""), { version }))).toBe("invalid_argument");
    }
    // @ts-expect-error as from JavaScript
    expect(await codeOf(store.set("/a", "text"))).toBe("invalid_argument");
  });

  it("takes ten thousand nodes", async (_, store) => {
    await store.create("/many");
    const operations = Array.from({ length: 10_000 }, (_, index) => ({
      type: "create" as const,
      path: `/many/${index}`,
      value: bytes(String(index)),
    }));
    for (let at = 0; at < operations.length; at += 1_000) {
      await store.multi(operations.slice(at, at + 1_000));
    }
    expect((await store.list("/many"))?.length).toBe(10_000);
    expect(text((await store.get("/many/9999"))?.value)).toBe("9999");
    expect(await store.exists("/many")).toMatchObject({ childrenVersion: 10_000 });
  });
}

const BAD_PATHS: readonly (readonly [string, string])[] = [
  ["it is empty", ""],
  ["it is relative", "a/b"],
  ["it ends with a slash", "/a/"],
  ["it has an empty part", "/a//b"],
  ["it has a dot", "/a/./b"],
  ["it has two dots", "/a/.."],
  ["it has a null character", "/a\u0000b"],
  ["it has a control character", "/a\u0085"],
  ["it has half a pair", "/\ud83d"],
  ["it has private characters", "/\uf8ff"],
];
