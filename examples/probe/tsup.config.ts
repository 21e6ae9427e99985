import { defineConfig } from "tsup";

/** The probe as plain JavaScript: the loader of TypeScript would hold 25 MB as long as it runs. */
export default defineConfig({
  entry: { main: "examples/probe/main.ts" },
  outDir: ".fairlead/probe",
  format: "esm",
  platform: "node",
  target: "node20",
  external: [/^fairlead/],
  skipNodeModulesBundle: true,
  clean: true,
  dts: false,
  silent: true,
});
