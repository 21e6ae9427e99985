import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  CLASS_STATE,
  DEVICE_RULE,
  I,
  joinColumns,
  layOutAgents,
  layOutBatch,
  METHOD,
  R,
} from "../../src/placement/kernel/layout.ts";
import { createKernel, WasmKernel } from "../../src/placement/kernel/wasm.ts";

const SIZES = {
  agents: 3,
  classes: 1,
  tasks: 1,
  maskRows: 0,
  method: METHOD.scan,
  boardSlots: 0,
  cpuSteps: 0,
  memSteps: 0,
  tableLength: 0,
};
const assembly = (file: string) => readFileSync(`assembly/placement/${file}`, "utf8");

describe("assembly/placement", () => {
  test("reads the columns in the order of the layout", () => {
    const bound = [...assembly("memory.ts").matchAll(/^ {2}(\w+) = next\(\);$/gm)].map(
      ([, name]) => name,
    );
    const agents = layOutAgents(undefined, 3);
    const batch = layOutBatch(undefined, agents.endByte, SIZES);
    expect(bound).toEqual([...Object.keys(agents.offsets), ...Object.keys(batch.offsets)]);
    expect(Object.keys(joinColumns(agents.views, batch.views))).toEqual(bound);
  });

  test.each([
    ["I", I],
    ["R", R],
    ["Method", METHOD],
    ["DeviceRule", DEVICE_RULE],
    ["ClassState", CLASS_STATE],
  ])("numbers the words of %s as the layout does", (name, words) => {
    const body = assembly("header.ts").match(new RegExp(`enum ${name} \\{([^}]*)\\}`))![1]!;
    const found = [...body.matchAll(/(\w+) = (\d+)/g)].map(([, word, number]) => [
      word,
      Number(number),
    ]);
    expect(Object.fromEntries(found)).toEqual({ ...words });
  });
});

describe.each(["wasm", "typed"] as const)("kernel %s", (kind) => {
  test("keeps the agents when it makes room for more and when a batch grows the memory", () => {
    const kernel = createKernel(kind);
    kernel.reserve(2).cpus.set([1, 2]);
    kernel.reserve(5).mem.set([7, 8, 9, 10, 11]);
    const columns = kernel.open({ ...SIZES, agents: 5, tasks: 1_000_000 });
    expect([...columns.cpus]).toEqual([1, 2, 0, 0, 0]);
    expect([...kernel.agents().mem]).toEqual([7, 8, 9, 10, 11]);
    expect(columns.taskAgent).toHaveLength(1_000_000);
  });

  test("scans without anything built", () => {
    const kernel = createKernel(kind);
    kernel.reserve(3).cpus.set([1, 5, 5]);
    const columns = kernel.open(SIZES);
    columns.ints[I.agents] = 3;
    columns.classCpus[0] = 4;
    columns.classMask[0] = -1;
    kernel.begin();
    kernel.place(0, 1);
    expect([columns.taskAgent[0], columns.cpus[1]]).toEqual([1, 1]);
  });
});

describe("WasmKernel", () => {
  test("makes instances that share nothing", () => {
    const [one, two] = [new WasmKernel(), new WasmKernel()];
    one.reserve(1).cpus[0] = 5;
    expect(two.reserve(1).cpus[0]).toBe(0);
  });
});
