import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Row, Team } from "../../examples/custom_scheduler/report.ts";
import { ROOT } from "../support/files.ts";

const CPUS = 96;
const MEM_MB = 384_000;
const MACHINES = 6;

interface Output {
  readonly seed: number;
  readonly teams: readonly Team[];
  readonly rows: readonly Row[];
}

/** Run the example as a user does, but on the sources. */
function start(args: readonly string[]) {
  const main = "examples/custom_scheduler/main.ts";
  const words = ["--no-install", "tsx", "--tsconfig", "tsconfig.json", main, ...args];
  return spawnSync("npx", words, { cwd: ROOT, encoding: "utf8" });
}

function run(...args: readonly string[]): string {
  const { status, stdout, stderr } = start(args);
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

function runJson(seed: number): Output {
  const output: Output = JSON.parse(run("--seed", String(seed), "--json"));
  return output;
}

const folder = mkdtempSync(join(tmpdir(), "fairlead-example-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each([1, 2, 3])("examples/custom_scheduler --seed %i", (seed) => {
  let output: Output;
  beforeAll(() => {
    output = runJson(seed);
  });

  test("covers ten minutes in steps of ten seconds", () => {
    expect(output.seed).toBe(seed);
    expect(output.rows.map(({ timeMs }) => timeMs)).toEqual(
      Array.from({ length: 60 }, (_, step) => step * 10_000),
    );
  });

  test("gives nothing twice", () => {
    for (const { teams } of output.rows) {
      expect(sum(teams.map(({ cpus }) => cpus))).toBeLessThanOrEqual(CPUS);
      expect(sum(teams.map(({ memMb }) => memMb))).toBeLessThanOrEqual(MEM_MB);
    }
  });

  test("counts dominant shares by weight", () => {
    for (const { teams } of output.rows) {
      teams.forEach(({ cpus, memMb, share }, index) => {
        const { weight } = output.teams[index]!;
        expect(share).toBeCloseTo(Math.max(cpus / CPUS, memMb / MEM_MB) / weight, 12);
      });
    }
  });

  test("keeps lab within its limit and web at its guarantee", () => {
    for (const { teams } of output.rows) {
      const [web, , lab] = teams;
      expect(lab!.cpus).toBeLessThanOrEqual(16);
      if (web!.waiting > 0) expect(web!.cpus).toBeGreaterThanOrEqual(24);
    }
    expect(output.rows.some(({ teams }) => teams[2]!.cpus === 16)).toBe(true);
  });

  test("has a reason for every team that waits", () => {
    for (const { teams } of output.rows) {
      for (const { waiting, why } of teams) {
        expect(why !== undefined).toBe(waiting > 0);
        if (why === undefined) continue;
        expect(["minimum", "quota_limit", "headroom", "nothing_free"]).toContain(why.code);
        expect(why.agents).toBeGreaterThan(0);
        expect(why.agents).toBeLessThanOrEqual(MACHINES);
        expect(why.message).not.toBe("");
      }
    }
  });
});

describe("examples/custom_scheduler", () => {
  test("gives the same rows for the same seed, others for another", () => {
    expect(runJson(1)).toEqual(runJson(1));
    expect(runJson(1).rows).not.toEqual(runJson(4).rows);
  });

  test("prints a line a minute and a summary", () => {
    const lines = run("--seed", "1").trimEnd().split("\n");
    expect(lines.filter((line) => /^ *\d+ min/.test(line))).toHaveLength(10);
    const means = lines.filter((line) => line.endsWith("on average"));
    expect(means.map((line) => line.split(":")[0])).toEqual(["web", "data", "lab"]);
    expect(lines.at(-1)).toMatch(/^lab waits with \d+ jobs: \S/);
  });

  test("lists its flags", () => {
    expect(run("--help")).toContain("--seed N");
  });

  test.each([
    [["--what"], "Cannot read the command line: Unknown option '--what'"],
    [["--seed", "x"], "Cannot use --seed x: it must be an integer from 0 to"],
    [["--svg", "/nonexistent/x.svg"], "Cannot write --svg /nonexistent/x.svg"],
  ])("ends with 2 and a sentence for %s", (args, sentence) => {
    const { status, stdout, stderr } = start(args);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(sentence);
    expect(stderr).not.toContain("    at ");
  });

  test("draws the picture that the README shows (npm run example:custom_scheduler -- --svg …)", () => {
    const file = join(folder, "three_teams.svg");
    run("--svg", file);
    const shown = readFileSync(`${ROOT}docs/images/three_teams.svg`, "utf8");
    expect(readFileSync(file, "utf8")).toBe(shown);
  });
});

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
