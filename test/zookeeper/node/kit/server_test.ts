import { existsSync } from "node:fs";
import { ZooKeeper, ZooKeeperServer } from "fairlead/zookeeper/node";
import { expect, test } from "vitest";
import { codeOf } from "../../conformance.ts";

test("a server keeps its data over a crash, and leaves nothing when it stops", async () => {
  const server = await ZooKeeperServer.start();
  await using zk = await ZooKeeper.connect(server.address);
  await zk.create("/kept", Uint8Array.of(1));
  const { pid } = server;
  await server.kill();
  expect(server.pid).toBeUndefined();
  await server.restart();
  expect(server.pid).not.toBe(pid);
  expect((await zk.get("/kept")).data).toEqual(Uint8Array.of(1));
  await server.stop();
  await server.stop();
  expect(existsSync(server.folder)).toBe(false);
});

test("a server that cannot start shows the end of its log", async () => {
  const starting = ZooKeeperServer.start({ settings: { tickTime: "nonsense" } });
  await expect(starting).rejects.toMatchObject({
    code: "zookeeper_failed",
    message: expect.stringContaining("nonsense"),
  });
});

test("two servers that start at once use ports of their own", async () => {
  const servers = await Promise.all([ZooKeeperServer.start(), ZooKeeperServer.start()]);
  const codes = await Promise.all(servers.map((each) => codeOf(each.status())));
  expect(codes).toEqual(["", ""]);
  await Promise.all(servers.map((each) => each.stop()));
});
