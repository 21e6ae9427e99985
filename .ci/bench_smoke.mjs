/** Every bench suite in its quick form: each case answers, and each line keeps the contract. */
import { execFile, spawnSync } from "node:child_process";

const TIMEOUT_MS = 300_000;
const MAIN = [".fairlead/bench/main.js"];
/** Suites that start a browser for each sample: of these a case has to do. */
const SOME = { ui: ["graph"] };

/**
 * The faults found, one sentence each; `npm run bench` has compiled the suites before.
 */
export async function smoke() {
  const listed = spawnSync("node", [...MAIN, "--list"], { encoding: "utf8" });
  const cases = listed.stdout.split("\n").filter((line) => line !== "");
  if (listed.status !== 0 || cases.length === 0) return [`no bench is listed: ${listed.stderr}`];
  const faults = [];
  for (const suite of new Set(cases.map((name) => name.split("/")[0]))) {
    faults.push(...(await smokeSuite(suite, cases)));
  }
  return faults;
}

async function smokeSuite(suite, cases) {
  const begunMs = Date.now();
  const some = SOME[suite];
  const runs =
    some === undefined
      ? [smokeCases(suite, [], cases)]
      : some.map((name) => smokeCases(suite, ["--case", name], [`${suite}/${name}`]));
  const faults = (await Promise.all(runs)).flat();
  console.log(`${suite}: ${((Date.now() - begunMs) / 1_000).toFixed(1)} s`);
  return faults;
}

/** Run cases of a suite; each of those listed has to print a line. */
async function smokeCases(suite, selection, cases) {
  const args = ["--expose-gc", ...MAIN, suite, ...selection, "--quick", "--json"];
  const { status, stdout, stderr } = await run(args);
  const lines = stdout.split("\n").filter((line) => line !== "");
  const faults = lines.flatMap((line) =>
    faultsOf(line).map((fault) => `${suite}: ${fault}: ${line}`),
  );
  if (status !== 0) faults.push(`${suite}: ended with ${status}: ${stderr}`);
  const seen = new Set(lines.map((line) => nameOf(line)));
  for (const name of cases.filter((each) => each.startsWith(`${suite}/`))) {
    if (!seen.has(name)) faults.push(`${name}: printed no line`);
  }
  return faults;
}

function run(args) {
  const options = { encoding: "utf8", timeout: TIMEOUT_MS, maxBuffer: 64 * 1_024 * 1_024 };
  return new Promise((resolve) => {
    execFile("node", args, options, (error, stdout, stderr) => {
      const status = error === null ? 0 : (error.code ?? error.signal);
      resolve({ status, stdout, stderr });
    });
  });
}

function nameOf(line) {
  try {
    const { suite, case: name } = JSON.parse(line);
    return `${suite}/${name}`;
  } catch {
    return "";
  }
}

/** What is wrong with one line of `--json`. */
function faultsOf(line) {
  let result;
  try {
    result = JSON.parse(line);
  } catch {
    return ["is no JSON"];
  }
  const faults = [];
  for (const key of ["suite", "case", "contender", "unit"]) {
    if (typeof result[key] !== "string" || result[key] === "") faults.push(`lacks ${key}`);
  }
  for (const key of ["p10", "p50", "p99"]) {
    if (!Number.isFinite(result[key])) faults.push(`${key} is no number`);
  }
  if (typeof result.params !== "object" || result.params === null) faults.push("lacks params");
  const ratios = Object.values(result.ratios ?? { missing: 0 });
  if (!ratios.every((ratio) => ratio > 0)) faults.push("has a ratio that is not above 0");
  if (result.unit !== "exponent" && !(result.p10 <= result.p50 && result.p50 <= result.p99)) {
    faults.push("its percentiles are out of order");
  }
  return faults;
}
