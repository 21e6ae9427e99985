/** A queue whose ends are both cheap. */
export class Lane<T> implements Iterable<T> {
  #items: T[] = [];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  /** The value at a place from the front; undefined behind the end. */
  at(index: number): T | undefined {
    return this.#items[this.#head + index];
  }

  push(item: T): void {
    this.#items.push(item);
  }

  /** Take so many from the front. */
  take(count: number): T[] {
    const taken = this.#items.slice(this.#head, this.#head + count);
    this.#head += taken.length;
    if (this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return taken;
  }

  /** Put these before all others, in their order. */
  putBack(items: readonly T[]): void {
    if (items.length > 0) this.replace([...items, ...this]);
  }

  /** Hold these instead. */
  replace(items: readonly T[]): void {
    this.#items = [...items];
    this.#head = 0;
  }

  *[Symbol.iterator](): Generator<T, void> {
    for (let index = this.#head; index < this.#items.length; index += 1) {
      yield this.#items[index] as T;
    }
  }
}
