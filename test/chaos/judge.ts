/** All checkers on all that a round left behind. */
import type { SnapshotNode } from "fairlead/zookeeper";
import type { layoutOf } from "./application.ts";
import { checkAcknowledged, checkSealed, checkSlots } from "./checkers/acknowledged.ts";
import { checkChain } from "./checkers/chain.ts";
import { checkCounters } from "./checkers/counters.ts";
import { checkPrefix } from "./checkers/prefix.ts";
import { checkHoldings, checkNumbers, checkTurns } from "./checkers/recipes.ts";
import { checkSeal, checkTrees, plainNodes } from "./checkers/trees.ts";
import { type Histories, isBelow, type SideName, textOf, type Violation } from "./history.ts";
import type { Recorder } from "./recorder.ts";

/** Both trees when all is over, and where the clients were. */
export interface Ends {
  readonly side: SideName;
  readonly root: string;
  readonly a: readonly SnapshotNode[];
  readonly b: readonly SnapshotNode[];
}

/** What is judged. */
export interface Case {
  readonly histories: Histories;
  readonly recorder: Recorder;
  readonly layout: ReturnType<typeof layoutOf>;
  readonly criticalPaths: readonly string[];
  readonly ends: Ends;
}

/** What the checkers found, and what they had to look at. */
export interface Verdict {
  readonly violations: readonly Violation[];
  readonly transactions: number;
  /** States of the target that were compared with the source's. */
  readonly states: number;
  /** States that a log did not tell. */
  readonly untold: number;
  readonly reads: number;
  readonly holdings: number;
  readonly unknown: number;
}

/** C1 at the end: with the clients on the target, the source has all of it. */
function checkEnds({ side, root, a, b }: Ends): Violation[] {
  if (side === "a") return [];
  const isMoved = (path: string) => isBelow(path, root);
  const policy = { versions: false, acls: false };
  return checkTrees(plainNodes(b, isMoved), plainNodes(a, isMoved), policy);
}

/** Whether both sides have the same by now. */
export function isEqual(ends: Ends): boolean {
  return checkEnds(ends).length === 0;
}

/** Every checker, on one round. */
export function judge({ histories, recorder, layout, criticalPaths, ends }: Case): Verdict {
  const texts = new Map(ends[ends.side].map(({ path, data }) => [path, textOf(data)]));
  const slots = new Map(
    [...recorder.numbers.keys()].map((lane) => [lane, texts.get(`${layout.slots}/${lane}`) ?? ""]),
  );
  const finals = new Map(
    layout.counters.map((path) => [path, Number(texts.get(path)?.split(" ")[0])]),
  );
  const prefix = checkPrefix(histories);
  const torn = recorder.torn.map(
    (what): Violation => ({ checker: "C4", message: `torn: ${what}` }),
  );
  return {
    violations: [
      ...checkEnds(ends),
      ...checkSeal(histories),
      ...checkAcknowledged(histories, recorder.calls),
      ...checkSealed(histories),
      ...checkSlots(recorder.numbers, slots),
      ...checkChain(histories),
      ...prefix.violations,
      ...torn,
      ...checkHoldings(recorder.holdings),
      ...criticalPaths.flatMap((path) => checkTurns(histories, path)),
      ...checkNumbers(histories, layout.queue),
      ...checkCounters(recorder.calls, finals),
    ],
    transactions: histories.a.length + histories.b.length,
    states: prefix.compared,
    untold: prefix.untold,
    reads: recorder.reads,
    holdings: recorder.holdings.length,
    unknown: recorder.calls.filter(({ outcome }) => outcome === "unknown").length,
  };
}
