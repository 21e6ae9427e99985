import type { MetadataRow, MetricRow, NodeSummary } from "../view/summary.ts";
import type { Changes } from "./changes.ts";
import { Dictionary } from "./dictionary.ts";
import { Fields, MetadataField, MetricField } from "./fields.ts";
import { COLUMN } from "./frame.ts";
import { ParentLists, TableLists } from "./lists.ts";
import { UintColumn } from "./slots.ts";

const STACK = 1;
const PSEUDO = 2;
const UINT_MAX = 0xffff_ffff;

/** Columns of numbers that stand for the plain parts of a node. */
const PLAIN = [
  COLUMN.label,
  COLUMN.labelMinor,
  COLUMN.rank,
  COLUMN.shape,
  COLUMN.tag,
  COLUMN.flags,
  COLUMN.parents,
  COLUMN.tables,
] as const;

/** The nodes of a stream as columns: what its clients know. */
export class NodeColumns {
  readonly names = new Dictionary();
  readonly values = new Dictionary();
  readonly parents = new ParentLists(this.names);
  readonly tables = new TableLists();
  readonly fields = new Fields();
  readonly #plain = new Map(PLAIN.map((column) => [column, new UintColumn()]));
  readonly #ids = new UintColumn();
  readonly #edges: (readonly number[] | undefined)[] = [];

  /** A node begins in a slot. */
  begin(slot: number, id: string, changes: Changes): void {
    for (const column of this.#plain.values()) column.set(slot, 0);
    this.#edges[slot] = undefined;
    for (const field of this.fields.all) {
      if (field instanceof MetadataField) field.cells[slot] = undefined;
      else for (const part of [field.value, field.min, field.max]) part.set(slot, Number.NaN);
    }
    this.#ids.set(slot, this.names.intern(id));
    changes.uint(COLUMN.id, slot, this.#ids.get(slot));
  }

  /** Write a node into its slot; what differs goes into the changes. */
  write(slot: number, node: NodeSummary, changes: Changes): void {
    const { names } = this;
    const optional = (text: string | undefined) => (text === undefined ? 0 : names.intern(text));
    const flags = (node.stack === true ? STACK : 0) | (node.pseudo === true ? PSEUDO : 0);
    this.#put(COLUMN.label, slot, names.intern(node.label), changes);
    this.#put(COLUMN.labelMinor, slot, names.intern(node.labelMinor), changes);
    this.#put(COLUMN.rank, slot, names.intern(node.rank), changes);
    this.#put(COLUMN.shape, slot, optional(node.shape), changes);
    this.#put(COLUMN.tag, slot, optional(node.tag), changes);
    this.#put(COLUMN.flags, slot, flags, changes);
    this.#put(COLUMN.parents, slot, this.parents.intern(node.parents), changes);
    this.#put(COLUMN.tables, slot, this.tables.intern(node.tables), changes);
    this.#writeMetadata(slot, node.metadata ?? [], changes);
    this.#writeMetrics(slot, node.metrics ?? [], changes);
  }

  /** Write where a node's edges lead to. */
  writeEdges(slot: number, to: readonly number[], changes: Changes): void {
    const known = this.#edges[slot] ?? [];
    if (known.length === to.length && known.every((end, i) => end === to[i])) return;
    this.#edges[slot] = to;
    changes.edges(COLUMN.adjacency, slot, to);
  }

  /** Everything that a picture is made of. */
  tellBase(slots: readonly number[], changes: Changes): void {
    for (const slot of slots) changes.uint(COLUMN.id, slot, this.#ids.get(slot));
    for (const [column, cells] of this.#plain) {
      if (column !== COLUMN.tables) tellUints(column, cells, slots, changes);
    }
    for (const field of this.fields.all) {
      if (field instanceof MetricField) tellMetric(field, slots, changes);
    }
    for (const slot of slots) {
      const to = this.#edges[slot] ?? [];
      if (to.length > 0) changes.edges(COLUMN.adjacency, slot, to);
    }
  }

  /** The rest. */
  tellRest(slots: readonly number[], changes: Changes): void {
    const tables = this.#plain.get(COLUMN.tables);
    if (tables !== undefined) tellUints(COLUMN.tables, tables, slots, changes);
    for (const field of this.fields.all) {
      if (!(field instanceof MetadataField)) continue;
      for (const slot of slots) {
        const cell = field.cells[slot];
        if (cell !== undefined) this.#tellCell(field, slot, cell, changes);
      }
    }
  }

  #put(column: (typeof PLAIN)[number], slot: number, value: number, changes: Changes): void {
    if (this.#plain.get(column)?.set(slot, value) === true) changes.uint(column, slot, value);
  }

  #writeMetadata(slot: number, rows: readonly MetadataRow[], changes: Changes): void {
    const seen = new Set<unknown>();
    for (const row of rows) {
      const field = this.fields.metadata(row);
      seen.add(field);
      if (field.cells[slot] === row.value) continue;
      field.cells[slot] = row.value;
      this.#tellCell(field, slot, row.value, changes);
    }
    for (const field of this.fields.all) {
      if (!(field instanceof MetadataField) || seen.has(field)) continue;
      if (field.cells[slot] === undefined) continue;
      field.cells[slot] = undefined;
      changes.uint(field.column, slot, 0);
    }
  }

  #writeMetrics(slot: number, rows: readonly MetricRow[], changes: Changes): void {
    const seen = new Set<unknown>();
    for (const row of rows) {
      const field = this.fields.metric(row);
      seen.add(field);
      const value = row.valueEmpty === true ? Number.POSITIVE_INFINITY : row.value;
      writeMetric(field, slot, [value, row.min, row.max], changes);
    }
    for (const field of this.fields.all) {
      if (!(field instanceof MetricField) || seen.has(field)) continue;
      writeMetric(field, slot, [Number.NaN, Number.NaN, Number.NaN], changes);
    }
  }

  #tellCell({ column }: MetadataField, slot: number, value: string, changes: Changes): void {
    const number = wholeNumber(value);
    if (number === undefined) changes.uint(column, slot, this.values.intern(value));
    else changes.number(column, slot, number);
  }
}

function tellUints(
  column: number,
  cells: UintColumn,
  slots: readonly number[],
  changes: Changes,
): void {
  if (slots.every((slot) => cells.get(slot) === 0)) return;
  for (const slot of slots) changes.uint(column, slot, cells.get(slot));
}

function tellMetric(
  { column, value, min, max }: MetricField,
  slots: readonly number[],
  changes: Changes,
): void {
  for (const slot of slots) {
    const cell = value.get(slot);
    if (Number.isNaN(cell)) continue;
    changes.bounds(column, slot, [cell, min.get(slot), max.get(slot)]);
  }
}

function writeMetric(
  field: MetricField,
  slot: number,
  cell: readonly [number, number, number],
  changes: Changes,
): void {
  const [value, min, max] = cell;
  const isValue = field.value.set(slot, value);
  const isMin = field.min.set(slot, min);
  const isMax = field.max.set(slot, max);
  if (isMin || isMax) changes.bounds(field.column, slot, cell);
  else if (isValue) changes.value(field.column, slot, value);
}

/** A text that is a whole number's decimal form, as that number. */
function wholeNumber(text: string): number | undefined {
  if (text.length === 0 || text.length > 10) return undefined;
  const number = Number(text);
  const isWhole = Number.isInteger(number) && number >= 0 && number <= UINT_MAX;
  return isWhole && String(number) === text ? number : undefined;
}
