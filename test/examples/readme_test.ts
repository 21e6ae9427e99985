import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { ROOT, readTree } from "../support/files.ts";

const FOLDER = `${ROOT}.fairlead/readme/`;
const readme = readFileSync(`${ROOT}README.md`, "utf8");
const program = blockOf("ts");

afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

/** The first block of a language below the heading that names the program. */
function blockOf(language: string): string {
  const section = readme.split(/^#+ .*\bprogram\b.*$/im)[1] ?? "";
  return new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "m").exec(section)?.[1] ?? "";
}

describe("README.md", () => {
  test("has a program of at most 20 lines that is plain JavaScript too", () => {
    expect(program.trimEnd().split("\n").length).toBeLessThanOrEqual(20);
    expect(program).not.toMatch(/\b(interface|type|as) \w/);
  });

  test("shows what the program prints", () => {
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(`${FOLDER}program.ts`, program);
    const words = ["--no-install", "tsx", "--tsconfig", "tsconfig.json", `${FOLDER}program.ts`];
    const { stdout } = spawnSync("npx", words, { cwd: ROOT, encoding: "utf8" });
    expect(stdout).toBe(blockOf("text"));
  });
});

describe("README.md and docs", () => {
  const pages = Object.entries({ "README.md": readme, ...readTree(["docs"], [".md"]) });

  test.each(pages)("%s links only to what is there", (path, text) => {
    const links = [...text.matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, to = ""]) => to);
    const local = links.filter((to) => !to.includes("://"));
    expect(local.filter((to) => !existsSync(join(ROOT, dirname(path), to)))).toEqual([]);
  });

  test.each(pages)("%s names only files that are there", (_, text) => {
    const named = [...text.matchAll(/`((?:src|test|bench|docs|examples)\/[\w./-]+\.\w+)`/g)];
    expect(named.map(([, path = ""]) => path).filter((path) => !existsSync(ROOT + path))).toEqual(
      [],
    );
  });

  test("docs/requirements.md names only behaviour tests that are there", () => {
    const page = readFileSync(`${ROOT}docs/requirements.md`, "utf8");
    const files = [...page.matchAll(/`(\w+_test\.ts)`/g)].map(([, file = ""]) => file);
    const folder = `${ROOT}test/allocator/behaviour/`;
    expect(files.filter((file) => !existsSync(folder + file))).toEqual([]);
    expect(files.length).toBeGreaterThan(10);
  });
});
