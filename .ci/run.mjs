/**
 * The checks of `.ci/run`, to the end whatever fails: the tests alone, then what is left on two
 * lanes. The last line sums up: every test counts, and so does every check that is one command.
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { smoke } from "./bench_smoke.mjs";
import { findStrays } from "./strays.mjs";

const MINUTE_MS = 60_000;
const VITEST_REPORT = ".fairlead/vitest.json";

/** One after the other, with nothing beside them: what the tests wait for has its time. */
const first = [
  ["lock files are complete", command("node", ".ci/complete_lock.mjs", "--check")],
  ["no stray paths, hosts or secrets", () => verdict(findStrays())],
  ["npm test", tests],
  // It builds the package anew, which the checks of the lanes look at.
  ["npm run bench -- --list", command("npm", "run", "-s", "bench", "--", "--list")],
];

/** Lanes beside each other. */
const lanes = [
  [
    ["types: sources, tests, benches, examples", command("npx", "tsc", "-p", "tsconfig.json")],
    ["types: kernels", command("npx", "tsc", "-p", "assembly/tsconfig.json", "--noEmit")],
    ["lint and format", command("npx", "biome", "ci", "--colors=off", "--error-on-warnings", ".")],
    ["nothing unused (knip)", command("npm", "run", "-s", "check:unused")],
    ["package and its types (publint, attw)", command("npm", "run", "-s", "check:package")],
    ["npm run test:runtimes", runtimes],
  ],
  [["bench smoke", async () => verdict(await smoke())]],
];

process.exitCode = await main();

async function main() {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  const failures = [];
  mkdirSync(".fairlead", { recursive: true });
  const runLane = async (checks) => {
    for (const [name, check] of checks) {
      const begunMs = Date.now();
      const { passed = 0, failed = 0, skipped = 0 } = await attempt(check);
      const seconds = ((Date.now() - begunMs) / 1_000).toFixed(1);
      console.log(`── ${name}: ${passed} passed, ${failed} failed, ${seconds} s\n`);
      sum.passed += passed;
      sum.failed += failed;
      sum.skipped += skipped;
      if (failed > 0) failures.push(name);
    }
  };
  await runLane(first);
  await Promise.all(lanes.map(runLane));
  console.log(failures.length > 0 ? `failed: ${failures.join("; ")}` : "all checks hold");
  const skipped = sum.skipped > 0 ? `, ${sum.skipped} skipped` : "";
  console.log(`${sum.passed} passed, ${sum.failed} failed${skipped}`);
  return sum.failed > 0 ? 1 : 0;
}

/** A check that breaks has failed; the others still run. */
async function attempt(check) {
  try {
    return await check();
  } catch (error) {
    console.log(error);
    return { failed: 1 };
  }
}

/** A check that is one command: passed when it ends with 0; what it printed is shown then. */
function command(...words) {
  return async () => {
    const { status, output } = await capture(words);
    process.stdout.write(output);
    return status === 0 ? { passed: 1 } : { failed: 1 };
  };
}

/** A check that lists its faults: passed when there is none. */
function verdict(faults) {
  for (const fault of faults) console.log(fault);
  return faults.length === 0 ? { passed: 1 } : { failed: 1 };
}

/** The README's test command: it builds, then runs every *_test.ts. */
function tests() {
  rmSync(VITEST_REPORT, { force: true });
  const reporters = ["--reporter=dot", "--reporter=json", `--outputFile.json=${VITEST_REPORT}`];
  const { status } = run(["npm", "test", "--", ...reporters]);
  try {
    const report = JSON.parse(readFileSync(VITEST_REPORT, "utf8"));
    const { numPassedTests: passed, numFailedTests, numPendingTests: skipped } = report;
    // A file that does not load fails without a test of its own.
    const failed = Math.max(numFailedTests, status === 0 && report.success ? 0 : 1);
    return { passed, failed, skipped };
  } catch {
    return { failed: 1 };
  }
}

/** Counts itself, in its last line. */
async function runtimes() {
  const { status, output, stdout } = await capture(["npm", "run", "-s", "test:runtimes"]);
  process.stdout.write(output);
  const lines = stdout.trimEnd().split("\n");
  const line = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/.exec(lines.at(-1) ?? "");
  if (line === null) return { failed: 1 };
  const [passed, failed, skipped] = line.slice(1).map((count) => Number(count ?? 0));
  return { passed, failed: Math.max(failed, status === 0 ? 0 : 1), skipped };
}

/** Run with the output shown as it comes. */
function run([program, ...args]) {
  return spawnSync(program, args, { ...settings(), stdio: ["ignore", "inherit", "inherit"] });
}

/** Run with the output kept, as several run at once. */
function capture([program, ...args]) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { ...settings(), stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    let stdout = "";
    child.stdout.setEncoding("utf8").on("data", (text) => {
      stdout += text;
      output += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text) => {
      output += text;
    });
    child.once("error", (error) => resolve({ status: 1, output: `${output}${error}\n`, stdout }));
    child.once("close", (status) => resolve({ status, output, stdout }));
  });
}

function settings() {
  const env = { ...process.env, NO_COLOR: "1", npm_config_update_notifier: "false" };
  return { env, timeout: 27 * MINUTE_MS };
}
