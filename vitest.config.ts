import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const src = fileURLToPath(new URL("./src/", import.meta.url));

const ALL = "test/**/*_test.ts";
/** Tests of runtimes are programs of their own: `npm run test:runtimes`. */
const ELSEWHERE = ["test/runtimes/**"];
/**
 * Those that start processes, servers and browsers, or change what all modules stand on: each file
 * in a context of its own.
 */
const APART = [
  "test/*_test.ts",
  "test/**/node/**/*_test.ts",
  "test/**/kernel/*_test.ts",
  "test/{allocator/kernel,placement/cluster,base/virtual_clock}_test.ts",
  "test/{agent,chaos,e2e,examples,migration,package,probe,ui,wasm,zookeeper}/**/*_test.ts",
];

export default defineConfig({
  resolve: {
    alias: [
      { find: /^fairlead$/, replacement: `${src}mod.ts` },
      { find: /^fairlead\/([a-z_/]+)$/, replacement: `${src}$1/mod.ts` },
    ],
  },
  test: {
    projects: [
      { extends: true, test: { name: "apart", include: APART, exclude: ELSEWHERE } },
      // What keeps no state in its modules loads them once a worker: half the time of these files.
      {
        extends: true,
        test: {
          name: "together",
          include: [ALL],
          exclude: [...ELSEWHERE, ...APART],
          isolate: false,
        },
      },
    ],
    globalSetup: ["test/support/install.ts"],
    // One worker on two cores takes half as long again; more than two, and what waits for time waits.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // What is waited for comes when it comes: on a busy machine a second is nothing.
    expect: { poll: { timeout: 20_000 } },
  },
});
