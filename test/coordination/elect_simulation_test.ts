/**
 * Elections on virtual time under cuts, pauses, lost connections, crashes and clocks that disagree.
 *
 * `FAIRLEAD_SEEDS=1000` runs more seeds, `FAIRLEAD_SEED=17` one of them.
 */

import { SeededRandom } from "fairlead/base";
import {
  elect,
  encodeJson,
  type Leadership,
  type MemoryStore,
  readTree,
} from "fairlead/coordination";
import { expect, test } from "vitest";
import { shifted, TIMEOUT_MS, virtualWorld } from "./virtual.ts";

const one = process.env.FAIRLEAD_SEED;
const count = Number(process.env.FAIRLEAD_SEEDS ?? 60);
const seeds =
  one === undefined ? Array.from({ length: count }, (_, index) => index) : [Number(one)];

const CLIENTS = 4;
const STEPS = 600;

interface Client {
  store: MemoryStore;
  leadership: Leadership | undefined;
}

test.each(seeds)("at most one leads, and only the leader writes (seed %i)", async (seed) => {
  const { clock, tree, connect } = virtualWorld(seed);
  const chance = new SeededRandom(seed + 1_000_000);
  const problems: string[] = [];
  let elected = 0;
  let isOver = false;
  const setup = connect();
  const made = setup.create("/log");
  await clock.advance(100);
  await made;

  const skewed = () => connect(shifted(clock, chance.int(1_000_000)));
  const clients: Client[] = Array.from({ length: CLIENTS }, () => ({
    store: skewed(),
    leadership: undefined,
  }));

  /** Stand, lead for a while, write by the fence, stand again: until the process is gone. */
  async function live(client: Client, { store }: Client): Promise<void> {
    while (!isOver && client.store === store) {
      const data = encodeJson({ id: clients.indexOf(client) });
      const leadership = await elect(store, "/election", { data });
      if (leadership.held) {
        const others = clients.filter((each) => each !== client && each.leadership?.held);
        if (others.length > 0) problems.push(`${others.length + 1} lead at ${clock.nowMs()}`);
        elected += 1;
      }
      client.leadership = leadership;
      const untilMs = clock.nowMs() + chance.int(5 * TIMEOUT_MS);
      while (leadership.held && clock.nowMs() < untilMs) {
        const value = encodeJson(leadership.path);
        const entry = { type: "create", path: "/log/", sequential: true, value } as const;
        // Thinking may take so long that another leads when it is over: the fence is for that.
        if (chance.int(5) === 0) await clock.sleep(chance.int(2 * TIMEOUT_MS));
        await store.multi([leadership.fence, entry]).catch(() => undefined);
        await clock.sleep(200 + chance.int(300));
      }
      await leadership[Symbol.asyncDispose]();
    }
  }
  const start = (client: Client) => {
    live(client, { ...client }).catch((error: unknown) => {
      if (!String(error).includes("closed")) problems.push(String(error));
    });
  };
  for (const client of clients) start(client);

  for (let step = 0; step < STEPS; step += 1) {
    const client = clients[chance.int(CLIENTS)];
    if (client === undefined) continue;
    const { faults } = client.store;
    const fault = chance.int(30);
    if (fault === 0) faults.cut();
    if (fault < 8) faults.heal();
    if (fault === 9) faults.pause();
    if (fault > 20) faults.resume();
    if (fault === 10) faults.drop();
    if (fault === 11 && chance.int(3) === 0) {
      faults.crash();
      client.store = skewed();
      client.leadership = undefined;
      start(client);
    }
    for (let part = chance.int(8); part >= 0; part -= 1) {
      await clock.advance(chance.int(100));
      const held = clients.filter(({ leadership }) => leadership?.held);
      if (held.length > 1) problems.push(`${held.length} lead at ${clock.nowMs()}`);
    }
  }

  for (const { store } of clients) {
    store.faults.heal();
    store.faults.resume();
  }
  let ledMs = 0;
  for (let waitedMs = 0; waitedMs < 120_000; waitedMs += 100) {
    await clock.advance(100);
    if (clients.some(({ leadership }) => leadership?.held)) ledMs += 100;
  }
  isOver = true;
  const log = readTree(setup, "/log");
  await clock.advance(60_000);
  const entries = [...(await log)].slice(1).sort(([a], [b]) => (a < b ? -1 : 1));
  const leaders = entries.map(([, { value }]) => new TextDecoder().decode(value));

  expect(problems).toEqual([]);
  expect(elected).toBeGreaterThan(5);
  expect(ledMs).toBeGreaterThan(60_000);
  // Numbers of nodes only grow, so that a leader of yesterday would show.
  expect(leaders).toEqual(leaders.toSorted());
  expect(new Set(leaders).size).toBeGreaterThan(5);

  for (const { store } of clients) store.faults.crash();
  setup.faults.crash();
  await clock.advance(2 * TIMEOUT_MS);
  expect(tree.sessions).toBe(0);
});
