/** The memory that holds the columns: their capacities, growth and copies. */
import { FairleadError } from "../../base/mod.ts";
import { Arena, type ArenaLayout, type ColumnViews } from "../../wasm/mod.ts";
import { copyColumn, moveUp } from "./growth.ts";
import {
  type Capacities,
  type Dimension,
  defineColumns,
  H,
  strides,
  type Views,
} from "./layout.ts";

/** Lists shorter than this grow fourfold: what is laid out anew is little then. */
const SMALL = 4096;

const INITIAL: Capacities = {
  rowStride: 8,
  agents: 1024,
  clients: 256,
  nodes: 64,
  order: 1024,
  classes: 8,
  filterRows: 8,
  filters: 64,
  snaps: 32,
  offers: 1024,
  parts: 64,
  slices: 64,
  refs: 64,
  mins: 8,
};

/** Lists threaded on a free list: link column, header word of the head, and of the counter. */
const FREE_LISTS = [
  { dimension: "offers", link: "oNext", head: H.offersFree, count: H.offersFreeCount },
  { dimension: "parts", link: "tNext", head: H.partsFree, count: H.partsFreeCount },
  { dimension: "refs", link: "rNext", head: H.refsFree, count: H.refsFreeCount },
  { dimension: "filters", link: "fNext", head: H.filtersFree, count: -1 },
  { dimension: "snaps", link: "pNext", head: H.snapsFree, count: -1 },
] as const;

/** The memory of one allocator: columns, their capacities, growth and copies. */
export class KernelMemory {
  readonly #memory: WebAssembly.Memory | undefined;
  #layout: ArenaLayout<ColumnViews>;
  #views: Views;
  /** Counts layouts: a kernel that holds offsets binds again when it changes. */
  generation = 0;
  capacities: Capacities;

  constructor(memory?: WebAssembly.Memory, capacities: Partial<Capacities> = {}) {
    this.#memory = memory;
    this.capacities = { ...INITIAL, ...capacities };
    [this.#layout, this.#views] = build(memory, this.capacities);
    for (const list of FREE_LISTS) this.#thread(list, 1);
    this.#writeShape();
  }

  /** The columns; ask again after anything that may grow. */
  get views(): Views {
    return this.#views;
  }

  /** Byte offsets of all columns, in the kernel's order. */
  get offsets(): Uint32Array {
    return Uint32Array.from(Object.keys(this.#views), (name) => this.#layout.offsets[name]!);
  }

  /** Bytes in use. */
  get bytes(): number {
    return this.#layout.endByte;
  }

  /** Make room for `needed` slots of a list; every list that has a free list is threaded on. */
  ensure(dimension: Dimension, needed: number): void {
    if (needed > this.capacities[dimension]) this.ensureAll([[dimension, needed]]);
  }

  /** Make room in several lists for the price of one. */
  ensureAll(lists: readonly (readonly [dimension: Dimension, needed: number])[]): void {
    const next = { ...this.capacities };
    for (const [dimension, needed] of lists) {
      while (next[dimension] < needed) next[dimension] *= next[dimension] < SMALL ? 4 : 2;
    }
    if (lists.some(([dimension]) => next[dimension] > this.capacities[dimension])) {
      this.resize(next);
    }
  }

  /** Lay everything out anew with other capacities, none of them smaller; contents stay. */
  resize(next: Capacities): void {
    const before = this.capacities;
    const old = Object.values(this.#views).map((from) => ({
      from,
      fromByte: from.byteOffset,
      bytes: from.byteLength,
    }));
    const [layout, views] = build(this.#memory, next, { zeroed: false });
    const moves = Object.entries(views).map(([name, to], nth) => ({
      ...old[nth]!,
      to,
      stride: strides(name, before),
      wider: strides(name, next),
    }));
    if (this.#memory) moveUp(this.#memory.buffer, moves, layout.endByte);
    else for (const move of moves) copyColumn(move);
    this.#layout = layout;
    this.#views = views;
    this.capacities = next;
    for (const list of FREE_LISTS) {
      if (next[list.dimension] > before[list.dimension]) this.#thread(list, before[list.dimension]);
    }
    this.#writeShape();
    this.generation++;
  }

  /** Put the slots from `from` on in front of a list's free slots. */
  #thread(list: (typeof FREE_LISTS)[number], from: number): void {
    const end = this.capacities[list.dimension];
    const link = this.#views[list.link];
    const header = this.#views.header;
    for (let slot = from; slot < end; slot++) link[slot] = slot + 1;
    link[end - 1] = header[list.head]!;
    header[list.head] = from;
    if (list.count >= 0) header[list.count] = header[list.count]! + (end - from);
  }

  #writeShape(): void {
    this.#views.header[H.rowStride] = this.capacities.rowStride;
    this.#views.header[H.bitWords] = this.capacities.clients / 32;
  }

  /** All columns as bytes, for a snapshot. */
  copyOut(): Uint8Array {
    const { header } = this.#views;
    const start = header.byteOffset;
    return new Uint8Array(header.buffer, start, this.bytes - start).slice();
  }

  /**
   * Take over the bytes of a `copyOut` made with the same capacities.
   *
   * @throws {FairleadError} `snapshot_mismatch` when the sizes differ.
   */
  copyIn(bytes: Uint8Array): void {
    const { header } = this.#views;
    const start = header.byteOffset;
    if (bytes.length !== this.bytes - start) {
      throw new FairleadError(
        "snapshot_mismatch",
        `Cannot restore: the snapshot holds ${bytes.length} bytes of columns, expected ` +
          `${this.bytes - start}`,
        { details: { bytes: bytes.length, expected: this.bytes - start } },
      );
    }
    new Uint8Array(header.buffer, start, bytes.length).set(bytes);
  }
}

function build(
  memory: WebAssembly.Memory | undefined,
  cap: Capacities,
  options: { readonly zeroed: boolean } = { zeroed: true },
): [ArenaLayout<ColumnViews>, Views] {
  const arena: Arena<ColumnViews> = new Arena(memory);
  const nothing = { f64: new Float64Array(0), u32: new Uint32Array(0), u8: new Uint8Array(0) };
  const name = <Kind extends keyof typeof nothing>(kind: Kind) => {
    return (column: string, length: number): (typeof nothing)[Kind] => {
      arena[kind](column, length);
      return nothing[kind];
    };
  };
  defineColumns({ f64: name("f64"), u32: name("u32"), u8: name("u8") }, cap);
  const layout = arena.build(options);
  const take = <T>(name: string, kind: new (n: number) => T): T => {
    const view = layout.views[name];
    if (view instanceof kind) return view;
    throw new FairleadError("unreachable", `Cannot lay out column "${name}": wrong type`);
  };
  const views = defineColumns(
    {
      f64: (name) => take(name, Float64Array),
      u32: (name) => take(name, Uint32Array),
      u8: (name) => take(name, Uint8Array),
    },
    cap,
  );
  return [layout, views];
}
