/** Dense rows for ids that come and go. */

/** Rows of one topology, by handle of the id; a row is free when nobody refers to it. */
export class RowTable {
  readonly #rows = new Map<number, number>();
  readonly #free: number[] = [];
  /** Handle of the id by row; 0: the row is free. */
  ids = new Uint32Array(64);
  /** How many references there are, by row. */
  #refs = new Uint32Array(64);
  /** How many of them are nodes of reports, by row. */
  nodes = new Uint32Array(64);
  /** One more than the largest row ever used. */
  length = 0;

  /** The row of an id, if it has one. */
  find(id: number): number | undefined {
    return this.#rows.get(id);
  }

  /** Refer to an id; `isNode` when a report has it as a node. */
  hold(id: number, isNode: boolean): number {
    let row = this.#rows.get(id);
    if (row === undefined) {
      row = this.#free.pop() ?? this.length++;
      if (row >= this.ids.length) this.#grow();
      this.#rows.set(id, row);
      this.ids[row] = id;
      this.#refs[row] = 0;
      this.nodes[row] = 0;
    }
    this.#refs[row]! += 1;
    if (isNode) this.nodes[row]! += 1;
    return row;
  }

  /** Take a reference back. */
  release(row: number, isNode: boolean): void {
    if (isNode) this.nodes[row]! -= 1;
    this.#refs[row]! -= 1;
    if (this.#refs[row] !== 0) return;
    this.#rows.delete(this.ids[row]!);
    this.ids[row] = 0;
    this.#free.push(row);
  }

  #grow(): void {
    this.ids = twice(this.ids);
    this.#refs = twice(this.#refs);
    this.nodes = twice(this.nodes);
  }
}

function twice(column: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const grown = new Uint32Array(column.length * 2);
  grown.set(column);
  return grown;
}
