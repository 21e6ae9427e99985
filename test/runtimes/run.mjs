/**
 * Pack fairlead, install the tarball in an empty folder and run the same programs on every runtime:
 * this Node, Node 22, Node 24, Deno, Bun and headless Chromium. Every one must print the bytes that
 * this Node prints.
 *
 * The programs: program.mjs beside this file, and the README's under its heading "Program" (the
 * first ```ts block there; it carries no type annotations, so it runs as it stands).
 *
 * Closes with `N passed, N failed`, and `, N skipped` for runtimes that this machine cannot have.
 */
import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL("./", import.meta.url));
const root = fileURLToPath(new URL("../../", import.meta.url));

const folder = mkdtempSync(join(tmpdir(), "fairlead-runtimes-"));
try {
  process.exitCode = await main();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function main() {
  installRuntimes();
  installPackage();
  const programs = writePrograms();
  const { runtimes } = await import("./runtimes.mjs");
  const count = { passed: 0, failed: 0, skipped: 0 };
  for (const program of programs) {
    const expected = await runtimes[0].run(folder, program);
    for (const runtime of runtimes) {
      const outcome = await attempt(runtime, program, expected);
      count[outcome.result] += 1;
      console.log(`${outcome.result.padEnd(7)}  ${program}  ${runtime.name}  ${outcome.note}`);
    }
  }
  const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : "";
  console.log(`${count.passed} passed, ${count.failed} failed${skipped}`);
  return count.failed > 0 ? 1 : 0;
}

/** `npm ci` here, unless it was done for this lock file. */
function installRuntimes() {
  const lock = readFileSync(`${here}package-lock.json`, "utf8");
  const mark = `${here}node_modules/.installed-lock.json`;
  if (existsSync(mark) && readFileSync(mark, "utf8") === lock) return;
  console.log("installing the runtimes (about 600 MB, once)");
  npm(["ci", "--no-bin-links", "--ignore-scripts", "--no-audit", "--no-fund"], here);
  writeFileSync(mark, lock);
}

/** What a user gets: the tarball, its dependencies and nothing else. */
function installPackage() {
  npm(["pack", "--pack-destination", folder], root);
  const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz"));
  if (tarball === undefined) throw new Error("Cannot install: npm pack left no tarball");
  writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
  npm(["install", `./${tarball}`, "--ignore-scripts", "--no-audit", "--no-fund"], folder);
}

function npm(args, cwd) {
  const { status, stdout, stderr } = spawnSync("npm", args, { cwd, encoding: "utf8" });
  if (status !== 0) throw new Error(`Cannot run npm ${args.join(" ")}:\n${stdout}\n${stderr}`);
}

/** Put the programs into the folder; the answer is their names. */
function writePrograms() {
  cpSync(`${here}program.mjs`, join(folder, "program.mjs"));
  const readme = existsSync(`${root}README.md`) ? readFileSync(`${root}README.md`, "utf8") : "";
  const section = readme.split(/^#+ .*\bprogram\b.*$/im)[1];
  const block = section === undefined ? null : /^```ts\n([\s\S]*?)^```/m.exec(section);
  if (block === null) return ["program.mjs"];
  writeFileSync(join(folder, "readme.mjs"), block[1]);
  return ["program.mjs", "readme.mjs"];
}

async function attempt(runtime, program, expected) {
  const missing = runtime.missing();
  if (missing !== undefined) return { result: "skipped", note: missing };
  try {
    const printed = await runtime.run(folder, program);
    if (printed === "") return { result: "failed", note: "printed nothing" };
    if (printed === expected) return { result: "passed", note: `${printed.length} characters` };
    return { result: "failed", note: firstDifference(expected, printed) };
  } catch (error) {
    return { result: "failed", note: error instanceof Error ? error.message : String(error) };
  }
}

function firstDifference(expected, printed) {
  const [wanted, got] = [expected.split("\n"), printed.split("\n")];
  const line = wanted.findIndex((text, index) => text !== got[index]);
  const at = line === -1 ? wanted.length : line;
  return `line ${at + 1}: expected ${JSON.stringify(wanted[at])}, printed ${JSON.stringify(got[at])}`;
}
