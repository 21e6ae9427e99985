import { naturalKey } from "./format.ts";

/** What a {@linkcode RowIndex} knows of rows. */
export interface RowIndexOptions<Row> {
  readonly idOf: (row: Row) => string;
  /** The name, by which equal rows are ordered. */
  readonly nameOf: (row: Row) => string;
  /** Everything that a filter may find. */
  readonly textOf: (row: Row) => string;
  /** What rows may be sorted by, beside `name`. */
  readonly keys: Readonly<Record<string, (row: Row) => string | number>>;
}

/** Which rows, in which order. */
export interface RowView<Row> {
  readonly sort: string;
  readonly desc: boolean;
  /** Words that must all be there. */
  readonly text: string;
  /** A finer choice; `choice` names it, so that the same one is known again. */
  readonly accept?: (row: Row) => boolean;
  readonly choice?: string;
}

interface Entry<Row> {
  row: Row;
  name: string;
  text: string | undefined;
  key: string | number;
}

/**
 * Rows sorted and filtered, over and over as they change: what did not change keeps its place and
 * its keys, so that a change of a tenth of 5,000 rows costs about a millisecond.
 */
export class RowIndex<Row extends object> {
  readonly #options: RowIndexOptions<Row>;
  readonly #entries = new Map<string, Entry<Row>>();
  #order: Entry<Row>[] = [];
  #sort = "name";
  #seen: readonly [number, string] = [-1, ""];
  #rows: readonly Row[] = [];

  constructor(options: RowIndexOptions<Row>) {
    this.#options = options;
  }

  /**
   * The rows of a view.
   *
   * @param version Of the rows: the same one gives the same list again.
   */
  view(rows: ReadonlyMap<string, Row>, version: number, view: RowView<Row>): readonly Row[] {
    const asked = [view.sort, view.desc, view.text, view.choice ?? ""].join("\n");
    if (this.#seen[0] === version && this.#seen[1] === asked) return this.#rows;
    this.#seen = [version, asked];
    this.#take(rows, view.sort);
    const sign = view.desc ? -1 : 1;
    this.#order.sort((a, b) => {
      if (a.key !== b.key) return a.key < b.key ? -sign : sign;
      return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
    });
    this.#rows = this.#filtered(view);
    return this.#rows;
  }

  #take(rows: ReadonlyMap<string, Row>, sort: string): void {
    const { nameOf, keys } = this.#options;
    const keyOf = keys[sort];
    const isResorted = sort !== this.#sort;
    this.#sort = sort;
    for (const [id, entry] of this.#entries) {
      if (!rows.has(id)) this.#entries.delete(id);
      else if (isResorted) entry.key = keyOf?.(entry.row) ?? entry.name;
    }
    if (this.#entries.size < this.#order.length) {
      this.#order = this.#order.filter(
        ({ row }) => this.#entries.get(this.#options.idOf(row))?.row === row,
      );
    }
    for (const [id, row] of rows) {
      const entry = this.#entries.get(id);
      if (entry?.row === row) continue;
      const name =
        entry !== undefined && nameOf(entry.row) === nameOf(row)
          ? entry.name
          : naturalKey(nameOf(row));
      const key = keyOf?.(row) ?? name;
      if (entry !== undefined) Object.assign(entry, { row, name, key, text: undefined });
      else {
        const added = { row, name, key, text: undefined };
        this.#entries.set(id, added);
        this.#order.push(added);
      }
    }
  }

  #filtered({ text, accept }: RowView<Row>): readonly Row[] {
    const words = text
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== "");
    const rows: Row[] = [];
    for (const entry of this.#order) {
      if (accept !== undefined && !accept(entry.row)) continue;
      if (words.length > 0) {
        entry.text ??= this.#options.textOf(entry.row).toLowerCase();
        const held = entry.text;
        if (!words.every((word) => held.includes(word))) continue;
      }
      rows.push(entry.row);
    }
    return rows;
  }
}
