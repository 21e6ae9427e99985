/** Minimum sets: an offer must contain one of its client's sets whole. */
import type { Quantities } from "../resources/mod.ts";
import type { Core } from "./core.ts";
import { H } from "./kernel/layout.ts";
import { readQuantities } from "./quota.ts";
import type { FrameworkSpec } from "./types.ts";

type Sets = readonly (Quantities | string)[];

/** Where a list of sets stands in the `minimums` column, and how many clients have it. */
interface Place {
  readonly start: number;
  readonly count: number;
  clients: number;
}

/** Keeps the rows of all minimum sets; equal lists share theirs. */
export class Minimums {
  readonly #core: Core;
  readonly #defaults: readonly Quantities[];
  readonly #places = new Map<string, Place>();
  /** The key of the list of each client that has its own. */
  readonly #own = new Map<number, string>();
  /** Starts of freed rows, by how many there are. */
  readonly #free = new Map<number, number[]>();
  #end = 0;

  constructor(core: Core, defaults: Sets) {
    this.#core = core;
    this.#defaults = defaults.map(readQuantities);
    const { start, count } = this.#place(this.#defaults);
    core.v.header[H.defaultMinStart] = start;
    core.v.header[H.defaultMinCount] = count;
  }

  /** Check that the kinds of the sets fit; nothing is changed. */
  check(spec: FrameworkSpec): void {
    const names = Object.values(spec.minAllocatable ?? {}).flatMap((sets) =>
      sets.flatMap((set) => [...readQuantities(set).names()]),
    );
    const { kinds } = this.#core;
    kinds.checkCount(new Set(names.filter((name) => kinds.numberOf(name) === undefined)));
  }

  /** Give a client its sets, or (undefined) the default ones. */
  assign(client: number, sets: Sets | undefined): void {
    const read = sets?.map(readQuantities);
    const place = this.#place(read ?? this.#defaults);
    if (read) place.clients++;
    this.#leave(client);
    if (read) this.#own.set(client, keyOf(read));
    const { v } = this.#core;
    v.cMinStart[client] = place.start;
    v.cMinCount[client] = place.count;
    v.header[H.minOverrides] = this.#own.size;
  }

  /** What a snapshot has to keep beside the columns. */
  get state() {
    return {
      places: [...this.#places],
      own: [...this.#own],
      free: [...this.#free],
      end: this.#end,
    };
  }

  restore(state: Minimums["state"]): void {
    this.#places.clear();
    for (const [key, place] of state.places) this.#places.set(key, place);
    for (const [client, key] of state.own) this.#own.set(client, key);
    for (const [count, starts] of state.free) this.#free.set(count, starts);
    this.#end = state.end;
  }

  /** Rows that no client has any more are free; the default ones stay. */
  #leave(client: number): void {
    const key = this.#own.get(client);
    this.#own.delete(client);
    const place = key === undefined ? undefined : this.#places.get(key);
    if (key === undefined || place === undefined) return;
    place.clients--;
    if (place.clients > 0 || key === keyOf(this.#defaults)) return;
    this.#places.delete(key);
    const freed = this.#free.get(place.count);
    if (freed) freed.push(place.start);
    else this.#free.set(place.count, [place.start]);
  }

  #place(sets: readonly Quantities[]): Place {
    const key = keyOf(sets);
    const known = this.#places.get(key);
    if (known) return known;
    // An empty set is met by anything, so it makes the list as good as empty.
    const count = sets.some((set) => set.isEmpty) ? 0 : sets.length;
    const start = this.#free.get(count)?.pop() ?? this.#end;
    if (start === this.#end) this.#end += count;
    const place = { start, count, clients: 0 };
    this.#places.set(key, place);
    if (count > 0) this.#writeRows(start, sets);
    return place;
  }

  #writeRows(start: number, sets: readonly Quantities[]): void {
    this.#core.ensure("mins", this.#end);
    sets.forEach((set, i) => {
      const amounts = this.#core.kinds.amounts(set);
      const { v, row } = this.#core;
      const base = (start + i) * row;
      v.minimums.fill(0, base, base + row);
      for (const [kind, millis] of amounts) v.minimums[base + kind] = millis;
    });
  }
}

function keyOf(sets: readonly Quantities[]): string {
  return sets.join(" | ");
}

/** The minimums of Mesos: a hundredth of a cpu, or 32 MB. */
export const DEFAULT_MINIMUMS: Sets = ["cpus:0.01", "mem:32"];
