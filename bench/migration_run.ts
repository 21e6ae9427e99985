/** Migrations between real ensembles on this machine, one case a process. */

import { setTimeout as sleep } from "node:timers/promises";
import { FairleadError } from "fairlead/base";
import { type Fence, Migration, type MigrationOptions, moveServers } from "fairlead/migration";
import { connectSide } from "fairlead/migration/node";
import { type Operation, parseEnsembleConfig } from "fairlead/zookeeper";
import { serverStatus, TcpProxy, ZooKeeper, ZooKeeperEnsemble } from "fairlead/zookeeper/node";

const credentials = [{ scheme: "digest", auth: "super:secret" }];
const ROOT = "/bench";
const DATA = new Uint8Array(200).fill(7);
const bytes = (text: string) => new TextEncoder().encode(text);
const text = (data: Uint8Array | null) => new TextDecoder().decode(data ?? undefined);

interface World extends AsyncDisposable {
  readonly a: ZooKeeperEnsemble;
  readonly b: ZooKeeperEnsemble;
  readonly from: ZooKeeper;
  readonly to: ZooKeeper;
  migrate(more?: Partial<MigrationOptions>): Promise<Migration>;
}

/** Two ensembles of three servers, and a superuser on each. */
async function open(strategy: "tap" | "watch" = "tap"): Promise<World> {
  const heap = { heapMegabytes: 512 };
  const [a, b] = await Promise.all([
    ZooKeeperEnsemble.start(heap),
    ZooKeeperEnsemble.start({ ...heap, firstId: 101, epoch: 1_000 }),
  ]);
  const [source, target] = await Promise.all([
    connectSide({
      connectString: a.connectString,
      credentials,
      strategy,
      watch: { roots: [ROOT] },
    }),
    connectSide({ connectString: b.connectString, credentials }),
  ]);
  const migrations: Migration[] = [];
  return {
    a,
    b,
    from: source.client,
    to: target.client,
    async migrate(more = {}) {
      const mappings = [{ from: ROOT }];
      const options = { id: "bench", owner: "bench", source, target, mappings, ...more };
      const migration = await Migration.open(options);
      migrations.push(migration);
      return migration;
    },
    async [Symbol.asyncDispose]() {
      for (const migration of migrations) await migration.stop();
      await Promise.all([source.client.close(), target.client.close()]);
      await Promise.all([a.stop(), b.stop()]);
    },
  };
}

/** Nodes in folders of 1,000; every tenth has an ACL of its own, every fourth was written again. */
async function fill(zk: ZooKeeper, nodes: number): Promise<void> {
  await zk.create(ROOT);
  const acl = [{ permissions: 31, scheme: "digest", id: "ada:1EvgRGQcoV7qrMUDfBZYwnUnwAY=" }];
  for (let at = 0; at < nodes; at += 1_000) {
    const folder = `${ROOT}/f-${at / 1_000}`;
    const operations: Operation[] = [{ type: "create", path: folder }];
    for (let index = at; index < Math.min(nodes, at + 1_000); index += 1) {
      const path = `${folder}/n-${index}`;
      const own = index % 10 === 0 ? { acl } : {};
      operations.push({ type: "create", path, data: DATA, ...own });
      if (index % 4 === 0) operations.push({ type: "set", path, data: DATA });
    }
    await zk.multi(operations);
  }
}

const pathOf = (index: number) => `${ROOT}/f-${Math.floor(index / 1_000)}/n-${index}`;

const rounded = (value: number) => Math.round(value * 10) / 10;

function percentiles(values: readonly number[]) {
  const sorted = values.toSorted((left, right) => left - right);
  const at = (ratio: number) =>
    rounded(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * ratio))] ?? 0);
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}

const answerOf = (differences: number) =>
  differences === 0 ? "both sides are equal" : `${differences} nodes differ`;

/** The first copy, until the migration follows. */
export async function bootstrap({ nodes }: { readonly nodes: number }) {
  await using world = await open();
  await fill(world.from, nodes);
  const migration = await world.migrate({ heartbeatMs: 0 });
  const startMs = performance.now();
  await migration.start();
  const value = (performance.now() - startMs) / 1_000;
  const verifyMs = performance.now();
  const { differencesCount } = await migration.verify();
  const verifyS = rounded((performance.now() - verifyMs) / 1_000);
  return { value, answer: answerOf(differencesCount), verifyS };
}

interface Load {
  readonly nodes: number;
  readonly rate: number;
  readonly seconds: number;
  readonly strategy?: "tap" | "watch";
}

/** Writes at a rate, whatever their answers take; calls back with each acknowledged one. */
async function storm(
  zk: ZooKeeper,
  { nodes, rate, seconds }: Load,
  wrote: (zxid: bigint, latencyMs: number) => void,
): Promise<void> {
  const startMs = performance.now();
  const writes: Promise<unknown>[] = [];
  for (let sent = 0; sent < rate * seconds; ) {
    const due = Math.min(rate * seconds, ((performance.now() - startMs) / 1_000) * rate);
    for (; sent < due; sent += 1) {
      const fromMs = performance.now();
      // Prime steps visit every node before one comes again.
      const write = zk.set(pathOf((sent * 7_919) % nodes), DATA).then(({ mzxid }) => {
        wrote(mzxid, performance.now() - fromMs);
      });
      // One whose answer was lost tells nothing of the lag.
      writes.push(write.catch(() => undefined));
    }
    await sleep(1);
  }
  await Promise.all(writes);
}

/** From the source's answer to a write until the target has answered the same. */
export async function lag(load: Load) {
  await using world = await open(load.strategy);
  await fill(world.from, load.nodes);
  await using writer = await ZooKeeper.connect(world.a.connectString, { credentials });
  await using other = await ZooKeeper.connect(world.b.connectString, { credentials });
  await other.create("/other", null);
  const migration = await world.migrate({ heartbeatMs: 0 });
  await migration.start();
  const lags: number[] = [];
  const halves: number[][] = [[], []];
  const writesA: number[] = [];
  const writesB: number[] = [];
  let isOver = false;
  const beside = (async () => {
    while (!isOver) {
      const fromMs = performance.now();
      await other.set("/other", null).catch(() => undefined);
      writesB.push(performance.now() - fromMs);
      await sleep(20);
    }
  })();
  const middleMs = performance.now() + load.seconds * 500;
  const waits: Promise<unknown>[] = [];
  await storm(writer, load, (zxid, latencyMs) => {
    writesA.push(latencyMs);
    const fromMs = performance.now();
    waits.push(
      migration.reached(zxid).then(() => {
        const took = performance.now() - fromMs;
        lags.push(took);
        halves[fromMs < middleMs ? 0 : 1]?.push(took);
      }),
    );
  });
  await Promise.all(waits);
  isOver = true;
  await beside;
  const { differencesCount } = await migration.verify();
  const { p50: value, ...rest } = percentiles(lags);
  return {
    value,
    answer: answerOf(differencesCount),
    lagP95Ms: rest.p95,
    lagP99Ms: rest.p99,
    lagMaxMs: rest.max,
    firstHalfP50Ms: percentiles(halves[0] ?? []).p50,
    secondHalfP50Ms: percentiles(halves[1] ?? []).p50,
    writeAP50Ms: percentiles(writesA).p50,
    writeAP99Ms: percentiles(writesA).p99,
    writeBP50Ms: percentiles(writesB).p50,
    writeBP99Ms: percentiles(writesB).p99,
    writes: lags.length,
  };
}

/** Pairs are written together on the source; a reader of the target looks for halves. */
export async function torn({ reads, pairs }: { readonly reads: number; readonly pairs: number }) {
  await using world = await open();
  const { from, to } = world;
  await from.create(ROOT);
  const both = (index: number) => [`${ROOT}/one-${index}`, `${ROOT}/two-${index}`];
  for (let index = 0; index < pairs; index += 1) {
    await from.multi(both(index).map((path) => ({ type: "create", path, data: bytes("0") })));
  }
  const migration = await world.migrate({ heartbeatMs: 0 });
  await migration.start();
  let isOver = false;
  let writes = 0;
  const lanes = Array.from({ length: 16 }, async (_, lane) => {
    for (let turn = 1; !isOver; turn += 1) {
      const data = bytes(String(turn));
      const paths = both((lane + turn * 16) % pairs);
      await from.multi(paths.map((path) => ({ type: "set", path, data }) as const));
      writes += 1;
    }
  });
  let found = 0;
  const startMs = performance.now();
  for (let read = 0; read < reads; read += pairs) {
    const all = await to.getMany(Array.from({ length: pairs }, (_, index) => both(index)).flat());
    for (let index = 0; index < all.length; index += 2) {
      const [one, two] = [all[index], all[index + 1]];
      if (one?.error !== undefined || two?.error !== undefined) found += 1;
      else if (text(one?.data ?? null) !== text(two?.data ?? null)) found += 1;
    }
  }
  const seconds = (performance.now() - startMs) / 1_000;
  isOver = true;
  await Promise.all(lanes);
  await migration.barrier();
  const { differencesCount } = await migration.verify();
  const answer = differencesCount === 0 ? `${found} torn` : answerOf(differencesCount);
  return { value: reads / seconds, answer, reads, writes };
}

/** Four lanes that count by compare-and-set, in pairs, and go where they are sent. */
class Counters {
  readonly counted = new Map<number, number>();
  readonly unknown = new Map<number, number>();
  /** When each acknowledged step began, and what it took. */
  readonly steps: { readonly fromMs: number; readonly tookMs: number }[] = [];
  readonly #done: Promise<unknown>;
  #isOver = false;

  constructor(lanes: number, place: () => string) {
    this.#done = Promise.all(Array.from({ length: lanes }, (_, lane) => this.#run(lane, place)));
  }

  async #run(lane: number, place: () => string): Promise<void> {
    let at = place();
    // A client whose servers are gone looks up again where to go.
    const options = { requestTimeoutMs: 500 };
    let zk = ZooKeeper.open(at, options);
    while (!this.#isOver) {
      if (place() !== at) {
        await zk.close();
        at = place();
        zk = ZooKeeper.open(at, options);
      }
      try {
        const fromMs = performance.now();
        await this.#step(zk, lane);
        this.steps.push({ fromMs, tookMs: performance.now() - fromMs });
      } catch (error) {
        if (!(error instanceof FairleadError)) throw error;
        await sleep(2);
      }
    }
    await zk.close();
  }

  async #step(zk: ZooKeeper, lane: number): Promise<void> {
    const { data, stat } = await zk.get(`${ROOT}/one-${lane}`);
    const next = bytes(String(Number(text(data)) + 1));
    try {
      await zk.multi([
        { type: "set", path: `${ROOT}/one-${lane}`, data: next, version: stat.version },
        { type: "set", path: `${ROOT}/two-${lane}`, data: next },
        { type: "create", path: `${ROOT}/queue/n-`, sequential: true },
        { type: "delete", path: `${ROOT}/queue/lock-${lane}` },
        { type: "create", path: `${ROOT}/queue/lock-${lane}` },
      ]);
      this.counted.set(lane, (this.counted.get(lane) ?? 0) + 1);
    } catch (error) {
      const code = error instanceof FairleadError ? error.code : "";
      if (code === "connection_loss" || code === "timeout")
        this.unknown.set(lane, (this.unknown.get(lane) ?? 0) + 1);
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#done;
  }
}

interface CutoverLoad {
  readonly nodes: number;
  readonly lanes: number;
  /** What shuts clients out. */
  readonly fence: "acl" | "proxy";
  /** Of load before it: servers in Java begin slowly. */
  readonly warmS: number;
}

/** Clients reach the source by proxies, which can be shut. */
async function proxied(ensemble: ZooKeeperEnsemble) {
  const proxies = await Promise.all(ensemble.servers.map(({ address }) => TcpProxy.open(address)));
  const fence: Fence = {
    name: "proxy",
    async close() {
      for (const proxy of proxies) proxy.refuse();
    },
    async open() {
      for (const proxy of proxies) proxy.heal();
    },
  };
  return { fence, connectString: proxies.map(({ address }) => address).join(",") };
}

/** A cutover under load: how long nobody can write, and whether anything is lost. */
export async function cutover({ nodes, lanes, fence, warmS }: CutoverLoad) {
  await using world = await open();
  const { from, to, a, b } = world;
  const proxy = await proxied(a);
  await fill(from, nodes);
  await from.create(`${ROOT}/queue`);
  for (let lane = 0; lane < lanes; lane += 1) {
    for (const name of ["one", "two"]) await from.create(`${ROOT}/${name}-${lane}`, bytes("0"));
    await from.create(`${ROOT}/queue/lock-${lane}`);
  }
  let place = proxy.connectString;
  const openTarget = async () => {
    place = b.connectString;
  };
  const shut = fence === "acl" ? {} : { fenceAcls: false, fences: [proxy.fence] };
  const migration = await world.migrate({ heartbeatMs: 250, hooks: { openTarget }, ...shut });
  const window = { fencedMs: 0, openedMs: 0, tookMs: 0 };
  void (async () => {
    for await (const event of migration.events()) {
      if (event.type === "phase" && event.phase === "fence") window.fencedMs = performance.now();
      if (event.type !== "opened") continue;
      window.openedMs = performance.now();
      window.tookMs = event.fencedMs;
    }
  })().catch(() => undefined);
  await migration.start();
  const counters = new Counters(lanes, () => place);
  await sleep(warmS * 1_000);
  const before = counters.steps.length;
  const startMs = performance.now();
  await migration.cutover();
  const wholeS = rounded((performance.now() - startMs) / 1_000);
  await sleep(3_000);
  await counters.stop();
  let lost = 0;
  for (let lane = 0; lane < lanes; lane += 1) {
    const [one, two] = await to.getMany([`${ROOT}/one-${lane}`, `${ROOT}/two-${lane}`]);
    if (one?.error !== undefined || two?.error !== undefined) throw one?.error ?? two?.error;
    const found = Number(text(one?.data ?? null));
    const counted = counters.counted.get(lane) ?? 0;
    const unknown = counters.unknown.get(lane) ?? 0;
    if (found < counted || found > counted + unknown) lost += 1;
    if (text(two?.data ?? null) !== String(found)) lost += 1;
  }
  // What began before the fence and ended behind it waited for the window, too.
  const isOutside = ({ fromMs, tookMs }: (typeof counters.steps)[number]) =>
    fromMs + tookMs < window.fencedMs || fromMs > window.openedMs;
  const outside = counters.steps.filter(isOutside).map(({ tookMs }) => tookMs);
  return {
    value: window.tookMs / 1_000,
    answer: lost === 0 ? "no acknowledged write lost, none done twice" : `${lost} lanes are wrong`,
    wholeS,
    writesPerS: Math.round(before / warmS),
    latencyP50Ms: percentiles(outside).p50,
    latencyP99Ms: percentiles(outside).p99,
  };
}

/** Replace all servers of an ensemble under a client that writes: its longest wait for an answer. */
export async function reconfig({
  nodes,
  warmS,
}: {
  readonly nodes: number;
  readonly warmS: number;
}) {
  await using ensemble = await ZooKeeperEnsemble.start({ heapMegabytes: 512 });
  await using admin = await ZooKeeper.connect(ensemble.connectString, { credentials });
  await fill(admin, nodes);
  const options = { sessionTimeoutMs: 30_000 };
  await using client = await ZooKeeper.connect(ensemble.connectString, options);
  const session = client.session.id;
  await client.create(`${ROOT}/mine`, null, { lifetime: { type: "ephemeral" } });
  const { czxid } = await client.create(`${ROOT}/counter`).then(() => statOf(client));
  const ending = new AbortController();
  let written = 0;
  let unknown = 0;
  let longestMs = 0;
  let answeredMs = performance.now();
  const writing = (async () => {
    while (!ending.signal.aborted) {
      await client.set(`${ROOT}/counter`, DATA).then(
        () => {
          written += 1;
          longestMs = Math.max(longestMs, performance.now() - answeredMs);
          answeredMs = performance.now();
        },
        () => {
          unknown += 1;
        },
      );
    }
  })();
  await sleep(warmS * 1_000);
  longestMs = 0;
  const joiners = await ensemble.joiners(3, { firstId: 11, heapMegabytes: 512 });
  const { members: joining } = parseEnsembleConfig(joiners.lines.join("\n"));
  const steps = { client: admin, joining, status: serverStatus };
  const startMs = performance.now();
  const shift = async (connectString: string) => client.updateServers(connectString);
  for await (const _ of moveServers({ ...steps, shift }));
  const wholeS = rounded((performance.now() - startMs) / 1_000);
  await sleep(2_000);
  ending.abort();
  await writing;
  const { version, czxid: still } = await statOf(client);
  const mine = await client.get(`${ROOT}/mine`);
  const kept =
    client.session.id === session &&
    mine.stat.ephemeralOwner === session &&
    still === czxid &&
    version >= written &&
    version <= written + unknown;
  await Promise.all(joiners.servers.map((server) => server.stop()));
  const answer = kept ? "session, ephemeral and versions kept" : `not kept: ${version}, ${written}`;
  return { value: longestMs / 1_000, answer, wholeS, written, unknown };
}

const statOf = async (client: ZooKeeper) => (await client.get(`${ROOT}/counter`)).stat;
