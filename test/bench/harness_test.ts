import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import type { Case, Result, Suite } from "../../bench/harness.ts";
import { chooseCases, readArgs, UsageError } from "../../bench/harness_args.ts";
import { runCase } from "../../bench/harness_case.ts";
import { withParams } from "../../bench/harness_params.ts";
import { table } from "../../bench/harness_report.ts";
import { exponents, percentile, ratios } from "../../bench/harness_stats.ts";

const QUICK = { quick: true };

async function results(bench: Case): Promise<Result[]> {
  const all: Result[] = [];
  for await (const result of runCase("made_up", bench, QUICK)) all.push(result);
  return all;
}

/** Adds up 0…n-1, `times` times over. */
function summing(n: number, times: number) {
  let sum = 0;
  return {
    run() {
      for (let time = 0; time < times; time++) {
        sum = 0;
        for (let i = 0; i < n; i++) sum += i;
      }
    },
    answer: () => sum,
  };
}

const sums: Case = {
  name: "sum",
  sweep: [{ rows: 1_000 }, { rows: 10_000 }],
  quick: [{ rows: 1_000 }, { rows: 10_000 }],
  items: ({ rows }) => Number(rows),
  contenders: {
    typed: ({ rows }) => summing(Number(rows), 10),
    naive: ({ rows }) => (Number(rows) > 1_000 ? undefined : summing(Number(rows), 400)),
  },
};

describe("runCase()", () => {
  test("gives one line a contender and size, with ratios of medians and a rate", async () => {
    const [typed, naive, larger, growth] = await results(sums);
    expect(typed).toMatchObject({
      suite: "made_up",
      case: "sum",
      params: { rows: 1_000 },
      contender: "typed",
      unit: "ms",
    });
    expect(typed?.ratios.naive).toBeCloseTo((naive?.p50 ?? 0) / (typed?.p50 ?? 0), 2);
    expect(typed?.ratios.naive).toBeGreaterThan(5);
    expect(naive?.ratios.typed).toBeLessThan(0.2);
    expect(typed?.rate).toBeCloseTo((1_000 * 1_000) / (typed?.p50 ?? 0), -6);
    expect(larger).toMatchObject({ params: { rows: 10_000 }, contender: "typed", ratios: {} });
    expect(growth).toMatchObject({
      case: "sum/exponent",
      contender: "typed",
      params: { growth: "rows", from: 1_000, to: 10_000 },
      unit: "exponent",
    });
    expect(growth?.p50).toBeGreaterThan(0.5);
    expect(growth?.p50).toBeLessThan(1.5);
  });

  test("refuses to time contenders whose answers differ", async () => {
    const bench: Case = {
      name: "sum",
      sweep: [{ rows: 10 }],
      contenders: { typed: () => summing(10, 1), naive: () => summing(11, 1) },
    };
    await expect(results(bench)).rejects.toThrow(
      'Cannot time sum {"rows":10}: "typed" answers 45, "naive" 55',
    );
  });

  test("refuses an answer that the case's own check rejects", async () => {
    const bench: Case = {
      ...sums,
      check(answer) {
        if (answer !== 1) throw new Error(`wrong: ${answer}`);
      },
    };
    await expect(results(bench)).rejects.toThrow("wrong: 499500");
  });

  test("calls setup before every run and dispose once", async () => {
    const calls = { setup: 0, run: 0, dispose: 0 };
    const [result] = await results({
      name: "calls",
      sweep: [{ rows: 1 }],
      contenders: {
        typed: () => ({
          setup: () => void calls.setup++,
          run: () => void calls.run++,
          answer: () => "done",
          dispose: () => void calls.dispose++,
        }),
      },
    });
    expect(calls.setup).toBe(calls.run);
    expect(calls.run).toBeGreaterThan(result?.samples ?? Number.NaN);
    expect(calls.dispose).toBe(1);
  });

  test("awaits runs that return a promise", async () => {
    const [result] = await results({
      name: "waiting",
      sweep: [{ rows: 1 }],
      contenders: {
        fairlead: () => ({
          run: () => new Promise((resolve) => setTimeout(resolve, 5)),
          answer: () => 1,
        }),
      },
    });
    expect(result?.p50).toBeGreaterThan(4);
  });

  test("times very short calls in the loops of benchmark.js", async () => {
    let a = 1;
    const [result] = await results({
      name: "xor",
      measure: "cycles",
      sweep: [{ bits: 32 }],
      contenders: {
        typed: () => ({ run: () => (a = (a << 1) ^ (a >>> 31)), answer: () => 0 }),
      },
    });
    expect(result?.unit).toBe("ns");
    expect(result?.samples).toBeGreaterThanOrEqual(10);
    expect(result?.p50).toBeLessThan(2_000);
  });

  test("measures whole processes by what they print", async () => {
    const code = "console.log(JSON.stringify({ value: 7, answer: typeof gc, memoryBytes: 3 }))";
    const [result] = await results({
      name: "cold",
      measure: "process",
      unit: "ms",
      sweep: [{ rows: 1 }],
      contenders: { typed: () => ({ code }) },
    });
    expect(result).toMatchObject({ p50: 7, unit: "ms", memoryBytes: 3, samples: 2 });
  });

  test("says what a process printed when it is no report", async () => {
    const bench: Case = {
      name: "cold",
      measure: "process",
      unit: "ms",
      sweep: [{ rows: 1 }],
      contenders: { typed: () => ({ code: "console.log('{}')" }) },
    };
    await expect(results(bench)).rejects.toThrow('{} lacks "value" or "answer"');
  });
});

describe("statistics", () => {
  test("percentile() interpolates between samples", () => {
    expect(percentile([4, 1, 3, 2], 0.5)).toBe(2.5);
    expect(percentile([1, 2, 3], 0)).toBe(1);
    expect(percentile([7], 0.99)).toBe(7);
  });

  test("ratios() are above 1 for the faster one", () => {
    const of = new Map([
      ["wasm", [1, 1, 1]],
      ["naive", [50, 50, 50]],
    ]);
    expect(ratios("wasm", of, 0.5)).toEqual({ naive: 50 });
    expect(ratios("naive", of, 0.5)).toEqual({ wasm: 0.02 });
  });

  test("exponents() compares first with last, and sizes a factor of ten apart", () => {
    const at = (agents: number, ms: number): Result => ({
      suite: "s",
      case: "c",
      params: { agents, roles: 1 },
      contender: "wasm",
      p10: ms,
      p50: ms,
      p99: ms,
      unit: "ms",
      ratios: {},
    });
    const lines = exponents([at(100, 1), at(1_000, 10), at(10_000, 1_000)], "agents");
    expect(lines.map(({ params, p50 }) => [params.from, params.to, params.roles, p50])).toEqual([
      [100, 10_000, 1, 1.5],
      [100, 1_000, 1, 1],
      [1_000, 10_000, 1, 2],
    ]);
  });
});

describe("table()", () => {
  test("shows sizes, ratios and growth", async () => {
    const text = table("made_up", sums, await results(sums));
    expect(text).toMatch(/^made_up\/sum\nsize +contender +p10/);
    expect(text).toMatch(/rows 1,000 +typed .*×/);
    expect(text).toMatch(/growth in rows 1,000 → 10,000: typed \^/);
  });
});

describe("readArgs()", () => {
  const suites = ["allocator", "resources"];

  test("reads a suite, a case and flags", () => {
    expect(readArgs(["resources", "--case", "parse", "--json"], suites)).toEqual({
      suite: "resources",
      case: "parse",
      quick: false,
      json: true,
      list: false,
      help: false,
      params: {},
    });
  });

  test("takes what is no option for a parameter of the sizes", () => {
    const args = ["--minutes", "0.5", "resources", "--heavy", "--quick", "--deep", "false"];
    expect(readArgs(args, suites)).toMatchObject({
      suite: "resources",
      quick: true,
      params: { minutes: 0.5, heavy: true, deep: false },
    });
  });

  test.each([
    [[], "name a suite, one of allocator, resources"],
    [["master"], 'suite "master": there are allocator, resources'],
    [["resources", "allocator"], 'Cannot run "allocator" too'],
    [["resources", "-f"], "'-f'"],
    [["resources", "--case"], "--case"],
  ])("refuses %j", (args, message) => {
    expect(() => readArgs(args, suites)).toThrow(UsageError);
    expect(() => readArgs(args, suites)).toThrow(message);
  });

  test("chooseCases() names the cases there are", () => {
    const suite: Suite = { name: "made_up", cases: [sums] };
    expect(chooseCases(suite, "sum")).toEqual([sums]);
    expect(() => chooseCases(suite, "product")).toThrow(
      '"product" in suite "made_up": there are sum',
    );
  });

  test("withParams() sets parameters of sizes, and refuses what none of them is", () => {
    const cases = [{ ...sums, sweep: [{ rows: 1 }, { rows: 5, deep: true }, { rows: 2 }] }];
    expect(withParams(cases, { rows: 7 })[0]?.sweep).toEqual([
      { rows: 7 },
      { rows: 7, deep: true },
    ]);
    expect(withParams(cases, {})).toBe(cases);
    expect(() => withParams(cases, { fast: true })).toThrow(
      'Cannot set "fast": parameters are rows',
    );
    expect(() => withParams(cases, { rows: true })).toThrow(
      'Cannot set "rows" to true: it is 1, 5, 2',
    );
  });
});

test("the command ends with 2 on bad arguments", () => {
  const { status, stderr } = spawnSync("npx", ["--no-install", "tsx", "bench/main.ts", "nothing"], {
    encoding: "utf8",
  });
  expect(stderr).toContain('Cannot find suite "nothing"');
  expect(status).toBe(2);
});
