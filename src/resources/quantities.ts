import { FairleadError } from "../base/mod.ts";
import { checkName } from "./normalise.ts";
import { formatMillis, parseScalar } from "./scalar.ts";
import { toMillis } from "./value.ts";

/** Amounts by kind, as a plain object or as pairs. */
export type AmountsByKind = Readonly<Record<string, number>> | Iterable<readonly [string, number]>;

/**
 * How much of each kind, whatever it is made of or reserved to: immutable, in kinds sorted by name.
 *
 * Units: integers of thousandths; a range or set counts 1000 a member.
 * A kind of which there is nothing is not held: `get` of any other kind is 0.
 */
export class Quantities implements Iterable<readonly [name: string, millis: number]> {
  static readonly EMPTY: Quantities = new Quantities([], []);

  readonly #names: readonly string[];
  readonly #millis: readonly number[];

  private constructor(names: readonly string[], millis: readonly number[]) {
    this.#names = names;
    this.#millis = millis;
  }

  /**
   * Amounts in units: `Quantities.of({ cpus: 1.5, mem: 1024 })`; pairs of one kind are summed.
   *
   * @throws {FairleadError} `invalid_resource` for a bad name, or an amount that is not a number
   * from 0 to 2,000,000,000,000.
   */
  static of(units: AmountsByKind): Quantities {
    return Quantities.#build(pairsOf(units), (amount, name) => toMillis(amount, name));
  }

  /**
   * Amounts in thousandths: `Quantities.ofMillis({ cpus: 1_500 })`; pairs of one kind are summed.
   *
   * @throws {FairleadError} `invalid_resource` for a bad name; `invalid_quantities` unless every
   * amount is an integer from 0 to 2^53 - 1.
   */
  static ofMillis(millis: AmountsByKind): Quantities {
    return Quantities.#build(pairsOf(millis), (amount) => amount);
  }

  /**
   * Read "cpus:0.01;mem:32"; kinds that stand twice are summed.
   *
   * @throws {FairleadError} `invalid_resource` when the text or an amount is wrong.
   */
  static parse(text: string): Quantities {
    const pairs: [string, number][] = [];
    for (const item of text.split(";")) {
      if (item.trim() === "") continue;
      const colon = item.indexOf(":");
      const name = colon < 0 ? item.trim() : item.slice(0, colon).trim();
      pairs.push([name, parseScalar(colon < 0 ? "" : item.slice(colon + 1).trim(), name)]);
    }
    return Quantities.ofMillis(pairs);
  }

  /**
   * Amounts in thousandths that are known to be sound and come sorted by kind, as resources hold
   * them; neighbours of one kind are summed.
   */
  static ofSorted(pairs: Iterable<readonly [string, number]>): Quantities {
    const names: string[] = [];
    const millis: number[] = [];
    for (const [name, amount] of pairs) {
      const last = names.length - 1;
      if (names[last] === name) {
        millis[last] = checkedMillis(millis[last]! + amount, name);
      } else if (amount > 0) {
        names.push(name);
        millis.push(amount);
      }
    }
    return Quantities.#from(names, millis);
  }

  static #build(
    pairs: Iterable<readonly [string, number]>,
    read: (amount: number, name: string) => number,
  ): Quantities {
    const sums = new Map<string, number>();
    for (const [name, amount] of pairs) {
      checkName(name);
      sums.set(name, checkedMillis((sums.get(name) ?? 0) + read(amount, name), name));
    }
    const names = [...sums.keys()].filter((name) => sums.get(name) !== 0).sort();
    return Quantities.#from(
      names,
      names.map((name) => sums.get(name) ?? 0),
    );
  }

  static #from(names: readonly string[], millis: readonly number[]): Quantities {
    return names.length === 0 ? Quantities.EMPTY : new Quantities(names, millis);
  }

  /** How many kinds it holds. */
  get size(): number {
    return this.#names.length;
  }

  /** Whether there is nothing of anything. */
  get isEmpty(): boolean {
    return this.#names.length === 0;
  }

  /** The thousandths of a kind; 0 when there is nothing of it. */
  get(name: string): number {
    const index = this.#names.indexOf(name);
    return index < 0 ? 0 : (this.#millis[index] ?? 0);
  }

  /** The kinds of which there is something, sorted. */
  names(): readonly string[] {
    return this.#names;
  }

  /** Kinds and thousandths, sorted by kind. */
  *entries(): IterableIterator<[name: string, millis: number]> {
    for (let index = 0; index < this.#names.length; index += 1) {
      yield [this.#names[index]!, this.#millis[index]!];
    }
  }

  [Symbol.iterator](): IterableIterator<[name: string, millis: number]> {
    return this.entries();
  }

  /** @throws {FairleadError} `invalid_quantities` when a sum passes 2^53 - 1 thousandths. */
  add(other: Quantities): Quantities {
    return this.#merge(other, (mine, its, name) => checkedMillis(mine + its, name));
  }

  /** What is left of each kind; never less than 0. */
  subtract(other: Quantities): Quantities {
    return this.#merge(other, (mine, its) => Math.max(0, mine - its));
  }

  /** Whether there is at least as much of every kind that `other` holds. */
  contains(other: Quantities): boolean {
    let at = 0;
    for (let index = 0; index < other.#names.length; index += 1) {
      const name = other.#names[index]!;
      while (at < this.#names.length && this.#names[at]! < name) at += 1;
      if (this.#names[at] !== name || this.#millis[at]! < other.#millis[index]!) return false;
    }
    return true;
  }

  equals(other: Quantities): boolean {
    if (this === other) return true;
    if (this.#names.length !== other.#names.length) return false;
    for (let index = 0; index < this.#names.length; index += 1) {
      if (this.#names[index] !== other.#names[index]) return false;
      if (this.#millis[index] !== other.#millis[index]) return false;
    }
    return true;
  }

  /** Text that {@linkcode Quantities.parse} reads back: "cpus:2; mem:1024". */
  toString(): string {
    return Array.from(this, ([name, millis]) => `${name}:${formatMillis(millis)}`).join("; ");
  }

  /** Units by kind: `{ cpus: 2, mem: 1024 }`. */
  toJSON(): Record<string, number> {
    return Object.fromEntries(Array.from(this, ([name, millis]) => [name, millis / 1000]));
  }

  #merge(other: Quantities, act: (mine: number, its: number, name: string) => number): Quantities {
    const names: string[] = [];
    const millis: number[] = [];
    let [left, right] = [0, 0];
    while (left < this.#names.length || right < other.#names.length) {
      const [mine, its] = [this.#names[left], other.#names[right]];
      const hasMine = its === undefined || (mine !== undefined && mine <= its);
      const hasIts = mine === undefined || (its !== undefined && its <= mine);
      const name = (hasMine ? mine : its)!;
      const amount = act(
        hasMine ? this.#millis[left++]! : 0,
        hasIts ? other.#millis[right++]! : 0,
        name,
      );
      if (amount === 0) continue;
      names.push(name);
      millis.push(amount);
    }
    return Quantities.#from(names, millis);
  }
}

function pairsOf(amounts: AmountsByKind): Iterable<readonly [string, number]> {
  return isPairs(amounts) ? amounts : Object.entries(amounts);
}

function isPairs(amounts: AmountsByKind): amounts is Iterable<readonly [string, number]> {
  return Symbol.iterator in amounts;
}

function checkedMillis(millis: number, name: string): number {
  if (Number.isSafeInteger(millis) && millis >= 0) return millis;
  throw new FairleadError(
    "invalid_quantities",
    `Cannot hold ${millis} thousandths of ${name}: it must be an integer from 0 to 2^53 - 1`,
    { details: { name, millis } },
  );
}
