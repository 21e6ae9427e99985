/** The client of ZooKeeper beside the package that it is built on, on one real server. */

import type { WatchEvent } from "fairlead/zookeeper";
import { ZooKeeper, ZooKeeperServer } from "fairlead/zookeeper/node";
import stock from "node-zookeeper-client";
import type { Case, Contender, Params, Suite } from "./harness.ts";
import { serverCases } from "./zookeeper_server.ts";

const DATA = new Uint8Array(200).fill(7);
const ROOT = "/bench";
const BATCH = 500;

/** One server for all contenders of the suite; it ends with the last of them. */
let shared: Promise<{ server: ZooKeeperServer; admin: ZooKeeper }> | undefined;
let users = 0;

function use() {
  users += 1;
  shared ??= (async () => {
    const server = await ZooKeeperServer.start({ heapMegabytes: 512 });
    const admin = await ZooKeeper.connect(server.address);
    await admin.create(ROOT);
    return { server, admin };
  })();
  return shared;
}

function leave(): void {
  users -= 1;
  if (users > 0) return;
  void shared?.then(async ({ server, admin }) => {
    await admin.close();
    await server.stop();
  });
  shared = undefined;
}

const names = (count: number) => Array.from({ length: count }, (_, index) => `${ROOT}/n${index}`);

async function clear(admin: ZooKeeper): Promise<void> {
  const { names: found } = await admin.children(ROOT);
  for (let at = 0; at < found.length; at += BATCH) {
    const part = found.slice(at, at + BATCH);
    await admin.multi(part.map((name) => ({ type: "delete", path: `${ROOT}/${name}` }) as const));
  }
}

async function fill(admin: ZooKeeper, paths: readonly string[]): Promise<void> {
  for (let at = 0; at < paths.length; at += BATCH) {
    const part = paths.slice(at, at + BATCH);
    await admin.multi(part.map((path) => ({ type: "create", path, data: DATA }) as const));
  }
}

/** A client, opened before the first run; it does `run`, and then so many nodes are there. */
function contender<C>(
  count: number,
  open: (address: string) => Promise<C>,
  act: {
    readonly before: (admin: ZooKeeper, paths: readonly string[]) => Promise<void>;
    readonly run: (client: C, paths: readonly string[]) => Promise<unknown>;
    readonly close: (client: C) => void;
  },
): Contender {
  const paths = names(count);
  let opened: Promise<{ client: C; admin: ZooKeeper }> | undefined;
  let answer = 0;
  let cpuMs = 0;
  const ready = () => {
    opened ??= use().then(async ({ server, admin }) => ({
      client: await open(server.address),
      admin,
    }));
    return opened;
  };
  return {
    async setup() {
      await act.before((await ready()).admin, paths);
    },
    async run() {
      const before = process.cpuUsage();
      await act.run((await ready()).client, paths);
      const { user, system } = process.cpuUsage(before);
      cpuMs = Math.round((user + system) / 100) / 10;
      answer = (await (await ready()).admin.children(ROOT)).stat.childrenCount;
    },
    answer: () => answer,
    // The server is the same for all: what differs is what the client itself costs.
    facts: () => ({ cpuMs }),
    dispose() {
      void opened?.then(({ client }) => act.close(client));
      leave();
    },
  };
}

/** A client and the watch that it has. */
interface Watcher {
  readonly client: ZooKeeper;
  events: AsyncGenerator<WatchEvent, undefined> | undefined;
}

type StockClient = ReturnType<typeof stock.createClient>;

const openStock = (address: string) =>
  new Promise<StockClient>((resolve) => {
    const client = stock.createClient(address);
    client.once("connected", () => resolve(client));
    client.connect();
  });

const openOurs = (address: string) => ZooKeeper.connect(address);
const openWatcher = async (address: string): Promise<Watcher> => ({
  client: await ZooKeeper.connect(address),
  events: undefined,
});
const closeOurs = (client: ZooKeeper) => void client.close();
const closeStock = (client: StockClient) => client.close();

/** Calls with so many under way at a time: more of them make the stock client slower. */
const WINDOW = 1_024;

async function pipelined(paths: readonly string[], call: (path: string) => Promise<unknown>) {
  let next = 0;
  const lane = async () => {
    for (let at = next; at < paths.length; at = next) {
      next += 1;
      await call(paths[at] ?? "");
    }
  };
  await Promise.all(Array.from({ length: WINDOW }, lane));
}

const called = (act: (done: (error: unknown) => void) => void) =>
  new Promise<void>((resolve, reject) => {
    act((error) => (error ? reject(error) : resolve()));
  });

const count = ({ nodes }: Params) => Number(nodes);
const data = Buffer.from(DATA);

const cases: readonly Case[] = [
  {
    name: "create",
    about: "nodes of 200 bytes, 1,024 calls under way",
    sweep: [{ nodes: 10_000 }],
    quick: [{ nodes: 1_000 }],
    items: count,
    contenders: {
      fairlead: (params) =>
        contender(count(params), openOurs, {
          before: clear,
          run: (client, paths) => pipelined(paths, (path) => client.create(path, DATA)),
          close: closeOurs,
        }),
      stock: (params) =>
        contender(count(params), openStock, {
          before: clear,
          run: (client, paths) =>
            pipelined(paths, (path) => called((done) => client.create(path, data, done))),
          close: closeStock,
        }),
    },
  },
  {
    name: "get",
    about: "data and stat of each node, 1,024 calls under way",
    sweep: [{ nodes: 10_000 }],
    quick: [{ nodes: 1_000 }],
    items: count,
    contenders: {
      fairlead: (params) =>
        contender(count(params), openOurs, {
          before: refill,
          run: (client, paths) => pipelined(paths, (path) => client.get(path)),
          close: closeOurs,
        }),
      stock: (params) =>
        contender(count(params), openStock, {
          before: refill,
          run: (client, paths) =>
            pipelined(paths, (path) => called((done) => client.getData(path, done))),
          close: closeStock,
        }),
      "fairlead getMany": (params) =>
        contender(count(params), openOurs, {
          before: refill,
          run: (client, paths) => batches(paths, (part) => client.getMany(part)),
          close: closeOurs,
        }),
    },
  },
  {
    name: "multi",
    about: "creates of 200 bytes, 500 in each multi, all under way",
    sweep: [{ nodes: 10_000 }],
    quick: [{ nodes: 1_000 }],
    items: count,
    contenders: {
      fairlead: (params) =>
        contender(count(params), openOurs, {
          before: clear,
          run: (client, paths) =>
            batches(paths, (part) =>
              client.multi(part.map((path) => ({ type: "create", path, data: DATA }) as const)),
            ),
          close: closeOurs,
        }),
      stock: (params) =>
        contender(count(params), openStock, {
          before: clear,
          run: (client, paths) =>
            batches(paths, (part) => {
              const transaction = client.transaction();
              for (const path of part) transaction.create(path, data);
              return called((done) => transaction.commit(done));
            }),
          close: closeStock,
        }),
    },
  },
  {
    name: "watch",
    about: "a recursive watch on that many nodes, until it is armed",
    sweep: [{ nodes: 50_000 }],
    quick: [{ nodes: 1_000 }],
    contenders: {
      fairlead: (params) =>
        contender(count(params), openWatcher, {
          before: refill,
          run: async (watcher) => {
            await watcher.events?.return(undefined);
            watcher.events = watcher.client.watch(ROOT, { recursive: true });
            await watcher.events.next();
          },
          close: ({ client }) => void client.close(),
        }),
    },
  },
];

async function refill(admin: ZooKeeper, paths: readonly string[]): Promise<void> {
  const { stat } = await admin.children(ROOT);
  if (stat.childrenCount === paths.length) return;
  await clear(admin);
  await fill(admin, paths);
}

async function batches(
  paths: readonly string[],
  act: (part: readonly string[]) => Promise<unknown>,
): Promise<void> {
  const parts: Promise<unknown>[] = [];
  for (let at = 0; at < paths.length; at += BATCH) parts.push(act(paths.slice(at, at + BATCH)));
  await Promise.all(parts);
}

/** `npm run bench -- zookeeper` */
export const suite: Suite = { name: "zookeeper", cases: [...cases, ...serverCases] };
