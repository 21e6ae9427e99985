/** The last n things, oldest first. */
export class Ring<T> implements Iterable<T> {
  readonly #max: number;
  readonly #kept: T[] = [];
  /** Where the oldest stands once it is full. */
  #start = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#kept.length;
  }

  push(item: T): void {
    if (this.#max === 0) return;
    if (this.#kept.length < this.#max) {
      this.#kept.push(item);
      return;
    }
    this.#kept[this.#start] = item;
    this.#start = (this.#start + 1) % this.#max;
  }

  *[Symbol.iterator](): IterableIterator<T> {
    for (let i = 0; i < this.#kept.length; i++) {
      yield this.#kept[(this.#start + i) % this.#kept.length]!;
    }
  }
}
