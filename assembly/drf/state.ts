/** What the visit that is under way knows: the fields of the reference's `Visit`. */
export namespace now {
  export let agent: u32 = 0;
  export let stage: u32 = 2;
  /** stage 1 */
  export let guaranteed: bool = false;
  export let random: bool = false;
  /** the agent's main row has something free */
  export let hasMain: bool = false;
  /** some slice of the agent has something free */
  export let hasSlices: bool = false;
  /** some role needs its guarantee, so headroom binds */
  export let needy: bool = false;
  export let surplusSpent: bool = false;
  /** roles whose limit is spent may be passed over unseen */
  export let maySkip: bool = false;
  /** the agent's rows of `blockedBits`, `activeFilterBits` and `excludedBits` */
  export let blocked: usize = 0;
  export let filtered: usize = 0;
  export let excluded: usize = 0;
  /** entries of `touched` */
  export let touched: u32 = 0;
  export let dice: u32 = 0;
  export let slicesTaken: u32 = 0;
  export let sliceGuaranteed: bool = false;
}
