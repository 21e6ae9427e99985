import { existsSync, readdirSync } from "node:fs";
import { defineConfig } from "tsup";

/** One entry a door: `src/mod.ts` and every `src/<domain>/mod.ts` (and its `node.ts`). */
const entry: Record<string, string> = { mod: "src/mod.ts" };
for (const domain of readdirSync("src")) {
  if (existsSync(`src/${domain}/mod.ts`)) entry[domain] = `src/${domain}/mod.ts`;
  if (existsSync(`src/${domain}/node.ts`)) entry[`${domain}-node`] = `src/${domain}/node.ts`;
}

export default defineConfig({
  entry,
  format: "esm",
  platform: "neutral",
  target: "es2022",
  splitting: true,
  treeshake: true,
  clean: true,
  sourcemap: false,
  dts: false,
  silent: true,
});
