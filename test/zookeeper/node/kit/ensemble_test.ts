import { ZooKeeper, ZooKeeperEnsemble } from "fairlead/zookeeper/node";
import { expect, test } from "vitest";
import { codeOf } from "../../conformance.ts";

const superUser = [{ scheme: "digest", auth: "super:secret" }];

test("an ensemble elects a leader, loses it and elects another; the session goes on", async () => {
  await using ensemble = await ZooKeeperEnsemble.start();
  await using zk = await ZooKeeper.connect(ensemble.connectString);
  await zk.create("/e", null, { lifetime: { type: "ephemeral" } });
  const leader = await ensemble.leader();
  await leader.kill();
  const next = await ensemble.leader();
  expect(next.id).not.toBe(leader.id);
  await zk.sync();
  expect((await zk.get("/e")).stat.ephemeralOwner).toBe(zk.session.id);
  await leader.restart();
  expect((await leader.status()).mode).toBe("follower");
});

test("reconfigure() and config() change the ensemble and read what it is", async () => {
  await using ensemble = await ZooKeeperEnsemble.start();
  const follower = await ensemble.follower();
  const others = ensemble.servers.filter((each) => each !== follower);
  const place = others.map((each) => each.address).join(",");
  await using zk = await ZooKeeper.connect(place, { credentials: superUser });
  const before = await zk.config();
  expect(before.members.map(({ clientPort }) => clientPort)).toEqual(
    ensemble.servers.map(({ ports }) => ports.client),
  );
  const after = await zk.reconfigure({ leaving: [follower.id] });
  expect(after.members.length).toBe(2);
  expect(after.version).toBeGreaterThan(before.version);
  const stale = zk.reconfigure({ leaving: [2], fromVersion: before.version });
  expect(await codeOf(stale)).toBe("bad_version");
  await using nobody = await ZooKeeper.connect(place);
  expect(await codeOf(nobody.reconfigure({ leaving: [2] }))).toBe("no_auth");
});

test("an epoch that is seeded is above what came before", async () => {
  await using ensemble = await ZooKeeperEnsemble.start({ size: 1, epoch: 9, firstId: 101 });
  expect(ensemble.servers[0]?.id).toBe(101);
  await using zk = await ZooKeeper.connect(ensemble.connectString);
  await zk.create("/a");
  expect(zk.lastZxid >> 32n).toBe(10n);
});
