import { SeededRandom } from "fairlead/base";
import { MemoryTree, Mirror, type MirrorChange, readTree } from "fairlead/coordination";
import { describe, expect, test } from "vitest";
import { codeOf } from "./conformance.ts";
import { turn, virtualWorld } from "./virtual.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const textOf = (mirror: Mirror, path: string) =>
  mirror.get(path) && new TextDecoder().decode(mirror.get(path)?.value);

async function settle(): Promise<void> {
  for (let turns = 0; turns < 5; turns += 1) await turn();
}

/** Reads changes in short. */
function reader(mirror: Mirror, bufferMax?: number) {
  const changes = mirror.changes({ bufferMax });
  return async () => {
    const { value }: { value: MirrorChange | undefined } = await changes.next();
    if (value === undefined) return "end";
    return value.type === "resync" ? `resync ${value.cause}` : `${value.type} ${value.path}`;
  };
}

describe("Mirror", () => {
  test("holds what is there and follows what happens", async () => {
    const tree = new MemoryTree();
    await using store = tree.connect();
    await using other = tree.connect();
    await store.create("/a/b", bytes("1"), { parents: true });
    await store.create("/ab");
    await using mirror = await Mirror.open(store, "/a");
    expect(mirror.size).toBe(2);
    expect(textOf(mirror, "/a/b")).toBe("1");
    const next = reader(mirror);
    expect(await next()).toBe("resync armed");
    await other.set("/a/b", bytes("2"));
    expect(await next()).toBe("changed /a/b");
    expect(textOf(mirror, "/a/b")).toBe("2");
    await other.create("/a/b/c");
    expect(await next()).toBe("added /a/b/c");
    await other.delete("/a/b/c");
    expect(await next()).toBe("removed /a/b/c");
    await other.multi([
      { type: "delete", path: "/a/b" },
      { type: "delete", path: "/a" },
    ]);
    expect([await next(), await next()].toSorted()).toEqual(["removed /a", "removed /a/b"]);
    expect(mirror.size).toBe(0);
    expect([...mirror.entries()]).toEqual([]);
  });

  test("of a node that is not there waits for it", async () => {
    await using store = new MemoryTree().connect();
    await using mirror = await Mirror.open(store, "/later");
    expect(mirror.size).toBe(0);
    const next = reader(mirror);
    await next();
    await store.create("/later/x", undefined, { parents: true });
    expect([await next(), await next()]).toEqual(["added /later", "added /later/x"]);
  });

  test("tells the difference after its session has expired", async () => {
    const tree = new MemoryTree();
    await using store = tree.connect();
    await using other = tree.connect();
    await store.create("/a/gone", undefined, { parents: true });
    await store.create("/a/kept");
    await store.create("/a/set", bytes("1"));
    await using mirror = await Mirror.open(store, "/a");
    const next = reader(mirror);
    await next();
    store.faults.cut();
    await other.delete("/a/gone");
    await other.set("/a/set", bytes("2"));
    await other.create("/a/new");
    await settle();
    expect(textOf(mirror, "/a/set")).toBe("1");
    store.faults.expire();
    store.faults.heal();
    expect([await next(), await next(), await next()]).toEqual([
      "removed /a/gone",
      "added /a/new",
      "changed /a/set",
    ]);
    expect(mirror.size).toBe(4);
  });

  test("tells a reader that lags to look at everything", async () => {
    await using store = new MemoryTree().connect();
    await using mirror = await Mirror.open(store, "/a");
    const next = reader(mirror, 2);
    await next();
    for (let index = 0; index < 9; index += 1) {
      await store.create(`/a/${index}`, undefined, { parents: true });
      await settle();
    }
    expect([await next(), await next(), await next()]).toEqual([
      "added /a",
      "added /a/0",
      "resync overflow",
    ]);
    await store.delete("/a/0");
    expect(await next()).toBe("removed /a/0");
  });

  test("ends with its store, and when it is disposed", async () => {
    const tree = new MemoryTree();
    const store = tree.connect();
    const [closed, disposed] = [await Mirror.open(store, "/a"), await Mirror.open(store, "/a")];
    const [one, two] = [reader(closed), reader(disposed)];
    await one();
    await two();
    const end = two();
    await disposed[Symbol.asyncDispose]();
    expect(await end).toBe("end");
    await store.close();
    expect(await one()).toBe("end");
    expect(await reader(closed)()).toBe("resync armed");
    expect(await codeOf(Mirror.open(store, "/a"))).toBe("store_closed");
    await closed[Symbol.asyncDispose]();
  });

  test("that is aborted while it loads leaves nothing behind", async () => {
    const { connect, finish } = virtualWorld();
    const store = connect();
    const controller = new AbortController();
    const opening = Mirror.open(store, "/a", { signal: controller.signal });
    controller.abort(new Error("no longer"));
    await expect(finish(opening)).rejects.toThrow("no longer");
    const { signal } = controller;
    await expect(Mirror.open(store, "/a", { signal })).rejects.toThrow("no longer");
    await finish(store.close());
  });

  test.each([1, 2, 3, 4, 5, 6])(
    "is like the store after any mixture of writes and faults (seed %i)",
    async (seed) => {
      const { clock, tree, random, connect, finish } = virtualWorld(seed);
      const [writer, store] = [connect(), connect()];
      await finish(writer.create("/m"));
      const mirror = await finish(Mirror.open(store, "/m", { readsMax: 3 }));
      const known = new Map<string, string>();
      void (async () => {
        for await (const change of mirror.changes({ bufferMax: 8 })) {
          if (change.type === "resync") {
            known.clear();
            for (const [path, node] of mirror.entries()) known.set(path, node.value.join());
          } else if (change.type === "removed") known.delete(change.path);
          else known.set(change.path, change.node.value.join());
        }
      })();
      const chance = new SeededRandom(seed);
      const paths = ["/m/a", "/m/b", "/m/a/x", "/m/a/y", "/m/b/z"];
      for (let step = 0; step < 400; step += 1) {
        const path = paths[chance.int(paths.length)] ?? "";
        const value = Uint8Array.of(step % 256, random.int(256));
        const act = chance.int(3);
        const write =
          act === 0
            ? writer.create(path, value)
            : act === 1
              ? writer.set(path, value)
              : writer.delete(path);
        write.catch(() => undefined); // Nodes come and go: half of these cannot be done.
        if (chance.int(25) === 0) store.faults.cut();
        if (chance.int(10) === 0) store.faults.heal();
        if (chance.int(40) === 0) store.faults.drop();
        if (chance.int(60) === 0) store.faults.expire();
        await clock.advance(chance.int(200));
      }
      store.faults.heal();
      await finish(writer.sync());
      await clock.advance(60_000);
      const truth = await finish(readTree(writer, "/m"));
      const values = [...truth].map(([path, node]) => [path, node.value.join()]);
      expect([...known].sort()).toEqual(values.sort());
      expect([...mirror.entries()].map(([path, node]) => [path, node.value.join()]).sort()).toEqual(
        values.sort(),
      );
      expect(tree.sessions).toBe(2);
      await finish(mirror[Symbol.asyncDispose]());
      await finish(writer.close());
      await finish(store.close());
    },
  );
});
