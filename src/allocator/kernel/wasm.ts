/** The allocator's kernel in WebAssembly, and the choice between it and the reference. */
import { FairleadError } from "../../base/mod.ts";
import { instantiate, provideModule } from "../../wasm/mod.ts";
import type { DrfKernel } from "./contract.ts";
import { WASM_BASE64 } from "./drf.generated.ts";
import type { Capacities } from "./layout.ts";
import { KernelMemory } from "./memory.ts";
import { ReferenceKernel } from "./reference.ts";

/** What `assembly/drf/index.ts` exports. */
interface Exports {
  /** Where the table of column offsets is to be written. */
  offsetTable(): number;
  /** Read the table. */
  bind(table: number): void;
  run(): number;
  returnOffers(count: number, bucket: number, bucketHead: number): number;
  refresh(): void;
}

const FUNCTIONS = ["offsetTable", "bind", "run", "returnOffers", "refresh"] as const;

/** A kernel and the memory that it works on. */
export interface KernelPair {
  readonly memory: KernelMemory;
  readonly kernel: DrfKernel;
}

/** The WebAssembly implementation of the kernel contract: the same bits as the reference. */
export class WasmKernel implements DrfKernel {
  readonly name = "wasm";
  /** The columns, in the module's own memory. */
  readonly memory: KernelMemory;
  readonly #exports: Exports;
  #generation = -1;

  /**
   * Cost: about 1 ms the first time in a process, 0.1 ms after that.
   *
   * @throws {FairleadError} `wasm_unavailable` where the platform cannot run it.
   */
  constructor(capacities: Partial<Capacities> = {}) {
    const { memory, exports } = instantiate<Exports>(WASM_BASE64, FUNCTIONS);
    this.#exports = exports;
    this.memory = new KernelMemory(memory, capacities);
  }

  run(): number {
    this.#bind();
    return this.#exports.run();
  }

  returnOffers(count: number, bucket: number, bucketHead: number): number {
    this.#bind();
    return this.#exports.returnOffers(count, bucket, bucketHead) >>> 0;
  }

  refresh(): void {
    this.#bind();
    this.#exports.refresh();
  }

  /** Tell the module where the columns are, when they have moved. */
  #bind(): void {
    if (this.#generation === this.memory.generation) return;
    const table = this.#exports.offsetTable();
    const { offsets } = this.memory;
    new Uint32Array(this.memory.views.header.buffer, table, offsets.length).set(offsets);
    this.#exports.bind(table);
    this.#generation = this.memory.generation;
  }
}

/**
 * Make a kernel with a memory of its own.
 *
 * @param choice "wasm" comes out as "typed" where the platform has no WebAssembly.
 */
export function createKernel(
  choice: "wasm" | "typed",
  capacities: Partial<Capacities> = {},
): KernelPair {
  if (choice === "wasm") {
    try {
      const kernel = new WasmKernel(capacities);
      return { memory: kernel.memory, kernel };
    } catch (error) {
      if (!(error instanceof FairleadError && error.code === "wasm_unavailable")) throw error;
    }
  }
  const memory = new KernelMemory(undefined, capacities);
  return { memory, kernel: new ReferenceKernel(memory) };
}

/**
 * Hand in this door's kernel as a module, on platforms that forbid compiling bytes at run time: they
 * load `fairlead/kernels/drf.wasm` themselves. To be called before the first
 * allocator is made.
 */
export function provideKernel(module: WebAssembly.Module): void {
  provideModule(WASM_BASE64, module);
}
