/** Whole numbers by slot; 0 where nothing was written. */
export class UintColumn {
  #values = new Uint32Array(64);

  get(slot: number): number {
    return this.#values[slot] ?? 0;
  }

  /** Returns whether it is another value. */
  set(slot: number, value: number): boolean {
    if (this.get(slot) === value) return false;
    if (slot >= this.#values.length) {
      const grown = new Uint32Array(Math.max(this.#values.length * 2, slot + 1));
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[slot] = value;
    return true;
  }
}

/** Numbers of seven digits by slot; NaN where nothing was written. */
export class FloatColumn {
  #values = new Float32Array(64).fill(Number.NaN);

  get(slot: number): number {
    return this.#values[slot] ?? Number.NaN;
  }

  /** Returns whether it is another value. */
  set(slot: number, value: number): boolean {
    if (Object.is(this.get(slot), Math.fround(value))) return false;
    if (slot >= this.#values.length) {
      const grown = new Float32Array(Math.max(this.#values.length * 2, slot + 1));
      grown.fill(Number.NaN);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[slot] = value;
    return true;
  }
}

/** Gives ids a small number each; a number that became free is given out again by a later round. */
export class Slots {
  readonly #slots = new Map<string, number>();
  #free: number[] = [];
  #freed: number[] = [];
  #end = 0;

  get size(): number {
    return this.#slots.size;
  }

  /** All numbers are below. */
  get end(): number {
    return this.#end;
  }

  get(id: string): number | undefined {
    return this.#slots.get(id);
  }

  /** Ids with their numbers. */
  entries(): IterableIterator<[string, number]> {
    return this.#slots.entries();
  }

  add(id: string): number {
    const slot = this.#free.pop() ?? this.#end;
    this.#end = Math.max(this.#end, slot + 1);
    this.#slots.set(id, slot);
    return slot;
  }

  remove(id: string): void {
    const slot = this.#slots.get(id);
    if (slot === undefined) return;
    this.#slots.delete(id);
    this.#freed.push(slot);
  }

  /** A round ends: what it freed may be used by the next. */
  settle(): void {
    this.#free.push(...this.#freed);
    this.#freed = [];
  }
}
