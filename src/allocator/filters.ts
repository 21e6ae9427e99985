/** Decline filters: when they are due, when they go, and whether they still tell the truth. */
import type { Core } from "./core.ts";
import { A_PRESENT, A_STALE } from "./kernel/flags.ts";
import { H } from "./kernel/layout.ts";

/** At most so many filters stand on one (agent, client). */
const FILTERS_A_PAIR_MAX = 8;

/** Filters of one due time, chained through `fBucketNext`. */
interface Bucket {
  readonly dueMs: number;
  readonly number: number;
  head: number;
}

/** Keeps the filters that stand in the columns, and their due times in a heap of buckets. */
export class FilterBook {
  readonly #core: Core;
  readonly #buckets = new Map<number, Bucket>();
  /** A binary heap by due time; emptied buckets stay until they are due or too many. */
  #heap: Bucket[] = [];
  #nextBucket = 1;
  #latest: Bucket | undefined;
  readonly #freeRows: number[] = [];
  #nextRow = 1;
  #count = 0;
  /** Buckets of the heap that hold no filter any more. */
  #empty = 0;

  constructor(core: Core) {
    this.#core = core;
  }

  /** How many filters stand. */
  get size(): number {
    return this.#count;
  }

  /**
   * Take back offers whose slots stand in `returning`; with a due time each leaves a filter.
   * The agents' rows of bits and the slots are made ready first.
   */
  returnOffers(count: number, dueMs: number | undefined): void {
    const core = this.#core;
    if (dueMs === undefined) {
      core.kernel.returnOffers(count, 0, 0);
      return;
    }
    this.#reserve(count);
    const crowded = this.#giveRows(count);
    const bucket = this.#bucketOf(dueMs);
    const before = bucket.head;
    bucket.head = core.kernel.returnOffers(count, bucket.number, bucket.head);
    const { fBucketNext } = core.v;
    for (let f = bucket.head; f !== before; f = fBucketNext[f]!) this.#count++;
    for (const [agent, client] of crowded) this.#trim(agent, client);
    if (bucket.head === 0) this.#emptied();
  }

  /** Remove what is due. */
  expire(nowMs: number): void {
    const due = new Set<number>();
    const agents = new Set<number>();
    const { v } = this.#core;
    while (this.#heap.length > 0 && this.#heap[0]!.dueMs <= nowMs) {
      const bucket = this.#pop();
      due.add(bucket.number);
      if (this.#latest === bucket) this.#latest = undefined;
      for (let f = bucket.head; f !== 0; f = v.fBucketNext[f]!) agents.add(v.fAgent[f]!);
    }
    for (const agent of agents) this.#sweep(agent, (filter) => due.has(v.fBucket[filter]!));
    for (const number of due) {
      this.#empty--;
      this.#buckets.delete(number);
    }
  }

  /** Remove all filters of a client. */
  removeClient(client: number): void {
    const { v } = this.#core;
    const words = v.header[H.bitWords]!;
    const agents = v.header[H.agentsHigh]!;
    for (let agent = 0; agent < agents; agent++) {
      const row = v.aFilterRow[agent]!;
      if (row === 0) continue;
      const bits = v.activeFilterBits[row * words + (client >>> 5)]!;
      if (((bits >>> (client & 31)) & 1) === 0) continue;
      this.#sweep(agent, (filter) => v.fClient[filter] === client);
    }
  }

  /** Remove all filters of an agent. */
  removeAgent(agent: number): void {
    this.#sweep(agent, () => true);
  }

  /** Every blocked bit may be wrong: what clients can handle has changed. */
  staleAll(): void {
    const { v } = this.#core;
    const agents = v.header[H.agentsHigh]!;
    for (let agent = 0; agent < agents; agent++) {
      if (v.aFilterHead[agent] === 0) continue;
      v.aFlags[agent] = v.aFlags[agent]! | A_STALE;
      v.aCandidate[agent] = 1;
    }
  }

  /** The filters on an agent, of one client when it is given, with their due times. */
  *on(agent: number, client?: number): Generator<{ filter: number; dueMs: number }> {
    const { v } = this.#core;
    for (let filter = v.aFilterHead[agent]!; filter !== 0; filter = v.fNext[filter]!) {
      if (client !== undefined && v.fClient[filter] !== client) continue;
      yield { filter, dueMs: this.#buckets.get(v.fBucket[filter]!)!.dueMs };
    }
  }

  /** What a snapshot has to keep beside the columns. */
  get state() {
    return {
      buckets: this.#heap.map(({ dueMs, number, head }) => ({ dueMs, number, head })),
      nextBucket: this.#nextBucket,
      freeRows: [...this.#freeRows],
      nextRow: this.#nextRow,
      count: this.#count,
    };
  }

  restore(state: FilterBook["state"]): void {
    this.#heap = state.buckets.map((bucket) => ({ ...bucket }));
    for (const bucket of this.#heap) {
      this.#buckets.set(bucket.number, bucket);
      if (bucket.head === 0) this.#empty++;
    }
    this.#nextBucket = state.nextBucket;
    this.#freeRows.push(...state.freeRows);
    this.#nextRow = state.nextRow;
    this.#count = state.count;
  }

  /** Room for as many filters, each with refused amounts of its own, and for the agents' rows. */
  #reserve(count: number): void {
    const { memory, v } = this.#core;
    const filters = this.#count + count + 1;
    let rows = this.#nextRow - this.#freeRows.length;
    for (let i = 0; i < count; i++) if (v.aFilterRow[v.oAgent[v.returning[i]!]!] === 0) rows++;
    memory.ensureAll([
      ["filters", filters],
      ["snaps", filters],
      // Several offers may be of one agent.
      ["filterRows", Math.min(rows, v.header[H.agentsHigh]! + 1)],
    ]);
  }

  /** Rows of bits for the agents; answers the pairs that have a filter already. */
  #giveRows(count: number): [agent: number, client: number][] {
    const { v } = this.#core;
    const words = v.header[H.bitWords]!;
    const crowded: [number, number][] = [];
    for (let i = 0; i < count; i++) {
      const offer = v.returning[i]!;
      const agent = v.oAgent[offer]!;
      const client = v.oClient[offer]!;
      // A row that is free is clear.
      if (v.aFilterRow[agent] === 0) v.aFilterRow[agent] = this.#freeRows.pop() ?? this.#nextRow++;
      const word = v.aFilterRow[agent]! * words + (client >>> 5);
      if ((v.activeFilterBits[word]! >>> (client & 31)) & 1) crowded.push([agent, client]);
    }
    return crowded;
  }

  #trim(agent: number, client: number): void {
    const filters = [...this.on(agent, client)];
    while (filters.length > FILTERS_A_PAIR_MAX) {
      let first = filters.length - 1;
      for (let i = first - 1; i >= 0; i--) {
        if (filters[i]!.dueMs < filters[first]!.dueMs) first = i;
      }
      const doomed = filters[first]!.filter;
      this.#sweep(agent, (filter) => filter === doomed);
      filters.splice(first, 1);
    }
  }

  /** Remove the agent's filters that the predicate names, and make its bits anew. */
  #sweep(agent: number, goes: (filter: number) => boolean): void {
    const { v } = this.#core;
    const row = v.aFilterRow[agent]!;
    if (row === 0) return;
    const words = v.header[H.bitWords]!;
    v.activeFilterBits.fill(0, row * words, (row + 1) * words);
    v.blockedBits.fill(0, row * words, (row + 1) * words);
    let last = 0;
    for (let filter = v.aFilterHead[agent]!; filter !== 0; ) {
      const next = v.fNext[filter]!;
      if (goes(filter)) {
        if (last === 0) v.aFilterHead[agent] = next;
        else v.fNext[last] = next;
        this.#release(filter);
      } else {
        const word = row * words + (v.fClient[filter]! >>> 5);
        v.activeFilterBits[word] = v.activeFilterBits[word]! | (1 << (v.fClient[filter]! & 31));
        last = filter;
      }
      filter = next;
    }
    if (v.aFilterHead[agent] === 0) {
      v.aFilterRow[agent] = 0;
      this.#freeRows.push(row);
    }
    if ((v.aFlags[agent]! & A_PRESENT) === 0) return;
    v.aFlags[agent] = v.aFlags[agent]! | A_STALE;
    v.aCandidate[agent] = 1;
  }

  #release(filter: number): void {
    const { v } = this.#core;
    this.#count--;
    const previous = v.fBucketPrev[filter]!;
    const next = v.fBucketNext[filter]!;
    const bucket = this.#buckets.get(v.fBucket[filter]!)!;
    if (previous === 0) bucket.head = next;
    else v.fBucketNext[previous] = next;
    if (next !== 0) v.fBucketPrev[next] = previous;
    const snap = v.fSnap[filter]!;
    v.pRefs[snap] = v.pRefs[snap]! - 1;
    if (v.pRefs[snap] === 0) {
      v.pNext[snap] = v.header[H.snapsFree]!;
      v.header[H.snapsFree] = snap;
    }
    v.fNext[filter] = v.header[H.filtersFree]!;
    v.header[H.filtersFree] = filter;
    if (bucket.head === 0) this.#emptied();
  }

  #bucketOf(dueMs: number): Bucket {
    if (this.#latest?.dueMs === dueMs) {
      if (this.#latest.head === 0) this.#empty--;
      return this.#latest;
    }
    const bucket = { dueMs, number: this.#nextBucket++, head: 0 };
    this.#buckets.set(bucket.number, bucket);
    this.#latest = bucket;
    this.#push(bucket);
    return bucket;
  }

  /** When most buckets are empty the heap is made anew without them. */
  #emptied(): void {
    this.#empty++;
    if (this.#heap.length < 64 || this.#empty * 2 < this.#heap.length) return;
    const all = this.#heap;
    this.#heap = [];
    this.#empty = 0;
    this.#latest = undefined;
    for (const bucket of all) {
      if (bucket.head !== 0) this.#push(bucket);
      else this.#buckets.delete(bucket.number);
    }
  }

  #push(bucket: Bucket): void {
    const heap = this.#heap;
    let at = heap.push(bucket) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (heap[above]!.dueMs <= bucket.dueMs) break;
      heap[at] = heap[above]!;
      at = above;
    }
    heap[at] = bucket;
  }

  #pop(): Bucket {
    const heap = this.#heap;
    const first = heap[0]!;
    const last = heap.pop()!;
    if (heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && heap[below + 1]!.dueMs < heap[below]!.dueMs) below++;
      if (heap[below]!.dueMs >= last.dueMs) break;
      heap[at] = heap[below]!;
      at = below;
    }
    heap[at] = last;
    return first;
  }
}
