/** Two real ensembles, the ways to them, and what is in the source before anything moves. */
import type { Random } from "fairlead/base";
import type { Operation } from "fairlead/zookeeper";
import {
  type EnsembleOptions,
  TcpProxy,
  ZooKeeper,
  ZooKeeperEnsemble,
} from "fairlead/zookeeper/node";
import { layoutOf } from "./application.ts";
import { Firewall } from "./firewall.ts";
import type { SideName } from "./history.ts";
import { bytes } from "./lanes.ts";

const HEAP_MEGABYTES = 192;
const STARTS_MAX = 3;

/** Ways to the three servers of an ensemble, one a server. */
export interface Ways {
  readonly proxies: readonly TcpProxy[];
  readonly connectString: string;
}

async function waysTo(ensemble: ZooKeeperEnsemble): Promise<Ways> {
  const proxies = await Promise.all(ensemble.servers.map(({ address }) => TcpProxy.open(address)));
  return { proxies, connectString: proxies.map(({ address }) => address).join(",") };
}

/** All of it; ended by its scope. */
export class World implements AsyncDisposable {
  readonly ensembles: Readonly<Record<SideName, ZooKeeperEnsemble>>;
  /** The clients' ways. */
  readonly clients: Readonly<Record<SideName, Ways>>;
  /** The migrator's. */
  readonly migrator: Readonly<Record<SideName, Ways>>;
  readonly firewall: Firewall | undefined;
  /** The user that migrators run as, where the firewall has to know their packets. */
  readonly uid: number | undefined;

  private constructor(parts: {
    ensembles: Record<SideName, ZooKeeperEnsemble>;
    clients: Record<SideName, Ways>;
    migrator: Record<SideName, Ways>;
    firewall: Firewall | undefined;
  }) {
    this.ensembles = parts.ensembles;
    this.clients = parts.clients;
    this.migrator = parts.migrator;
    this.firewall = parts.firewall;
    this.uid = parts.firewall === undefined ? undefined : 40_000 + (process.pid % 20_000);
  }

  static async open(): Promise<World> {
    const { a, b } = await startBoth();
    return new World({
      ensembles: { a, b },
      clients: { a: await waysTo(a), b: await waysTo(b) },
      migrator: { a: await waysTo(a), b: await waysTo(b) },
      firewall: await Firewall.open(),
    });
  }

  /** Everything runs and is reachable again; clients stay shut out where a fence says so. */
  async heal(): Promise<void> {
    await this.firewall?.clear();
    for (const side of ["a", "b"] as const) {
      for (const proxy of this.migrator[side].proxies) proxy.heal();
      for (const server of this.ensembles[side].servers) {
        server.thaw();
        await server.restart();
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.firewall?.[Symbol.asyncDispose]();
    const ways = [this.clients, this.migrator].flatMap(({ a, b }) => [a, b]);
    await Promise.all(ways.flatMap(({ proxies }) => proxies.map((proxy) => proxy.close())));
    await Promise.all([this.ensembles.a.stop(), this.ensembles.b.stop()]);
  }
}

/** One after the other, for six servers in Java at once take long; what does not come up is tried again. */
async function startBoth(): Promise<Record<SideName, ZooKeeperEnsemble>> {
  const a = await startOne({});
  try {
    return { a, b: await startOne({ firstId: 101, epoch: 1_000 }) };
  } catch (error) {
    await a.stop();
    throw error;
  }
}

async function startOne(options: EnsembleOptions): Promise<ZooKeeperEnsemble> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ZooKeeperEnsemble.start({ heapMegabytes: HEAP_MEGABYTES, ...options });
    } catch (error) {
      if (tries >= STARTS_MAX) throw error;
    }
  }
}

/** The application's nodes, and a corpus of what is hard to move. */
export async function prepare(connectString: string, root: string, random: Random): Promise<void> {
  const credentials = [{ scheme: "digest", auth: "super:secret" }];
  await using zk = await ZooKeeper.connect(connectString, { credentials });
  await zk.create(root, null);
  for (const path of parents(root)) await zk.create(path, null);
  for (const operations of corpus(root, random)) await zk.multi(operations);
  await zk.create(`${root}/corpus/large`, new Uint8Array(990_000).fill(7));
}

function parents(root: string): string[] {
  const at = layoutOf(root);
  const names = ["counters", "pair", "few", "hundred", "storm", "corpus"];
  const own = [at.queue, at.slots, at.churn, at.members, at.locks, at.leaders, at.critical];
  return [...names.map((name) => `${root}/${name}`), ...own, `${at.churn}/0`, `${at.churn}/1`];
}

const LANES = ["register", "counter", "group", "queue", "churn", "member"];

function* corpus(root: string, random: Random): Generator<Operation[]> {
  const at = layoutOf(root);
  const create = (path: string, data: Uint8Array | null = bytes("0")): Operation => {
    return { type: "create", path, data };
  };
  yield [...at.counters, ...at.groups.flat(), ...at.storm].map((path) => create(path));
  yield LANES.flatMap((lane) => [0, 1, 2].map((it) => create(`${at.slots}/${lane}-${it}`)));
  yield ["locks", "leaders"].map((name) => create(`${at.critical}/${name}`));
  const deep: Operation[] = [];
  for (let path = `${root}/corpus`; deep.length < 100; ) {
    path = `${path}/d`;
    deep.push(create(path, null));
  }
  yield deep;
  const kinds: Operation[] = [
    create(`${root}/corpus/null`, null),
    create(`${root}/corpus/empty`, new Uint8Array(0)),
    create(`${root}/corpus/größe-日本`, bytes("ü")),
    {
      type: "create",
      path: `${root}/corpus/mine`,
      data: bytes("m"),
      acl: [{ permissions: 31, scheme: "digest", id: "ada:1EvgRGQcoV7qrMUDfBZYwnUnwAY=" }],
    },
    { type: "create", path: `${root}/corpus/box`, lifetime: { type: "container" } },
    create(`${root}/corpus/box/kept`),
    { type: "create", path: `${root}/corpus/ttl`, lifetime: { type: "ttl", ttlMs: 86_400_000 } },
  ];
  yield kinds;
  for (let folder = 0; folder < 3; folder += 1) {
    const parent = `${root}/corpus/many-${folder}`;
    const many = Array.from({ length: 700 }, (_, index) => create(`${parent}/n-${index}`));
    const again = Array.from({ length: random.int(50) }, (): Operation => {
      return { type: "set", path: `${parent}/n-${random.int(700)}`, data: bytes("again") };
    });
    yield [create(parent), ...many, ...again];
  }
}
