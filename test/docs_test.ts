import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { errorCodesOf } from "./support/error_codes.ts";
import { ROOT, readTree } from "./support/files.ts";
import { type Snippet, snippetsOf } from "./support/snippets.ts";

const FOLDER = `${ROOT}.fairlead/snippets/`;

const readme = existsSync(`${ROOT}README.md`) ? readFileSync(`${ROOT}README.md`, "utf8") : "";
const snippets = snippetsOf({
  "README.md": readme,
  ...readTree(["docs"], [".md"]),
  ...readTree(["src"], [".ts"]),
}).map((snippet, index) => ({ ...snippet, file: `${FOLDER}${fileName(snippet, index)}` }));

function fileName({ path, line }: Snippet, index: number): string {
  return `${index}_${path.replaceAll(/[^a-z0-9]+/gi, "_")}_${line}.ts`;
}

/** The snippet as a module of its own; what it imports by path is meant from where it stands. */
function moduleOf({ path, code }: Snippet): string {
  const folder = dirname(ROOT + path);
  const imports = code.replaceAll(/ from "(\.[^"]+)"/g, (_, to) => ` from "${join(folder, to)}"`);
  return `${imports}\nexport {};\n`;
}

beforeAll(() => {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  for (const snippet of snippets) writeFileSync(snippet.file, moduleOf(snippet));
  const tsconfig = { extends: "../../tsconfig.json", include: ["*.ts"], exclude: [] };
  writeFileSync(`${FOLDER}tsconfig.json`, JSON.stringify(tsconfig));
});

afterAll(() => rmSync(FOLDER, { recursive: true, force: true }));

describe("code in README.md, docs and doc comments", () => {
  test("is there and has the types it claims", () => {
    expect(snippets.length).toBeGreaterThan(0);
    const { status, stdout } = spawnSync("npx", ["--no-install", "tsc", "-p", FOLDER], {
      cwd: ROOT,
      encoding: "utf8",
    });
    expect(stdout).toBe("");
    expect(status).toBe(0);
  });

  test.each(snippets.filter(({ isRun }) => isRun))("runs: $path:$line", async ({ file }) => {
    const unheld: unknown[][] = [];
    const assert = vi.spyOn(console, "assert").mockImplementation((holds, ...rest) => {
      if (!holds) unheld.push(["console.assert", ...rest]);
    });
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    try {
      await import(file);
    } finally {
      assert.mockRestore();
      log.mockRestore();
    }
    expect(unheld).toEqual([]);
  });
});

describe("docs/errors.md", () => {
  const { codes, untold } = errorCodesOf(readTree(["src"], [".ts"]));
  const table = readFileSync(`${ROOT}docs/errors.md`, "utf8");
  const rows = [...table.matchAll(/^\| `([a-z_]+)` \|/gm)].map(([, code = ""]) => code);

  test("names every code that the sources throw", () => {
    expect(untold).toEqual([]);
    const missing = [...codes].filter(([code]) => !rows.includes(code));
    expect(missing).toEqual([]);
  });

  test("names no code that nothing throws, and none twice, in order", () => {
    expect(rows.filter((code) => !codes.has(code))).toEqual([]);
    expect(rows).toEqual([...new Set(rows)].sort());
  });
});

describe("snippetsOf()", () => {
  test("finds blocks in Markdown and in doc comments, with their lines", () => {
    const found = snippetsOf({
      "a.md":
        "# A\n\n```ts\nconst a = 1;\n```\n\n- b\n\n  ```ts no-run\n  type B = 1;\n  ```\n```sh\nls\n```\n",
      "b.ts":
        "/**\n * Text.\n *\n * ```ts\n * const c = 2;\n * ```\n */\nexport const s = `\n```ts\nno\n```\n`;",
    });
    expect(found).toEqual([
      { path: "a.md", line: 3, code: "const a = 1;\n", isRun: true },
      { path: "a.md", line: 9, code: "type B = 1;\n", isRun: false },
      { path: "b.ts", line: 4, code: "const c = 2;\n", isRun: true },
    ]);
  });

  test.each([
    ["```typescript\n1\n```\n", 'call the block "ts", not "typescript"'],
    ["```ts norun\n1\n```\n", 'no mark "norun", only "no-run"'],
  ])("refuses %j", (text, message) => {
    expect(() => snippetsOf({ "a.md": text })).toThrow(`Cannot test a.md:1: ${message}`);
  });
});

describe("errorCodesOf()", () => {
  test("follows conditions, functions and parameters", () => {
    const { codes, untold } = errorCodesOf({
      "src/a.ts": `
        throw new FairleadError("literal", "");
        throw new FairleadError(x ? "left" : "right", "");
        throw new FairleadError(codeOf(1), "");
        function codeOf(n) { if (n) return "one"; return "two"; }
        export function fail(text, code) { throw new FairleadError(code, text); }`,
      "src/b.ts": 'fail("t", "handed_in");',
    });
    expect([...codes.keys()]).toEqual(["literal", "left", "right", "one", "two", "handed_in"]);
    expect(codes.get("right")).toBe("src/a.ts:3");
    expect(untold).toEqual([]);
  });

  test("says where a code cannot be told", () => {
    const text = "throw new FairleadError(codes[0], '');";
    expect(errorCodesOf({ "src/a.ts": text }).untold).toEqual(["src/a.ts:1"]);
  });
});
