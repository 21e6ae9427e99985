import { readFileSync } from "node:fs";
import { afterEach, expect, test, vi } from "vitest";
import { PlacementCluster, provideKernel } from "../../../src/placement/mod.ts";

afterEach(() => vi.unstubAllGlobals());

/** A platform that instantiates modules and compiles none. */
function forbidCompiling(): void {
  const Module = class {
    constructor() {
      throw new WebAssembly.CompileError("compiling is forbidden here");
    }
  };
  const { Memory, Instance, CompileError } = WebAssembly;
  vi.stubGlobal("WebAssembly", { Memory, Instance, CompileError, Module });
}

test("provideKernel() serves where compiling is forbidden; without it the reference does", () => {
  const bytes = readFileSync("node_modules/.cache/fairlead/kernels/placement.wasm");
  const module = new WebAssembly.Module(bytes);
  forbidCompiling();
  expect(new PlacementCluster().kernel).toBe("typed");
  provideKernel(module);
  expect(new PlacementCluster().kernel).toBe("wasm");
});
