import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Clock, VirtualClock } from "fairlead/base";
import {
  ask,
  digestId,
  EmbeddedZooKeeper,
  serverConnections,
  serverEphemerals,
  serverMetrics,
  serverSettings,
  serverStatus,
  ZooKeeper,
} from "fairlead/zookeeper/node";
import { expect, test } from "vitest";
import { clientConformance, codeOf, nextEvent } from "../../conformance.ts";
import { RawClient } from "./raw.ts";

const superAuth = "super:secret";

clientConformance("embedded, in memory", async () => {
  const server = await EmbeddedZooKeeper.start({ superDigest: digestId(superAuth) });
  return { address: server.connectString, superAuth, stop: () => server.stop() };
});

clientConformance("embedded, on disk", async () => {
  const folder = await newFolder();
  const { path: dataDir } = folder;
  const server = await EmbeddedZooKeeper.start({ dataDir, superDigest: digestId(superAuth) });
  return {
    address: server.connectString,
    superAuth,
    async stop() {
      await server.stop();
      await folder[Symbol.asyncDispose]();
    },
  };
});

async function newFolder() {
  const path = await mkdtemp(join(tmpdir(), "fairlead-embedded-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

const bytes = (text: string) => new TextEncoder().encode(text);

test("start() names what is wrong with an option, a port that is taken, a folder that is used", async () => {
  const start = (options: Parameters<typeof EmbeddedZooKeeper.start>[0]) =>
    codeOf(EmbeddedZooKeeper.start(options));
  expect(await start({ port: -1 })).toBe("invalid_option");
  expect(await start({ tickTimeMs: 0 })).toBe("invalid_option");
  expect(await start({ superDigest: "secret" })).toBe("invalid_option");
  expect(await start({ sessionTimeoutMsMin: 9, sessionTimeoutMsMax: 8 })).toBe("invalid_option");
  expect(await start({ host: "192.0.2.1" })).toBe("zookeeper_failed");
  expect(await start({ dataDir: import.meta.filename })).toBe("store_failed");
  await using folder = await newFolder();
  await using server = await EmbeddedZooKeeper.start({ dataDir: folder.path });
  expect(await start({ port: server.port })).toBe("address_in_use");
  await expect(EmbeddedZooKeeper.start({ dataDir: folder.path })).rejects.toMatchObject({
    code: "store_locked",
    details: { path: folder.path, pid: process.pid },
  });
  // Who was refused has taken nothing away from who is there.
  await using zk = await ZooKeeper.connect(server.connectString);
  await zk.create("/a");
});

test("stop() lets clients go and the port free; twice is harmless", async () => {
  const server = await EmbeddedZooKeeper.start();
  const { port, connectString } = server;
  await using client = await RawClient.open(connectString);
  await server.stop();
  await server.stop();
  await client.closed;
  await using next = await EmbeddedZooKeeper.start({ port });
  expect(next.connectString).toBe(`127.0.0.1:${port}`);
});

test("a restart on the same folder keeps nodes, counters, ephemerals and sessions", async () => {
  await using folder = await newFolder();
  const dataDir = folder.path;
  const first = await EmbeddedZooKeeper.start({ dataDir });
  const client = await ZooKeeper.connect(first.connectString);
  await client.create("/a", null, { lifetime: { type: "container" } });
  await client.create("/a/s-", bytes("x"), { sequential: true });
  await client.create("/a/e", new Uint8Array(0), { lifetime: { type: "ephemeral" } });
  await client.create("/gone");
  await client.delete("/gone");
  await client.create(`/${"n".repeat(5_000)}`, bytes("a name longer than keys of lmdb"));
  await client.setAcl("/a", [{ permissions: 31, scheme: "ip", id: "127.0.0.1" }]);
  const before = [await client.getAcl("/a"), await client.get("/a/s-0000000000")];
  const { lastZxid, session } = client;
  await first.stop();
  client.abandon();

  await using second = await EmbeddedZooKeeper.start({ dataDir });
  await using heir = await ZooKeeper.connect(second.connectString, { session });
  expect(heir.session.id).toBe(session.id);
  expect([await heir.getAcl("/a"), await heir.get("/a/s-0000000000")]).toEqual(before);
  expect((await heir.get("/a/e")).stat.ephemeralOwner).toBe(session.id);
  expect((await heir.get("/a/e")).data).toEqual(new Uint8Array(0));
  expect((await heir.children("/")).names.map((name) => name.slice(0, 9)).toSorted()).toEqual([
    "a",
    "nnnnnnnnn",
    "zookeeper",
  ]);
  const next = await heir.create("/a/s-", null, { sequential: true });
  expect(next.path).toBe("/a/s-0000000002");
  expect(next.stat.czxid).toBeGreaterThan(lastZxid);
  await using stranger = await ZooKeeper.connect(second.connectString);
  expect(stranger.session.id).toBeGreaterThan(session.id);
});

test("a session that ends while the server is down ends after its timeout, with its ephemerals", async () => {
  await using folder = await newFolder();
  const clock = new VirtualClock(1_000_000);
  const options = { dataDir: folder.path, clock };
  const first = await EmbeddedZooKeeper.start(options);
  const client = await RawClient.open(first.connectString, { timeoutMs: 10_000 });
  await using zk = await ZooKeeper.connect(first.connectString, { sessionTimeoutMs: 40_000 });
  await zk.create("/e", null, { lifetime: { type: "ephemeral" } });
  await first.stop();
  await using second = await EmbeddedZooKeeper.start(options);
  const { sessionId, password } = client;
  const open = () => RawClient.open(second.connectString, { sessionId, password });
  await clock.advance(9_000);
  await using alive = await open();
  expect(alive.sessionId).toBe(sessionId);
  await clock.advance(14_000);
  await alive.closed;
  await using late = await open();
  expect([late.timeoutMs, late.sessionId]).toEqual([0, 0n]);
  const metrics = await serverMetrics(second.connectString);
  expect(metrics.get("ephemerals_count")).toBe(1);
  await clock.advance(40_000);
  expect((await serverMetrics(second.connectString)).get("ephemerals_count")).toBe(0);
});

test("timeouts of sessions stay within their bounds, and any packet begins them anew", async () => {
  const clock = new VirtualClock();
  await using server = await EmbeddedZooKeeper.start({ clock, tickTimeMs: 1_000 });
  const address = server.connectString;
  await using short = await RawClient.open(address, { timeoutMs: 1 });
  await using long = await RawClient.open(address, { timeoutMs: 2 ** 31 - 1 });
  await using odd = await RawClient.open(address, { timeoutMs: -5 });
  expect([short, long, odd].map(({ timeoutMs }) => timeoutMs)).toEqual([2_000, 20_000, 2_000]);
  for (let round = 0; round < 5; round += 1) {
    await clock.advance(1_500);
    await short.settled();
  }
  await odd.closed;
  await clock.advance(4_000);
  await short.closed;
  expect(await long.settled()).toHaveLength(1);
});

test("containers that are empty again and nodes whose time is over are reaped, and watchers hear of it", async () => {
  const clock = new VirtualClock(1_000_000);
  await using server = await EmbeddedZooKeeper.start({ clock, sessionTimeoutMsMax: 1_000_000 });
  const options = { sessionTimeoutMs: 1_000_000 };
  await using zk = await ZooKeeper.connect(server.connectString, options);
  const ttl = { type: "ttl", ttlMs: 90_000 } as const;
  await zk.create("/used", null, { lifetime: { type: "container" } });
  await zk.create("/used/a");
  await zk.create("/fresh", null, { lifetime: { type: "container" } });
  await zk.create("/old", null, { lifetime: ttl });
  await zk.create("/changed", null, { lifetime: ttl });
  await zk.create("/parent", null, { lifetime: ttl });
  await zk.create("/parent/a");
  const events = zk.watch("/", { recursive: true });
  await events.next();
  await zk.delete("/used/a");
  expect(await nextEvent(events)).toMatchObject({ type: "deleted", path: "/used/a" });
  await clock.advance(60_000);
  expect(await nextEvent(events)).toMatchObject({ type: "deleted", path: "/used" });
  await zk.set("/changed", null);
  expect(await nextEvent(events)).toMatchObject({ type: "changed", path: "/changed" });
  await clock.advance(60_000);
  expect(await nextEvent(events)).toMatchObject({ type: "deleted", path: "/old" });
  expect((await zk.children("/")).names.toSorted()).toEqual([
    "changed",
    "fresh",
    "parent",
    "zookeeper",
  ]);
  await events.return(undefined);
});

/** Jumps when it is told to, as the time of a process that was stopped does. */
class JumpingClock implements Clock {
  #nowMs = 0;
  readonly #waiting: (() => void)[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  sleep(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async jump(ms: number): Promise<void> {
    this.#nowMs += ms;
    for (const wake of this.#waiting.splice(0)) wake();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test("a process that stood still ends no session for it", async () => {
  const clock = new JumpingClock();
  await using server = await EmbeddedZooKeeper.start({ clock, tickTimeMs: 1_000 });
  await using client = await RawClient.open(server.connectString, { timeoutMs: 4_000 });
  await clock.jump(3_600_000);
  expect(await client.settled()).toHaveLength(1);
  for (let tick = 0; tick < 6; tick += 1) await clock.jump(1_000);
  await client.closed;
});

test("admin words: srvr, mntr, conf, cons, dump, wchs, ruok, isro; others are off the whitelist", async () => {
  await using server = await EmbeddedZooKeeper.start({ tickTimeMs: 500 });
  const address = server.connectString;
  await using zk = await ZooKeeper.connect(address, { sessionTimeoutMs: 7_000 });
  await zk.create("/e 1", null, { lifetime: { type: "ephemeral" } });
  const events = zk.watch("/", { recursive: true });
  await events.next();
  expect(await serverStatus(address)).toMatchObject({
    version: "3.8.0",
    mode: "standalone",
    zxid: zk.lastZxid,
    nodesCount: 6,
    connectionsCount: 2,
  });
  const metrics = await serverMetrics(address);
  expect(metrics.get("server_state")).toBe("standalone");
  expect(metrics.get("znode_count")).toBe(6);
  expect(metrics.get("ephemerals_count")).toBe(1);
  expect(metrics.get("num_alive_connections")).toBe(2);
  expect(metrics.get("watch_count")).toBe(2);
  expect(metrics.get("packets_received")).toBeGreaterThan(2);
  const settings = await serverSettings(address);
  expect(settings.get("clientPort")).toBe(String(server.port));
  expect(settings.get("maxSessionTimeout")).toBe("10000");
  const connections = await serverConnections(address);
  expect(connections).toMatchObject([{ sessionId: zk.session.id, timeoutMs: 7_000 }]);
  expect(connections[0]?.requestsReceived).toBeGreaterThan(2);
  expect(Math.abs((connections[0]?.establishedMs ?? 0) - Date.now())).toBeLessThan(60_000);
  expect([...(await serverEphemerals(address))]).toEqual([[zk.session.id, ["/e 1"]]]);
  expect(await ask(address, "wchs")).toBe("1 connections watching 1 paths\nTotal watches:1\n");
  expect(await ask(address, "ruok")).toBe("imok");
  expect(await ask(address, "isro")).toBe("rw");
  expect(await codeOf(ask(address, "envi"))).toBe("admin_refused");
  await events.return(undefined);
});

test("many clients at once: every write is there, and each has its own answers", async () => {
  await using folder = await newFolder();
  await using server = await EmbeddedZooKeeper.start({ dataDir: folder.path });
  const clients = await Promise.all(
    Array.from({ length: 20 }, () => ZooKeeper.connect(server.connectString)),
  );
  await clients[0]?.create("/n");
  const made = await Promise.all(
    clients.flatMap((zk) =>
      Array.from({ length: 50 }, () => zk.create("/n/s-", null, { sequential: true })),
    ),
  );
  const names = made.map(({ path }) => path).toSorted();
  expect(new Set(names).size).toBe(1_000);
  expect(names.at(-1)).toBe("/n/s-0000000999");
  await Promise.all(clients.map((zk) => zk.close()));
});
