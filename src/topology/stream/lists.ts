import type { NodeTable, ParentLink } from "../view/summary.ts";
import type { Dictionary } from "./dictionary.ts";
import type { ParentsPart, TablesPart } from "./frame.ts";
import { packSized } from "./pack.ts";

/** Lists of parents by number; 0 is the empty one. Nodes of one host and image share theirs. */
export class ParentLists {
  readonly #numbers = new Map<string, number>();
  readonly #lists: (readonly number[])[] = [[]];
  readonly #names: Dictionary;

  constructor(names: Dictionary) {
    this.#names = names;
  }

  get size(): number {
    return this.#lists.length;
  }

  intern(parents: readonly ParentLink[] | undefined): number {
    if (parents === undefined || parents.length === 0) return 0;
    const items = parents.flatMap(({ id, label, topologyId }) => [
      this.#names.intern(id),
      this.#names.intern(label),
      this.#names.intern(topologyId),
    ]);
    const key = items.join();
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.#lists.length;
    this.#lists.push(items);
    this.#numbers.set(key, number);
    return number;
  }

  part(from: number): ParentsPart | undefined {
    if (this.size <= from) return undefined;
    const lists = this.#lists.slice(from);
    const counts = packSized(lists.map((items) => items.length / 3));
    return { from, counts, items: packSized(lists.flat()) };
  }
}

/** Lists of tables by number; 0 is the empty one. */
export class TableLists {
  readonly #numbers = new Map<string, number>();
  readonly #lists: (readonly NodeTable[])[] = [[]];

  get size(): number {
    return this.#lists.length;
  }

  intern(tables: readonly NodeTable[] | undefined): number {
    if (tables === undefined || tables.length === 0) return 0;
    const key = JSON.stringify(tables);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    const number = this.#lists.length;
    this.#lists.push(tables);
    this.#numbers.set(key, number);
    return number;
  }

  part(from: number): TablesPart | undefined {
    return this.size <= from ? undefined : { from, list: this.#lists.slice(from) };
  }
}
