import type { ColumnPart } from "./frame.ts";
import { packFloats, packSized, packUints } from "./pack.ts";

interface Cells {
  readonly at: number[];
  readonly values: number[];
}

interface Edges extends Cells {
  readonly to: number[];
}

interface Metrics {
  /** Value alone changed. */
  readonly values: Cells;
  /** Bounds changed as well. */
  readonly bounds: Cells & { readonly min: number[]; readonly max: number[] };
}

/** What changed, by column, until it is told as parts of a frame. */
export class Changes {
  readonly #uints = new Map<number, Cells>();
  readonly #numbers = new Map<number, Cells>();
  readonly #metrics = new Map<number, Metrics>();
  #edges: { readonly column: number; readonly cells: Edges } | undefined;

  /** A number of a string or of a list, or flags. */
  uint(column: number, slot: number, value: number): void {
    put(this.#uints, column, slot, value);
  }

  /** Metadata that is a whole number. */
  number(column: number, slot: number, value: number): void {
    put(this.#numbers, column, slot, value);
  }

  value(column: number, slot: number, value: number): void {
    const { values } = this.#metric(column);
    values.at.push(slot);
    values.values.push(value);
  }

  bounds(column: number, slot: number, cell: readonly [number, number, number]): void {
    const { bounds } = this.#metric(column);
    bounds.at.push(slot);
    bounds.values.push(cell[0]);
    bounds.min.push(cell[1]);
    bounds.max.push(cell[2]);
  }

  edges(column: number, slot: number, to: readonly number[]): void {
    this.#edges ??= { column, cells: { at: [], values: [], to: [] } };
    const { cells } = this.#edges;
    cells.at.push(slot);
    cells.values.push(to.length);
    for (const end of to) cells.to.push(end);
  }

  /** The parts of a frame, in the order of their columns; `slots` need not be told again. */
  parts(slots?: readonly number[]): readonly ColumnPart[] {
    const parts: ColumnPart[] = [];
    for (const [c, { at, values }] of this.#uints) {
      parts.push({ c, ...atOf(at, slots), v: packUints(values) });
    }
    for (const [c, { at, values }] of this.#numbers) {
      parts.push({ c, ...atOf(at, slots), v: packUints(values), num: true });
    }
    for (const [c, { values, bounds }] of this.#metrics) {
      if (values.at.length > 0) {
        parts.push({ c, ...atOf(values.at, slots), v: packFloats(values.values) });
      }
      if (bounds.at.length > 0) {
        const [min, max] = [packFloats(bounds.min), packFloats(bounds.max)];
        parts.push({ c, ...atOf(bounds.at, slots), v: packFloats(bounds.values), min, max });
      }
    }
    if (this.#edges !== undefined) {
      const { column: c, cells } = this.#edges;
      const to = packSized(cells.to);
      parts.push({ c, ...atOf(cells.at, slots), v: packUints(cells.values), to });
    }
    return parts.sort((a, b) => a.c - b.c);
  }

  #metric(column: number): Metrics {
    const known = this.#metrics.get(column);
    if (known !== undefined) return known;
    const fresh = { values: { at: [], values: [] }, bounds: noBounds() };
    this.#metrics.set(column, fresh);
    return fresh;
  }
}

function noBounds(): Metrics["bounds"] {
  return { at: [], values: [], min: [], max: [] };
}

function put(columns: Map<number, Cells>, column: number, slot: number, value: number): void {
  let cells = columns.get(column);
  if (cells === undefined) {
    cells = { at: [], values: [] };
    columns.set(column, cells);
  }
  cells.at.push(slot);
  cells.values.push(value);
}

function atOf(at: readonly number[], slots: readonly number[] | undefined) {
  const isAll = slots !== undefined && at.length === slots.length;
  const isSame = isAll && at.every((slot, i) => slot === slots[i]);
  return isSame ? { n: at.length } : { n: at.length, at: packSized(at) };
}
