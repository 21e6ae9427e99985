import { FairleadError, SeededRandom, VirtualClock } from "fairlead/base";
import {
  Migration,
  type MigrationEvent,
  type MigrationOptions,
  readJournal,
} from "fairlead/migration";
import { SimulatedEnsemble } from "fairlead/sim";
import { OPEN_ACL } from "fairlead/zookeeper";
import { expect, test } from "vitest";
import { codeOf } from "../zookeeper/conformance.ts";
import { waiter } from "./world.ts";

function open() {
  const clock = new VirtualClock();
  const random = new SeededRandom(1);
  const source = new SimulatedEnsemble({ clock, random, zxid: 1n });
  const target = new SimulatedEnsemble({ clock, random, zxid: 1_000n, firstSession: 1_000n });
  source.commit([{ type: "create", path: "/a" }], 0n, true);
  const [from, to] = [source.connect({ isSuper: true }), target.connect({ isSuper: true })];
  const begin = (id = "m", more: Partial<MigrationOptions> = {}) =>
    Migration.open({
      id,
      owner: "me",
      source: { client: from, feed: from.feed },
      target: { client: to, feed: to.feed },
      mappings: [{ from: "/a" }],
      clock,
      quietMs: 5,
      heartbeatMs: 50,
      ...more,
    });
  return { clock, source, target, from, to, begin, wait: waiter(clock) };
}

test("a rollback that is cut off is gone on with: the source gets all of its ACLs back", async () => {
  const { source, target, begin, wait } = open();
  const own = [{ permissions: 31, scheme: "digest", id: "ada:x" }];
  source.commit([{ type: "create", path: "/a/own", acl: own }], 0n, true);
  source.commit([{ type: "create", path: "/a/open" }], 0n, true);
  const root = source.connect({ isSuper: true });
  let isStuck = true;
  const openSource = async () => {
    if (isStuck) await new Promise(() => {});
  };
  const first = await wait(begin("m", { hooks: { openSource } }));
  await wait(first.start());
  await wait(first.cutover());
  target.commit([{ type: "create", path: "/a/late", acl: own }], 5n, true);
  void first.rollback().catch(() => undefined);
  const aclOf = async (path: string) => (await wait(root.getAcl(path))).acl;
  while ((await aclOf("/a/own"))[0]?.permissions !== 31) await wait(root.sync("/"));
  await first.stop();
  isStuck = false;
  const second = await wait(begin("m", { hooks: { openSource } }));
  await wait(second.start());
  expect(second.phase).toBe("aborted");
  expect(await aclOf("/a/own")).toEqual(own);
  expect(await aclOf("/a/late")).toEqual(own);
  expect(await aclOf("/a/open")).toEqual(OPEN_ACL);
  await second.stop();
});

test("the deadline of a cutover is over once the target is open: its clients are sent there", async () => {
  const { clock, begin, wait } = open();
  const openTarget = (signal: AbortSignal) => clock.sleep(60_000, { signal });
  const migration = await wait(begin("m", { cutoverDeadlineMs: 5_000, hooks: { openTarget } }));
  await wait(migration.start());
  await wait(migration.cutover());
  expect(migration.phase).toBe("soak");
  await migration.stop();
});

test("a rollback ends a cutover that is under way: one of both sides is open, never two", async () => {
  const { clock, source, target, begin, wait } = open();
  const root = source.connect({ isSuper: true });
  let hasUndrained = false;
  const undrain = async () => {
    hasUndrained = true;
  };
  // It does not listen to its signal.
  const drain = () => clock.sleep(20_000);
  for (const entered of ["drain", "fence", "seal"]) {
    hasUndrained = false;
    const migration = await wait(
      begin(entered, {
        quietMs: 500,
        hooks: entered === "drain" ? { drain, undrain } : { undrain },
      }),
    );
    await wait(migration.start());
    const cutover = codeOf(migration.cutover());
    while (migration.phase !== entered) await wait(root.sync("/"));
    expect(await codeOf(wait(migration.cutover()))).not.toBe("");
    const atMs = clock.nowMs();
    await wait(migration.rollback("changed our minds"));
    expect(clock.nowMs() - atMs).toBeLessThan(5_000);
    expect(await wait(cutover)).toBe("cutover_aborted");
    expect([migration.phase, hasUndrained]).toEqual(["sync", true]);
    await clock.advance(30_000);
    expect(migration.phase).toBe("sync");
    expect((await wait(root.getAcl("/a"))).acl).toEqual(OPEN_ACL);
    await migration.stop();
    target.commit([{ type: "delete", path: "/a" }], 5n, true);
  }
});

test("a rollback does not wait for clients that are slow to come", async () => {
  const { clock, source, begin, wait } = open();
  const sessions = async () => [77n];
  const own = source.connect({ isSuper: true });
  const migration = await wait(
    begin("m", {
      source: { client: own, feed: own.feed, sessions },
      mappings: [{ from: "/" }],
      rehomeMs: 3_600_000,
    }),
  );
  await wait(migration.start());
  const cutover = codeOf(migration.cutover());
  while (migration.phase !== "rehome") await clock.advance(10);
  expect(await codeOf(wait(migration.finalize()))).toBe("migration_busy");
  await wait(migration.rollback());
  expect(await wait(cutover)).toBe("cutover_aborted");
  expect(migration.phase).toBe("aborted");
  expect(source.node("/a")?.acl).toEqual(OPEN_ACL);
  expect(await codeOf(wait(migration.rollback()))).toBe("wrong_phase");
  await migration.stop();
});

test("a hook that fails behind the opening is called again by another cutover", async () => {
  const { begin, wait } = open();
  let calls = 0;
  const openTarget = async () => {
    calls += 1;
    if (calls === 1) throw new FairleadError("hook_failed", "Cannot tell the clients");
  };
  const migration = await wait(begin("m", { hooks: { openTarget } }));
  await wait(migration.start());
  expect(await codeOf(wait(migration.cutover()))).toBe("hook_failed");
  expect(migration.phase).toBe("open");
  await wait(migration.cutover());
  expect([migration.phase, calls]).toEqual(["soak", 2]);
  await migration.stop();
});

test("who goes on behind the opening knows since when nobody could write, and spares what came", async () => {
  const { clock, source, target, begin, wait } = open();
  const ephemeral = { type: "ephemeral" } as const;
  source.commit([{ type: "create", path: "/a/lock", lifetime: ephemeral }], 5n, true);
  source.commit([{ type: "create", path: "/a/gone", lifetime: ephemeral }], 5n, true);
  const ephemerals = () => "ghost" as const;
  const isStuck = () => new Promise<void>(() => {});
  const first = await wait(begin("m", { ephemerals, hooks: { openTarget: isStuck } }));
  await wait(first.start());
  expect(target.node("/a/lock")?.ephemeralOwner).toBe(0n);
  void first.cutover().catch(() => undefined);
  while (first.phase !== "open" || target.node("/a/lock") !== undefined) await clock.advance(10);
  target.commit([{ type: "create", path: "/a/lock", lifetime: ephemeral }], 9n, true);
  await first.stop();
  await clock.advance(60_000);
  const second = await wait(begin("m", { ephemerals }));
  const fenced: number[] = [];
  void (async () => {
    for await (const event of second.events()) {
      if (event.type === "opened") fenced.push(event.fencedMs);
    }
  })();
  await wait(second.start());
  expect(target.node("/a/lock")?.ephemeralOwner).toBe(9n);
  expect(target.node("/a/gone")).toBeUndefined();
  expect(fenced).toEqual([expect.any(Number)]);
  expect(fenced[0]).toBeGreaterThan(60_000);
  expect(fenced[0]).toBeLessThan(120_000);
  await second.stop();
});

test("no write of the first copy is larger than a server takes, however long the ACLs", async () => {
  const { source, to, begin, wait } = open();
  const acl = Array.from({ length: 100 }, (_, index) => ({
    permissions: 31,
    scheme: "digest",
    id: `user-${index}:${"x".repeat(80)}`,
  }));
  for (let index = 0; index < 300; index += 1) {
    source.commit([{ type: "create", path: `/a/${index}`, acl }], 0n, true);
  }
  let largest = 0;
  const multi = to.multi.bind(to);
  Object.defineProperty(to, "multi", {
    value: (operations: Parameters<typeof multi>[0]) => {
      largest = Math.max(
        largest,
        JSON.stringify(operations, (key, value) => (key === "data" ? undefined : value)).length,
      );
      return multi(operations);
    },
  });
  const migration = await wait(begin());
  await wait(migration.start());
  expect(largest).toBeGreaterThan(100_000);
  expect(largest).toBeLessThan(1_000_000);
  expect((await wait(migration.verify())).differencesCount).toBe(0);
  await migration.stop();
});

test("what somebody else left on the target undoes the cutover: the source is open again", async () => {
  const { source, target, begin, wait } = open();
  const migration = await wait(begin());
  await wait(migration.start());
  target.commit([{ type: "create", path: "/a/foreign" }], 5n, true);
  const told = await wait(migration.cutover().catch((error: unknown) => String(error)));
  expect(told).toContain("/a/foreign (extra)");
  expect(migration.phase).toBe("sync");
  expect(source.node("/a")?.acl).toEqual(OPEN_ACL);
  await migration.stop();
});

test("a rollback waits for what clients wrote to the target last", async () => {
  const { clock, source, target, to, begin, wait } = open();
  let isLate = false;
  // The way back reads the target's log late.
  const feed: typeof to.feed = async function* (zxid, signal) {
    for await (const event of to.feed(zxid, signal)) {
      if (isLate && event.type === "transaction") await clock.sleep(500);
      yield event;
    }
    return undefined;
  };
  const migration = await wait(begin("m", { target: { client: to, feed } }));
  await wait(migration.start());
  await wait(migration.cutover());
  isLate = true;
  target.commit([{ type: "create", path: "/a/last" }], 5n, true);
  await wait(migration.rollback());
  expect(migration.phase).toBe("aborted");
  expect(source.node("/a/last")).toBeDefined();
  await migration.stop();
});

test("it goes from phase to phase, tells of it, and keeps a ledger", async () => {
  const { source, target, to, begin, wait } = open();
  const migration = await wait(begin());
  const events: MigrationEvent[] = [];
  void (async () => {
    for await (const event of migration.events()) events.push(event);
  })();
  expect(migration.phase).toBe("bootstrap");
  await wait(migration.start());
  expect(migration.phase).toBe("sync");
  source.commit([{ type: "create", path: "/a/b" }], 5n, true);
  await wait(migration.barrier());
  expect(target.node("/a/b")).toBeDefined();
  expect(await codeOf(wait(migration.finalize()))).toBe("wrong_phase");
  await wait(migration.cutover());
  target.commit([{ type: "create", path: "/a/c" }], 5n, true);
  expect(await codeOf(wait(migration.verify()))).toBe("wrong_phase");
  expect(await codeOf(wait(migration.barrier()))).toBe("migration_stopped");
  await wait(migration.finalize());
  expect(migration.phase).toBe("finalized");
  expect(source.node("/fairlead-migration/m/moved")).toBeDefined();
  expect(target.node("/fairlead-migration/m/moved")).toBeUndefined();
  expect(await codeOf(wait(migration.rollback()))).toBe("wrong_phase");
  const journal = await wait(readJournal(to, "m"));
  const phases = journal?.ledger.map((entry) => JSON.parse(entry).phase);
  expect(phases).toEqual(["drain", "fence", "seal", "open", "rehome", "soak", "finalized"]);
  expect(events.flatMap((each) => (each.type === "phase" ? [each.phase] : []))).toEqual(phases);
  expect(events.some(({ type }) => type === "lag")).toBe(true);
  expect(events.find(({ type }) => type === "opened")).toMatchObject({
    fencedMs: expect.any(Number),
  });
  expect(await wait(readJournal(to, "other"))).toBeUndefined();
  await wait(migration.stop());
});

test("a write that fails ends it, though nothing more comes", async () => {
  const { source, target, begin, wait } = open();
  const migration = await wait(begin("m", { heartbeatMs: 0 }));
  await wait(migration.start());
  target.commit([{ type: "create", path: "/a/x" }], 5n, true);
  source.commit([{ type: "create", path: "/a/x" }], 5n, true);
  expect(await codeOf(wait(migration.reached(2n ** 40n)))).toBe("target_diverged");
  expect(await codeOf(wait(migration.verify()))).toBe("target_diverged");
  await wait(migration.stop());
});

test("it is finalized though the source is gone for good", async () => {
  const { from, begin, wait } = open();
  const migration = await wait(begin());
  await wait(migration.start());
  await wait(migration.cutover());
  Object.defineProperty(from, "multi", { value: () => new Promise(() => {}) });
  await wait(migration.finalize({ force: true }));
  expect(migration.phase).toBe("finalized");
  await wait(migration.stop());
});

test("before the cutover, rolling back is to stop; nothing was written to the source", async () => {
  const { source, begin, wait } = open();
  const before = source.tree.nodes().length;
  const migration = await wait(begin());
  await wait(migration.start());
  await wait(migration.rollback("changed our minds"));
  expect(migration.phase).toBe("aborted");
  expect(source.tree.nodes()).toHaveLength(before);
  expect(source.node("/a")?.aversion).toBe(0);
  await wait(migration.stop());
});

test("an id that is no name is refused", async () => {
  const { begin, wait } = open();
  for (const id of ["", "a/b", "A", "x".repeat(65)]) {
    expect(await codeOf(wait(begin(id)))).toBe("invalid_option");
  }
});

test("a container that the target's servers have deleted is made again when it is used", async () => {
  const { source, target, begin, wait } = open();
  const commit = (operations: Parameters<typeof source.commit>[0]) =>
    source.commit(operations, 0n, true);
  commit([{ type: "create", path: "/a/locks", lifetime: { type: "container" } }]);
  commit([{ type: "create", path: "/a/locks/l-", sequential: true }]);
  commit([{ type: "delete", path: "/a/locks/l-0000000000" }]);
  const first = await wait(begin());
  const told: string[] = [];
  void (async () => {
    for await (const event of first.events()) if (event.type === "recopied") told.push(event.path);
  })();
  await wait(first.start());
  target.commit([{ type: "delete", path: "/a/locks" }], 0n, true);
  expect((await wait(first.verify())).differences).toEqual([]);
  commit([{ type: "create", path: "/a/locks/l-", sequential: true }]);
  commit([{ type: "create", path: "/a/locks/l-", sequential: true }]);
  await wait(first.reached(source.zxid).catch(() => undefined));
  await wait(first.reached(source.zxid));
  expect(target.children("/a/locks").toSorted()).toEqual(["l-0000000001", "l-0000000002"]);
  expect(target.node("/a/locks")?.lifetime).toEqual({ type: "container" });
  expect(told).toHaveLength(1);
  await first.stop();
  // The same while nobody follows.
  commit([{ type: "delete", path: "/a/locks/l-0000000001" }]);
  commit([{ type: "delete", path: "/a/locks/l-0000000002" }]);
  const second = await wait(begin());
  await wait(second.start());
  await wait(second.reached(source.zxid));
  await second.stop();
  target.commit([{ type: "delete", path: "/a/locks" }], 0n, true);
  commit([{ type: "create", path: "/a/locks/l-", sequential: true }]);
  const third = await wait(begin());
  await wait(third.start());
  await wait(third.reached(source.zxid).catch(() => undefined));
  await wait(third.reached(source.zxid));
  expect(target.children("/a/locks")).toEqual(["l-0000000003"]);
  await wait(third.cutover());
  expect(third.phase).toBe("soak");
  await third.stop();
});

test("a target that somebody keeps deleting from is given up", async () => {
  const { source, target, begin, wait } = open();
  const migration = await wait(begin());
  await wait(migration.start());
  let count = 0;
  target.listen(() => {
    if (target.node("/a/x") === undefined || count > 300) return;
    count += 1;
    target.commit([{ type: "delete", path: "/a/x" }], 0n, true);
  });
  source.commit([{ type: "create", path: "/a/x" }], 0n, true);
  for (let step = 0; step < 400; step += 1) {
    source.commit([{ type: "set", path: "/a/x", data: Uint8Array.of(step % 250) }], 0n, true);
    await wait(migration.reached(source.zxid).catch(() => undefined));
  }
  expect(await codeOf(wait(migration.reached(source.zxid + 1n)))).toBe("target_diverged");
  await migration.stop();
});
