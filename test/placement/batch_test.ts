import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Constraint,
  prepareTasks,
  TaskBatch,
  type TaskSpec,
} from "../../src/placement/mod.ts";

const unique: Constraint = { field: "hostname", operator: "UNIQUE" };

describe("prepareTasks()", () => {
  test("sorts tasks of equal amounts and rules into classes and counts them", () => {
    const batch = prepareTasks([
      { cpusMillis: 100, memMillis: 5 },
      { cpusMillis: 100, memMillis: 5, diskMillis: 0, gpuMillis: 0 },
      { cpusMillis: 100, memMillis: 6 },
      { cpusMillis: 100, memMillis: 5, gpuModels: ["T4"] },
    ]);
    expect(batch).toBeInstanceOf(TaskBatch);
    expect([...batch.classOf]).toEqual([0, 0, 1, 2]);
    expect([...batch.classes.count]).toEqual([2, 1, 1]);
    expect([...batch.classes.rule]).toEqual([-1, -1, 0]);
  });

  test("keeps groups apart only where constraints count their instances", () => {
    const batch = prepareTasks([
      { group: "a" },
      { group: "b" },
      { group: "a", constraints: [unique] },
      { group: "b", constraints: [unique] },
    ]);
    expect([...batch.classOf]).toEqual([0, 0, 1, 2]);
    expect(batch.groups).toEqual(["a", "b"]);
    expect([...batch.groupOf!]).toEqual([0, 1, 0, 1]);
  });

  test("reads columns as it reads objects", () => {
    const rule = { group: "g", constraints: [unique] };
    const objects = prepareTasks([
      { cpusMillis: 1, memMillis: 2, diskMillis: 3, gpuMillis: 500, ...rule },
      { cpusMillis: 4, memMillis: 5, diskMillis: 6, gpuMillis: 2_000 },
    ]);
    const columns = prepareTasks({
      cpusMillis: [1, 4],
      memMillis: Float64Array.of(2, 5),
      diskMillis: [3, 6],
      gpuMillis: Int32Array.of(500, 2_000),
      rule: Int32Array.of(0, -1),
      rules: [rule],
    });
    expect(columns.classes).toEqual(objects.classes);
    expect(columns.classOf).toEqual(objects.classOf);
    expect(columns.groupOf).toEqual(objects.groupOf);
    expect(columns.idOf(0)).toBeUndefined();
  });

  test("remembers ids", () => {
    const batch = prepareTasks([{ id: "web.1" }, {}]);
    expect([batch.idOf(0), batch.idOf(1)]).toEqual(["web.1", undefined]);
  });

  test.each<[string, TaskSpec, string]>([
    ["negative cpus", { cpusMillis: -1 }, "tasks[1].cpusMillis = -1: it must be an integer from 0"],
    ["half a thousandth", { memMillis: 0.5 }, "tasks[1].memMillis = 0.5"],
    ["NaN", { diskMillis: Number.NaN }, "tasks[1].diskMillis = NaN"],
    ["more than there can be", { cpusMillis: 1e15 + 2 }, "tasks[1].cpusMillis"],
    [
      "one and a half devices",
      { gpuMillis: 1_500 },
      "tasks[1].gpuMillis = 1500: it must be 0 to 1000",
    ],
    ["seventeen devices", { gpuMillis: 17_000 }, "multiple of 1000 up to 16000"],
    ["no models", { gpuModels: [] }, "tasks[1].gpuModels"],
    ["a group without a name", { group: "" }, "tasks[1].group"],
    ["counting without a group", { constraints: [unique] }, "tasks[1].group = undefined"],
    [
      "too many constraints",
      { group: "g", constraints: Array.from({ length: 33 }, () => unique) },
      "tasks[1].constraints.length = 33: it must be at most 32",
    ],
  ])("refuses %s and names it", (_, task, sentence) => {
    expect(() => prepareTasks([{}, task])).toThrow(
      expect.objectContaining({
        code: "invalid_input",
        message: expect.stringContaining(sentence),
      }),
    );
  });

  test("refuses columns that do not belong together", () => {
    expect(() => prepareTasks({ cpusMillis: [1, 2], memMillis: [1] })).toThrow(
      /memMillis.length = 1/,
    );
    expect(() => prepareTasks({ cpusMillis: [1], memMillis: [1], rule: [3] })).toThrow(
      /rule\[0\] = 3/,
    );
  });

  test("finds as many classes as there are different tasks", () => {
    const amount = fc.constantFrom(0, 1, 2 ** 32, 2 ** 32 + 1, 1e15);
    const task = fc.record({ cpusMillis: amount, memMillis: amount, diskMillis: amount });
    fc.assert(
      fc.property(fc.array(task, { maxLength: 300 }), (tasks) => {
        const batch = prepareTasks(tasks);
        const different = new Set(tasks.map((each) => JSON.stringify(Object.values(each))));
        expect(batch.classes.count.length).toBe(different.size);
        tasks.forEach((each, i) => {
          const cls = batch.classOf[i]!;
          expect(batch.classes.cpusMillis[cls]).toBe(each.cpusMillis);
          expect(batch.classes.memMillis[cls]).toBe(each.memMillis);
        });
      }),
      { numRuns: 50 },
    );
  });

  test("grows to as many classes as tasks", () => {
    const batch = prepareTasks(Array.from({ length: 3_000 }, (_, i) => ({ cpusMillis: i })));
    expect(batch.classes.count.length).toBe(3_000);
    expect(batch.classes.cpusMillis[2_999]).toBe(2_999);
  });
});
