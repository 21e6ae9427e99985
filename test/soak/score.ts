/** Whether a probe published as often as it should, judged by what reached the collector. */

/** When a collector could be reached, and which reports it took, in milliseconds. */
export interface Observation {
  readonly intervalMs: number;
  /** Periods in which it was there all the time, in their order. */
  readonly up: readonly { readonly fromMs: number; readonly toMs: number }[];
  /** When it took a report, in order. */
  readonly takenMs: readonly number[];
}

/** Intervals that counted, and those without a report. */
export interface Score {
  readonly intervals: number;
  readonly missed: number;
  /** From 0 to 1; 1 when nothing counted. */
  readonly ratio: number;
}

/**
 * Count the intervals that passed without a report while the collector was there.
 *
 * Reports come a little early or late: a gap between two of them, or between one and either end of
 * a period, is as many intervals as it is when rounded.
 */
export function scoreOf({ intervalMs, up, takenMs }: Observation): Score {
  let [intervals, missed] = [0, 0];
  for (const { fromMs, toMs } of up) {
    const taken = takenMs.filter((ms) => ms >= fromMs && ms < toMs);
    const counted = Math.floor((toMs - fromMs) / intervalMs);
    intervals += counted;
    let beforeMs = fromMs;
    let without = 0;
    for (const ms of [...taken, toMs]) {
      without += Math.max(0, Math.round((ms - beforeMs) / intervalMs) - 1);
      beforeMs = ms;
    }
    missed += taken.length === 0 ? counted : without;
  }
  return { intervals, missed, ratio: intervals === 0 ? 1 : 1 - missed / intervals };
}
