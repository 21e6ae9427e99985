import { FairleadError } from "../base/mod.ts";

const PAGE_BYTES = 65_536;
const PAGES_MAX = 65_536;
const ALIGN_BYTES = 64;
const GUARD_BYTES = 64;

/** The typed array behind each kind of column. */
interface Kinds {
  readonly f64: Float64Array<ArrayBuffer>;
  readonly i32: Int32Array<ArrayBuffer>;
  readonly u32: Uint32Array<ArrayBuffer>;
  readonly u64: BigUint64Array<ArrayBuffer>;
  readonly u8: Uint8Array<ArrayBuffer>;
}
type Kind = keyof Kinds;
type View = Kinds[Kind];

/** Views by column name. */
export type ColumnViews = { readonly [name: string]: View };

interface Column {
  readonly name: string;
  readonly kind: Kind;
  readonly length: number;
  readonly offset: number;
}

/** Columns laid out in one buffer. */
export interface ArenaLayout<Views extends ColumnViews> {
  /** The columns by name; made anew by `refresh`. */
  readonly views: Views;
  /** Where each column starts, in bytes: what a kernel is told. */
  readonly offsets: Readonly<Record<keyof Views & string, number>>;
  /** The first byte after the last column and its guard: where a further arena may start. */
  readonly endByte: number;
  /**
   * Make the views again at the same offsets, keeping the contents. Needed when the memory grew,
   * because growing detaches every view.
   */
  refresh(): Views;
}

/**
 * A bump layout of typed columns over a kernel's memory, or over a plain buffer for the reference.
 *
 * Columns start at multiples of 64 bytes and leave at least 64 bytes between each other, so that an
 * index that is off by a little hits no neighbour. Page 0 stays with the module.
 * Name the columns first, then `build`: the memory grows once, and the views are made after that.
 *
 * Units: lengths are elements; offsets are bytes.
 */
export class Arena<Views extends ColumnViews = Record<never, never>> {
  readonly #memory: WebAssembly.Memory | undefined;
  readonly #columns: Column[] = [];
  #end: number;

  /**
   * @param memory The kernel's memory; without one, `build` makes a plain `ArrayBuffer`.
   * @param startByte Where the first column may start, at least 65,536: for a further arena over
   * one memory, the `endByte` of the one before.
   */
  constructor(memory?: WebAssembly.Memory, startByte = PAGE_BYTES) {
    if (!Number.isSafeInteger(startByte) || startByte < PAGE_BYTES) {
      throw new FairleadError(
        "invalid_input",
        `Cannot start an arena at byte ${startByte}: allowed are integers from ${PAGE_BYTES}`,
        { details: { field: "startByte", value: startByte, min: PAGE_BYTES } },
      );
    }
    this.#memory = memory;
    this.#end = align(startByte);
  }

  /** Add a column of 64-bit floats. */
  f64<N extends string>(name: N, length: number): Arena<Views & Record<N, Kinds["f64"]>> {
    return this.#add(name, "f64", 8, length);
  }

  /** Add a column of signed 32-bit integers. */
  i32<N extends string>(name: N, length: number): Arena<Views & Record<N, Kinds["i32"]>> {
    return this.#add(name, "i32", 4, length);
  }

  /** Add a column of unsigned 32-bit integers. */
  u32<N extends string>(name: N, length: number): Arena<Views & Record<N, Kinds["u32"]>> {
    return this.#add(name, "u32", 4, length);
  }

  /** Add a column of unsigned 64-bit integers; in JavaScript they are read as bigint. */
  u64<N extends string>(name: N, length: number): Arena<Views & Record<N, Kinds["u64"]>> {
    return this.#add(name, "u64", 8, length);
  }

  /** Add a column of bytes. */
  u8<N extends string>(name: N, length: number): Arena<Views & Record<N, Kinds["u8"]>> {
    return this.#add(name, "u8", 1, length);
  }

  /**
   * Grow the memory when it is too small, zero the columns and make their views.
   *
   * @param options.zeroed `false` leaves the memory's bytes as they are, for a caller that moves
   * what an earlier layout holds. @default true
   * @throws {FairleadError} `memory_exhausted` when the memory cannot grow that far.
   */
  build({ zeroed = true }: { readonly zeroed?: boolean } = {}): ArenaLayout<Views> {
    const columns = this.#columns.slice();
    const memory = this.#memory;
    if (memory) grow(memory, this.#end);
    const plain = memory ? undefined : allocate(this.#end);
    const makeViews = (): Views => viewsOf<Views>(columns, plain ?? bufferOf(memory!));
    const views = makeViews();
    if (memory && zeroed) for (const { name } of columns) zero(views[name]!);
    const offsets = Object.fromEntries(columns.map((c) => [c.name, c.offset]));
    return {
      views,
      offsets: offsets as Record<keyof Views & string, number>,
      endByte: this.#end,
      refresh(): Views {
        const fresh = makeViews();
        Object.assign(this.views, fresh);
        return fresh;
      },
    };
  }

  #add<V extends ColumnViews>(
    name: string,
    kind: Kind,
    elementBytes: number,
    length: number,
  ): Arena<Views & V> {
    if (!Number.isSafeInteger(length) || length < 0 || length * elementBytes > 2 ** 32) {
      throw new FairleadError(
        "invalid_input",
        `Cannot lay out column "${name}" of ${length} elements: allowed are integers from 0 to ` +
          `${2 ** 32 / elementBytes}`,
        { details: { field: name, value: length, min: 0, max: 2 ** 32 / elementBytes } },
      );
    }
    if (this.#columns.some((column) => column.name === name)) {
      throw new FairleadError(
        "invalid_input",
        `Cannot lay out column "${name}": the arena has one of that name`,
        { details: { field: name } },
      );
    }
    this.#columns.push({ name, kind, length, offset: this.#end });
    this.#end = align(this.#end + length * elementBytes + GUARD_BYTES);
    return this as Arena<ColumnViews> as Arena<Views & V>;
  }
}

function align(bytes: number): number {
  return Math.ceil(bytes / ALIGN_BYTES) * ALIGN_BYTES;
}

function grow(memory: WebAssembly.Memory, bytes: number): void {
  const missing = Math.ceil((bytes - memory.buffer.byteLength) / PAGE_BYTES);
  if (missing <= 0) return;
  try {
    memory.grow(missing);
  } catch (cause) {
    throw exhausted(bytes, cause);
  }
}

function allocate(bytes: number): ArrayBuffer {
  try {
    if (bytes > PAGES_MAX * PAGE_BYTES) throw new RangeError("more than 4 GiB");
    return new ArrayBuffer(bytes);
  } catch (cause) {
    throw exhausted(bytes, cause);
  }
}

function exhausted(bytes: number, cause: unknown): FairleadError {
  return new FairleadError(
    "memory_exhausted",
    `Cannot lay out ${bytes} bytes of columns: the platform gives no more memory`,
    { cause, details: { bytes } },
  );
}

function bufferOf(memory: WebAssembly.Memory): ArrayBuffer {
  const buffer = memory.buffer;
  if (buffer instanceof ArrayBuffer) return buffer;
  throw new FairleadError("invalid_input", "Cannot lay out columns: the memory is shared", {});
}

function viewsOf<Views extends ColumnViews>(
  columns: readonly Column[],
  buffer: ArrayBuffer,
): Views {
  const views: Record<string, View> = {};
  for (const column of columns) views[column.name] = viewOf(column, buffer);
  return views as Views;
}

function viewOf({ kind, offset, length }: Column, buffer: ArrayBuffer): View {
  switch (kind) {
    case "f64":
      return new Float64Array(buffer, offset, length);
    case "i32":
      return new Int32Array(buffer, offset, length);
    case "u32":
      return new Uint32Array(buffer, offset, length);
    case "u64":
      return new BigUint64Array(buffer, offset, length);
    case "u8":
      return new Uint8Array(buffer, offset, length);
  }
}

function zero(view: View): void {
  new Uint8Array(view.buffer, view.byteOffset, view.byteLength).fill(0);
}
