/** What is due later: a heap, so that a thousand waiting things cost nothing until their time. */

/** One thing that is due; whoever set it looks whether it still matters. */
export interface Timer {
  readonly dueMs: number;
  readonly kind: "failover" | "ping" | "away" | "recovered" | "removal" | "gc" | "ask";
  /** Of a framework, agent or question; "" for the master itself. */
  readonly id: string;
}

/** Timers by time, and in the order in which they were set when times are equal. */
export class Timers {
  readonly #heap: { readonly timer: Timer; readonly order: number }[] = [];
  #order = 0;

  get nextDueMs(): number | undefined {
    return this.#heap[0]?.timer.dueMs;
  }

  set(dueMs: number, kind: Timer["kind"], id: string): void {
    const heap = this.#heap;
    heap.push({ timer: { dueMs, kind, id }, order: this.#order++ });
    let at = heap.length - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#before(at, parent)) break;
      this.#swap(at, parent);
      at = parent;
    }
  }

  /** The first timer that is due by `nowMs`, taken out. */
  take(nowMs: number): Timer | undefined {
    const heap = this.#heap;
    const first = heap[0];
    if (first === undefined || first.timer.dueMs > nowMs) return undefined;
    const last = heap.pop()!;
    if (heap.length > 0) {
      heap[0] = last;
      this.#sink();
    }
    return first.timer;
  }

  clear(): void {
    this.#heap.length = 0;
  }

  #sink(): void {
    for (let at = 0; ; ) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < this.#heap.length && this.#before(child, least)) least = child;
      }
      if (least === at) return;
      this.#swap(at, least);
      at = least;
    }
  }

  #before(a: number, b: number): boolean {
    const [left, right] = [this.#heap[a]!, this.#heap[b]!];
    if (left.timer.dueMs !== right.timer.dueMs) return left.timer.dueMs < right.timer.dueMs;
    return left.order < right.order;
  }

  #swap(a: number, b: number): void {
    const kept = this.#heap[a]!;
    this.#heap[a] = this.#heap[b]!;
    this.#heap[b] = kept;
  }
}
