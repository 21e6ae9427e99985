import { setTimeout as sleep } from "node:timers/promises";
import { elect, openStore, type SessionState, type Store } from "fairlead/coordination";
import { ZooKeeperStore, zooKeeperDriver } from "fairlead/coordination/node";
import { EmbeddedZooKeeper, TcpProxy, ZooKeeper, ZooKeeperServer } from "fairlead/zookeeper/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { codeOf, reader, storeConformance } from "../conformance.ts";

let server: ZooKeeperServer;
let embedded: EmbeddedZooKeeper;
beforeAll(async () => {
  server = await ZooKeeperServer.start();
  embedded = await EmbeddedZooKeeper.start();
}, 60_000);
afterAll(async () => {
  await server?.stop();
  await embedded?.stop();
});

let worlds = 0;
const newRoot = () => {
  worlds += 1;
  return `world-${worlds}`;
};

storeConformance("ZooKeeper", async () => worldAt(server.address));
storeConformance("ZooKeeper, embedded", async () => worldAt(embedded.connectString));

function worldAt(address: string) {
  const stores: Store[] = [];
  const root = newRoot();
  return {
    async connect() {
      const store = await ZooKeeperStore.connect(`${address}/${root}`);
      stores.push(store);
      return store;
    },
    async [Symbol.asyncDispose]() {
      for (const store of stores) await store.close();
    },
  };
}

/** Waits for a state of the session. */
async function reached(store: Store, status: SessionState["status"]): Promise<SessionState> {
  for await (const state of store.session.changes()) if (state.status === status) return state;
  throw new Error(`the store was closed before it was ${status}`);
}

test("openStore() takes the addresses of Mesos, with a chroot that is made and a digest", async () => {
  const address = `zk://ada:lovelace@${server.address}/${newRoot()}/deep`;
  await using store = await openStore(address, { drivers: [zooKeeperDriver()] });
  await store.create("/a");
  await using zk = await ZooKeeper.connect(server.address);
  expect(await zk.exists(`/world-${worlds}/deep/a`)).toBeDefined();
  for (const wrong of ["zk://", "zk://a:b:c/x", "zk://a//b"]) {
    const opening = openStore(wrong, { drivers: [zooKeeperDriver()] });
    expect(await codeOf(opening)).toMatch(/^invalid_(connect_string|path)$/);
  }
});

test("a connection that breaks: calls wait, watches read again, the session goes on", async () => {
  await using proxy = await TcpProxy.open(server.address);
  await using store = await ZooKeeperStore.connect(`${proxy.address}/${newRoot()}`);
  const before = store.session.state;
  const watch = reader(store.watch("/a"));
  expect(await watch.next()).toBe("resync armed");
  proxy.refuse();
  await reached(store, "suspended");
  const waiting = store.create("/a");
  proxy.heal();
  expect(await waiting).toBe("/a");
  expect(await watch.next()).toBe("resync reconnected");
  expect(store.session.state).toEqual(before);
});

test("a call whose answer was lost says that nobody knows", async () => {
  await using proxy = await TcpProxy.open(server.address);
  await using store = await ZooKeeperStore.connect(`${proxy.address}/${newRoot()}`);
  proxy.blackhole();
  const lost = codeOf(store.create("/a"));
  await sleep(50);
  proxy.heal();
  expect(await lost).toBe("store_unavailable");
});

test("a session that may be over is given up in time, and another one follows", async () => {
  await using proxy = await TcpProxy.open(server.address);
  const root = newRoot();
  const place = `${proxy.address}/${root}`;
  await using store = await ZooKeeperStore.connect(place, { sessionTimeoutMs: 2_000 });
  await using other = await ZooKeeperStore.connect(`${server.address}/${root}`);
  const leadership = await elect(store, "/election", { data: Uint8Array.of(1) });
  const waiting = elect(other, "/election", { data: Uint8Array.of(2) });
  let leads = false;
  void waiting.then(() => {
    leads = true;
  });
  const watch = reader(store.watch("/a"));
  expect(await watch.next()).toBe("resync armed");
  const { state } = store.session;
  proxy.blackhole();
  await new Promise((resolve) => leadership.lost.addEventListener("abort", resolve));
  expect(leads).toBe(false);
  expect(leadership.held).toBe(false);
  const next = await waiting;
  expect(next.held).toBe(true);
  proxy.heal();
  const connected = await reached(store, "connected");
  expect(connected).not.toEqual(state);
  expect(await watch.next()).toBe("resync reconnected");
  await other.create("/a");
  expect(await watch.next()).toBe("created /a");
  await next[Symbol.asyncDispose]();
});

test("credentials that the ensemble refuses fail the store", async () => {
  const credentials = [{ scheme: "nonsense", auth: "x" }];
  const use = async () => {
    await using store = await ZooKeeperStore.connect(server.address, { credentials });
    await store.get("/");
  };
  expect(await codeOf(use())).toMatch(/^(store_failed|auth_failed)$/);
});
