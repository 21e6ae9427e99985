import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const src = fileURLToPath(new URL("./src/", import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^fairlead$/, replacement: `${src}mod.ts` },
      { find: /^fairlead\/([a-z_/]+)$/, replacement: `${src}$1/mod.ts` },
    ],
  },
  test: {
    include: ["test/**/*_test.ts"],
    exclude: ["test/runtimes/**"],
    globalSetup: ["test/support/install.ts"],
    // One worker on two cores takes half as long again; more than two, and what waits for time waits.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // What is waited for comes when it comes: on a busy machine a second is nothing.
    expect: { poll: { timeout: 20_000 } },
  },
});
