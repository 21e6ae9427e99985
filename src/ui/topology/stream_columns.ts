import type {
  ColumnPart,
  MetadataRow,
  MetricRow,
  NodeSummary,
  NodeTable,
  ParentLink,
  ParentsPart,
  StreamField,
  StreamFrame,
} from "../../topology/mod.ts";
import { invalid } from "./msgpack_reader.ts";
import { extend, readFloats, readSized, readUints } from "./stream_values.ts";

const [ID, LABEL, MINOR, RANK, SHAPE, TAG, FLAGS, PARENTS, TABLES, ADJACENCY] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
];
const FIELD = 16;
/** Beyond, a number has more digits than two decimals could be told of. */
const ROUNDED_MAX = 100_000;

/** More nodes than a picture could have: the number is damaged. */
export const SLOTS_MAX = 4_000_000;

type Field = { readonly row: StreamField; readonly cells: unknown[] };
type Bounds = readonly [value: number, min: number, max: number];

/** The nodes of a stream by slot, as its columns say. */
export class StreamColumns {
  readonly #names = [""];
  readonly #values = [""];
  readonly #parents: (readonly ParentLink[])[] = [[]];
  readonly #tables: (readonly NodeTable[])[] = [[]];
  readonly #fields: Field[] = [];
  readonly #plain = new Map<number, number[]>();
  readonly #edges: (readonly number[] | undefined)[] = [];
  /** The fields by the order of their rows. */
  #ordered: readonly Field[] = [];

  /** What a frame adds to the dictionaries. */
  learn(frame: StreamFrame): void {
    extend(this.#names, frame.names);
    extend(this.#values, frame.values);
    if (frame.parents !== undefined) this.#learnParents(frame.parents);
    if (frame.tables !== undefined) this.#tables.push(...frame.tables.list);
    if (frame.fields === undefined) return;
    if (frame.fields.from !== this.#fields.length) throw invalid("a field is missing");
    for (const row of frame.fields.list) this.#fields.push({ row, cells: [] });
    this.#ordered = [...this.#fields].sort((a, b) => (a.row.priority ?? 0) - (b.row.priority ?? 0));
  }

  /** Write a column; returns the slots that it names. */
  write(part: ColumnPart, all: ArrayLike<number>): ArrayLike<number> {
    const at = part.at === undefined ? all : readSized(part.at);
    if (at.length !== part.n) throw invalid("a column has not as many cells as slots");
    for (let i = 0; i < at.length; i += 1) {
      if ((at[i] ?? 0) >= SLOTS_MAX) throw invalid(`slot ${at[i]} is beyond ${SLOTS_MAX}`);
    }
    if (part.c === ADJACENCY) this.#writeEdges(part, at);
    else if (part.c >= FIELD) this.#writeField(part, at);
    else this.#writePlain(part, at);
    return at;
  }

  /** A node's id; "" where there is none. */
  id(slot: number): string {
    return this.#name(ID, slot) ?? "";
  }

  /** Slots of the nodes that this one's edges lead to. */
  edges(slot: number): readonly number[] {
    return this.#edges[slot] ?? [];
  }

  /** The number in a plain column: equal numbers are equal texts. */
  plain(column: number, slot: number): number {
    return this.#plain.get(column)?.[slot] ?? 0;
  }

  /** A node as the API has it. */
  summary(slot: number): NodeSummary {
    const name = (column: number) => this.#name(column, slot);
    const [shape, tag, flags] = [name(SHAPE), name(TAG), this.plain(FLAGS, slot)];
    const [metadata, metrics] = [this.#metadataOf(slot), this.#metricsOf(slot)];
    const parents = this.#parents[this.plain(PARENTS, slot)] ?? [];
    const tables = this.#tables[this.plain(TABLES, slot)] ?? [];
    const adjacency = this.edges(slot).map((end) => this.id(end));
    return {
      id: this.id(slot),
      label: name(LABEL) ?? "",
      labelMinor: name(MINOR) ?? "",
      rank: name(RANK) ?? "",
      ...(shape === undefined ? {} : { shape }),
      ...(tag === undefined ? {} : { tag }),
      ...((flags & 1) === 0 ? {} : { stack: true }),
      ...((flags & 2) === 0 ? {} : { pseudo: true }),
      ...(metadata.length === 0 ? {} : { metadata }),
      ...(parents.length === 0 ? {} : { parents }),
      ...(metrics.length === 0 ? {} : { metrics }),
      ...(tables.length === 0 ? {} : { tables }),
      ...(adjacency.length === 0 ? {} : { adjacency }),
    };
  }

  #name(column: number, slot: number): string | undefined {
    const number = this.plain(column, slot);
    return number === 0 ? undefined : this.#names[number];
  }

  #learnParents({ from, counts, items }: ParentsPart): void {
    if (from !== this.#parents.length) throw invalid("a list of parents is missing");
    const [lengths, names] = [readSized(counts), readSized(items)];
    const name = (at: number) => this.#names[names[at] ?? 0] ?? "";
    let at = 0;
    for (let i = 0; i < lengths.length; i += 1) {
      const list: ParentLink[] = [];
      const end = at + 3 * (lengths[i] ?? 0);
      if (end > names.length) throw invalid("a list of parents is cut off");
      for (; at < end; at += 3) {
        list.push({ id: name(at), label: name(at + 1), topologyId: name(at + 2) });
      }
      this.#parents.push(list);
    }
  }

  #writePlain({ c, v }: ColumnPart, at: ArrayLike<number>): void {
    if (isFloats(v)) throw invalid(`column ${c} has no whole numbers`);
    const numbers = readUints(v, at.length);
    let column = this.#plain.get(c);
    if (column === undefined) {
      column = [];
      this.#plain.set(c, column);
    }
    for (let i = 0; i < at.length; i += 1) {
      const slot = at[i] ?? 0;
      if (c === ID) this.#begin(slot);
      column[slot] = numbers[i] ?? 0;
    }
  }

  /** A new node in a slot: what another one left is gone. */
  #begin(slot: number): void {
    for (const column of this.#plain.values()) {
      if (slot < column.length) column[slot] = 0;
    }
    for (const { cells } of this.#fields) {
      if (slot < cells.length) cells[slot] = undefined;
    }
    this.#edges[slot] = undefined;
  }

  #writeEdges({ v, to }: ColumnPart, at: ArrayLike<number>): void {
    if (isFloats(v) || to === undefined) throw invalid("its edges have no ends");
    const [counts, ends] = [readUints(v, at.length), readSized(to)];
    let begin = 0;
    for (let i = 0; i < at.length; i += 1) {
      const end = begin + (counts[i] ?? 0);
      if (end > ends.length) throw invalid("its edges are cut off");
      const list: number[] = [];
      for (let e = begin; e < end; e += 1) list.push(ends[e] ?? 0);
      this.#edges[at[i] ?? 0] = list;
      begin = end;
    }
    if (begin !== ends.length) throw invalid("its edges have not as many ends as they say");
  }

  #writeField(part: ColumnPart, at: ArrayLike<number>): void {
    const field = this.#fields[part.c - FIELD];
    if (field === undefined) throw invalid(`field ${part.c - FIELD} is not known`);
    if (field.row.kind === "metric") writeMetric(field.cells, part, at);
    else this.#writeMetadata(field.cells, part, at);
  }

  #writeMetadata(cells: unknown[], part: ColumnPart, at: ArrayLike<number>): void {
    if (isFloats(part.v)) throw invalid("a metadata field has no whole numbers");
    const numbers = readUints(part.v, at.length);
    for (let i = 0; i < at.length; i += 1) {
      const number = numbers[i] ?? 0;
      if (part.num === true) cells[at[i] ?? 0] = number;
      else cells[at[i] ?? 0] = number === 0 ? undefined : this.#values[number];
    }
  }

  #metadataOf(slot: number): readonly MetadataRow[] {
    const rows: MetadataRow[] = [];
    for (const { row, cells } of this.#ordered) {
      const cell = cells[slot];
      if (row.kind !== "metadata" || cell === undefined) continue;
      const { kind: _, ...rest } = row;
      rows.push({ ...rest, value: String(cell) });
    }
    return rows;
  }

  #metricsOf(slot: number): readonly MetricRow[] {
    const rows: MetricRow[] = [];
    for (const { row, cells } of this.#ordered) {
      const cell = cells[slot];
      if (row.kind !== "metric" || !isBounds(cell) || Number.isNaN(cell[0])) continue;
      const { kind: _, ...rest } = row;
      const isEmpty = cell[0] === Number.POSITIVE_INFINITY;
      rows.push({
        ...rest,
        value: isEmpty ? 0 : rounded(cell[0]),
        ...(isEmpty ? { valueEmpty: true } : {}),
        samples: null,
        min: rounded(cell[1]),
        max: rounded(cell[2]),
      });
    }
    return rows;
  }
}

function writeMetric(cells: unknown[], part: ColumnPart, at: ArrayLike<number>): void {
  const { v, min, max } = part;
  const values = readFloats(v, at.length);
  const mins = min === undefined ? undefined : readFloats(min, at.length);
  const maxs = max === undefined ? undefined : readFloats(max, at.length);
  for (let i = 0; i < at.length; i += 1) {
    const slot = at[i] ?? 0;
    const before = cells[slot];
    const [, oldMin, oldMax] = isBounds(before) ? before : [0, Number.NaN, Number.NaN];
    cells[slot] = [values[i], mins?.[i] ?? oldMin, maxs?.[i] ?? oldMax];
  }
}

function isBounds(cell: unknown): cell is Bounds {
  return Array.isArray(cell);
}

function isFloats(value: ColumnPart["v"]): value is Exclude<ColumnPart["v"], Uint8Array | number> {
  return typeof value === "object" && !(value instanceof Uint8Array);
}

function rounded(value: number): number {
  return Math.abs(value) < ROUNDED_MAX ? Math.round(value * 100) / 100 : value;
}
