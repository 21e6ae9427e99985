/** What a kernel of the allocator does; `reference.ts` and the WASM module both fill it. */
export interface DrfKernel {
  /** Which one it is. */
  readonly name: "typed" | "wasm";
  /**
   * Grant what this cycle has to grant: stage 1, then stage 2, over the candidate agents.
   *
   * Reads and writes the columns only; the new offers stand in `results`. Returns 1 when a list of
   * free slots may not last for the next visit: make room, then call again to go on.
   */
  run(): number;
  /**
   * Take back the first `count` offers of `returning`; with a `bucket` other than 0 each leaves a
   * filter in that bucket's list, whose head is given and returned.
   */
  returnOffers(count: number, bucket: number, bucketHead: number): number;
  /** Bring shares and orders up to date without granting anything. */
  refresh(): void;
}
