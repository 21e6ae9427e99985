import type { AllocatorApi, AllocatorApiOptions } from "./model/api.ts";
import { ModelAllocator } from "./model/model_allocator.ts";
import type { Contender } from "./world.ts";

type Maker = new (options: AllocatorApiOptions & { readonly kernel?: string }) => AllocatorApi;

/** The model. */
export const model: Contender = { name: "model", make: (options) => new ModelAllocator(options) };

/** The model and, as soon as they are there, the real allocators. */
export async function contenders(): Promise<readonly Contender[]> {
  const door: Record<string, unknown> = await import("../../src/allocator/mod.ts");
  const { Allocator } = door;
  if (!isMaker(Allocator)) return [model, { ...model, name: "model again" }];
  const kernels = ["typed", "wasm"].map((kernel) => ({
    name: kernel,
    make: (options: AllocatorApiOptions) => new Allocator({ ...options, kernel }),
  }));
  return [model, ...kernels];
}

function isMaker(value: unknown): value is Maker {
  return typeof value === "function";
}

/** What properties are tested on: the WASM allocator, or the model until it is there. */
export async function subject(): Promise<Contender> {
  return (await contenders()).find(({ name }) => name === "wasm") ?? model;
}
