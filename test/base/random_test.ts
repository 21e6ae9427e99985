import fc from "fast-check";
import { expect, test } from "vitest";
import { type Random, SeededRandom, systemRandom } from "../../src/base/mod.ts";

const anySeed = fc.integer({ min: 0, max: 2 ** 32 - 1 });

test("SeededRandom gives the published numbers of xoshiro128** for the state 1, 2, 3, 4", () => {
  const random = new SeededRandom(0);
  random.restore([1, 2, 3, 4]);
  expect([random.u32(), random.u32(), random.u32(), random.u32()]).toEqual([
    11520, 0, 5927040, 70819200,
  ]);
});

test("SeededRandom gives equal numbers for equal seeds, and others for the next seed", () => {
  const draw = (seed: number) => {
    const random = new SeededRandom(seed);
    return Array.from({ length: 8 }, () => random.u32());
  };
  fc.assert(
    fc.property(anySeed, (seed) => {
      expect(draw(seed)).toEqual(draw(seed));
      expect(draw(seed)).not.toEqual(draw((seed + 1) % 2 ** 32));
    }),
  );
});

test("SeededRandom goes on from a state that was read before", () => {
  const random = new SeededRandom(42);
  random.u32();
  const state = random.state();
  const ahead = [random.u32(), random.u32(), random.u32()];
  random.restore(state);
  expect([random.u32(), random.u32(), random.u32()]).toEqual(ahead);
});

test.each([[[0, 0, 0, 0]], [[1, 2, 3, -1]], [[1, 2, 3, 2 ** 32]], [[1, 2, 3, 0.5]]] as const)(
  "SeededRandom.restore() refuses the state %s",
  (state) => {
    expect(() => new SeededRandom(1).restore(state)).toThrow(
      expect.objectContaining({ code: "invalid_option" }),
    );
  },
);

test.each([-1, 0.5, 2 ** 32, Number.NaN])("SeededRandom refuses the seed %s", (seed) => {
  expect(() => new SeededRandom(seed)).toThrow("seed");
});

const sources: [string, Random][] = [
  ["SeededRandom", new SeededRandom(7)],
  ["systemRandom", systemRandom],
];

test.each(sources)("%s.next() stays within 0 and 1, the latter excluded", (_name, random) => {
  for (let draw = 0; draw < 10_000; draw += 1) {
    const value = random.next();
    expect(value >= 0 && value < 1).toBe(true);
  }
});

test.each(sources)("%s.int() gives each number about equally often", (_name, random) => {
  const counts = new Array<number>(10).fill(0);
  for (let draw = 0; draw < 100_000; draw += 1) counts[random.int(10)]! += 1;
  for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(700);
});

test.each([0, -1, 1.5, 2 ** 32 + 1])("Random.int() refuses the bound %s", (below) => {
  expect(() => new SeededRandom(1).int(below)).toThrow(
    expect.objectContaining({ code: "invalid_option" }),
  );
});

test("Random.int() draws again where a remainder would favour small numbers", () => {
  const random = new SeededRandom(3);
  for (let draw = 0; draw < 1_000; draw += 1) {
    expect(random.int(2 ** 31 + 1)).toBeLessThan(2 ** 31 + 1);
  }
});

test("Random.shuffle() keeps every element, in place, in arrays and typed arrays", () => {
  fc.assert(
    fc.property(anySeed, fc.array(fc.integer()), (seed, list) => {
      const shuffled = [...list];
      expect(new SeededRandom(seed).shuffle(shuffled)).toBe(shuffled);
      expect([...shuffled].sort()).toEqual([...list].sort());
    }),
  );
  const rows = new SeededRandom(1).shuffle(Uint32Array.from({ length: 100 }, (_, row) => row));
  expect([...rows].sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, row) => row));
});

test("Random.shuffle() reaches every order about equally often", () => {
  const random = new SeededRandom(11);
  const counts = new Map<string, number>();
  for (let round = 0; round < 24_000; round += 1) {
    const order = random.shuffle(["a", "b", "c", "d"]).join("");
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  expect(counts.size).toBe(24);
  for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(160);
});
