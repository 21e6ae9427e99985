import { describe, expect, test, vi } from "vitest";
import { renewNeed, renewSpent } from "../../src/allocator/kernel/accounts.ts";
import * as flags from "../../src/allocator/kernel/flags.ts";
import { type Capacities, H, type Views } from "../../src/allocator/kernel/layout.ts";
import { KernelMemory } from "../../src/allocator/kernel/memory.ts";
import { createKernel, type KernelPair } from "../../src/allocator/kernel/wasm.ts";
import { Allocator } from "../../src/allocator/mod.ts";
import { type Random, SeededRandom } from "../../src/base/mod.ts";
import { randomSequence } from "./sequences.ts";
import { World } from "./world.ts";

const fixedSeed = readNumber("KERNEL_SEED");
const STATES = fixedSeed === undefined ? (readNumber("KERNEL_STATES") ?? 150) : 1;
const FIRST_SEED = fixedSeed ?? readNumber("KERNEL_FIRST_SEED") ?? 1;
const STEPS = 12;
const EVENTS = 100;

describe("reference and WASM kernel", () => {
  test(`leave the same bits in every column, ${STATES} random states from seed ${FIRST_SEED}`, () => {
    let offers = 0;
    for (let seed = FIRST_SEED; seed < FIRST_SEED + STATES; seed += 1) offers += liveThrough(seed);
    expect(offers).toBeGreaterThan(0);
  }, 600_000);

  test(`and do so under an allocator, ${STATES} sequences from seed ${FIRST_SEED}`, () => {
    let offers = 0;
    for (let seed = FIRST_SEED; seed < FIRST_SEED + STATES; seed += 1) offers += serve(seed);
    expect(offers).toBeGreaterThan(0);
  }, 600_000);
});

/** Let the same events happen to two allocators, and compare their columns after each. */
function serve(seed: number): number {
  const { options, events } = randomSequence(new SeededRandom(seed), EVENTS);
  const memories: KernelMemory[] = [];
  const contenders = (["typed", "wasm"] as const).map((kernel) => ({
    name: kernel,
    make: (given: typeof options) => {
      const looking = vi.spyOn(KernelMemory.prototype, "views", "get");
      const allocator = new Allocator({ ...given, kernel });
      const memory: unknown = looking.mock.contexts[0];
      looking.mockRestore();
      if (memory instanceof KernelMemory) memories.push(memory);
      return allocator;
    },
  }));
  const world = new World(contenders, options);
  for (const [index, event] of events.entries()) {
    world.perform(event);
    const what = `seed ${seed} (replay: KERNEL_SEED=${seed}), event ${index} (${event.do})`;
    compare(memories[0]!.views, memories[1]!.views, what);
  }
  return world.offersMade;
}

/** Fill two memories alike, let the same calls happen to both, and compare after each. */
function liveThrough(seed: number): number {
  const random = new SeededRandom(seed);
  const shape = randomShape(random);
  const typed = createKernel("typed", shape.capacities);
  const wasm = createKernel("wasm", shape.capacities);
  expect(wasm.kernel.name).toBe("wasm");
  fill(typed.memory.views, shape, random);
  wasm.memory.copyIn(typed.memory.copyOut());
  let offers = 0;
  for (let step = 0; step < STEPS; step += 1) {
    const what = `seed ${seed} (replay: KERNEL_SEED=${seed}), step ${step}`;
    const [a, b] = [typed, wasm].map((pair) =>
      act(pair, shape, new SeededRandom(seed * 99 + step)),
    );
    expect(b, what).toBe(a);
    compare(typed.memory.views, wasm.memory.views, what);
    offers += typed.memory.views.header[H.resultCount]!;
  }
  return offers;
}

/** One random call; returns what it returned. */
function act(pair: KernelPair, shape: Shape, random: Random): number {
  change(pair.memory.views, shape, random);
  const choice = random.int(8);
  if (choice < 4) return run(pair);
  if (choice < 7) return giveBack(pair, random);
  pair.kernel.refresh();
  return 0;
}

function run({ memory, kernel }: KernelPair): number {
  const { header } = memory.views;
  header[H.cycle] = header[H.cycle]! + 1;
  let pauses = 0;
  while (kernel.run() !== 0) {
    pauses += 1;
    for (const list of ["offers", "parts", "refs"] as const) {
      memory.ensure(list, 2 * memory.capacities[list]);
    }
  }
  return pauses;
}

/** Return some of the outstanding offers, mostly with a filter. */
function giveBack({ memory, kernel }: KernelPair, random: Random): number {
  const { views: v } = memory;
  const part = 1 + random.int(3);
  const offers: number[] = [];
  for (let agent = 0; agent < v.header[H.agentsHigh]!; agent += 1) {
    for (let offer = v.aOfferHead[agent]!; offer !== 0; offer = v.oNext[offer]!) {
      if (random.int(3) < part) offers.push(offer);
    }
  }
  v.returning.set(random.shuffle(offers));
  for (const list of ["filters", "snaps"] as const) {
    if (freeSlots(memory.views, list) >= offers.length) continue;
    memory.ensure(list, memory.capacities[list] + offers.length);
  }
  return kernel.returnOffers(offers.length, random.int(3), memory.views.aFilterHead[0]!);
}

function freeSlots(v: Views, list: "filters" | "snaps"): number {
  const link = list === "filters" ? v.fNext : v.pNext;
  let free = 0;
  let slot = v.header[list === "filters" ? H.filtersFree : H.snapsFree]!;
  for (; slot !== 0; slot = link[slot]!) free += 1;
  return free;
}

/** What the shell does between calls, as far as the kernel can tell. */
function change(v: Views, shape: Shape, random: Random): void {
  const { header } = v;
  for (let count = random.int(6); count > 0; count -= 1) {
    const agent = random.int(shape.agents);
    v.aCandidate[agent] = 1;
    v.aFlags[agent] = v.aFlags[agent]! ^ (random.int(5) === 0 ? flags.A_ELIGIBLE : flags.A_STALE);
    if (random.int(3) === 0) v.aToken[agent] = 1000 + random.int(1000);
    if (random.int(3) === 0) fillRow(v.aFree, agent, shape, random, 100_000);
  }
  if (random.int(4) === 0) header[H.sharesStale] = 1;
  if (random.int(4) === 0) header[H.loosened] = 1;
}

/** Hold all columns of both against each other, byte for byte. */
function compare(typed: Views, wasm: Views, what: string): void {
  const others = Object.values(wasm);
  for (const [nth, [name, expected]] of Object.entries(typed).entries()) {
    const found = others[nth]!;
    if (Buffer.compare(bytesOf(expected), bytesOf(found)) === 0) continue;
    const at = expected.findIndex((value: number, i: number) => !Object.is(value, found[i]));
    throw new Error(`${what}: ${name}[${at}] is ${expected[at]} (typed), ${found[at]} (wasm)`);
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

interface Shape {
  readonly row: number;
  readonly kinds: number;
  readonly countable: number;
  readonly nodes: number;
  readonly clients: number;
  readonly agents: number;
  readonly slices: number;
  readonly capacities: Partial<Capacities>;
}

function randomShape(random: Random): Shape {
  const kinds = 1 + random.int(random.int(2) === 0 ? 4 : 12);
  const row = kinds > 8 || random.int(4) === 0 ? 16 : 8;
  const agents = 1 + random.int(random.int(4) === 0 ? 200 : 40);
  return {
    row,
    kinds,
    countable: random.u32() & random.u32() & (2 ** kinds - 1),
    nodes: 2 + random.int(20),
    clients: 1 + random.int(90),
    agents,
    slices: random.int(3) === 0 ? 0 : random.int(2 * agents),
    capacities: {
      rowStride: row,
      clients: 128,
      order: 1024,
      filterRows: 256,
      slices: 512,
      offers: 128,
    },
  };
}

/** A state that is consistent where a kernel relies on it: links, orders, free lists. */
function fill(v: Views, shape: Shape, random: Random): void {
  const { header } = v;
  header[H.kinds] = shape.kinds;
  header[H.countableMask] = shape.countable;
  header[H.excludedMask] = random.u32() & random.u32() & random.u32() & (2 ** shape.kinds - 1);
  header[H.seed] = random.u32();
  header[H.randomSorter] = Number(random.int(4) === 0);
  header[H.defaultMinCount] = random.int(4);
  header[H.minOverrides] = random.int(2);
  for (let i = 0; i < 8; i += 1) fillRow(v.minimums, i, shape, random, 2_000);
  fillRow(v.kTotal, 0, shape, random, 10_000_000);
  fillRow(v.kHeadroom, 0, shape, random, 200_000);
  fillNodes(v, shape, random);
  fillClients(v, shape, random);
  fillAgents(v, shape, random);
  fillSlices(v, shape, random);
}

function fillNodes(v: Views, shape: Shape, random: Random): void {
  const { header, nParent } = v;
  const quota = random.int(2);
  header[H.nodesHigh] = shape.nodes;
  header[H.sharesStale] = 1;
  v.nLimit.fill(Number.POSITIVE_INFINITY);
  for (let node = 1; node < shape.nodes; node += 1) {
    nParent[node] = random.int(2) === 0 ? 0 : random.int(node);
    v.nWeight[node] = 1 + random.int(3) / 2;
    v.nCount[node] = random.int(3);
    v.nLeafCount[node] = random.int(3);
    for (const rows of [v.nAlloc, v.nLeafAlloc, v.nConsumed]) {
      fillRow(rows, node, shape, random, 50_000);
    }
    if (quota === 1) giveQuota(v, node, shape, random);
  }
  for (let node = shape.nodes - 1; node > 0; node -= 1) {
    if (v.nFlags[node]! & flags.N_SUBTREE_GUARANTEE) renewNeed(v, node);
    if (v.nFlags[node]! & flags.N_HAS_LIMIT) renewSpent(v, node);
  }
}

function giveQuota(v: Views, node: number, shape: Shape, random: Random): void {
  const parent = v.nFlags[v.nParent[node]!]!;
  let own = parent & (flags.N_CHAIN_GUARANTEE | flags.N_CHAIN_LIMIT);
  if (random.int(2) === 0) {
    own |= flags.N_HAS_GUARANTEE | flags.N_CHAIN_GUARANTEE;
    fillRow(v.nGuarantee, node, shape, random, 90_000);
    v.header[H.guaranteeNodes] = v.header[H.guaranteeNodes]! + 1;
    for (let up = node; up !== 0; up = v.nParent[up]!) {
      v.nFlags[up] = v.nFlags[up]! | flags.N_SUBTREE_GUARANTEE;
    }
  }
  if (random.int(2) === 0) {
    own |= flags.N_HAS_LIMIT | flags.N_CHAIN_LIMIT;
    fillRow(v.nLimit, node, shape, random, 200_000);
  }
  v.nFlags[node] = v.nFlags[node]! | own;
  v.header[H.quotaNodes] = v.header[H.quotaNodes]! + 1;
}

function fillClients(v: Views, shape: Shape, random: Random): void {
  const { header } = v;
  header[H.clientsHigh] = shape.clients;
  const clients: number[][] = Array.from({ length: shape.nodes }, () => []);
  for (let client = 0; client < shape.clients; client += 1) {
    const node = 1 + random.int(shape.nodes - 1);
    clients[node]!.push(client);
    v.cNode[client] = node;
    v.cRank[client] = client;
    v.cCount[client] = random.int(3);
    v.cFlags[client] = random.int(8);
    v.cMinStart[client] = random.int(4);
    v.cMinCount[client] = random.int(3);
    fillRow(v.cAlloc, client, shape, random, 5_000);
    if (random.int(4) > 0) activate(v, client);
  }
  let end = 0;
  for (let node = 0; node < shape.nodes; node += 1) {
    const kids = [...Array(shape.nodes).keys()].filter((kid) => kid > 0 && v.nParent[kid] === node);
    if (kids.length > 0 && clients[node]!.length > 0) kids.push(node);
    kids.forEach((kid, rank) => {
      if (kid === node) v.nLeafRank[kid] = rank;
      else v.nRank[kid] = rank;
    });
    for (const [list, start, count, max] of [
      [kids, v.nKidStart, v.nKidCount, v.nKidMax] as const,
      [clients[node]!, v.nClientStart, v.nClientCount, v.nClientMax] as const,
    ]) {
      start[node] = end;
      count[node] = list.length;
      max[node] = list.length;
      v.order.set(list, end);
      end += 2 * list.length;
    }
  }
}

function activate(v: Views, client: number): void {
  const word = client >>> 5;
  v.activeBits[word] = v.activeBits[word]! | (1 << (client & 31));
  v.header[H.activeClients] = v.header[H.activeClients]! + 1;
  let node = v.cNode[client]!;
  v.nLeafActive[node] = v.nLeafActive[node]! + 1;
  for (; node !== 0; node = v.nParent[node]!) v.nActive[node] = v.nActive[node]! + 1;
}

function fillAgents(v: Views, shape: Shape, random: Random): void {
  v.header[H.agentsHigh] = shape.agents;
  for (let word = 0; word < 8 * 4; word += 1) {
    v.excludedBits[word] = random.u32() & random.u32() & random.u32();
  }
  for (let agent = 0; agent < shape.agents; agent += 1) {
    const eligible = random.int(6) > 0 ? flags.A_ELIGIBLE : 0;
    v.aFlags[agent] = flags.A_PRESENT | eligible;
    v.aCandidate[agent] = Number(random.int(8) > 0);
    v.aToken[agent] = agent + 1;
    v.aClass[agent] = random.int(8);
    v.aFilterRow[agent] = 1 + agent;
    fillRow(v.aFree, agent, shape, random, 100_000);
  }
}

function fillSlices(v: Views, shape: Shape, random: Random): void {
  for (let slice = 1; slice <= shape.slices; slice += 1) {
    const agent = random.int(shape.agents);
    v.lAgent[slice] = agent;
    v.lNext[slice] = v.aSliceHead[agent]!;
    v.aSliceHead[agent] = slice;
    v.lFlags[slice] = 1 << random.int(4);
    v.lNode[slice] = random.int(3) === 0 ? 1 + random.int(shape.nodes - 1) : 0;
    fillRow(v.lFree, slice, shape, random, 9_000);
  }
}

/** Whole thousands for countable kinds; some zeros. */
function fillRow(
  rows: Float64Array,
  index: number,
  { kinds, countable, row }: Shape,
  random: Random,
  below: number,
): void {
  const base = index * row;
  for (let kind = 0; kind < kinds; kind += 1) {
    const amount = random.int(3) === 0 ? 0 : random.int(below);
    rows[base + kind] = (countable >>> kind) & 1 ? Math.floor(amount / 1000) * 1000 : amount;
  }
}

function readNumber(name: string): number | undefined {
  const text = process.env[name];
  return text === undefined ? undefined : Number(text);
}
