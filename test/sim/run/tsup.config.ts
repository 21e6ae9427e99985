import { defineConfig } from "tsup";

/** The command; `fairlead/…` stays an import and so means the built package. */
export default defineConfig({
  entry: { main: "test/sim/run/main.ts" },
  outDir: ".fairlead/sim",
  format: "esm",
  platform: "node",
  target: "node20",
  external: [/^fairlead/],
  skipNodeModulesBundle: true,
  clean: true,
  dts: false,
  silent: true,
});
