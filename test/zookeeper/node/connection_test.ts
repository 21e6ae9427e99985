/**
 * The defects of node-zookeeper-client 1.1.3 (facts B1–B11), each mended, against a real server and
 * an embedded one.
 */

import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { createServer as createTlsServer } from "node:tls";
import { FairleadError } from "fairlead/base";
import {
  EmbeddedZooKeeper,
  TcpProxy,
  ZooKeeper,
  ZooKeeperServer,
  type ZooKeeperState,
} from "fairlead/zookeeper/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeCertificates } from "../../http/node/certificates.ts";
import { codeOf, nextEvent } from "../conformance.ts";

/** Waits until the client is in a state. */
async function reached(zk: ZooKeeper, status: ZooKeeperState["status"]): Promise<ZooKeeperState> {
  for await (const state of zk.states()) if (state.status === status) return state;
  throw new Error(`it ended before it was ${status}`);
}

const made = makeCertificates();

/** Freezing takes a process of its own, and the embedded server enforces no quotas. */
const makers = [
  {
    kind: "real",
    async start() {
      const properties = { "zookeeper.enforceQuota": "true" };
      const server = await ZooKeeperServer.start({ properties });
      return { address: server.address, port: server.ports.client, stop: () => server.stop() };
    },
  },
  {
    kind: "embedded",
    async start() {
      const server = await EmbeddedZooKeeper.start({ tickTimeMs: 1_000 });
      return { address: server.connectString, port: server.port, stop: () => server.stop() };
    },
  },
];

describe.each(makers)("a server that is $kind", ({ kind, start }) => {
  let address = "";
  let port = 0;
  let stop: (() => Promise<void>) | undefined;
  beforeAll(async () => {
    ({ address, port, stop } = await start());
  }, 60_000);
  afterAll(async () => await stop?.());

  test.skipIf(kind === "embedded")(
    "B2: a server that is frozen is noticed within two thirds of the session",
    async () => {
      await using frozen = await ZooKeeperServer.start();
      await using zk = await ZooKeeper.connect(frozen.address, { sessionTimeoutMs: 3_000 });
      frozen.freeze();
      const startMs = performance.now();
      expect(await codeOf(zk.get("/"))).toBe("connection_loss");
      // The package alone waits for TCP to give up: a quarter of an hour.
      expect(performance.now() - startMs).toBeLessThan(20_000);
      frozen.thaw();
      expect((await zk.get("/")).stat.version).toBe(0);
    },
  );

  test("B2: a server that is partitioned is left for another one, and the session goes on", async () => {
    await using first = await TcpProxy.open(address);
    await using second = await TcpProxy.open(address);
    const options = { sessionTimeoutMs: 3_000, connectTimeoutMs: 300 };
    await using zk = await ZooKeeper.connect(`${first.address},${second.address}`, options);
    const { id } = zk.session;
    const used = first.connectionsCount > 0 ? first : second;
    used.blackhole();
    expect(await codeOf(zk.get("/"))).toBe("connection_loss");
    await zk.get("/");
    expect(zk.session.id).toBe(id);
    expect(used.connectionsCount).toBe(0);
  });

  test("B3: an answer that is cut inside is dropped with its connection", async () => {
    await using proxy = await TcpProxy.open(address);
    await using zk = await ZooKeeper.connect(proxy.address);
    await zk.create("/cut", new Uint8Array(10_000));
    proxy.cutAfter(4_321);
    expect(await codeOf(zk.get("/cut"))).toBe("connection_loss");
    expect((await zk.get("/cut")).data?.length).toBe(10_000);
  });

  test.skipIf(kind === "embedded")(
    "B4: an error number that the stock client does not know is an error like any other",
    async () => {
      await using zk = await ZooKeeper.connect(address, {
        credentials: [{ scheme: "digest", auth: "super:secret" }],
      });
      await zk.create("/quota");
      const limits = new TextEncoder().encode(
        "count=1,bytes=-1=;byteHardLimit=-1;countHardLimit=1",
      );
      await zk.create("/zookeeper/quota/quota");
      await zk.create("/zookeeper/quota/quota/zookeeper_limits", limits);
      await zk.create("/zookeeper/quota/quota/zookeeper_stats");
      const codes = await Promise.all(
        ["a", "b"].map((name) => codeOf(zk.create(`/quota/${name}`))),
      );
      expect(codes).toContain("quota_exceeded");
      await zk.get("/quota");
    },
  );

  test("B5: credentials are sent before requests that waited for the connection", async () => {
    const digest = [{ scheme: "digest", auth: "ada:lovelace" }];
    await using owner = await ZooKeeper.connect(address, { credentials: digest });
    const acl = [{ permissions: 31, scheme: "auth", id: "" }];
    await owner.create("/mine", new Uint8Array(1), { acl });
    const late = ZooKeeper.open(address, { credentials: digest });
    expect((await late.get("/mine")).data?.length).toBe(1);
    late.reconnect();
    await reached(late, "suspended");
    expect((await late.get("/mine")).data?.length).toBe(1);
    await late.close();
  });

  test("B6: 25,000 watches are armed again after a reconnection", async () => {
    await using zk = await ZooKeeper.connect(address);
    const prefix = `/watched-${"x".repeat(40)}`;
    await zk.create(prefix);
    const armed = await Promise.all(
      Array.from({ length: 25_000 }, (_, index) => zk.changed(`${prefix}/node-${index}`, "exists")),
    );
    zk.reconnect();
    await reached(zk, "suspended");
    await reached(zk, "connected");
    await zk.create(`${prefix}/node-24999`);
    expect(await armed[24_999]?.event).toMatchObject({ type: "created" });
    expect(zk.state.status).toBe("connected");
  });

  test("B7: a connection that only receives events keeps its session", async () => {
    await using watcher = await ZooKeeper.connect(address, { sessionTimeoutMs: 2_000 });
    await using writer = await ZooKeeper.connect(address);
    await writer.create("/ticks");
    const { id } = watcher.session;
    const events = watcher.watch("/ticks");
    await events.next();
    for (let tick = 0; tick < 50; tick += 1) {
      await writer.set("/ticks", new Uint8Array(1));
      expect(await nextEvent(events)).toMatchObject({ type: "changed" });
      await sleep(100);
    }
    expect(watcher.session.id).toBe(id);
    expect(watcher.state.status).toBe("connected");
    await events.return(undefined);
  });

  test("B8: a server that accepts and says nothing is left for the next one", async () => {
    await using mute = await TcpProxy.open(address);
    mute.blackhole();
    const options = { connectTimeoutMs: 200 };
    await using zk = await ZooKeeper.connect(`${mute.address},${address}`, options);
    expect(zk.state).toMatchObject({ status: "connected", server: address });
  });

  test("B9: the end of a session ends every request, the waiting ones too", async () => {
    await using proxy = await TcpProxy.open(address);
    const zk = await ZooKeeper.connect(proxy.address, { sessionTimeoutMs: 2_000 });
    const events = zk.watch("/");
    await events.next();
    proxy.refuse();
    await reached(zk, "suspended");
    const waiting = codeOf(zk.get("/"));
    await sleep(4_500);
    proxy.heal();
    expect(await waiting).toBe("session_expired");
    expect(await codeOf(zk.get("/"))).toBe("session_expired");
    await expect(events.next()).rejects.toMatchObject({ code: "session_expired" });
    expect(zk.state).toMatchObject({ status: "ended", cause: { code: "session_expired" } });
    await zk.close();
  });

  test("a watch that was armed tells after a reconnection that it has to be read again", async () => {
    await using proxy = await TcpProxy.open(address);
    await using zk = await ZooKeeper.connect(proxy.address);
    await using other = await ZooKeeper.connect(address);
    const events = zk.watch("/gap", { recursive: true });
    expect((await events.next()).value).toMatchObject({ cause: "armed" });
    proxy.refuse();
    await reached(zk, "suspended");
    await other.create("/gap");
    proxy.heal();
    expect((await events.next()).value).toMatchObject({ type: "resync", cause: "reconnected" });
    await other.create("/gap/a");
    expect(await nextEvent(events)).toMatchObject({ type: "created", path: "/gap/a" });
    await events.return(undefined);
  });

  test("requests wait for a connection, and end by their deadline or signal", async () => {
    await using proxy = await TcpProxy.open(address);
    proxy.refuse();
    const zk = ZooKeeper.open(proxy.address, { reconnectDelayMs: 20 });
    expect(await codeOf(zk.get("/", { timeoutMs: 50 }))).toBe("timeout");
    const signal = AbortSignal.timeout(50);
    await expect(zk.get("/", { signal })).rejects.toMatchObject({ name: "TimeoutError" });
    const waiting = zk.get("/");
    proxy.heal();
    expect((await waiting).stat.czxid).toBe(0n);
    await zk.close();
  });

  test("updateServers() moves the client and keeps the session", async () => {
    await using first = await TcpProxy.open(address);
    await using second = await TcpProxy.open(address);
    await using zk = await ZooKeeper.connect(first.address);
    const { id } = zk.session;
    zk.updateServers(second.address);
    await reached(zk, "suspended");
    await zk.get("/");
    expect(zk.state).toMatchObject({ server: second.address, sessionId: id });
    expect(() => zk.updateServers(`${second.address}/other`)).toThrow(FairleadError);
  });

  test("a request in flight while the connection breaks is of unknown outcome", async () => {
    await using proxy = await TcpProxy.open(address);
    await using zk = await ZooKeeper.connect(proxy.address);
    proxy.blackhole();
    const lost = codeOf(zk.create("/unknown"));
    await sleep(50);
    proxy.heal();
    expect(await lost).toBe("connection_loss");
  });

  test("a lone request is answered soon, though the server may let it lie (ZOOKEEPER-4537)", async () => {
    await using zk = await ZooKeeper.connect(address, { sessionTimeoutMs: 60_000 });
    for (let round = 0; round < 200; round += 1) {
      const startMs = performance.now();
      await zk.sync("/");
      expect(performance.now() - startMs).toBeLessThan(5_000);
    }
  });

  test.skipIf(made === undefined)("TLS: trusts whom it is told to (needs openssl)", async () => {
    if (made === undefined) return;
    const tls = createTlsServer({ ...made.server }, (socket) => {
      const plain = connect({ host: "127.0.0.1", port: port });
      socket.pipe(plain).pipe(socket);
      socket.on("error", () => plain.destroy());
      plain.on("error", () => socket.destroy());
    });
    await new Promise<void>((resolve) => tls.listen(0, "127.0.0.1", resolve));
    const bound = tls.address();
    const target = `127.0.0.1:${typeof bound === "object" ? bound?.port : 0}`;
    const client = await ZooKeeper.connect(target, { tls: { ca: made.ca } });
    expect((await client.get("/")).stat.czxid).toBe(0n);
    await client.close();
    const signal = AbortSignal.timeout(500);
    await expect(ZooKeeper.connect(target, { tls: true, signal })).rejects.toMatchObject({
      name: "TimeoutError",
    });
    tls.close();
  });

  test("two clients on one server answer with their own sessions", async () => {
    await using one = await ZooKeeper.connect(address);
    await using two = await ZooKeeper.connect(address);
    expect(one.session.id).not.toBe(two.session.id);
    expect(one.aliveUntilMs).toBeGreaterThan(performance.now());
  });
});
