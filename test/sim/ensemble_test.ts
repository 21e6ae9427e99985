import { SeededRandom, VirtualClock } from "fairlead/base";
import { SimulatedEnsemble } from "fairlead/sim";
import { expect, test } from "vitest";
import { codeOf } from "../zookeeper/conformance.ts";

function open() {
  const clock = new VirtualClock();
  const ensemble = new SimulatedEnsemble({ clock, random: new SeededRandom(1) });
  /** Runs a call while time goes on. */
  const wait = async <T>(call: Promise<T>): Promise<T> => {
    let isDone = false;
    const done = call.finally(() => {
      isDone = true;
    });
    done.catch(() => undefined);
    while (!isDone) await clock.advance(10);
    return await done;
  };
  return { clock, ensemble, wait };
}

test("a multi is done whole or not at all, and counts versions and children", async () => {
  const { ensemble, wait } = open();
  const client = ensemble.connect();
  await wait(
    client.multi([
      { type: "create", path: "/a", data: null },
      { type: "create", path: "/a/n-", sequential: true },
      { type: "set", path: "/a", data: Uint8Array.of(1), version: 0 },
    ]),
  );
  const failing = client.multi([
    { type: "delete", path: "/a/n-0000000000" },
    { type: "set", path: "/a", data: null, version: 0 },
  ]);
  expect(await codeOf(wait(failing))).toBe("bad_version");
  expect(await wait(client.get("/a"))).toMatchObject({
    data: Uint8Array.of(1),
    stat: { version: 1, cversion: 1 },
  });
  expect((await wait(client.children("/a"))).names).toEqual(["n-0000000000"]);
  expect(await codeOf(wait(client.multi([{ type: "delete", path: "/a" }])))).toBe("not_empty");
  expect(await codeOf(wait(client.multi([{ type: "create", path: "/a" }])))).toBe("node_exists");
  expect(await codeOf(wait(client.multi([{ type: "create", path: "/b/c" }])))).toBe("no_node");
});

test("ACLs bind whoever is no superuser", async () => {
  const { ensemble, wait } = open();
  const root = ensemble.connect({ isSuper: true });
  const client = ensemble.connect();
  await wait(client.multi([{ type: "create", path: "/a" }]));
  await wait(root.setAcl("/a", [{ permissions: 1, scheme: "world", id: "anyone" }]));
  const set = [{ type: "set", path: "/a", data: null }] as const;
  expect(await codeOf(wait(client.multi(set)))).toBe("no_auth");
  await wait(root.multi(set));
  expect((await wait(client.get("/a"))).stat).toMatchObject({ version: 1, aversion: 1 });
});

test("the feed has a snapshot and every transaction; a killed process hears nothing", async () => {
  const { clock, ensemble, wait } = open();
  const client = ensemble.connect();
  await wait(client.multi([{ type: "create", path: "/a" }]));
  const { signal } = new AbortController();
  const feed = client.feed(0n, signal);
  expect((await wait(feed.next())).value).toMatchObject({ type: "snapshot", zxid: 1n });
  expect((await wait(feed.next())).value).toMatchObject({ type: "resumed" });
  await wait(client.multi([{ type: "set", path: "/a", data: null }]));
  expect((await wait(feed.next())).value).toMatchObject({
    type: "transaction",
    transaction: { zxid: 2n, changes: [{ type: "set", path: "/a" }] },
  });
  client.kill();
  let isAnswered = false;
  void client.get("/a").then(() => {
    isAnswered = true;
  });
  await clock.advance(1_000);
  expect(isAnswered).toBe(false);
});
