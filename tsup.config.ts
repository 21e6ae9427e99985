import { cpSync, readFileSync } from "node:fs";
import { defineConfig } from "tsup";

/**
 * One entry a door of package.json. Its name is that of the file in dist, its source is where the
 * types come from: `./dist/types/base/mod.d.ts` → `src/base/mod.ts`.
 */
const { exports } = JSON.parse(readFileSync("package.json", "utf8"));
const entry: Record<string, string> = {};
for (const target of Object.values<{ types?: string; default?: string }>(exports)) {
  if (target.types === undefined || target.default === undefined) continue;
  const source = target.types.replace("./dist/types/", "src/").replace(".d.ts", ".ts");
  entry[target.default.replace("./dist/", "").replace(".js", "")] = source;
}

/** Programs of their own that a door starts: no doors. */
const programs = { "agent/launcher": "src/agent/node/launcher/main.ts" };

export default defineConfig({
  entry: { ...entry, ...programs },
  format: "esm",
  platform: "neutral",
  target: "es2022",
  splitting: true,
  // Names stay, for stacks and logs; the rest is smaller to read and to load.
  minifySyntax: true,
  minifyWhitespace: true,
  treeshake: true,
  clean: true,
  sourcemap: false,
  dts: false,
  removeNodeProtocol: false,
  external: [/^node:/],
  // Says which sources went into which file: test/package/doors_test.ts reads it.
  metafile: true,
  // Bundled, and so shaken: loading all of them would cost more than everything else.
  noExternal: ["zod", "msgpackr"],
  silent: true,
  // The kernels once more as files, for platforms that forbid compiling bytes.
  onSuccess: async () =>
    cpSync("node_modules/.cache/fairlead/kernels", "dist/kernels", { recursive: true }),
});
