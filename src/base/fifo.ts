/** A first-in, first-out list whose `shift` costs the same however long it is. */
export class Fifo<T> {
  #held: (T | undefined)[] = [];
  #head = 0;

  get size(): number {
    return this.#held.length - this.#head;
  }

  push(value: T): void {
    this.#held.push(value);
  }

  /** The oldest, which stays. */
  peek(): T | undefined {
    return this.#held[this.#head];
  }

  shift(): T | undefined {
    if (this.size === 0) return undefined;
    const value = this.#held[this.#head];
    this.#held[this.#head] = undefined;
    this.#head += 1;
    // Dropping the emptied half now and then keeps it in proportion, at a constant cost a value.
    if (this.#head > 512 && this.#head * 2 > this.#held.length) {
      this.#held = this.#held.slice(this.#head);
      this.#head = 0;
    }
    return value;
  }
}
