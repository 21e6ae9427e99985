/** What the visit that is under way knows; the WASM kernel keeps the same in globals. */
export class Visit {
  agent = 0;
  stage = 2;
  /** stage 1 */
  guaranteed = false;
  random = false;
  /** the agent's main row has something free */
  hasMain = false;
  /** some slice of the agent has something free */
  hasSlices = false;
  /** some role needs its guarantee, so headroom binds */
  needy = false;
  surplusSpent = false;
  /** roles whose limit is spent may be passed over unseen */
  maySkip = false;
  /** the first word of the agent's rows of `blockedBits` and `activeFilterBits` */
  filterWords = 0;
  /** the first word of the agent's row of `excludedBits` */
  classWords = 0;
  /** entries of `touched` */
  touched = 0;
  dice = 0;
  slicesTaken = 0;
  sliceGuaranteed = false;
}
