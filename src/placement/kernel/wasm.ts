/** The placement kernel in WebAssembly, and the choice between it and the reference. */
import { FairleadError } from "../../base/mod.ts";
import { instantiate, provideModule, type WasmKernel as WasmInstance } from "../../wasm/mod.ts";
import type { PlacementKernel } from "./contract.ts";
import {
  type AgentColumns,
  type BatchSizes,
  joinColumns,
  type KernelColumns,
  layOutAgents,
  layOutBatch,
  offsetsOf,
} from "./layout.ts";
import { WASM_BASE64 } from "./placement.generated.ts";
import { copyAgents, ReferenceKernel } from "./reference.ts";

/** What `assembly/placement/index.ts` exports. */
interface Exports {
  /** Where the table of column offsets is to be written. */
  offsetTable(): number;
  /** How many offsets the table has. */
  columns(): number;
  /** Read the table. */
  bind(table: number): void;
  begin(boardSlots: number): void;
  place(first: number, count: number): void;
}

const FUNCTIONS = ["offsetTable", "columns", "bind", "begin", "place"] as const;

/** The WebAssembly implementation of the kernel contract: the same bits as the reference. */
export class WasmKernel implements PlacementKernel {
  readonly name = "wasm";
  readonly #instance: WasmInstance<Exports>;
  #agents;
  #boardSlots = 0;

  /** @throws {FairleadError} `wasm_unavailable` where the platform cannot run it. */
  constructor() {
    this.#instance = instantiate<Exports>(WASM_BASE64, FUNCTIONS);
    this.#agents = layOutAgents(this.#instance.memory, 0);
  }

  reserve(capacity: number): AgentColumns {
    const kept = layOutAgents(undefined, capacity).views;
    copyAgents(this.agents(), kept);
    this.#agents = layOutAgents(this.#instance.memory, capacity);
    copyAgents(kept, this.#agents.views);
    return this.#agents.views;
  }

  agents(): AgentColumns {
    return this.#agents.views;
  }

  open(sizes: BatchSizes): KernelColumns {
    const { memory, exports } = this.#instance;
    const batch = layOutBatch(memory, this.#agents.endByte, sizes);
    const agents = this.#agents.refresh();
    const offsets = offsetsOf(this.#agents, batch);
    if (offsets.length !== exports.columns()) {
      throw new FairleadError(
        "kernel_mismatch",
        `Cannot bind the kernel: it has ${exports.columns()} columns, the layout ${offsets.length}`,
      );
    }
    const table = exports.offsetTable();
    new Uint32Array(memory.buffer, table, offsets.length).set(offsets);
    exports.bind(table);
    this.#boardSlots = sizes.boardSlots;
    return joinColumns(agents, batch.views);
  }

  begin(): void {
    this.#instance.exports.begin(this.#boardSlots);
  }

  place(first: number, count: number): void {
    this.#instance.exports.place(first, count);
  }
}

/**
 * Make a kernel with a memory of its own.
 *
 * @param choice "wasm" comes out as "typed" where the platform has no WebAssembly.
 */
export function createKernel(choice: "wasm" | "typed"): PlacementKernel {
  if (choice === "typed") return new ReferenceKernel();
  try {
    return new WasmKernel();
  } catch (error) {
    if (error instanceof FairleadError && error.code === "wasm_unavailable") {
      return new ReferenceKernel();
    }
    throw error;
  }
}

/**
 * Hand in this door's kernel as a module, on platforms that forbid compiling bytes at run time: they
 * load `fairlead/kernels/placement.wasm` themselves. To be called before the first
 * cluster is made.
 */
export function provideKernel(module: WebAssembly.Module): void {
  provideModule(WASM_BASE64, module);
}
