/** The diff kernel in WebAssembly, and the choice between it and the reference. */
import { FairleadError } from "../../base/mod.ts";
import {
  Arena,
  instantiate,
  provideModule,
  type WasmKernel as WasmInstance,
} from "../../wasm/mod.ts";
import type { DiffColumns, DiffKernel } from "./contract.ts";
import { layOut, offsetsOf } from "./layout.ts";
import { ReferenceKernel } from "./reference.ts";
import { WASM_BASE64 } from "./znode_diff.generated.ts";

/** What `assembly/znode_diff/index.ts` exports. */
interface Exports {
  offsetTable(): number;
  columns(): number;
  bind(): void;
  merge(lefts: number, rights: number, countsMask: bigint): number;
  hash(bytes: number, lengths: number, out: number, count: number): void;
}

const FUNCTIONS = ["offsetTable", "columns", "bind", "merge", "hash"] as const;

/** Above so many bytes a hash is done in parts, so that the kernel's memory stays small. */
const HASH_BYTES_MAX = 16 * 2 ** 20;

/** The WebAssembly implementation of the kernel contract: the same bits as the reference. */
export class WasmKernel implements DiffKernel {
  readonly name = "wasm";
  readonly #diff: WasmInstance<Exports>;
  /** A memory of its own, so that hashing does not move the columns. */
  readonly #hash: WasmInstance<Exports>;

  /** @throws {FairleadError} `wasm_unavailable` where the platform cannot run it. */
  constructor() {
    this.#diff = instantiate<Exports>(WASM_BASE64, FUNCTIONS);
    this.#hash = instantiate<Exports>(WASM_BASE64, FUNCTIONS);
  }

  open(lefts: number, rights: number): DiffColumns {
    const { memory, exports } = this.#diff;
    const layout = layOut(memory, lefts, rights);
    const offsets = offsetsOf(layout.offsets);
    if (offsets.length !== exports.columns()) {
      throw new FairleadError(
        "kernel_mismatch",
        `Cannot bind the kernel: it has ${exports.columns()} columns, the layout ${offsets.length}`,
      );
    }
    new Uint32Array(memory.buffer, exports.offsetTable(), offsets.length).set(offsets);
    exports.bind();
    return layout.views;
  }

  merge(lefts: number, rights: number, countsMask: bigint): number {
    return this.#diff.exports.merge(lefts, rights, countsMask);
  }

  hash(bytes: Uint8Array, lengths: Uint32Array): BigUint64Array {
    const hashes = new BigUint64Array(lengths.length);
    let first = 0;
    let at = 0;
    while (first < lengths.length) {
      let last = first;
      let size = 0;
      while (last < lengths.length && (size === 0 || size + lengths[last]! <= HASH_BYTES_MAX)) {
        size += lengths[last]!;
        last += 1;
      }
      const part = this.#hashPart(bytes.subarray(at, at + size), lengths.subarray(first, last));
      hashes.set(part, first);
      first = last;
      at += size;
    }
    return hashes;
  }

  #hashPart(bytes: Uint8Array, lengths: Uint32Array): BigUint64Array {
    const { memory, exports } = this.#hash;
    const { views, offsets } = new Arena(memory)
      .u8("bytes", bytes.length)
      .u32("lengths", lengths.length)
      .u64("out", lengths.length)
      .build({ zeroed: false });
    views.bytes.set(bytes);
    views.lengths.set(lengths);
    exports.hash(offsets.bytes, offsets.lengths, offsets.out, lengths.length);
    return views.out;
  }
}

/**
 * Make a kernel with a memory of its own.
 *
 * @param choice "wasm" comes out as "typed" where the platform has no WebAssembly.
 */
export function createKernel(choice: "wasm" | "typed"): DiffKernel {
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
 * load `fairlead/kernels/znode_diff.wasm` themselves. To be called before the first comparison.
 */
export function provideKernel(module: WebAssembly.Module): void {
  provideModule(WASM_BASE64, module);
}
