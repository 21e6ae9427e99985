import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { domainOf, LAYERS } from "../support/architecture.ts";
import { type Build, closureOf, readBuild } from "../support/doors.ts";
import { ROOT } from "../support/files.ts";
import budgets from "./budgets.json" with { type: "json" };

interface Budget {
  readonly gzipBytesMax: number;
  readonly packages: readonly string[];
}

const table: Readonly<Record<string, Budget>> = budgets;
const doors = Object.entries(manifest.exports).flatMap(([door, target]) =>
  typeof target === "string" ? [] : [{ door, ...target }],
);
const files = Object.entries(manifest.exports).flatMap(([door, target]) =>
  typeof target === "string" ? [{ door, file: target }] : [],
);

const build = readBuild(ROOT);
const closures = new Map(doors.map(({ default: file }) => [file, closureOf(build, file.slice(2))]));

/** Doors that load the kernels of lower domains. */
const kernelsBelow: Readonly<Record<string, readonly string[]>> = {
  master: ["allocator"],
  "master/node": ["allocator"],
  probe: ["topology"],
  "probe/node": ["topology"],
  scheduler: ["placement"],
  sim: ["allocator", "migration", "placement"],
};

/** Sources of a door that belong neither to its own domain nor to a lower layer. */
function foreign(domain: string, sources: readonly string[]): string[] {
  const own = LAYERS.findIndex((layer) => layer.includes(domain));
  // The console stands beside the layers, on the lowest of them.
  const lower = new Set(LAYERS.slice(0, domain === "ui" ? 1 : Math.max(own, 0)).flat());
  return sources.filter((source) => {
    const from = domainOf(source);
    return from !== domain && !lower.has(from);
  });
}

describe.each(doors)("fairlead/$door", ({ door, types, default: file }) => {
  const closure = closures.get(file)!;

  test("is there, code and types", () => {
    expect(existsSync(ROOT + file)).toBe(true);
    expect(existsSync(ROOT + types)).toBe(true);
  });

  test("stays within its size and packages (test/package/budgets.json)", () => {
    const budget = table[door];
    expect(budget, `budgets.json has no line for ${door}: ${closure.gzipBytes} now`).toBeDefined();
    expect(closure.packages).toEqual(budget?.packages);
    expect(closure.gzipBytes).toBeLessThanOrEqual(budget?.gzipBytesMax ?? 0);
  });

  test("keeps to a budget that still says something", () => {
    const slack = (table[door]?.gzipBytesMax ?? 0) / closure.gzipBytes;
    expect(slack, `${closure.gzipBytes} bytes now: lower its line`).toBeLessThan(2);
  });
});

describe.each(doors.filter(({ door }) => door !== "."))(
  "fairlead/$door",
  ({ door, default: file }) => {
    const domain = door.replace(/^\.\/([a-z_]+).*$/, "$1");
    const { sources } = closures.get(file)!;

    test("loads no other domain's code and no other kernel", () => {
      expect(sources.length).toBeGreaterThan(0);
      expect(foreign(domain, sources)).toEqual([]);
      const kernels = sources.filter((source) => source.endsWith(".generated.ts"));
      const others = kernels.filter((source) => domainOf(source) !== domain);
      // Who stands on a domain with a kernel loads it: a scheduler places with the kernel of placement.
      const expected = kernelsBelow[door.slice(2)] ?? [];
      expect([...new Set(others.map(domainOf))]).toEqual(expected);
    });
  },
);

test("budgets.json has no line of a door that is gone", () => {
  const known = new Set(doors.map(({ door }) => door));
  expect(Object.keys(table).filter((door) => !known.has(door))).toEqual([]);
});

/** Doors that stand on the kernel of their own domain's first door. */
const seconds: readonly string[] = ["./topology/node"];

/** Neither the root door, nor a second one, nor one that stands on another domain's kernel. */
function isOwner(door: string): boolean {
  return door !== "." && !seconds.includes(door) && kernelsBelow[door.slice(2)] === undefined;
}

test.each(files)("$door is a file", ({ file }) => {
  expect(existsSync(ROOT + file)).toBe(true);
});

test.each(files.filter(({ file }) => file.endsWith(".wasm")))(
  "$door holds the bytes that its door inlines",
  ({ file }) => {
    const bytes = readFileSync(ROOT + file);
    expect(WebAssembly.validate(bytes)).toBe(true);
    const base64 = bytes.toString("base64");
    const holders = doors.filter(
      ({ door, default: entry }) =>
        isOwner(door) &&
        closures.get(entry)!.files.some((path) => {
          return readFileSync(ROOT + path, "utf8").includes(base64);
        }),
    );
    expect(holders).toHaveLength(1);
  },
);

test("importing every door changes no global, prints nothing and keeps nothing running", () => {
  const names = doors.map(({ door }) => door.replace(/^\./, "fairlead"));
  const code = `
    const globals = () => Object.getOwnPropertyNames(globalThis);
    const before = new Set(globals());
    const listeners = () => process.eventNames().length;
    const listening = listeners();
    for (const name of ${JSON.stringify(names)}) await import(name);
    // zod keeps its settings in a global, once for all its copies; so does lit its versions, and
    // where there are no custom elements it fills in for them.
    const theirs = /^(__zod|lit|reactiveElement|customElements$)/;
    const added = globals().filter((name) => !before.has(name) && !theirs.test(name));
    if (added.length > 0) throw new Error("new globals: " + added);
    if (listeners() !== listening) throw new Error("a new listener");
  `;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--input-type=module", "--eval", code],
    { cwd: ROOT, encoding: "utf8", timeout: 20_000 },
  );
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "", stderr: "" });
  expect(manifest.sideEffects).toBe(false);
});

describe("the check itself", () => {
  const build: Build = {
    inputs: {
      "dist/allocator.js": ["src/allocator/take.ts"],
      "dist/shared.js": ["src/base/error.ts", "src/placement/kernel/placement.generated.ts"],
    },
    read: (path) =>
      path === "dist/allocator.js"
        ? 'import { z } from "zod/mini"; import("./shared.js"); export const a = z;'
        : "export const b = 1;",
  };

  test("closureOf() follows imports and knows the packages", () => {
    const closure = closureOf(build, "dist/allocator.js");
    expect(closure.files).toEqual(["dist/allocator.js", "dist/shared.js"]);
    expect(closure.packages).toEqual(["zod"]);
    expect(closure.gzipBytes).toBeGreaterThan(50);
  });

  test("foreign() names a neighbour's source", () => {
    const { sources } = closureOf(build, "dist/allocator.js");
    expect(foreign("allocator", sources)).toEqual(["src/placement/kernel/placement.generated.ts"]);
  });
});
