/** The seam between verification and its kernels. */

/** Columns of a comparison: each side sorted by key. */
export interface DiffColumns {
  /** xxh64 of the path; sorted, ascending, each once. */
  readonly leftKey: BigUint64Array;
  /** One hash of all that must be equal: data, its being null, ACL, kind. */
  readonly leftState: BigUint64Array;
  /** Version in the high half, child counter in the low one. */
  readonly leftCounts: BigUint64Array;
  readonly rightKey: BigUint64Array;
  readonly rightState: BigUint64Array;
  readonly rightCounts: BigUint64Array;
  /** Rows that differ, in the order of keys; -1 where a side has none. */
  readonly outLeft: Int32Array;
  readonly outRight: Int32Array;
  /** A sum of {@linkcode DIFFERS}. */
  readonly outKind: Uint8Array;
}

/** How rows differ. */
export const DIFFERS = { onlyLeft: 1, onlyRight: 2, state: 4, counts: 8 } as const;

/**
 * Compares two lists of nodes and hashes bytes; both implementations give the same bits.
 *
 * A kernel owns the memory in which the columns stand: `open` lays them out, the caller fills the
 * six columns of input, `merge` fills those of output.
 */
export interface DiffKernel {
  readonly name: "wasm" | "typed";
  /** Lay out columns for so many rows a side; what `open` gave before is void. */
  open(lefts: number, rights: number): DiffColumns;
  /**
   * Find the rows that differ.
   *
   * @param countsMask Which bits of the counts must be equal; 0n: none.
   * @returns How many rows of the out columns are filled.
   * Cost: O(lefts + rights); about 4 ns a row.
   */
  merge(lefts: number, rights: number, countsMask: bigint): number;
  /**
   * xxh64 (seed 0) of byte strings that stand one behind the other.
   *
   * @param lengths Of each string; their sum is at most `bytes.length`.
   * @returns A copy: one hash a string.
   */
  hash(bytes: Uint8Array, lengths: Uint32Array): BigUint64Array;
}
