import { requireInteger } from "./check.ts";
import { FairleadError } from "./error.ts";

/** An array or typed array whose elements can be moved. */
export interface MutableList<T> {
  readonly length: number;
  [index: number]: T;
}

/** Chance as a port: every decision that shuffles is handed one of these. */
export interface Random {
  /** An integer from 0 to 2^32 - 1. */
  u32(): number;
  /** A number from 0, included, to 1, excluded: one `u32` divided by 2^32. */
  next(): number;
  /**
   * An integer from 0 to `below` - 1, each equally likely.
   *
   * @throws {FairleadError} `invalid_option` unless `below` is an integer from 1 to 2^32.
   */
  int(below: number): number;
  /** Put the elements into random order, in place (Fisher and Yates, from the end). */
  shuffle<List extends MutableList<unknown>>(list: List): List;
}

/** The four words of a {@linkcode SeededRandom}; not all of them zero. */
export type XoshiroState = readonly [number, number, number, number];

const U32_COUNT = 2 ** 32;

/** What follows from `u32`; every source draws the same numbers from the same words. */
abstract class RandomSource implements Random {
  abstract u32(): number;

  next(): number {
    return this.u32() / U32_COUNT;
  }

  int(below: number): number {
    requireInteger("below", below, { min: 1, max: U32_COUNT });
    const fair = U32_COUNT - (U32_COUNT % below);
    let word = this.u32();
    while (word >= fair) word = this.u32();
    return word % below;
  }

  shuffle<List extends MutableList<unknown>>(list: List): List {
    for (let last = list.length - 1; last > 0; last -= 1) {
      const other = this.int(last + 1);
      const kept = list[last];
      list[last] = list[other];
      list[other] = kept;
    }
    return list;
  }
}

/**
 * Random numbers that a seed decides: xoshiro128**, its state filled by splitmix32.
 *
 * For decisions that must be replayed, not for secrets. The state is four words: read it to
 * log or snapshot, give it back with {@linkcode SeededRandom.restore}.
 * Source: Blackman and Vigna, "Scrambled Linear Pseudorandom Number Generators", 2018.
 */
export class SeededRandom extends RandomSource {
  #a = 0;
  #b = 0;
  #c = 0;
  #d = 0;

  /** @throws {FairleadError} `invalid_option` unless the seed is an integer from 0 to 2^32 - 1. */
  constructor(seed: number) {
    super();
    const mix = splitmix32(requireInteger("seed", seed, { min: 0, max: U32_COUNT - 1 }));
    this.restore([mix(), mix(), mix(), mix()]);
  }

  /** The state that decides every number from here on. */
  state(): XoshiroState {
    return [this.#a, this.#b, this.#c, this.#d];
  }

  /**
   * Go on from a state that was read before.
   *
   * @throws {FairleadError} `invalid_option` unless it is four unsigned 32-bit words, not all zero.
   */
  restore(state: XoshiroState): void {
    for (const word of state) requireInteger("state", word, { min: 0, max: U32_COUNT - 1 });
    if (state.length !== 4 || state.every((word) => word === 0)) {
      throw new FairleadError(
        "invalid_option",
        "Cannot restore random state: it must be four words, not all of them zero",
        { details: { field: "state", value: state } },
      );
    }
    [this.#a, this.#b, this.#c, this.#d] = state;
  }

  u32(): number {
    const result = Math.imul(rotateLeft(Math.imul(this.#b, 5), 7), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c = (this.#c ^ this.#a) >>> 0;
    this.#d = (this.#d ^ this.#b) >>> 0;
    this.#b = (this.#b ^ this.#c) >>> 0;
    this.#a = (this.#a ^ this.#d) >>> 0;
    this.#c = (this.#c ^ shifted) >>> 0;
    this.#d = rotateLeft(this.#d, 11) >>> 0;
    return result;
  }
}

class SystemRandom extends RandomSource {
  u32(): number {
    return crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  }
}

/** Random numbers of the operating system: for seeds, ids and jitter that nobody replays. */
export const systemRandom: Random = /* @__PURE__ */ new SystemRandom();

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

function splitmix32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let word = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    word = Math.imul(word ^ (word >>> 15), 0x735a2d97);
    return (word ^ (word >>> 15)) >>> 0;
  };
}
