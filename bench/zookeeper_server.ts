/** The embedded server beside the real one: one client of ours at each. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EmbeddedZooKeeper, ZooKeeper, ZooKeeperServer } from "fairlead/zookeeper/node";
import type { Case, Contender, Params } from "./harness.ts";

const DATA = new Uint8Array(200).fill(7);
const ROOT = "/bench";
const BATCH = 500;

/** A server and how it ends. */
interface Place {
  readonly address: string;
  stop(): Promise<unknown>;
}

/** Both embedded ones share the process with the client, which the real one does not. */
const places: Readonly<Record<string, () => Promise<Place>>> = {
  async embedded() {
    const server = await EmbeddedZooKeeper.start();
    return { address: server.connectString, stop: () => server.stop() };
  },
  async "embedded on disk"() {
    const dataDir = await mkdtemp(join(tmpdir(), "fairlead-bench-"));
    const server = await EmbeddedZooKeeper.start({ dataDir });
    const stop = () => server.stop().then(() => rm(dataDir, { recursive: true }));
    return { address: server.connectString, stop };
  },
  async real() {
    const server = await ZooKeeperServer.start({ heapMegabytes: 512 });
    return { address: server.address, stop: () => server.stop() };
  },
};

interface Act {
  /** Whether the nodes are there before, or none is. */
  readonly isFilled: boolean;
  run(client: ZooKeeper, paths: readonly string[]): Promise<unknown>;
}

/** Starts its server before the first run; after each run so many nodes are there. */
function contender(count: number, start: () => Promise<Place>, act: Act): Contender {
  const paths = Array.from({ length: count }, (_, index) => `${ROOT}/n${index}`);
  let opened: Promise<{ place: Place; client: ZooKeeper }> | undefined;
  let answer = 0;
  const ready = () => {
    opened ??= start().then(async (place) => {
      const client = await ZooKeeper.connect(place.address);
      await client.create(ROOT);
      return { place, client };
    });
    return opened;
  };
  return {
    async setup() {
      await prepare((await ready()).client, paths, act.isFilled);
    },
    async run() {
      const { client } = await ready();
      await act.run(client, paths);
      answer = (await client.children(ROOT)).stat.childrenCount;
    },
    answer: () => answer,
    dispose() {
      void opened?.then(async ({ place, client }) => {
        await client.close();
        await place.stop();
      });
    },
  };
}

async function prepare(
  client: ZooKeeper,
  paths: readonly string[],
  isFilled: boolean,
): Promise<void> {
  const { stat } = await client.children(ROOT);
  if (stat.childrenCount === (isFilled ? paths.length : 0)) return;
  const type = isFilled ? "create" : "delete";
  for (let at = 0; at < paths.length; at += BATCH) {
    const part = paths.slice(at, at + BATCH);
    await client.multi(part.map((path) => ({ type, path, data: DATA }) as const));
  }
}

/** With so many under way at a time. */
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

function contenders(act: Act): Record<string, (params: Params) => Contender> {
  return Object.fromEntries(
    Object.entries(places).map(([name, start]) => [
      name,
      ({ nodes }: Params) => contender(Number(nodes), start, act),
    ]),
  );
}

/** Cases of the suite `zookeeper` that look at servers. */
export const serverCases: readonly Case[] = [
  {
    name: "server_create",
    about: "nodes of 200 bytes, 1,024 calls under way, until the last is answered",
    sweep: [{ nodes: 10_000 }],
    quick: [{ nodes: 1_000 }],
    items: ({ nodes }) => Number(nodes),
    contenders: contenders({
      isFilled: false,
      run: (client, paths) => pipelined(paths, (path) => client.create(path, DATA)),
    }),
  },
  {
    name: "server_get",
    about: "data and stat of each node, 1,024 calls under way",
    sweep: [{ nodes: 10_000 }],
    quick: [{ nodes: 1_000 }],
    items: ({ nodes }) => Number(nodes),
    contenders: contenders({
      isFilled: true,
      run: (client, paths) => pipelined(paths, (path) => client.get(path)),
    }),
  },
  {
    name: "server_one",
    about: "a write at a time, each when the last is answered",
    sweep: [{ nodes: 200 }],
    quick: [{ nodes: 50 }],
    items: ({ nodes }) => Number(nodes),
    contenders: contenders({
      isFilled: true,
      async run(client, paths) {
        for (const path of paths) await client.set(path, DATA);
      },
    }),
  },
];
