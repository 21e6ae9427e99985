import type { SnapshotNode, TapEvent, Transaction } from "fairlead/zookeeper";
import { tap, ZooKeeper, ZooKeeperEnsemble, ZooKeeperServer } from "fairlead/zookeeper/node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SnapshotTree } from "../../../src/zookeeper/tap/snapshot_tree.ts";
import { codeOf } from "../conformance.ts";

let ensemble: ZooKeeperEnsemble;
beforeAll(async () => {
  ensemble = await ZooKeeperEnsemble.start();
}, 60_000);
afterAll(async () => await ensemble?.stop());

const bytes = (text: string) => new TextEncoder().encode(text);

async function next<Type extends TapEvent["type"]>(
  events: AsyncGenerator<TapEvent, undefined>,
  type: Type,
): Promise<Extract<TapEvent, { readonly type: Type }>> {
  const matches = (event: TapEvent): event is Extract<TapEvent, { readonly type: Type }> =>
    event.type === type;
  for (;;) {
    const { value } = await events.next();
    if (value === undefined) throw new Error("the tap ended");
    if (matches(value)) return value;
  }
}

/** The transactions that change nodes below a path. */
function below(root: string, { transaction }: { readonly transaction: Transaction }): boolean {
  return transaction.changes.some((each) => "path" in each && each.path.startsWith(`${root}/`));
}

async function nextBelow(root: string, events: AsyncGenerator<TapEvent, undefined>) {
  for (;;) {
    const event = await next(events, "transaction");
    if (below(root, event)) return event.transaction;
  }
}

function treeOf(nodes: readonly SnapshotNode[]): SnapshotTree {
  const tree = new SnapshotTree();
  for (const node of nodes) tree.load(node);
  return tree;
}

const byPath = (nodes: readonly SnapshotNode[]) => new Map(nodes.map((each) => [each.path, each]));

test("a snapshot has what no client is told, then every transaction comes whole", async () => {
  await using zk = await ZooKeeper.connect(ensemble.connectString, {
    credentials: [{ scheme: "digest", auth: "ada:x" }],
  });
  await zk.create("/kinds", null);
  await zk.create("/kinds/container", bytes("c"), { lifetime: { type: "container" } });
  await zk.create("/kinds/ttl", bytes("t"), { lifetime: { type: "ttl", ttlMs: 86_400_000 } });
  await zk.create("/kinds/ephemeral", bytes("e"), { lifetime: { type: "ephemeral" } });
  const acl = [{ permissions: 31, scheme: "auth", id: "" }];
  await zk.create("/kinds/mine", bytes("m"), { acl });
  await zk.create("/kinds/gone");
  await zk.delete("/kinds/gone");
  const events = tap({ connectString: ensemble.connectString });
  const { nodes, zxid, sessions } = await next(events, "snapshot");
  const at = byPath(nodes);
  expect(at.get("/kinds/container")).toMatchObject({ lifetime: { type: "container" } });
  expect(at.get("/kinds/ttl")?.lifetime).toEqual({ type: "ttl", ttlMs: 86_400_000 });
  expect(at.get("/kinds/ephemeral")).toMatchObject({
    lifetime: { type: "ephemeral" },
    ephemeralOwner: zk.session.id,
  });
  expect(at.get("/kinds/mine")?.acl).toMatchObject([{ scheme: "digest" }]);
  // Five were made: the next sequential one gets number 5, though a client reads 6.
  expect(at.get("/kinds")).toMatchObject({ cversion: 5, data: null });
  expect(sessions.get(zk.session.id)).toBe(10_000);
  expect(zxid).toBeGreaterThanOrEqual(zk.lastZxid);
  expect(await next(events, "resumed")).toMatchObject({ zxid });

  await zk.multi([
    { type: "create", path: "/kinds/x", data: bytes("1") },
    { type: "set", path: "/kinds/x", data: null },
    { type: "delete", path: "/kinds/x" },
  ]);
  // One that fails is in the log, with what came before the failure, and changes nothing.
  const failing = zk.multi([
    { type: "set", path: "/kinds/mine", data: bytes("never") },
    { type: "delete", path: "/kinds/none" },
    { type: "set", path: "/kinds/mine", data: bytes("never") },
  ]);
  expect(await codeOf(failing)).toBe("no_node");
  await zk.setAcl("/kinds/ttl", acl);
  expect((await nextBelow("/kinds", events)).changes).toMatchObject([
    { type: "create", path: "/kinds/x", data: bytes("1"), parentCversion: 6 },
    { type: "set", path: "/kinds/x", data: null, version: 1 },
    { type: "delete", path: "/kinds/x" },
  ]);
  const failed = (await next(events, "transaction")).transaction;
  expect(failed.changes.map((each) => each.type)).toEqual(["none", "none", "none"]);
  expect(failed.changes[1]).toMatchObject({ code: -101 });
  expect((await nextBelow("/kinds", events)).changes).toMatchObject([
    { type: "set_acl", path: "/kinds/ttl", aversion: 1, acl: [{ scheme: "digest" }] },
  ]);
  await zk.close();
  let closed: Transaction | undefined;
  while (closed?.changes[0]?.type !== "session_closed") {
    closed = (await next(events, "transaction")).transaction;
  }
  expect(closed.changes).toEqual([{ type: "session_closed", paths: ["/kinds/ephemeral"] }]);
  await events.return(undefined);
});

/** Writes without end, of every kind, until it is told to stop. */
async function storm(root: string, isOver: () => boolean): Promise<void> {
  await using zk = await ZooKeeper.connect(ensemble.connectString);
  const lanes = Array.from({ length: 16 }, async (_, lane) => {
    for (let turn = 0; !isOver(); turn += 1) {
      const path = `${root}/${lane}-${turn % 40}`;
      try {
        if (turn % 4 === 0) await zk.create(path, bytes(String(turn)));
        else if (turn % 4 === 1) await zk.set(path, new Uint8Array(500));
        else if (turn % 4 === 2) await zk.create(`${path}/s-`, null, { sequential: true });
        else await zk.multi([{ type: "delete", path }]);
      } catch {
        // It is there, is gone, or has children: all of it is in the log.
      }
    }
  });
  await Promise.all(lanes);
}

test("a snapshot that is taken while everything changes is exact at its zxid", async () => {
  await using zk = await ZooKeeper.connect(ensemble.connectString);
  await zk.create("/storm");
  const fill = Array.from({ length: 3_000 }, (_, index) => ({
    type: "create" as const,
    path: `/storm/fill-${index}`,
    data: new Uint8Array(300),
  }));
  await zk.multi(fill.slice(0, 1_500));
  await zk.multi(fill.slice(1_500));
  const oracle = tap({ connectString: ensemble.connectString });
  const first = await next(oracle, "snapshot");
  let isOver = false;
  const writing = storm("/storm", () => isOver);
  for (let round = 0; round < 2; round += 1) {
    const other = tap({ connectString: ensemble.connectString });
    const taken = await next(other, "snapshot");
    await other.return(undefined);
    // The state at that moment, from the first snapshot and the log.
    const tree = treeOf(first.nodes);
    const log = tap({ connectString: ensemble.connectString, fromZxid: first.zxid });
    for (let zxid = first.zxid; zxid < taken.zxid; ) {
      const { transaction } = await next(log, "transaction");
      zxid = transaction.zxid;
      tree.apply(transaction);
    }
    await log.return(undefined);
    expect(byPath(taken.nodes)).toEqual(byPath(tree.nodes()));
  }
  isOver = true;
  await writing;
  await oracle.return(undefined);
}, 90_000);

test("it goes on behind a zxid: no gap, nothing twice, however much was missed", async () => {
  await using zk = await ZooKeeper.connect(ensemble.connectString);
  await zk.create("/counter", bytes("0"));
  const first = tap({ connectString: ensemble.connectString });
  const { zxid: fromZxid } = await next(first, "snapshot");
  await first.return(undefined);
  // More than the 500 that a leader keeps in memory.
  const sets = Array.from({ length: 1_500 }, (_, index) =>
    zk.set("/counter", bytes(String(index))),
  );
  await Promise.all(sets);
  const events = tap({ connectString: ensemble.connectString, fromZxid });
  const versions: number[] = [];
  while (versions.length < 1_500) {
    const { transaction } = await next(events, "transaction");
    expect(transaction.zxid).toBeGreaterThan(fromZxid);
    for (const each of transaction.changes) {
      if (each.type === "set" && each.path === "/counter") versions.push(each.version);
    }
  }
  expect(versions).toEqual(Array.from({ length: 1_500 }, (_, index) => index + 1));
  await events.return(undefined);
});

test("it follows the leader when that is killed, without a gap", async () => {
  await using zk = await ZooKeeper.connect(ensemble.connectString);
  await zk.create("/failover", null);
  const events = tap({ connectString: ensemble.connectString });
  const { leader } = await next(events, "resumed");
  const versions: number[] = [];
  const collect = async (until: number) => {
    while ((versions.at(-1) ?? 0) < until) {
      const { changes } = await nextBelow("", events);
      for (const each of changes) {
        if (each.type === "set" && each.path === "/failover") versions.push(each.version);
      }
    }
  };
  const write = async () => {
    const tried = await zk.set("/failover", null).catch(() => undefined);
    return tried?.version;
  };
  await write();
  await collect(1);
  const killed = await ensemble.leader();
  await killed.kill();
  let last = 0;
  while (last < 3) last = (await write()) ?? last;
  await collect(last);
  expect(versions).toEqual(Array.from({ length: last }, (_, index) => index + 1));
  await killed.restart();
  await events.return(undefined);
  const again = tap({ connectString: ensemble.connectString });
  expect((await next(again, "resumed")).leader).not.toBe(leader);
  await again.return(undefined);
});

test("a reader that is slow costs no memory: the tap leaves, and resumes without a gap", async () => {
  await using zk = await ZooKeeper.connect(ensemble.connectString);
  await zk.create("/slow", null);
  const events = tap({ connectString: ensemble.connectString, bufferBytesMax: 20_000 });
  await next(events, "resumed");
  await Promise.all(Array.from({ length: 400 }, () => zk.set("/slow", new Uint8Array(1_000))));
  let resumed = 0;
  const versions: number[] = [];
  while (versions.length < 400) {
    const { value } = await events.next();
    if (value?.type === "snapshot") throw new Error("a snapshot in the middle");
    if (value?.type === "resumed") resumed += 1;
    if (value?.type !== "transaction") continue;
    for (const each of value.transaction.changes) {
      if (each.type === "set" && each.path === "/slow") versions.push(each.version);
    }
  }
  expect(versions).toEqual(Array.from({ length: 400 }, (_, index) => index + 1));
  expect(resumed).toBeGreaterThan(0);
  await events.return(undefined);
});

test("it says why it cannot be used", async () => {
  await using alone = await ZooKeeperServer.start();
  const refused = tap({ connectString: alone.address }).next();
  await expect(refused).rejects.toMatchObject({
    code: "tap_refused",
    details: { reason: "standalone" },
  });
  const signal = AbortSignal.timeout(50);
  const nowhere = tap({ connectString: "127.0.0.1:1", signal });
  await expect(nowhere.next()).rejects.toMatchObject({ name: "TimeoutError" });
  const { connectString } = ensemble;
  const ahead = tap({ connectString, fromZxid: 0x7fff_0000_0001n });
  expect(await codeOf(ahead.next())).toBe("tap_refused");
  expect(await codeOf(tap({ connectString, bufferBytesMax: 1 }).next())).toBe("invalid_option");
  const quorumTls = { rejectUnauthorized: false };
  const wrong = tap({ connectString, quorumTls, leaderTimeoutMs: 1_000 });
  expect(await codeOf(wrong.next())).toBe("tap_failed");
});
