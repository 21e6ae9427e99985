import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SeededRandom, VirtualClock } from "fairlead/base";
import { EmbeddedStore } from "fairlead/coordination/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { codeOf, reader, storeConformance } from "../conformance.ts";
import { startChild } from "./process.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fairlead-store-"));
});
afterAll(() => rm(folder, { recursive: true }));

let folders = 0;
const newPath = () => {
  folders += 1;
  return join(folder, String(folders), "store");
};

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (value: Uint8Array | undefined) => new TextDecoder().decode(value);

storeConformance("embedded", async () => {
  const store = await EmbeddedStore.open({ path: newPath() });
  return {
    connect: async () => store.connect(),
    [Symbol.asyncDispose]: () => store.close(),
  };
});

describe("what is found when a folder is opened again", () => {
  test("nodes with their stats, versions and counters", async () => {
    const path = newPath();
    const clock = new VirtualClock(1_000);
    const before = await EmbeddedStore.open({ path, clock });
    await before.create("/a/b", bytes("1"), { parents: true });
    await before.create("/a/n-", undefined, { sequential: true });
    await before.delete("/a/n-0000000001");
    await clock.advance(500);
    await before.set("/a/b", bytes("2"));
    await before.set("/", bytes("root"));
    const stats = await Promise.all(["/", "/a", "/a/b"].map((each) => before.get(each)));
    await before.close();

    await using after = await EmbeddedStore.open({ path });
    expect(await Promise.all(["/", "/a", "/a/b"].map((each) => after.get(each)))).toEqual(stats);
    expect(stats[2]).toMatchObject({ version: 1, createdMs: 1_000, modifiedMs: 1_500 });
    expect(await after.create("/a/n-", undefined, { sequential: true })).toBe("/a/n-0000000002");
    const created = await after.exists("/a/n-0000000002");
    expect(created?.createdZxid).toBeGreaterThan(stats[0]?.modifiedZxid ?? 0n);
  });

  test("no ephemerals, but the numbers that they had", async () => {
    const path = newPath();
    const before = await EmbeddedStore.open({ path });
    await before.create("/n-", undefined, { ephemeral: true, sequential: true });
    const { state } = before.session;
    await before.close();
    await using after = await EmbeddedStore.open({ path });
    expect(await after.list("/")).toEqual([]);
    expect(await after.exists("/")).toMatchObject({ childrenVersion: 2 });
    expect(await after.create("/n-", undefined, { sequential: true })).toBe("/n-0000000001");
    expect(after.session.state).not.toEqual(state);
  });

  test("a node that took an ephemeral's place, and none that gave way to one", async () => {
    const path = newPath();
    const before = await EmbeddedStore.open({ path });
    await before.create("/a", undefined, { ephemeral: true });
    await before.create("/b", bytes("old"));
    await before.multi([
      { type: "delete", path: "/a" },
      { type: "create", path: "/a", value: bytes("kept") },
      { type: "delete", path: "/b" },
      { type: "create", path: "/b", ephemeral: true },
    ]);
    await before.close();
    await using after = await EmbeddedStore.open({ path });
    expect(await after.list("/")).toEqual(["a"]);
    expect(text((await after.get("/a"))?.value)).toBe("kept");
  });
});

describe("after kill -9 in the middle of writes", () => {
  test("every write that was acknowledged is there, and each multi whole or not at all", async () => {
    const path = newPath();
    const random = new SeededRandom(11);
    for (let round = 0; round < 6; round += 1) {
      const child = startChild(path, "write");
      let acked = 0;
      const killAfter = 1 + random.int(150);
      for (let heard = 0; heard < killAfter; heard += 1) {
        const { value } = await child.lines.next();
        acked = Math.max(acked, Number(value.replace("acked ", "")));
      }
      await child.kill();
      for (const line of await child.rest()) {
        acked = Math.max(acked, Number(line.replace("acked ", "")));
      }

      await using store = await EmbeddedStore.open({ path });
      const counter = Number(text((await store.get("/counter"))?.value));
      expect(counter).toBeGreaterThanOrEqual(acked);
      const parts = new Set(await store.list("/parts"));
      expect(parts.size).toBe(counter * 10);
      expect(parts.has(`${counter}-9`)).toBe(true);
      expect(
        (await store.get(`/parts/${counter}-9`))?.value.every((byte) => byte === counter % 256),
      ).toBe(true);
    }
  });
});

describe("one process a folder", () => {
  test("another process is refused, by pid; after a kill the folder is free", async () => {
    const path = newPath();
    const child = startChild(path, "hold");
    expect((await child.lines.next()).value).toBe("open");
    await expect(EmbeddedStore.open({ path })).rejects.toMatchObject({
      code: "store_locked",
      message: expect.stringContaining(`process ${child.process.pid} `),
      details: { pid: child.process.pid },
    });
    // A stopped process holds on to it.
    child.process.kill("SIGSTOP");
    expect(await codeOf(EmbeddedStore.open({ path }))).toBe("store_locked");
    await child.kill();
    await using store = await EmbeddedStore.open({ path });
    await store.create("/a");
    const sockets = (await readdir(path)).filter((name) => name.endsWith(".sock"));
    expect(sockets).toHaveLength(1);
  });

  test("the same process is refused, too, until it has closed", async () => {
    const path = newPath();
    const first = await EmbeddedStore.open({ path });
    await expect(EmbeddedStore.open({ path })).rejects.toMatchObject({
      details: { pid: process.pid },
    });
    await first.close();
    const second = await EmbeddedStore.open({ path });
    await second.close();
    expect((await readdir(path)).filter((name) => name.endsWith(".sock"))).toEqual([]);
  });

  test("of several that open at once, one gets it", async () => {
    const path = newPath();
    await (await EmbeddedStore.open({ path })).close();
    const opened = await Promise.allSettled(
      Array.from({ length: 8 }, () => EmbeddedStore.open({ path })),
    );
    const stores = opened.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
    expect(stores).toHaveLength(1);
    for (const each of opened) {
      if (each.status === "rejected") expect(each.reason).toMatchObject({ code: "store_locked" });
    }
    await stores[0]?.close();
  });

  test("a socket that was removed does not free the folder of a living process", async () => {
    const path = newPath();
    await using _first = await EmbeddedStore.open({ path });
    for (const name of await readdir(path)) {
      if (name.endsWith(".sock")) await rm(join(path, name));
    }
    expect(await codeOf(EmbeddedStore.open({ path }))).toBe("store_locked");
  });

  test("a folder with a long path has its socket elsewhere", async () => {
    const path = join(newPath(), "x".repeat(120), "y".repeat(120));
    const first = await EmbeddedStore.open({ path });
    expect(await codeOf(EmbeddedStore.open({ path }))).toBe("store_locked");
    await first.close();
    await (await EmbeddedStore.open({ path })).close();
  });

  test("a folder that cannot be made is refused", async () => {
    const path = newPath();
    await mkdir(join(path, ".."), { recursive: true });
    await writeFile(path, "a file");
    expect(await codeOf(EmbeddedStore.open({ path }))).toBe("store_failed");
  });
});

describe("when the disk refuses", () => {
  test("the call fails, the store ends, and what had resolved is there", async () => {
    const path = newPath();
    // A file of more than 4 MB is more than this process may write.
    const child = startChild(path, "fill", 'ulimit -f 4000; trap "" XFSZ');
    const [failed = "", ...rest] = await child.rest();
    expect(failed).toMatch(/^at \d+: store_failed$/);
    expect(rest).toEqual([
      "then: store_failed",
      "watch: store_failed",
      "states: connected expired",
      "closed: closed",
    ]);
    await using store = await EmbeddedStore.open({ path });
    const count = Number(/\d+/.exec(failed)?.[0]);
    expect(count).toBeGreaterThan(10);
    expect((await store.list("/"))?.length).toBe(count);
  });
});

describe("backup()", () => {
  test("copies one moment of a store in use, and the copy is a store", async () => {
    const [path, copy] = [newPath(), newPath()];
    await using store = await EmbeddedStore.open({ path });
    await store.create("/a", bytes("1"));
    await store.create("/mine", undefined, { ephemeral: true });
    const writing = store.create("/b", bytes("2"));
    await store.backup(copy);
    await writing;
    await store.set("/a", bytes("later"));
    await using copied = await EmbeddedStore.open({ path: copy });
    expect(await copied.list("/")).toEqual(["a", "b"]);
    expect(text((await copied.get("/a"))?.value)).toBe("1");
    await copied.set("/a", bytes("theirs"));
    expect(text((await store.get("/a"))?.value)).toBe("later");
    expect(await codeOf(store.backup(copy))).toBe("store_failed");
  });
});

describe("several stores on one folder", () => {
  test("the one that was opened closes the others with it", async () => {
    const store = await EmbeddedStore.open({ path: newPath() });
    const other = store.connect();
    const watch = reader(other.watch("/a"));
    await watch.next();
    await other.create("/theirs", undefined, { ephemeral: true });
    await store.close();
    expect(await watch.next()).toBe("end");
    expect(await codeOf(other.get("/theirs"))).toBe("store_closed");
    expect(() => store.connect()).toThrow("it is closed");
  });

  test("a call too many is refused", async () => {
    const limits = { callsMax: 2 };
    await using store = await EmbeddedStore.open({ path: newPath(), limits });
    const sent = [store.create("/a"), store.create("/b")];
    expect(await codeOf(store.create("/c"))).toBe("store_busy");
    await Promise.allSettled(sent);
    await store.create("/c");
  });

  test("reads that come while the disk is busy are answered though nothing is written after", async () => {
    await using store = await EmbeddedStore.open({ path: newPath() });
    const written = store.create("/a", bytes("1"));
    // A turn later the batch is with the disk, and nothing gathers behind it.
    await new Promise((resolve) => setImmediate(resolve));
    const reads = [store.exists("/missing"), store.get("/a"), store.list("/"), store.sync()];
    const [missing, found, names] = await Promise.all(reads);
    await written;
    expect(missing).toBeUndefined();
    expect(found).toMatchObject({ version: 0 });
    expect(names).toEqual(["a"]);
  });

  test("nobody sees or hears of a write before it is on the disk", async () => {
    await using store = await EmbeddedStore.open({ path: newPath() });
    await using other = store.connect();
    const watch = other.watch("/a");
    await watch.next();
    const order: string[] = [];
    const note = (what: string) => () => {
      order.push(what);
    };
    const created = store.create("/a").then(note("created"));
    const told = watch.next().then(note("told"));
    const seen = other.get("/a").then(note("seen"));
    const refused = codeOf(other.create("/a")).then(note("refused"));
    await Promise.resolve();
    expect(order).toEqual([]);
    await Promise.all([created, told, seen, refused]);
    expect(order.toSorted()).toEqual(["created", "refused", "seen", "told"]);
  });
});
