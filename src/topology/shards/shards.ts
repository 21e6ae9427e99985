import { FairleadError } from "../../base/mod.ts";
import { murmur3 } from "../report/murmur3.ts";

const NAMES_MAX = 1_024;
const HASH_DIGITS = 16;

/**
 * Who of several is responsible for a key: rendezvous hashing. Everybody who knows the same names
 * finds the same one, whatever their order; when a name comes or goes, only those keys move that
 * it gets or had.
 *
 * Cost: one hash a name.
 */
export class Shards {
  readonly #names: readonly string[];

  /** @throws {FairleadError} `invalid_option` unless they are 1 to 1,024 different names. */
  constructor(names: readonly string[]) {
    const isWhole = names.length >= 1 && names.length <= NAMES_MAX;
    if (!isWhole || names.includes("") || new Set(names).size !== names.length) {
      throw new FairleadError(
        "invalid_option",
        `Cannot use names = ${JSON.stringify(names).slice(0, 256)}: it must be from 1 to ${NAMES_MAX} different names`,
        { details: { field: "names", min: 1, max: NAMES_MAX } },
      );
    }
    this.#names = [...names];
  }

  /** The one that is responsible. */
  of(key: string): string {
    return this.ranked(key)[0] ?? "";
  }

  /** All of them: the responsible one first, then who takes its place when it is gone, and so on. */
  ranked(key: string): readonly string[] {
    return this.#names
      .map((name) => ({ name, weight: weightOf(name, key) }))
      .sort((a, b) => compare(b.weight, a.weight) || compare(a.name, b.name))
      .map(({ name }) => name);
  }
}

function weightOf(name: string, key: string): string {
  return murmur3(`${name}\n${key}`).padStart(HASH_DIGITS, "0");
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
