import { readdirSync } from "node:fs";
import { defineConfig } from "tsup";

/** The suites and the command; `fairlead/…` stays an import and so means the built package. */
const files = readdirSync("bench").filter(
  (name) =>
    (/^[a-z]+\.ts$/.test(name) && name !== "harness.ts") ||
    /^((cluster|migration|probe|topology)_\w+|ui_run)\.ts$/.test(name),
);

export default defineConfig({
  entry: Object.fromEntries(files.map((name) => [name.slice(0, -3), `bench/${name}`])),
  outDir: ".fairlead/bench",
  format: "esm",
  platform: "node",
  target: "node20",
  external: [/^fairlead/],
  skipNodeModulesBundle: true,
  splitting: true,
  clean: true,
  dts: false,
  silent: true,
});
