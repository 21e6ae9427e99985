/** C4: the target is always a former source, whole transactions only. */
import { cursorWrites, type Histories, type LogEntry, type Violation } from "../history.ts";
import { digestAt, type Moment, momentsOf } from "../replay.ts";

/** What C4 found, and how many states it compared. */
export interface PrefixResult {
  readonly violations: readonly Violation[];
  readonly compared: number;
  /** States of the source that its log does not tell. */
  readonly untold: number;
}

/**
 * C4: every write that moves the cursor on leaves the target as the source was at that zxid; and on
 * the way back the source as the target was.
 */
export function checkPrefix({ a, b, root, cursorPath }: Histories): PrefixResult {
  const momentsA = momentsOf(a, root);
  const momentsB = momentsOf(b, root);
  const forward = checkOneWay({ log: b, moments: momentsB, from: momentsA, cursorPath });
  const back = checkOneWay({ log: a, moments: momentsA, from: momentsB, cursorPath });
  return {
    violations: [...forward.violations, ...back.violations],
    compared: forward.compared + back.compared,
    untold: forward.untold + back.untold,
  };
}

interface OneWay {
  readonly log: readonly LogEntry[];
  readonly moments: readonly Moment[];
  readonly from: readonly Moment[];
  readonly cursorPath: string;
}

function checkOneWay({ log, moments, from, cursorPath }: OneWay): PrefixResult {
  const violations: Violation[] = [];
  let compared = 0;
  let untold = 0;
  let reached = 0n;
  for (const { index, zxid, cursor } of cursorWrites(log, cursorPath)) {
    if (cursor.zxid <= reached) continue;
    reached = cursor.zxid;
    const wanted = digestAt(from, cursor.zxid);
    if (wanted === undefined) {
      untold += 1;
      continue;
    }
    compared += 1;
    if (moments[index]?.digest === wanted) continue;
    const message = `0x${zxid.toString(16)} is not the state of 0x${cursor.zxid.toString(16)}`;
    violations.push({ checker: "C4", message });
  }
  return { violations, compared, untold };
}
