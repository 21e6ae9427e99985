/** Comparing trees, and migrations between two real ensembles of three servers each. */

import { createKernel, type DiffKernel } from "fairlead/migration";
import type { Case, Contender, Maker, Params, ProcessContender, Suite } from "./harness.ts";

/** Rows that differ: one in a thousand is changed, one missing, one too much. */
const EVERY = 1_000;

/** Keys as hashes are: spread, and sorted. */
function keysOf(count: number): BigUint64Array {
  const keys = new BigUint64Array(count);
  const step = 2n ** 64n / BigInt(count + 1);
  for (let row = 0; row < count; row += 1) keys[row] = step * BigInt(row + 1);
  return keys;
}

function rows({ rows: count }: Params, side: "left" | "right") {
  const keys = keysOf(Number(count));
  const states = new BigUint64Array(keys.length).fill(7n);
  if (side === "right") {
    for (let row = 0; row < keys.length; row += EVERY) states[row] = 8n;
    for (let row = 1; row < keys.length; row += EVERY) keys[row] = (keys[row] ?? 0n) + 1n;
  }
  return { keys, states };
}

function byKernel(params: Params, kernel: DiffKernel): Contender {
  const left = rows(params, "left");
  const right = rows(params, "right");
  const count = left.keys.length;
  const columns = kernel.open(count, count);
  columns.leftKey.set(left.keys);
  columns.leftState.set(left.states);
  columns.leftCounts.fill(0n);
  columns.rightKey.set(right.keys);
  columns.rightState.set(right.states);
  columns.rightCounts.fill(0n);
  let found = 0;
  return {
    run() {
      found = kernel.merge(count, count, 0n);
    },
    answer: () => found,
  };
}

/** As one would without columns: a Map of paths, and objects. */
function byMap(params: Params): Contender {
  const nodesOf = (side: "left" | "right") => {
    const { keys, states } = rows(params, side);
    return Array.from(keys, (key, row) => ({
      path: `/apps/services/group-${key % 977n}/instance-${key}`,
      state: String(states[row]),
    }));
  };
  const [left, right] = [nodesOf("left"), nodesOf("right")];
  let found = 0;
  return {
    run() {
      found = 0;
      const byPath = new Map(right.map((node) => [node.path, node]));
      for (const node of left) {
        const other = byPath.get(node.path);
        if (other === undefined || other.state !== node.state) found += 1;
        byPath.delete(node.path);
      }
      found += byPath.size;
    },
    answer: () => found,
  };
}

/** One case in a process of its own, which starts the ensembles. */
function migration(name: string): Record<string, Maker<ProcessContender>> {
  return {
    fairlead: (params) => ({
      flags: [],
      timeoutMs: 600_000,
      code: `
        const { ${name} } = await import("./.fairlead/bench/migration_run.js");
        console.log(JSON.stringify(await ${name}(${JSON.stringify(params)})));
        process.exit(0);`,
    }),
  };
}

function expectAnswer(wanted: string) {
  return (answer: string | number): void => {
    if (answer !== wanted) throw new Error(`Cannot count this run: ${answer}`);
  };
}

const equal = expectAnswer("both sides are equal");

const cases: readonly Case[] = [
  {
    name: "diff",
    about: "rows a side, sorted, three in a thousand different",
    sweep: [{ rows: 100_000 }, { rows: 1_000_000 }],
    quick: [{ rows: 10_000 }],
    items: ({ rows: count }) => Number(count) * 2,
    contenders: {
      wasm: (params) => byKernel(params, createKernel("wasm")),
      typed: (params) => byKernel(params, createKernel("typed")),
      map: byMap,
    },
  },
  {
    name: "bootstrap",
    about: "the first copy of nodes of 200 bytes with ACLs, versions and counters; verifyS beside",
    measure: "process",
    unit: "s",
    samples: 1,
    sweep: [{ nodes: 10_000 }, { nodes: 100_000 }],
    quick: [{ nodes: 1_000 }],
    growth: "nodes",
    check: equal,
    contenders: migration("bootstrap"),
  },
  {
    name: "lag",
    about: "from the source's answer to the target's, p50; p99 and the ensembles' own beside",
    measure: "process",
    unit: "ms",
    samples: 1,
    sweep: [
      { nodes: 10_000, rate: 1_000, seconds: 30, strategy: "tap" },
      { nodes: 10_000, rate: 1_000, seconds: 30, strategy: "watch" },
      { nodes: 10_000, rate: 3_000, seconds: 60, strategy: "tap" },
    ],
    quick: [
      { nodes: 1_000, rate: 200, seconds: 2, strategy: "tap" },
      { nodes: 1_000, rate: 200, seconds: 2, strategy: "watch" },
    ],
    growth: "rate",
    check: equal,
    contenders: migration("lag"),
  },
  {
    name: "torn",
    about: "reads a second of pairs on the target while they are written on the source",
    measure: "process",
    unit: "reads/s",
    samples: 1,
    sweep: [{ reads: 200_000, pairs: 50 }],
    quick: [{ reads: 5_000, pairs: 50 }],
    growth: "reads",
    check: expectAnswer("0 torn"),
    contenders: migration("torn"),
  },
  {
    name: "cutover",
    about: "seconds from the fence to the opened target, under load",
    measure: "process",
    unit: "s",
    samples: 1,
    sweep: [
      { nodes: 10_000, lanes: 16, fence: "proxy", warmS: 20 },
      { nodes: 10_000, lanes: 16, fence: "acl", warmS: 20 },
    ],
    quick: [{ nodes: 500, lanes: 4, fence: "proxy", warmS: 1 }],
    growth: "nodes",
    check: expectAnswer("no acknowledged write lost, none done twice"),
    contenders: migration("cutover"),
  },
  {
    name: "reconfig",
    about: "longest wait of a writer while all servers of its ensemble are replaced",
    measure: "process",
    unit: "s",
    samples: 1,
    sweep: [{ nodes: 10_000, warmS: 10 }],
    quick: [{ nodes: 500, warmS: 1 }],
    growth: "nodes",
    check: expectAnswer("session, ephemeral and versions kept"),
    contenders: migration("reconfig"),
  },
];

/** `npm run bench -- migration` */
export const suite: Suite = { name: "migration", cases };
