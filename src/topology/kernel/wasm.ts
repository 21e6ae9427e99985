/** The topology kernel in WebAssembly, and the choice between it and the reference. */
import { FairleadError } from "../../base/mod.ts";
import { instantiate, provideModule, type WasmKernel as WasmInstance } from "../../wasm/mod.ts";
import type { KernelColumns, KernelSizes, Lift, TopologyKernel } from "./contract.ts";
import { layOut, offsetsOf, slotsOf } from "./layout.ts";
import { ReferenceKernel } from "./reference.ts";
import { WASM_BASE64 } from "./topology.generated.ts";

/** What `assembly/topology/index.ts` exports. */
interface Exports {
  offsetTable(): number;
  columns(): number;
  bind(): void;
  gather(pairs: number, facts: number, endpoints: number): number;
  processes(endpoints: number, count: number, mask: number, map: number): void;
  join(
    endpoints: number,
    first: number,
    count: number,
    pseudo: number,
    map: number,
    ips: number,
  ): void;
  lift(
    endpoints: number,
    source: number,
    target: number,
    table: number,
    fallback: number,
    size: number,
    groups: number,
    pseudo: number,
  ): void;
  connect(pairs: number, map: number, second: number, nodes: number): number;
}

const FUNCTIONS = [
  "offsetTable",
  "columns",
  "bind",
  "gather",
  "processes",
  "join",
  "lift",
  "connect",
] as const;

/** The WebAssembly implementation of the kernel contract: the same bits as the reference. */
export class WasmKernel implements TopologyKernel {
  readonly name = "wasm";
  readonly #instance: WasmInstance<Exports>;
  #endpoints = 0;
  #ips = 0;

  /** @throws {FairleadError} `wasm_unavailable` where the platform cannot run it. */
  constructor() {
    this.#instance = instantiate<Exports>(WASM_BASE64, FUNCTIONS);
  }

  open(sizes: KernelSizes): KernelColumns {
    const { memory, exports } = this.#instance;
    const { views, offsets } = layOut(memory, sizes);
    const table = offsetsOf(offsets);
    if (table.length !== exports.columns()) {
      throw new FairleadError(
        "kernel_mismatch",
        `Cannot bind the kernel: it has ${exports.columns()} columns, the layout ${table.length}`,
      );
    }
    new Uint32Array(memory.buffer, exports.offsetTable(), table.length).set(table);
    exports.bind();
    this.#endpoints = sizes.endpoints;
    this.#ips = sizes.ips;
    return views;
  }

  gather(pairs: number, facts: number, endpoints: number): number {
    return this.#instance.exports.gather(pairs, facts, endpoints) >>> 0;
  }

  processes(endpoints: number, processes: number, map: number): void {
    const mask = slotsOf(processes) - 1;
    this.#instance.exports.processes(endpoints, processes, mask, map * this.#endpoints);
  }

  join(endpoints: number, first: number, count: number, pseudo: number, map: number): void {
    const { exports } = this.#instance;
    exports.join(endpoints, first, count, pseudo, map * this.#endpoints, this.#ips);
  }

  lift(endpoints: number, lift: Lift): void {
    this.#instance.exports.lift(
      endpoints,
      lift.source * this.#endpoints,
      lift.target * this.#endpoints,
      lift.table,
      lift.fallback,
      lift.size,
      lift.groups,
      lift.pseudo,
    );
  }

  connect(pairs: number, map: number, second: number, nodes: number): number {
    const base = map * this.#endpoints;
    const other = (second < 0 ? map : second) * this.#endpoints;
    return this.#instance.exports.connect(pairs, base, other, nodes) >>> 0;
  }
}

/**
 * Make a kernel with a memory of its own.
 *
 * @param choice "wasm" comes out as "typed" where the platform has no WebAssembly.
 */
export function createKernel(choice: "wasm" | "typed"): TopologyKernel {
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
 * load `fairlead/kernels/topology.wasm` themselves. To be called before the first view.
 */
export function provideKernel(module: WebAssembly.Module): void {
  provideModule(WASM_BASE64, module);
}
