import {
  ask,
  serverConnections,
  serverEphemerals,
  serverMetrics,
  serverSettings,
  serverStatus,
  TcpProxy,
  ZooKeeper,
  ZooKeeperServer,
} from "fairlead/zookeeper/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { codeOf } from "../conformance.ts";

let server: ZooKeeperServer;
beforeAll(async () => {
  server = await ZooKeeperServer.start({
    settings: { "4lw.commands.whitelist": "srvr,mntr,conf,cons,dump,ruok,wchs" },
  });
}, 60_000);
afterAll(async () => await server?.stop());

test("serverStatus() reads srvr", async () => {
  const status = await serverStatus(server.address);
  expect(status).toMatchObject({ version: "3.8.0", mode: "standalone" });
  expect(status.nodesCount).toBeGreaterThan(3);
});

test("serverMetrics() and serverSettings() read mntr and conf", async () => {
  const metrics = await serverMetrics(server.address);
  expect(metrics.get("server_state")).toBe("standalone");
  expect(metrics.get("znode_count")).toBeGreaterThan(3);
  const settings = await serverSettings(server.address);
  expect(settings.get("clientPort")).toBe(String(server.ports.client));
});

test("serverConnections() and serverEphemerals() tell of a client", async () => {
  await using zk = await ZooKeeper.connect(server.address, { sessionTimeoutMs: 7_000 });
  await zk.create("/e 1", null, { lifetime: { type: "ephemeral" } });
  const sessionId = zk.session.id;
  const connections = await serverConnections(server.address);
  expect(connections).toContainEqual(expect.objectContaining({ sessionId, timeoutMs: 7_000 }));
  expect((await serverEphemerals(server.address)).get(sessionId)).toEqual(["/e 1"]);
});

test("ask() says why there is no answer", async () => {
  expect(await ask(server.address, "ruok")).toBe("imok");
  expect(await codeOf(ask(server.address, "envi"))).toBe("admin_refused");
  expect(await codeOf(ask("127.0.0.1:1", "ruok"))).toBe("admin_failed");
  await using mute = await TcpProxy.open(server.address);
  mute.blackhole();
  expect(await codeOf(ask(mute.address, "ruok", { timeoutMs: 50 }))).toBe("admin_failed");
  const signal = AbortSignal.timeout(50);
  await expect(ask(mute.address, "ruok", { signal })).rejects.toMatchObject({
    name: "TimeoutError",
  });
  expect(await codeOf(ask(server.address, "mntr", { bytesMax: 10 }))).toBe("admin_failed");
});

test("serverStatus() of a server without a quorum is an error of its own", async () => {
  const { ZooKeeperEnsemble } = await import("fairlead/zookeeper/node");
  await using ensemble = await ZooKeeperEnsemble.start({ size: 2 });
  const [first, second] = ensemble.servers;
  await second?.kill();
  let code = "";
  for (let tries = 0; tries < 400 && code !== "not_serving"; tries += 1) {
    code = await codeOf(serverStatus(first?.address ?? ""));
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  expect(code).toBe("not_serving");
});
