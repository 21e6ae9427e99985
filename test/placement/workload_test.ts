import { describe, expect, test } from "vitest";
import { prepareTasks } from "../../src/placement/mod.ts";
import {
  fillTable,
  levelsOf,
  profileWorkload,
  rowWidth,
  shapesOf,
  tableLength,
} from "../../src/placement/workload.ts";

const shape = (cpus: number, mem: number, gpuMillis: number, count = 1) => ({
  cpusMillis: cpus,
  memMillis: mem,
  gpuMillis,
  count,
});

describe("profileWorkload()", () => {
  test("keeps shapes as they are while they are few", () => {
    const profile = profileWorkload([shape(100, 10, 250, 3), shape(200, 10, 2_000)], 1);
    expect(profile.cpuSteps).toEqual([100, 200]);
    expect(profile.memSteps).toEqual([10]);
    expect(profile.shares).toEqual([250, 1_000]);
    expect(profile.totalWeight).toBe(4);
    expect(profile.gpusPerCpus).toBeCloseTo(2_750 / 500);
  });

  test("rounds up to the steps when amounts are many, and sums weights to 65,536", () => {
    const shapes = Array.from({ length: 5_000 }, (_, i) => shape(i, 5_000 - i, 1 + (i % 999), 100));
    const profile = profileWorkload(shapes, 4);
    expect(profile.cpuSteps.length).toBeLessThanOrEqual(128);
    expect(profile.memSteps.length).toBeLessThanOrEqual(128);
    expect(profile.shares.length).toBeLessThanOrEqual(41);
    expect(profile.totalWeight).toBe(65_536);
    profile.shapes.forEach((rounded, i) => {
      expect(rounded.cpus).toBeGreaterThanOrEqual(shapes[i]!.cpusMillis);
      expect(rounded.mem).toBeGreaterThanOrEqual(shapes[i]!.memMillis);
      expect(rounded.gpuMillis).toBeGreaterThanOrEqual(shapes[i]!.gpuMillis);
    });
  });

  test("takes a workload of nothing", () => {
    const profile = profileWorkload([], 1);
    expect(profile.totalWeight).toBe(0);
    expect(profile.quantumInverse).toBeGreaterThan(0);
  });
});

describe("fillTable()", () => {
  test("holds in each row the weight of what fits there", () => {
    const shapes = [shape(1, 1, 300, 2), shape(2, 1, 1_000, 4), shape(1, 2, 3_000, 8)];
    const withModel = [
      ...shapes,
      { ...shape(1, 1, 300, 16), gpuModels: ["T4"] },
      shape(1, 1, 0, 32),
    ];
    const profile = profileWorkload(withModel, 2);
    const table = new Int32Array(tableLength(profile, 2));
    fillTable(profile, ["", "T4"], table);
    const at = (model: number, cpu: number, mem: number, word: number) =>
      table[((model * 3 + cpu) * 3 + mem) * rowWidth(profile) + word]!;
    const counts = levelsOf(profile);
    expect([at(0, 2, 2, 0), at(0, 2, 2, 1), at(0, 2, 2, 2)]).toEqual([0, 2, 6]);
    expect([at(0, 1, 1, 2), at(0, 0, 2, 2), at(1, 1, 1, 1)]).toEqual([2, 0, 18]);
    expect([at(0, 1, 2, counts + 2), at(0, 1, 2, counts + 3), at(0, 1, 1, counts + 16)]).toEqual([
      0, 8, 0,
    ]);
  });
});

describe("shapesOf()", () => {
  test("gives the classes of a batch with their counts and models", () => {
    const task = { cpusMillis: 5, gpuMillis: 500, gpuModels: ["T4"] };
    expect(shapesOf(prepareTasks([task, task, { memMillis: 3 }]))).toEqual([
      { ...shape(5, 0, 500, 2), gpuModels: ["T4"] },
      shape(0, 3, 0),
    ]);
  });
});
