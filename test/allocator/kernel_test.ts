import { readFileSync } from "node:fs";
import { afterEach, describe, expect, test, vi } from "vitest";
import * as flags from "../../src/allocator/kernel/flags.ts";
import { H } from "../../src/allocator/kernel/layout.ts";
import { KernelMemory } from "../../src/allocator/kernel/memory.ts";
import { createKernel, type KernelPair } from "../../src/allocator/kernel/wasm.ts";

afterEach(() => vi.unstubAllGlobals());

describe("createKernel()", () => {
  test("gives the kernel that was chosen, with a memory of its own", () => {
    expect(createKernel("wasm").kernel.name).toBe("wasm");
    expect(createKernel("typed").kernel.name).toBe("typed");
    const [a, b] = [createKernel("wasm"), createKernel("wasm")];
    a.memory.views.header[H.cycle] = 9;
    expect(b.memory.views.header[H.cycle]).toBe(0);
  });

  test("passes capacities on", () => {
    for (const choice of ["wasm", "typed"] as const) {
      expect(createKernel(choice, { agents: 1024 }).memory.capacities.agents).toBe(1024);
    }
  });

  test("falls back to typed where the platform has no WebAssembly", () => {
    vi.stubGlobal("WebAssembly", undefined);
    expect(createKernel("wasm").kernel.name).toBe("typed");
  });

  test("passes other faults on", () => {
    expect(() => createKernel("wasm", { agents: -1 })).toThrow(/column "aFree"/);
  });
});

describe.each(["typed", "wasm"] as const)("%s kernel", (choice) => {
  test("grants an agent to the only client, and takes the offer back", () => {
    const pair = createKernel(choice);
    oneAgentOneClient(pair);
    expect(pair.kernel.run()).toBe(0);
    const { views: v } = pair.memory;
    expect(v.header[H.resultCount]).toBe(1);
    const offer = v.results[0]!;
    expect([v.oAgent[offer], v.oClient[offer], v.oMain[8 * offer]]).toEqual([0, 0, 4000]);
    expect([v.aFree[0], v.cAlloc[0], v.cShare[0], v.cCount[0]]).toEqual([0, 4000, 1, 1]);
    v.returning[0] = offer;
    expect(pair.kernel.returnOffers(1, 0, 0)).toBe(0);
    expect([v.aFree[0], v.cAlloc[0], v.cShare[0], v.cCount[0]]).toEqual([4000, 0, 0, 1]);
  });

  test("returnOffers() chains filters in front of the bucket's list", () => {
    const pair = createKernel(choice);
    oneAgentOneClient(pair);
    pair.kernel.run();
    const { views: v } = pair.memory;
    v.returning[0] = v.results[0]!;
    v.aFilterRow[0] = 1;
    const head = pair.kernel.returnOffers(1, 7, 33);
    expect([v.fBucket[head], v.fBucketNext[head], v.fBucketPrev[33]]).toEqual([7, 33, head]);
    v.header[H.cycle] = 2;
    pair.kernel.run();
    expect(v.header[H.resultCount]).toBe(0);
  });

  test("follows its columns when they are laid out anew", () => {
    const pair = createKernel(choice);
    oneAgentOneClient(pair);
    pair.kernel.refresh();
    pair.memory.ensure("agents", 5_000);
    pair.memory.resize({
      ...pair.memory.capacities,
      rowStride: 16,
      clients: 2 * pair.memory.capacities.clients,
    });
    expect(pair.kernel.run()).toBe(0);
    const { views: v } = pair.memory;
    expect(v.oMain[16 * v.results[0]!]).toBe(4000);
  });

  test("asks for room before slots can run out, and goes on where it stood", () => {
    const pair = createKernel(choice, { offers: 2, agents: 64 });
    oneAgentOneClient(pair);
    const { views: v } = pair.memory;
    expect(pair.kernel.run()).toBe(1);
    expect(v.header[H.stage]).toBe(2);
    pair.memory.ensure("offers", 4);
    expect(pair.kernel.run()).toBe(0);
    expect(pair.memory.views.header[H.resultCount]).toBe(1);
  });
});

describe("assembly/drf", () => {
  test("names the columns in the layout's order", () => {
    const bound = namesIn("memory.ts", /^ {2}(\w+) = next\(\);$/gm).map(([name]) => name);
    expect(bound).toEqual(Object.keys(new KernelMemory().views));
  });

  test("names the words of the header and the flags as the reference does", () => {
    const words = namesIn("header.ts", /^ {2}(\w+) = (\d+),$/gm);
    expect(Object.fromEntries(words)).toEqual(textOf(H));
    const bits = namesIn("flags.ts", /^export const (\w+): u32 = (\d+);$/gm);
    expect(Object.fromEntries(bits)).toEqual(textOf(flags));
  });
});

/** One agent of 4 cpus, one role, one client that takes anything. */
function oneAgentOneClient({ memory }: KernelPair): void {
  const { views: v } = memory;
  for (const [word, value] of [
    [H.kinds, 1],
    [H.agentsHigh, 1],
    [H.nodesHigh, 2],
    [H.clientsHigh, 1],
    [H.activeClients, 1],
    [H.cycle, 1],
    [H.sharesStale, 1],
  ] as const) {
    v.header[word] = value;
  }
  v.kTotal[0] = 4000;
  v.kHeadroom[0] = 4000;
  v.aFree[0] = 4000;
  v.aFlags[0] = flags.A_PRESENT | flags.A_ELIGIBLE;
  v.aCandidate[0] = 1;
  v.nWeight.fill(1);
  v.nLimit.fill(Number.POSITIVE_INFINITY);
  v.activeBits[0] = 1;
  v.cNode[0] = 1;
  v.nActive[1] = 1;
  for (const [count, max] of [
    [v.nKidCount, v.nKidMax],
    [v.nClientCount, v.nClientMax],
  ] as const) {
    const node = count === v.nKidCount ? 0 : 1;
    count[node] = 1;
    max[node] = 4;
  }
  v.nClientStart[1] = 8;
  v.order[0] = 1;
}

function namesIn(file: string, pattern: RegExp): string[][] {
  const text = readFileSync(`assembly/drf/${file}`, "utf8");
  return Array.from(text.matchAll(pattern), ([, ...groups]) => groups);
}

function textOf(numbers: Readonly<Record<string, number>>): Record<string, string> {
  return Object.fromEntries(Object.entries(numbers).map(([name, n]) => [name, String(n)]));
}

describe("KernelMemory", () => {
  test.each(["typed", "wasm"] as const)("keeps contents when a list grows (%s)", (choice) => {
    const { memory } = createKernel(choice, { agents: 64, clients: 64 });
    const before = memory.views;
    before.aFree.forEach((_, i) => {
      before.aFree[i] = i;
    });
    before.activeFilterBits[3] = 7;
    before.minimums[9] = 5;
    memory.ensure("agents", 65);
    memory.resize({ ...memory.capacities, rowStride: 16, clients: 128 });
    const { views: v } = memory;
    expect([v.aFree[0], v.aFree[7], v.aFree[8], v.aFree[16]]).toEqual([0, 7, 0, 8]);
    expect(v.aFree[63 * 16 + 7]).toBe(511);
    expect([v.activeFilterBits[5], v.minimums[17]]).toEqual([7, 5]);
    expect(memory.capacities.agents).toBe(256);
  });

  test("makes room in several lists with one new layout", () => {
    const { memory } = createKernel("typed");
    const { generation, capacities } = memory;
    memory.ensureAll([
      ["filters", 5_000],
      ["snaps", 1],
      ["filterRows", 9],
    ]);
    expect(memory.generation).toBe(generation + 1);
    expect(memory.capacities).toEqual({ ...capacities, filters: 8_192, filterRows: 32 });
    memory.ensureAll([["filters", 5_000]]);
    expect(memory.generation).toBe(generation + 1);
  });
});
