import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { ROOT } from "../support/files.ts";

const FOLDER = `${ROOT}.fairlead/consumer/`;

/** Compile code that uses the built declarations; the answer is what the compiler says. */
function compile(code: string, resolution: string): string {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(`${FOLDER}main.ts`, code);
  const compilerOptions = {
    strict: true,
    noEmit: true,
    target: "es2022",
    lib: ["es2022", "esnext.disposable", "dom", "dom.iterable"],
    types: [],
    module: resolution === "bundler" ? "esnext" : resolution,
    moduleResolution: resolution,
  };
  writeFileSync(`${FOLDER}tsconfig.json`, JSON.stringify({ compilerOptions, files: ["main.ts"] }));
  const options = { cwd: ROOT, encoding: "utf8" } as const;
  const { stdout } = spawnSync("npx", ["--no-install", "tsc", "-p", FOLDER], options);
  rmSync(FOLDER, { recursive: true, force: true });
  return stdout;
}

const imports = Object.entries(manifest.exports)
  .filter(([, target]) => typeof target !== "string")
  .map(([door], index) => `import * as door${index} from "${door.replace(".", "fairlead")}";`)
  .join("\n");

test.each(["nodenext", "bundler"])(
  "the declarations of every door compile without Node's types (%s)",
  (resolution) => {
    const sound = `${imports}\nimport type { Clock } from "fairlead/base";\n`;
    expect(
      compile(`${sound}export const now = (clock: Clock): number => clock.nowMs();`, resolution),
    ).toBe("");
    const wrong = `${sound}export const now = (clock: Clock): string => clock.nowMs();`;
    expect(compile(wrong, resolution)).toContain("not assignable to type 'string'");
  },
);
