import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { levelsByName, nameAll } from "../../../bench/topology_naive.ts";
import { copyIn, levels, makeWorld, sizesOf } from "../../../bench/topology_world.ts";
import { FairleadError } from "../../../src/base/mod.ts";
import type {
  KernelColumns,
  KernelSizes,
  TopologyKernel,
} from "../../../src/topology/kernel/contract.ts";
import { COLUMN_ORDER } from "../../../src/topology/kernel/layout.ts";
import { ReferenceKernel } from "../../../src/topology/kernel/reference.ts";
import { createKernel, WasmKernel } from "../../../src/topology/kernel/wasm.ts";

test("both kernels count the edges that Maps of names count", () => {
  const size = fc.record({
    hosts: fc.integer({ min: 1, max: 6 }),
    containers: fc.integer({ min: 1, max: 40 }),
    processes: fc.integer({ min: 1, max: 60 }),
    connections: fc.integer({ min: 0, max: 150 }),
    seed: fc.nat(),
  });
  fc.assert(
    fc.property(size, (asked) => {
      const processes = Math.max(asked.processes, asked.containers);
      const world = makeWorld({ ...asked, processes });
      const expected = levelsByName(nameAll(world));
      for (const kernel of [new WasmKernel(), new ReferenceKernel()]) {
        const columns = kernel.open(sizesOf(world));
        copyIn(columns, world);
        expect(levels(kernel, columns, world)).toBe(expected);
      }
    }),
    { numRuns: 40 },
  );
});

const MAPS = 3;
const SIZES: KernelSizes = {
  pairs: 60,
  facts: 20,
  endpoints: 24,
  addresses: 12,
  ips: 9,
  processes: 10,
  tables: 30,
  maps: MAPS,
  nodes: 40,
};

/** Fill the input columns with numbers that are allowed there, from one list of words. */
function fill(columns: KernelColumns, words: readonly number[]): void {
  let at = 0;
  const put = (column: Uint32Array, below: number) => {
    for (let row = 0; row < column.length; row += 1) {
      column[row] = (words[at % words.length] ?? 0) % below;
      at += 1;
    }
  };
  put(columns.aFrom, SIZES.endpoints);
  put(columns.aTo, SIZES.endpoints);
  put(columns.xRow, SIZES.endpoints);
  put(columns.xHost, 3);
  put(columns.xPid, 5);
  put(columns.eIp, SIZES.ips);
  put(columns.eIpPort, SIZES.ips);
  put(columns.eOutside, 4);
  put(columns.iIp, SIZES.ips);
  put(columns.iNode, SIZES.processes);
  put(columns.pHost, 3);
  put(columns.pPid, 4);
  put(columns.tables, SIZES.processes);
}

/** Every call, one after the other; what the columns hold after each. */
function play(kernel: TopologyKernel, words: readonly number[]) {
  const columns = kernel.open(SIZES);
  fill(columns, words);
  const seen: unknown[] = [];
  const note = (result: unknown) => {
    seen.push(result, ...COLUMN_ORDER.map((name) => Array.from(columns[name])));
  };
  const { endpoints, processes } = SIZES;
  const pairs = kernel.gather(SIZES.pairs, SIZES.facts, endpoints);
  note(pairs);
  note(kernel.processes(endpoints, processes, 0));
  note(kernel.join(endpoints, 2, SIZES.addresses - 2, 12, 1));
  const lift = { source: 0, target: 2, table: 0, size: processes, groups: 11, pseudo: 15 };
  note(kernel.lift(endpoints, { ...lift, fallback: 10 }));
  note(kernel.connect(pairs, 2, 1, SIZES.nodes));
  note(kernel.lift(endpoints, { ...lift, fallback: -1 }));
  note(kernel.connect(pairs, 2, -1, SIZES.nodes));
  return seen;
}

test("both kernels leave the same bits in every column after every call", () => {
  const words = fc.array(fc.nat(), { minLength: 40, maxLength: 400 });
  const [wasm, typed] = [new WasmKernel(), new ReferenceKernel()];
  fc.assert(
    fc.property(words, (list) => {
      expect(play(wasm, list)).toEqual(play(typed, list));
    }),
    { numRuns: 150 },
  );
});

test("the AssemblyScript lists the columns in the layout's order", () => {
  const source = readFileSync("assembly/topology/memory.ts", "utf8");
  const names = [...source.matchAll(/^export let (\w+): usize/gm)].map(([, name]) => name);
  expect(names).toEqual([...COLUMN_ORDER]);
});

test("open() refuses counts that no memory holds and names the field", () => {
  for (const kernel of [createKernel("wasm"), createKernel("typed")]) {
    for (const pairs of [-1, 1.5, 2 ** 29]) {
      let code = "";
      try {
        kernel.open({ ...SIZES, pairs });
      } catch (error) {
        if (error instanceof FairleadError) code = `${error.code} ${error.details.field}`;
      }
      expect(code).toBe("invalid_input pairs");
    }
  }
});
