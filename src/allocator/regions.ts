/** Growing runs of handles in the `order` column, each twice as long as what it holds. */
import type { Core } from "./core.ts";

const SMALLEST = 4;

/** Hands out regions; the second half of each is the random sorter's working copy. */
export class Regions {
  readonly #core: Core;
  readonly #free = new Map<number, number[]>();
  #end = 0;

  constructor(core: Core) {
    this.#core = core;
  }

  /** What a snapshot has to keep. */
  get state(): { end: number; free: [number, number[]][] } {
    return { end: this.#end, free: [...this.#free] };
  }

  restore({ end, free }: { end: number; free: [number, number[]][] }): void {
    this.#end = end;
    for (const [max, starts] of free) this.#free.set(max, [...starts]);
  }

  /** Append a handle to the region described by the three columns at `index`. */
  append(columns: "kid" | "client", index: number, handle: number): void {
    let { start, count, max } = this.#columns(columns);
    if (count[index]! === max[index]!) {
      const wider = Math.max(SMALLEST, max[index]! * 2);
      const moved = this.#take(wider);
      ({ start, count, max } = this.#columns(columns));
      const { order } = this.#core.v;
      order.copyWithin(moved, start[index]!, start[index]! + count[index]!);
      this.#give(start[index]!, max[index]!);
      start[index] = moved;
      max[index] = wider;
    }
    this.#core.v.order[start[index]! + count[index]!] = handle;
    count[index] = count[index]! + 1;
  }

  /** Take a handle out of a region; the others keep their order. */
  remove(columns: "kid" | "client", index: number, handle: number): void {
    const { start, count, max } = this.#columns(columns);
    const { order } = this.#core.v;
    const first = start[index]!;
    const end = first + count[index]!;
    const at = order.subarray(first, end).indexOf(handle) + first;
    order.copyWithin(at, at + 1, end);
    count[index] = count[index]! - 1;
    if (count[index] === 0) {
      this.#give(first, max[index]!);
      max[index] = 0;
    }
  }

  #columns(columns: "kid" | "client") {
    const { v } = this.#core;
    return columns === "kid"
      ? { start: v.nKidStart, count: v.nKidCount, max: v.nKidMax }
      : { start: v.nClientStart, count: v.nClientCount, max: v.nClientMax };
  }

  #take(max: number): number {
    const freed = this.#free.get(max)?.pop();
    if (freed !== undefined) return freed;
    const start = this.#end;
    this.#core.ensure("order", start + 2 * max);
    this.#end = start + 2 * max;
    return start;
  }

  #give(start: number, max: number): void {
    if (max === 0) return;
    const freed = this.#free.get(max);
    if (freed) freed.push(start);
    else this.#free.set(max, [start]);
  }
}
