/**
 * The seam to the kernels: compile a WebAssembly module that travels as base64 in JavaScript, and
 * lay typed columns out in its memory. A kernel is the small hot part of a domain; its TypeScript
 * reference works on columns of the same shape, so that either can serve. Where a platform
 * refuses WebAssembly, `instantiate` says so with `wasm_unavailable` and the reference takes over.
 *
 * @example
 * ```ts
 * import { Arena } from "./mod.ts";
 *
 * const layout = new Arena().f64("cpus", 3).i32("agent", 3).build();
 * layout.views.cpus.set([1, 2, 3]);
 * console.assert(layout.offsets.cpus === 65_536);
 * ```
 *
 * @module
 */
export { Arena, type ArenaLayout, type ColumnViews } from "./arena.ts";
export { decodeBase64 } from "./base64.ts";
export { instantiate, provideModule, type WasmKernel } from "./instantiate.ts";
