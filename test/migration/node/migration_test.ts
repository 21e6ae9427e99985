/** Migrations between real ensembles. */

import { setTimeout as sleep } from "node:timers/promises";
import { FairleadError } from "fairlead/base";
import {
  Migration,
  type MigrationEvent,
  type MigrationOptions,
  type Rolled,
} from "fairlead/migration";
import { type ConnectedSide, connectSide } from "fairlead/migration/node";
import { ZooKeeper, ZooKeeperEnsemble } from "fairlead/zookeeper/node";
import { afterAll, beforeAll, expect, test } from "vitest";

const credentials = [{ scheme: "digest", auth: "super:secret" }];
const bytes = (text: string) => new TextEncoder().encode(text);
const text = (data: Uint8Array | null) => new TextDecoder().decode(data ?? undefined);

let a: ZooKeeperEnsemble;
let b: ZooKeeperEnsemble;
beforeAll(async () => {
  [a, b] = await Promise.all([
    ZooKeeperEnsemble.start(),
    ZooKeeperEnsemble.start({ firstId: 101, epoch: 1_000 }),
  ]);
}, 60_000);
afterAll(async () => {
  await Promise.all([a?.stop(), b?.stop()]);
});

async function sides(): Promise<{ source: ConnectedSide; target: ConnectedSide }> {
  const [source, target] = await Promise.all([
    connectSide({ connectString: a.connectString, credentials }),
    connectSide({ connectString: b.connectString, credentials }),
  ]);
  return { source, target };
}

let count = 0;
async function open(
  name: string,
  more: Partial<MigrationOptions> = {},
): Promise<{ migration: Migration; close: () => Promise<void> }> {
  count += 1;
  const { source, target } = await sides();
  const owner = `test-${count}`;
  const migration = await Migration.open({
    id: name,
    owner,
    source,
    target,
    mappings: [{ from: `/${name}` }],
    ...more,
  });
  return {
    migration,
    close: async () => {
      await migration.stop();
      await source.client.close();
      await target.client.close();
    },
  };
}

/** Nodes of every kind, with versions, counters and ACLs. */
async function corpus(zk: ZooKeeper, root: string): Promise<void> {
  await zk.create(root, bytes("root"));
  await zk.create(`${root}/null`, null);
  await zk.create(`${root}/empty`, new Uint8Array(0));
  await zk.create(`${root}/größe-日本`, bytes("ü"));
  await zk.create(`${root}/container`, null, { lifetime: { type: "container" } });
  await zk.create(`${root}/container/child`);
  await zk.create(`${root}/ttl`, bytes("t"), { lifetime: { type: "ttl", ttlMs: 86_400_000 } });
  await zk.create(`${root}/large`, new Uint8Array(900_000).fill(7));
  await zk.create(`${root}/mine`, bytes("m"), {
    acl: [{ permissions: 31, scheme: "digest", id: "ada:1EvgRGQcoV7qrMUDfBZYwnUnwAY=" }],
  });
  for (let version = 1; version <= 7; version += 1) await zk.set(`${root}/null`, null);
  await zk.create(`${root}/queue`);
  for (let item = 0; item < 9; item += 1) {
    const { path } = await zk.create(`${root}/queue/n-`, null, { sequential: true });
    if (item % 2 === 0) await zk.delete(path);
  }
  await zk.create(`${root}/queue/ephemeral`, null, { lifetime: { type: "ephemeral" } });
  const many = Array.from({ length: 1_000 }, (_, index) => ({
    type: "create" as const,
    path: `${root}/queue/many-${index}`,
    data: bytes(`value ${index}`),
  }));
  await zk.multi(many);
}

test("a copy is equal in data, ACLs, kinds, versions and counters; then it follows", async () => {
  await using zk = await ZooKeeper.connect(a.connectString, { credentials });
  await using to = await ZooKeeper.connect(b.connectString, { credentials });
  await corpus(zk, "/copy");
  const { migration, close } = await open("copy", {
    mappings: [{ from: "/copy", to: "/moved/here" }],
  });
  await migration.start();
  const first = await migration.verify();
  expect(first).toMatchObject({ differencesCount: 0, nodes: 1_014 });
  expect((await to.get("/moved/here/null")).stat.version).toBe(7);
  expect((await to.get("/moved/here/null")).data).toBeNull();

  await zk.multi([
    { type: "set", path: "/copy/empty", data: bytes("pair") },
    { type: "set", path: "/copy/queue", data: bytes("pair") },
  ]);
  // One that fails is in the log, and must not be half done on the target.
  const failing = zk.multi([
    { type: "set", path: "/copy/empty", data: bytes("never") },
    { type: "delete", path: "/copy/none" },
  ]);
  await expect(failing).rejects.toMatchObject({ code: "no_node" });
  await zk.delete("/copy/queue/many-7");
  await zk.setAcl("/copy/empty", [{ permissions: 1, scheme: "world", id: "anyone" }]);
  await zk.create("/copy/queue/other-ephemeral", null, { lifetime: { type: "ephemeral" } });
  const { path } = await zk.create("/copy/queue/n-", null, { sequential: true });
  await migration.barrier();
  expect(text((await to.get("/moved/here/queue")).data)).toBe("pair");
  expect(await to.exists("/moved/here/queue/many-7")).toBeUndefined();
  expect((await to.getAcl("/moved/here/empty")).acl).toHaveLength(1);
  expect((await migration.verify()).differencesCount).toBe(0);
  // The next sequential node gets on B the number that it would get on A.
  const next = await to.create("/moved/here/queue/n-", null, { sequential: true });
  expect(Number(next.path.slice(-10))).toBe(Number(path.slice(-10)) + 1);
  await close();
});

test("somebody else's write on the target is found", async () => {
  await using zk = await ZooKeeper.connect(a.connectString, { credentials });
  await using to = await ZooKeeper.connect(b.connectString, { credentials });
  await zk.create("/foreign");
  await zk.create("/foreign/a", bytes("1"));
  const { migration, close } = await open("foreign");
  await migration.start();
  await to.set("/foreign/a", bytes("2"));
  await to.create("/foreign/b");
  const { differences } = await migration.verify();
  expect(differences).toEqual([
    { path: "/foreign/a", facets: ["data", "version"] },
    { path: "/foreign/b", facets: ["extra"] },
  ]);
  await zk.create("/foreign/b");
  await expect(migration.barrier()).rejects.toMatchObject({
    code: "target_diverged",
    details: { path: "/foreign/b" },
  });
  await close();
});

test("of two migrators the older one is shut out", async () => {
  await using zk = await ZooKeeper.connect(a.connectString, { credentials });
  await zk.create("/two");
  const first = await open("two");
  await first.migration.start();
  const second = await open("two");
  await second.migration.start();
  await zk.create("/two/a");
  await second.migration.barrier();
  await expect(first.migration.barrier()).rejects.toMatchObject({ code: "migration_fenced" });
  expect((await second.migration.verify()).differencesCount).toBe(0);
  await first.close();
  await second.close();
});

/** Clients of an application: counters by compare-and-set, pairs, sequential names. */
class Application {
  readonly acknowledged = new Map<string, number>();
  readonly #clients: ZooKeeper[] = [];
  #isOver = false;
  #done: Promise<unknown> = Promise.resolve();

  constructor(root: string, place: () => string) {
    this.#done = Promise.all([0, 1, 2, 3].map((lane) => this.#lane(root, lane, place)));
  }

  async #lane(root: string, lane: number, place: () => string): Promise<void> {
    let at = place();
    let zk = ZooKeeper.open(at);
    this.#clients.push(zk);
    let value = 0;
    while (!this.#isOver) {
      if (place() !== at) {
        // As a client does that is sent elsewhere: a new session.
        await zk.close();
        at = place();
        zk = ZooKeeper.open(at);
        this.#clients.push(zk);
      }
      try {
        const key = `${root}/counter-${lane}`;
        const { data, stat } = await zk.get(key);
        value = Number(text(data));
        await zk.multi([
          { type: "set", path: key, data: bytes(String(value + 1)), version: stat.version },
          { type: "set", path: `${root}/twin-${lane}`, data: bytes(String(value + 1)) },
        ]);
        this.acknowledged.set(key, value + 1);
      } catch (error) {
        if (!(error instanceof FairleadError)) throw error;
        await sleep(5);
      }
    }
  }

  /** Resolves when every lane has written once more. */
  async progress(): Promise<void> {
    const before = new Map(this.acknowledged);
    const has = (key: string) => (this.acknowledged.get(key) ?? 0) > (before.get(key) ?? 0);
    while (this.acknowledged.size < 4 || ![...this.acknowledged.keys()].every(has)) await sleep(10);
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#done;
    for (const client of this.#clients) await client.close();
  }
}

async function application(zk: ZooKeeper, root: string): Promise<void> {
  await zk.create(root);
  for (let lane = 0; lane < 4; lane += 1) {
    await zk.create(`${root}/counter-${lane}`, bytes("0"));
    await zk.create(`${root}/twin-${lane}`, bytes("0"));
  }
}

test("cutover under load: no acknowledged write is lost, and the way back loses none either", async () => {
  await using zk = await ZooKeeper.connect(a.connectString, { credentials });
  await application(zk, "/app");
  let place = a.connectString;
  const app = new Application("/app", () => place);
  const { migration, close } = await open("app", {
    hooks: {
      openTarget: async () => {
        place = b.connectString;
      },
      openSource: async () => {
        place = a.connectString;
      },
    },
  });
  await migration.start();
  await app.progress();
  expect((await migration.verify()).differencesCount).toBe(0);
  await migration.cutover();
  expect(migration.phase).toBe("soak");
  await app.progress();
  await migration.rollback("to see that it works");
  expect(migration.phase).toBe("aborted");
  await app.progress();
  await app.stop();
  await using check = await ZooKeeper.connect(a.connectString, { credentials });
  await check.sync();
  for (const [key, value] of app.acknowledged) {
    const counter = Number(text((await check.get(key)).data));
    expect(counter).toBeGreaterThanOrEqual(value);
    expect(counter).toBeLessThanOrEqual(value + 1);
    expect(text((await check.get(key.replace("counter", "twin"))).data)).toBe(String(counter));
    const { acl } = await check.getAcl(key);
    expect(acl).toEqual([{ permissions: 31, scheme: "world", id: "anyone" }]);
  }
  await close();
});

test("an ephemeral that is kept as a plain node makes room for its owner", async () => {
  await using zk = await ZooKeeper.connect(a.connectString);
  await using to = await ZooKeeper.connect(b.connectString);
  await zk.create("/ghosts");
  const lifetime = { type: "ephemeral" } as const;
  await zk.create("/ghosts/early", bytes("1"), { lifetime });
  const { migration, close } = await open("ghosts", { ephemerals: () => "ghost" });
  await migration.start();
  await zk.create("/ghosts/late", bytes("2"), { lifetime });
  await zk.create("/ghosts/gone", bytes("3"), { lifetime });
  await zk.delete("/ghosts/gone");
  await migration.barrier();
  const { names } = await to.children("/ghosts");
  expect(names.toSorted()).toEqual(["early", "late"]);
  expect((await to.get("/ghosts/late")).stat.ephemeralOwner).toBe(0n);
  expect((await migration.verify()).differencesCount).toBe(0);
  await migration.cutover();
  await to.create("/ghosts/early", bytes("1"), { lifetime });
  expect((await to.children("/ghosts")).names).toEqual(["early"]);
  expect((await zk.get("/ghosts/early")).stat.ephemeralOwner).toBe(zk.session.id);
  await close();
});

test("a cutover that cannot be done in time undoes itself, and the source goes on", async () => {
  await using zk = await ZooKeeper.connect(a.connectString);
  await zk.create("/late");
  const { migration, close } = await open("late", {
    cutoverDeadlineMs: 600,
    hooks: { drain: (signal) => sleep(60_000, undefined, { signal }) },
  });
  await migration.start();
  await expect(migration.cutover()).rejects.toMatchObject({ code: "cutover_aborted" });
  expect(migration.phase).toBe("sync");
  await zk.create("/late/a");
  await migration.barrier();
  expect((await migration.verify()).differencesCount).toBe(0);
  await close();
});

test("a migrator that dies in a cutover is followed by one that opens the source again", async () => {
  await using zk = await ZooKeeper.connect(a.connectString);
  await zk.create("/killed");
  await zk.create("/killed/a");
  for (const phase of ["drain", "fence", "seal"]) {
    const first = await open("killed", {
      fences:
        phase === "fence"
          ? [{ name: "never", close: () => new Promise(() => {}), open: async () => {} }]
          : [],
      quietMs: 30_000,
      hooks: phase === "drain" ? { drain: () => new Promise(() => {}) } : {},
    });
    await first.migration.start();
    void first.migration.cutover().catch(() => undefined);
    while (first.migration.phase !== phase) await sleep(5);
    if (phase === "fence") await sleep(100);
    await first.close();
    const second = await open("killed");
    await second.migration.start();
    expect(second.migration.phase).toBe("sync");
    await zk.set("/killed/a", bytes(phase));
    await second.migration.barrier();
    expect((await second.migration.verify()).differencesCount).toBe(0);
    await second.close();
  }
});

test("finalize() is the end; what is out of order is refused", async () => {
  await using zk = await ZooKeeper.connect(a.connectString);
  await zk.create("/final");
  const { migration, close } = await open("final");
  await migration.start();
  await expect(migration.finalize()).rejects.toMatchObject({ code: "wrong_phase" });
  await migration.cutover();
  await expect(migration.cutover()).rejects.toMatchObject({ code: "wrong_phase" });
  await migration.finalize();
  await expect(migration.rollback()).rejects.toMatchObject({ code: "wrong_phase" });
  await expect(zk.create("/final/a")).rejects.toMatchObject({ code: "no_auth" });
  await close();
});

test("quotas come along, and the target counts by itself", async () => {
  await using zk = await ZooKeeper.connect(a.connectString, { credentials });
  await using to = await ZooKeeper.connect(b.connectString, { credentials });
  await zk.create("/quota");
  await zk.create("/quota/a", bytes("four"));
  const root = "/zookeeper/quota/quota";
  await zk.create(root);
  await zk.create(`${root}/zookeeper_limits`, bytes("count=9,bytes=-1"));
  await zk.create(`${root}/zookeeper_stats`, bytes("count=-1,bytes=-1"));
  const mappings = [{ from: "/quota", to: "/limited" }];
  const { migration, close } = await open("quota", { mappings });
  await migration.start();
  expect(await to.exists("/zookeeper/quota/limited")).toBeUndefined();
  await migration.cutover();
  const place = "/zookeeper/quota/limited";
  expect(text((await to.get(`${place}/zookeeper_limits`)).data)).toBe("count=9,bytes=-1");
  expect(text((await to.get(`${place}/zookeeper_stats`)).data)).toBe("count=2,bytes=4");
  await to.create("/limited/b", bytes("xx"));
  expect(text((await to.get(`${place}/zookeeper_stats`)).data)).toBe("count=3,bytes=6");
  await close();
});

test("the cutover waits for ephemerals, tells who is where, and the soak has its time", async () => {
  await using zk = await ZooKeeper.connect(a.connectString);
  await zk.create("/home");
  const lifetime = { type: "ephemeral" } as const;
  await zk.create("/home/member-", null, { lifetime, sequential: true });
  await zk.create("/home/member-", null, { lifetime, sequential: true });
  await zk.create("/home/leader", null, { lifetime });
  let owner: ZooKeeper | undefined;
  const { migration, close } = await open("home", {
    rehomeMs: 20_000,
    soakMs: 3_600_000,
    hooks: {
      openTarget: async () => {
        owner ??= await ZooKeeper.connect(b.connectString);
        await owner.create("/home/leader", null, { lifetime });
        await owner.create("/home/member-", null, { lifetime, sequential: true });
      },
    },
  });
  const seen: Extract<MigrationEvent, { type: "rehomed" }>[] = [];
  const watching = (async () => {
    for await (const event of migration.events()) if (event.type === "rehomed") seen.push(event);
  })();
  await migration.start();
  const cutover = migration.cutover();
  while (seen.length === 0) await Promise.race([cutover, sleep(5)]);
  expect(seen[0]).toMatchObject({ missingCount: 1, missing: ["/home/member-"] });
  // Ours on the source is left out, and the owner of the ephemerals is still there.
  expect(seen[0]?.clients.source).toBeGreaterThanOrEqual(1);
  expect(seen[0]?.clients.target).toBeGreaterThanOrEqual(1);
  expect(migration.phase).toBe("rehome");
  await owner?.create("/home/member-", null, { lifetime, sequential: true });
  await cutover;
  expect(seen.at(-1)).toMatchObject({ missingCount: 0, missing: [] });
  await expect(migration.finalize()).rejects.toMatchObject({ code: "soak_not_over" });
  expect(await migration.soak()).toEqual(["the soak goes on for 3600 s"]);
  await migration.finalize({ force: true });
  expect(migration.phase).toBe("finalized");
  await close();
  await watching;
  await owner?.close();
});

test("the rolling comparison finds what somebody else changed, and nothing that moves", async () => {
  await using zk = await ZooKeeper.connect(a.connectString, { credentials });
  await using to = await ZooKeeper.connect(b.connectString, { credentials });
  await corpus(zk, "/rolling");
  const { migration, close } = await open("rolling", { rollingMs: 1, rollingNodes: 200 });
  const rolled: Rolled[] = [];
  const watching = (async () => {
    for await (const event of migration.events()) if (event.type === "rolled") rolled.push(event);
  })();
  await migration.start();
  let value = 0;
  const roundsBy = async (rounds: number) => {
    while ((rolled.at(-1)?.rounds ?? 0) < rounds) {
      value += 1;
      await zk.set(`/rolling/queue/many-${value % 1_000}`, bytes(String(value)));
    }
  };
  await roundsBy(3);
  expect(rolled.flatMap(({ differences }) => differences)).toEqual([]);
  expect(rolled.at(-1)?.cleanRounds).toBe(3);
  await to.setAcl("/rolling/null", [{ permissions: 1, scheme: "world", id: "anyone" }]);
  await to.create("/rolling/foreign");
  await roundsBy((rolled.at(-1)?.rounds ?? 0) + 2);
  const found = rolled.flatMap(({ differences }) => differences);
  expect(found).toContainEqual({ path: "/rolling/null", facets: ["acl"] });
  expect(found).toContainEqual({ path: "/rolling", facets: ["extra"] });
  expect(rolled.at(-1)?.cleanRounds).toBe(0);
  await close();
  await watching;
});
