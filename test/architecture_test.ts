import { describe, expect, test } from "vitest";
import { check, checkMirrors, type Tree } from "./support/architecture.ts";
import { readTree } from "./support/files.ts";

const repository = readTree(["src", "test"], [".ts"]);

describe("this repository", () => {
  test("keeps its layers, doors and ports", () => {
    expect(Object.keys(repository).length).toBeGreaterThan(10);
    expect(check(repository)).toEqual([]);
  });

  test("has a test beside every source that its doors show", () => {
    expect(checkMirrors(repository)).toEqual([]);
  });
});

const MODULE = "/** A door. @module */\n";

/** A sound tree of two layers, to which each test adds a fault. */
const sound: Tree = {
  "src/mod.ts": `${MODULE}export { take } from "./allocator/mod.ts";`,
  "src/base/mod.ts": `${MODULE}export { now } from "./clock.ts";`,
  "src/base/clock.ts": "export const now = () => Date.now() + performance.now();",
  "src/resources/mod.ts": `${MODULE}export type { R } from "./r.ts";`,
  "src/resources/r.ts": "export interface R { readonly process: number; Date?: Date }",
  "src/allocator/mod.ts": `${MODULE}export { take } from "./take.ts";`,
  "src/allocator/take.ts": `import { now } from "../base/mod.ts";
    import type { R } from "../resources/mod.ts";
    /** Reads no process and no Math.random(). */
    export function take(r: R) { return [now, r.process, "process", new Date(1)]; }`,
  "src/allocator/node.ts": 'import { cpus } from "node:os"; export const n = cpus(process.pid);',
};

function faults(more: Tree): string[] {
  return check({ ...sound, ...more });
}

describe("check()", () => {
  test("finds no fault in a sound tree", () => {
    expect(faults({})).toEqual([]);
  });

  test.each<[string, string, string, string]>([
    [
      "a higher layer",
      "src/base/a.ts",
      'import "../allocator/mod.ts";',
      "src/base/a.ts:1 imports allocator of layer 3 from layer 0: only lower layers",
    ],
    [
      "a higher layer's type",
      "src/base/a.ts",
      'export type A = import("../allocator/mod.ts").A;',
      "src/base/a.ts:1 imports allocator of layer 3 from layer 0: only lower layers",
    ],
    [
      "a neighbour of the same layer",
      "src/allocator/a.ts",
      '\nexport { p } from "../placement/mod.ts";',
      "src/allocator/a.ts:2 imports placement, which is of its own layer 3",
    ],
    [
      "a file past its door",
      "src/allocator/a.ts",
      'const { now } = await import("../base/clock.ts");',
      "src/allocator/a.ts:1 imports src/base/clock.ts past its door src/base/mod.ts",
    ],
    [
      "a path without extension",
      "src/allocator/a.ts",
      'import { take } from "./take";',
      'src/allocator/a.ts:1 imports "./take" without its .ts extension',
    ],
    [
      "a file outside src",
      "src/allocator/a.ts",
      'import "../../bench/x.ts";',
      "src/allocator/a.ts:1 imports bench/x.ts, which is outside src",
    ],
    [
      "the package by its own name",
      "src/allocator/a.ts",
      'import "fairlead/base";',
      "src/allocator/a.ts:1 imports its own package by name (fairlead/base): import the door's file",
    ],
    [
      "the node door from a file that runs everywhere",
      "src/allocator/a.ts",
      'import "./node.ts";',
      "src/allocator/a.ts:1 imports src/allocator/node.ts: what touches the platform has an export of its own",
    ],
    [
      "a node: module outside node.ts",
      "src/allocator/a.ts",
      'import "node:fs";',
      "src/allocator/a.ts:1 imports node:fs: only node.ts and folders named node may",
    ],
    [
      "the platform outside node.ts",
      "src/allocator/a.ts",
      "export const a = () => process.pid;",
      "src/allocator/a.ts:1 uses process: only node.ts and folders named node may",
    ],
    [
      "the platform by globalThis",
      "src/allocator/a.ts",
      "export const a = globalThis.Buffer;",
      "src/allocator/a.ts:1 uses Buffer: only node.ts and folders named node may",
    ],
    [
      "the platform behind a cast",
      "src/allocator/a.ts",
      "export const a = (process as { pid: number }).pid;",
      "src/allocator/a.ts:1 uses process: only node.ts and folders named node may",
    ],
    [
      "the platform taken apart",
      "src/allocator/a.ts",
      "export const { Deno } = globalThis;",
      "src/allocator/a.ts:1 uses Deno: only node.ts and folders named node may",
    ],
    [
      "the date of today",
      "src/allocator/a.ts",
      "export const a = () => new Date();",
      "src/allocator/a.ts:1 uses Date: take a Clock",
    ],
    [
      "a clock",
      "src/allocator/a.ts",
      "export const a = () => Date.now();",
      "src/allocator/a.ts:1 uses Date: take a Clock",
    ],
    [
      "a timer",
      "src/allocator/a.ts",
      "setTimeout(() => 1, 2);",
      "src/allocator/a.ts:1 uses setTimeout: take a Clock",
    ],
    [
      "dice",
      "src/allocator/a.ts",
      "export const a = () => Math.random();",
      "src/allocator/a.ts:1 uses Math.random: take a Random",
    ],
    [
      "a default export",
      "src/allocator/a.ts",
      "export default 1;",
      "src/allocator/a.ts:1 has a default export: name it",
    ],
    [
      "a door that computes",
      "src/allocator/mod.ts",
      `${MODULE}export const one = 1;`,
      "src/allocator/mod.ts:2 does more than re-export names: it is a door",
    ],
    [
      "a door that re-exports everything",
      "src/allocator/mod.ts",
      `${MODULE}export * from "./take.ts";`,
      "src/allocator/mod.ts:2 does more than re-export names: it is a door",
    ],
    [
      "a door without its comment",
      "src/allocator/mod.ts",
      'export { take } from "./take.ts";',
      "src/allocator/mod.ts: does not open with a @module comment",
    ],
    [
      "code in the user interface",
      "src/ui/mod.ts",
      `${MODULE}export { x } from "./x.ts"; export { take } from "../allocator/mod.ts";`,
      "src/ui/mod.ts:2 imports allocator: ui takes wire types only (model, topology, migration, rollout)",
    ],
  ])("finds %s", (_what, path, text, fault) => {
    expect(faults({ [path]: text })).toEqual([fault]);
  });

  test("finds a folder of no layer and without a door", () => {
    expect(faults({ "src/helpers/a.ts": "export const a = 1;" })).toEqual([
      "src/helpers: stands in no layer",
      "src/helpers: has no mod.ts",
    ]);
  });

  test("finds rings of imports, but lets types refer to each other", () => {
    const ring = {
      "src/allocator/a.ts": 'import { b } from "./b.ts"; export const a = () => b;',
      "src/allocator/b.ts": 'import { a } from "./a.ts"; export const b = () => a;',
    };
    expect(faults(ring)).toEqual([
      "imports in a ring: src/allocator/a.ts → src/allocator/b.ts → src/allocator/a.ts",
    ]);
    const types = {
      ...ring,
      "src/allocator/b.ts": 'import type { a } from "./a.ts"; export type B = a;',
    };
    expect(faults(types)).toEqual([]);
  });
});

describe("checkMirrors()", () => {
  const tree: Tree = {
    "src/base/mod.ts": `export { Queue } from "./queue.ts"; export { now } from "./clock.ts";
      export { LIMIT, type A } from "./types.ts";`,
    "src/base/types.ts": "export const LIMIT = 1; export interface A { readonly a: number }",
    "src/base/clock.ts": 'import { inner } from "./inner.ts"; export const now = () => inner();',
    "src/base/inner.ts": "export function inner() { return 1; }",
    "src/base/queue.ts": "export class Queue {}",
    "test/base/queue_test.ts": "",
  };

  test("asks a test of every source whose functions leave by the door", () => {
    expect(checkMirrors(tree)).toEqual([
      "src/base/clock.ts: no test mirrors it (test/base/clock_test.ts)",
    ]);
  });
});
