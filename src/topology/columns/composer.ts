/** Ids that are made of values, without making the same one twice. */
import type { StringTable } from "./strings.ts";

/** Remembers which handle a value and an ending make together. */
export class Composer {
  readonly #strings: StringTable;
  readonly #known = new Map<string, Map<number, number>>();

  constructor(strings: StringTable) {
    this.#strings = strings;
  }

  /** The handle of the text of `handle` with `ending` behind it: `abc` and `;<container>`. */
  with(handle: number, ending: string): number {
    let known = this.#known.get(ending);
    if (known === undefined) {
      known = new Map();
      this.#known.set(ending, known);
    }
    let made = known.get(handle);
    if (made === undefined) {
      made = this.#strings.intern(`${this.#strings.text(handle)}${ending}`);
      known.set(handle, made);
    }
    return made;
  }

  /** Forget everything, because handles are about to mean something else. */
  clear(): void {
    this.#known.clear();
  }
}
