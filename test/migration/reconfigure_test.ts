/** Servers of real ensembles that are replaced under their clients. */

import { FairleadError, retry } from "fairlead/base";
import { type MoveServersOptions, moveServers, type ServersEvent } from "fairlead/migration";
import { type EnsembleMember, parseEnsembleConfig } from "fairlead/zookeeper";
import {
  serverStatus,
  ZooKeeper,
  ZooKeeperEnsemble,
  type ZooKeeperServer,
} from "fairlead/zookeeper/node";
import { afterAll, beforeAll, expect, test } from "vitest";

const credentials = [{ scheme: "digest", auth: "super:secret" }];

let ensemble: ZooKeeperEnsemble;
let servers: readonly ZooKeeperServer[] = [];
let joining: readonly EnsembleMember[];
beforeAll(async () => {
  ensemble = await ZooKeeperEnsemble.start();
  const joiners = await ensemble.joiners(3, { firstId: 11 });
  servers = joiners.servers;
  joining = parseEnsembleConfig(joiners.lines.join("\n")).members;
}, 60_000);
afterAll(async () => {
  await Promise.all([ensemble?.stop(), ...servers.map((server) => server.stop())]);
});

async function move(
  client: ZooKeeper,
  more: Partial<MoveServersOptions> = {},
): Promise<ServersEvent[]> {
  const events: ServersEvent[] = [];
  const options = { client, joining, status: serverStatus, ...more };
  for await (const event of moveServers(options)) events.push(event);
  return events;
}

/** A connection may break while its server leaves: then it is asked again. */
async function membersOf(client: ZooKeeper): Promise<number[]> {
  const config = await retry(() => client.config(), { attemptsMax: 100 });
  return config.members.map(({ id }) => id);
}

test("moveServers() refuses what cannot be, and changes nothing", async () => {
  await using zk = await ZooKeeper.connect(ensemble.connectString, { credentials });
  const { version } = await zk.config();
  const refusals: [Partial<MoveServersOptions>, RegExp][] = [
    [{ joining: [] }, /name the new servers/],
    [{ joining: joining.map((each) => ({ ...each, clientPort: undefined })) }, /no client port/],
    [{ joining: joining.map((each, at) => ({ ...each, id: at + 1 })) }, /is there already/],
    [
      { joining: joining.map((each) => ({ ...each, role: "observer" as const })) },
      /nobody would be left/,
    ],
    [
      {
        status: async (server) => {
          const status = await serverStatus(server);
          const isNew = servers.some(({ address }) => address === server);
          return isNew ? { ...status, version: "3.9.3" } : status;
        },
      },
      /is 3\.9\.3, and the leader 3\.8/,
    ],
  ];
  for (const [more, message] of refusals) {
    const error = await move(zk, more).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: "reconfig_refused",
      message: expect.stringMatching(message),
    });
  }
  expect((await zk.config()).version).toBe(version);
});

test("moveServers() takes the new servers out again when something fails on the way", async () => {
  await using zk = await ZooKeeper.connect(ensemble.connectString, { credentials });
  const failed = move(zk, {
    shift: () => Promise.reject(new FairleadError("hook_failed", "Cannot tell the clients: no")),
  });
  await expect(failed).rejects.toMatchObject({
    code: "reconfig_undone",
    message: expect.stringContaining("Cannot tell the clients"),
  });
  expect(await membersOf(zk)).toEqual([1, 2, 3]);
  const ending = new AbortController();
  const aborted = move(zk, {
    signal: ending.signal,
    shift: async () => ending.abort(new Error("enough")),
  });
  await expect(aborted).rejects.toThrow("enough");
  expect(await membersOf(zk)).toEqual([1, 2, 3]);
  const absent = move(zk, {
    stepMs: 500,
    status: async (server) => {
      if (server === servers[0]?.address) throw new FairleadError("admin_failed", "Cannot ask");
      return serverStatus(server);
    },
  });
  await expect(absent).rejects.toMatchObject({ code: "reconfig_undone" });
}, 90_000);

test("moveServers() keeps sessions, ephemerals and versions, and goes on where it was left", async () => {
  await using zk = await ZooKeeper.connect(ensemble.connectString, { credentials });
  const options = { sessionTimeoutMs: 30_000 };
  await using client = await ZooKeeper.connect(ensemble.connectString, options);
  const session = client.session.id;
  await client.create("/counter", null);
  await client.create("/mine", null, { lifetime: { type: "ephemeral" } });
  let done = 0;
  const ending = new AbortController();
  const writing = (async () => {
    while (!ending.signal.aborted) {
      // The version is what the last one left: one that was lost is seen.
      const { version } = (await client.get("/counter").catch(() => undefined))?.stat ?? {};
      if (version === undefined) continue;
      await client.set("/counter", null, { version }).then(
        () => {
          done += 1;
        },
        () => undefined,
      );
    }
  })();
  const first = new AbortController();
  for await (const event of moveServers({ client: zk, joining, status: serverStatus })) {
    if (event.type === "grown") break;
  }
  expect(await membersOf(zk)).toEqual([1, 2, 3, 11, 12, 13]);
  const events = await move(zk, {
    signal: first.signal,
    shift: async (connectString) => client.updateServers(connectString),
  });
  expect(events.map(({ type }) => type)).toEqual([
    "following",
    "grown",
    "shifted",
    "shrunk",
    "settled",
  ]);
  const before = done;
  await expect.poll(() => done, { timeout: 30_000 }).toBeGreaterThan(before + 20);
  ending.abort();
  await writing;
  expect(await membersOf(zk)).toEqual([11, 12, 13]);
  await ensemble.stop();
  expect(client.session.id).toBe(session);
  expect((await client.get("/mine")).stat.ephemeralOwner).toBe(session);
  // Unknown outcomes may add to what is known to be done.
  const { version } = (await client.get("/counter")).stat;
  expect(version).toBeGreaterThanOrEqual(done);
  expect(version).toBeLessThanOrEqual(done + 10);
}, 120_000);
