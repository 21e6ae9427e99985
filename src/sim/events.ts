/** One thing that happens at one instant. */
interface Event {
  readonly atMs: number;
  /** Decides between events of one instant: the order in which they were set. */
  readonly order: number;
  readonly run: () => void;
}

/**
 * What is to happen, by time and then by order of setting: a binary heap.
 *
 * Cost: O(log n) to set and to take one.
 */
export class EventQueue {
  readonly #heap: Event[] = [];
  #order = 0;

  /** How many wait. */
  get size(): number {
    return this.#heap.length;
  }

  /** When the next one happens; undefined when nothing does. */
  get nextMs(): number | undefined {
    return this.#heap[0]?.atMs;
  }

  /** Let something happen. */
  set(atMs: number, run: () => void): void {
    const event = { atMs, order: this.#order++, run };
    const heap = this.#heap;
    let at = heap.length;
    heap.push(event);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent]!;
      // Its order is the highest: at the same time it stays below.
      if (above.atMs <= atMs) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = event;
  }

  /** Take the next one out. */
  take(): { readonly atMs: number; readonly run: () => void } | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first !== undefined && last !== undefined && heap.length > 0) this.#sink(last);
    return first;
  }

  #sink(event: Event): void {
    const heap = this.#heap;
    const half = heap.length >> 1;
    let at = 0;
    while (at < half) {
      let child = 2 * at + 1;
      const right = heap[child + 1];
      if (right !== undefined && isBefore(right, heap[child]!)) child += 1;
      const least = heap[child]!;
      if (!isBefore(least, event)) break;
      heap[at] = least;
      at = child;
    }
    heap[at] = event;
  }
}

function isBefore(one: Event, other: Event): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
}
