/** A source that stands alone, whose log nobody can follow, and which is moved all the same. */

import { setTimeout as sleep } from "node:timers/promises";
import { SeededRandom } from "fairlead/base";
import { Migration, type MigrationOptions, planMigration } from "fairlead/migration";
import { type ConnectedSide, connectSide } from "fairlead/migration/node";
import { OPEN_ACL } from "fairlead/zookeeper";
import { TcpProxy, ZooKeeper, ZooKeeperEnsemble, ZooKeeperServer } from "fairlead/zookeeper/node";
import { afterAll, beforeAll, expect, test } from "vitest";

const credentials = [{ scheme: "digest", auth: "super:secret" }];
const READ_ONLY = [{ permissions: 1, scheme: "world", id: "anyone" }];
const bytes = (text: string) => new TextEncoder().encode(text);

let a: ZooKeeperServer;
let b: ZooKeeperEnsemble;
beforeAll(async () => {
  [a, b] = await Promise.all([
    ZooKeeperServer.start(),
    ZooKeeperEnsemble.start({ size: 1, firstId: 101, epoch: 1_000 }),
  ]);
}, 60_000);
afterAll(async () => {
  await Promise.all([a?.stop(), b?.stop()]);
});

interface Moving extends AsyncDisposable {
  readonly migration: Migration;
  readonly source: ConnectedSide;
  readonly target: ConnectedSide;
}

async function move(
  name: string,
  { address = a.address, ...more }: Partial<MigrationOptions> & { readonly address?: string } = {},
): Promise<Moving> {
  const roots = [`/${name}`];
  const watch = { roots, auditMs: 300 };
  const [source, target] = await Promise.all([
    connectSide({ connectString: address, credentials, strategy: "auto", watch }),
    connectSide({ connectString: b.connectString, credentials }),
  ]);
  const options = { id: name, owner: "test", source, target, mappings: [{ from: `/${name}` }] };
  const migration = await Migration.open({ ...options, ...more });
  return {
    migration,
    source,
    target,
    [Symbol.asyncDispose]: async () => {
      await migration.stop();
      await Promise.all([source.client.close(), target.client.close()]);
    },
  };
}

/** Changes of every kind; what fails because another change was faster is let be. */
async function storm(zk: ZooKeeper, root: string, steps: number): Promise<void> {
  const random = new SeededRandom(steps);
  const nameOf = () => `${root}/n-${Math.floor(random.next() * 40)}`;
  for (let step = 0; step < steps; step += 1) {
    const path = nameOf();
    const acts: readonly (() => Promise<unknown>)[] = [
      () => zk.create(path, bytes(`${step}`)),
      () => zk.create(`${path}/below`, bytes(`${step}`)),
      () => zk.set(path, bytes(`${step}`)),
      () => zk.set(`${path}/below`, null),
      () => zk.delete(`${path}/below`),
      () => zk.delete(path),
      () => zk.create(`${root}/s-`, null, { sequential: true }),
      () => zk.setAcl(path, step % 2 === 0 ? READ_ONLY : OPEN_ACL),
      () => zk.create(`${path}-e`, null, { lifetime: { type: "ephemeral" } }),
      () =>
        zk.multi([
          { type: "create", path: `${path}-m`, data: bytes("1") },
          { type: "set", path: `${path}-m`, data: bytes("2") },
          { type: "delete", path: `${path}-m` },
        ]),
    ];
    await acts[Math.floor(random.next() * acts.length)]?.().catch(() => undefined);
  }
}

test("watches are chosen where the log cannot be followed, and the plan says what that means", async () => {
  await using zk = await ZooKeeper.connect(a.address, { credentials });
  await zk.create("/chosen", bytes("1"));
  const watch = { roots: ["/chosen"] };
  const place = { connectString: a.address, credentials };
  await using source = await connectSide({ ...place, strategy: "auto", watch });
  await using target = await connectSide({ connectString: b.connectString, credentials });
  expect(source.strategy).toBe("watch");
  expect(source.reason).toMatch(/stand/);
  const plan = await planMigration({ id: "c", source, target, mappings: [{ from: "/chosen" }] });
  expect(plan).toMatchObject({ strategy: "watch", blockers: [], inventory: { nodes: 1 } });
  expect(plan.warnings.map(({ code }) => code)).toContain("followed_by_watches");
  const tapped = await connectSide({
    ...place,
    connectString: b.connectString,
    strategy: "auto",
    watch,
  });
  expect(tapped).toMatchObject({ strategy: "tap", reason: undefined });
  await tapped.client.close();
  const without = connectSide({ ...place, strategy: "watch" });
  await expect(without).rejects.toMatchObject({ code: "invalid_option" });
});

test("a side that is followed by watches becomes equal: data, ACLs, versions, counters", async () => {
  await using zk = await ZooKeeper.connect(a.address, { credentials });
  await zk.create("/w", bytes("root"));
  await storm(zk, "/w", 200);
  await using moving = await move("w");
  const { migration } = moving;
  await migration.start();
  expect((await migration.verify()).differencesCount).toBe(0);
  const writing = storm(zk, "/w", 1_500);
  for (let round = 0; round < 5; round += 1) {
    await sleep(50);
    const { differences } = await migration.verify();
    // ACLs come with the audit.
    expect(differences.filter(({ facets }) => facets.some((each) => each !== "acl"))).toEqual([]);
  }
  await writing;
  await zk.setAcl("/w", READ_ONLY);
  await expect
    .poll(async () => (await migration.verify()).differences, { timeout: 20_000 })
    .toEqual([]);
}, 60_000);

test("a lost connection is followed by a new reading, and a cutover moves everything", async () => {
  await using zk = await ZooKeeper.connect(a.address, { credentials });
  await zk.create("/lost", bytes("root"));
  await using proxy = await TcpProxy.open(a.address);
  await using moving = await move("lost", { address: proxy.address, quietMs: 50 });
  const { migration, source, target } = moving;
  await migration.start();
  const writing = storm(zk, "/lost", 800);
  source.client.reconnect();
  await sleep(100);
  source.client.reconnect();
  await writing;
  await zk.set("/lost", bytes("the last"));
  await expect
    .poll(async () => (await migration.verify()).differences, { timeout: 20_000 })
    .toEqual([]);
  const { stat } = await zk.get("/lost");
  await migration.cutover();
  const moved = await target.client.get("/lost");
  expect([moved.data, moved.stat.version]).toEqual([bytes("the last"), stat.version]);
  const open = await target.client.getAcl("/lost");
  expect(open.acl).toEqual([{ permissions: 31, scheme: "world", id: "anyone" }]);
  await using later = await ZooKeeper.connect(b.connectString);
  await later.set("/lost", bytes("later"));
  await migration.rollback();
  expect((await zk.get("/lost")).data).toEqual(bytes("later"));
  expect((await zk.getAcl("/lost")).acl).toEqual(open.acl);
}, 60_000);
