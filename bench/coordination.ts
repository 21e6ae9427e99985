/** Stores: writes that wait for the disk (`embedded`) beside those that do not (`memory`), loading. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deleteTree, MemoryTree, readTree, type Store } from "fairlead/coordination";
import { EmbeddedStore } from "fairlead/coordination/node";
import type { Case, Contender, Params, Suite } from "./harness.ts";

/** What an agent's record in the registry weighs. */
const VALUE = new Uint8Array(1_000).fill(7);
/** Nodes made by one `multi`. */
const BATCH = 500;

interface Opened {
  readonly store: Store;
  /** The folder, to be removed in the end. */
  readonly folder: string | undefined;
}

type Open = () => Promise<Opened>;

const openMemory: Open = async () => ({ store: new MemoryTree().connect(), folder: undefined });

const openEmbedded: Open = async () => {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-bench-"));
  return { store: await EmbeddedStore.open({ path: folder }), folder };
};

async function fill(store: Store, nodes: number): Promise<void> {
  await store.create("/nodes");
  for (let at = 0; at < nodes; at += BATCH) {
    const count = Math.min(BATCH, nodes - at);
    await store.multi(
      Array.from({ length: count }, (_, index) => ({
        type: "create" as const,
        path: `/nodes/${at + index}`,
        value: VALUE,
      })),
    );
  }
}

/** A contender whose store is opened and filled before its first run. */
function contender(
  open: Open,
  nodes: number,
  run: (opened: Opened) => Promise<unknown>,
  before?: (opened: Opened) => Promise<unknown>,
): Contender {
  let opening: Promise<Opened> | undefined;
  let folder: string | undefined;
  const opened = () => {
    opening ??= (async () => {
      const made = await open();
      folder = made.folder;
      await fill(made.store, nodes);
      return made;
    })();
    return opening;
  };
  return {
    ...(before === undefined ? {} : { setup: async () => void (await before(await opened())) }),
    run: async () => run(await opened()),
    answer: () => nodes,
    dispose() {
      if (folder !== undefined) rmSync(folder, { recursive: true });
    },
  };
}

/** All writers at once, each to a node of its own; a run ends when the last write is durable. */
function write({ writers }: Params, open: Open): Contender {
  const count = Number(writers);
  return contender(open, count, ({ store }) =>
    Promise.all(Array.from({ length: count }, (_, index) => store.set(`/nodes/${index}`, VALUE))),
  );
}

/** New nodes, each by a call of its own, all at once: a datacenter's agents after an outage. */
function register({ agents }: Params, open: Open): Contender {
  const count = Number(agents);
  return contender(
    open,
    0,
    ({ store }) =>
      Promise.all(
        Array.from({ length: count }, (_, index) => store.create(`/nodes/${index}`, VALUE)),
      ),
    async ({ store }) => {
      await deleteTree(store, "/nodes");
      await store.create("/nodes");
    },
  );
}

async function readAll(store: Store, count: number): Promise<void> {
  const { size } = await readTree(store, "/nodes");
  if (size !== count + 1) throw new Error(`Cannot time a load of ${size} nodes: not ${count}`);
}

/** Everything that a new master reads: for `embedded`, from opening the folder on. */
function load({ nodes }: Params, open: Open): Contender {
  const count = Number(nodes);
  return contender(open, count, async ({ store, folder }) => {
    if (folder === undefined) return readAll(store, count);
    await store.close();
    const again = await EmbeddedStore.open({ path: folder });
    await readAll(again, count);
    await again.close();
  });
}

const both = (make: (params: Params, open: Open) => Contender) => ({
  embedded: (params: Params) => make(params, openEmbedded),
  memory: (params: Params) => make(params, openMemory),
});

const cases: readonly Case[] = [
  {
    name: "write",
    about: "writes of 1,000 bytes that were sent together, until all are durable",
    sweep: [{ writers: 1 }, { writers: 100 }, { writers: 5_000 }],
    items: ({ writers }) => Number(writers),
    contenders: both(write),
  },
  {
    name: "register",
    about: "as many creates as there are agents, each its own call",
    sweep: [{ agents: 5_000 }],
    items: ({ agents }) => Number(agents),
    contenders: both(register),
  },
  {
    name: "load",
    about: "open, and read every node (memory: read only)",
    sweep: [{ nodes: 10_000 }, { nodes: 100_000 }],
    quick: [{ nodes: 1_000 }],
    items: ({ nodes }) => Number(nodes),
    contenders: both(load),
  },
];

/** `npm run bench -- coordination` */
export const suite: Suite = { name: "coordination", cases };
